"""The doors of the API, below /api/v1/auth/."""

from django.urls import path

from accounts.api import auth

urlpatterns = [
    path("login/", auth.Login.as_view(), name="api_login"),
    path("refresh/", auth.Refresh.as_view(), name="api_refresh"),
    path("logout/", auth.Logout.as_view(), name="api_logout"),
    path("logout-all/", auth.LogoutAll.as_view(), name="api_logout_all"),
    path("me/", auth.Me.as_view(), name="api_me"),
    path("change-password/", auth.ChangePassword.as_view(), name="api_change_password"),
    path("forgot-password/", auth.ForgotPassword.as_view(), name="api_forgot_password"),
    path("reset-password/", auth.ResetPassword.as_view(), name="api_reset_password"),
    path("verify-email/", auth.VerifyEmail.as_view(), name="api_verify_email"),
    path("resend-verification/", auth.ResendVerification.as_view(), name="api_resend_verification"),
    path("sessions/", auth.Sessions.as_view(), name="api_sessions"),
    path("sessions/<uuid:pk>/", auth.Session.as_view(), name="api_session"),
]
