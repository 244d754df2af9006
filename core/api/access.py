"""Sign-in, permission and reading of the API; REST framework reads these while it loads."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import authentication, parsers, permissions
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from core.permissions import may


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


class JSONParser(parsers.JSONParser):
    """Also refuses what is nested deeper than Python reads, instead of failing."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except RecursionError as error:
            raise ParseError(_("This is nested too deeply. Send one object of plain values.")) from error
