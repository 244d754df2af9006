"""Signing in and out under the names that allauth uses, then the pages about accounts and roles."""

from allauth.account import views as allauth
from django.urls import path

from accounts import session_views, views

urlpatterns = [
    path("accounts/login/", session_views.SignInView.as_view(), name="account_login"),
    path("accounts/login/dialog/", session_views.SignInDialog.as_view(), name="sign_in_dialog"),
    path("accounts/logout/", session_views.SignOutView.as_view(), name="account_logout"),
    path("accounts/signup/", allauth.signup, name="account_signup"),
    path("accounts/inactive/", allauth.account_inactive, name="account_inactive"),
    path("accounts/confirm-email/", allauth.email_verification_sent, name="account_email_verification_sent"),
    path("accounts/password/change/", session_views.ChangePasswordView.as_view(), name="account_change_password"),
    path("accounts/reauthenticate/", session_views.ReauthenticateView.as_view(), name="account_reauthenticate"),
    path("accounts/theme/", session_views.ThemeView.as_view(), name="theme"),
    path("users/", views.UserList.as_view(), name="users"),
    path("users/new/", views.UserCreate.as_view(), name="user_new"),
    path("users/<int:pk>/", views.UserPage.as_view(), name="user"),
    path("users/<int:pk>/edit/", views.UserEdit.as_view(), name="user_edit"),
    path("users/<int:pk>/switch-off/", views.UserDeactivate.as_view(), name="user_deactivate"),
    path("users/<int:pk>/switch-on/", views.UserActivate.as_view(), name="user_activate"),
    path("users/<int:pk>/unlock/", views.UserUnlock.as_view(), name="user_unlock"),
    path("users/<int:pk>/sign-out/", views.UserEndSessions.as_view(), name="user_end_sessions"),
    path("users/<int:pk>/password/", views.UserPassword.as_view(), name="user_password"),
    path("users/<int:pk>/assign/", views.RoleAssign.as_view(), name="role_assign"),
    path("terms/<int:pk>/end/", views.RoleEnd.as_view(), name="role_end"),
    path("roles/", views.RoleList.as_view(), name="roles"),
    path("roles/<slug:name>/", views.RolePage.as_view(), name="role"),
    path("roles/<slug:name>/describe/", views.RoleDescribe.as_view(), name="role_describe"),
]
