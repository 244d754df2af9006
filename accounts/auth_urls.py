"""The doors of the API, below /api/v1/auth/."""

from django.urls import path

from accounts import auth_api

urlpatterns = [
    path("login/", auth_api.Login.as_view(), name="api_login"),
    path("refresh/", auth_api.Refresh.as_view(), name="api_refresh"),
    path("logout/", auth_api.Logout.as_view(), name="api_logout"),
    path("logout-all/", auth_api.LogoutAll.as_view(), name="api_logout_all"),
    path("me/", auth_api.Me.as_view(), name="api_me"),
    path("change-password/", auth_api.ChangePassword.as_view(), name="api_change_password"),
    path("forgot-password/", auth_api.ForgotPassword.as_view(), name="api_forgot_password"),
    path("reset-password/", auth_api.ResetPassword.as_view(), name="api_reset_password"),
    path("verify-email/", auth_api.VerifyEmail.as_view(), name="api_verify_email"),
    path("resend-verification/", auth_api.ResendVerification.as_view(), name="api_resend_verification"),
    path("sessions/", auth_api.Sessions.as_view(), name="api_sessions"),
    path("sessions/<uuid:pk>/", auth_api.Session.as_view(), name="api_session"),
]
