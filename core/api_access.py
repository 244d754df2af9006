"""Sign-in and permission of the API; apart from core.api, because REST framework reads these while it loads."""

from typing import Any

from rest_framework import authentication, permissions
from rest_framework.request import Request

from core.views import may


class SessionAuthentication(authentication.SessionAuthentication):
    """Names a scheme, so that a missing sign-in is 401 and not 403."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class GrantPermission(permissions.BasePermission):
    """Asks the view's declared permission; a view without one is closed."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user and request.user.is_authenticated and may(request.user, view.permission))


class SignedIn(permissions.BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user and request.user.is_authenticated)
