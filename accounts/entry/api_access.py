"""Who comes with a token, and what has to be in order before the API opens."""

from typing import Any, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import authentication, permissions
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import TokenError

from accounts.entry import identity
from accounts.entry.step_up import is_fresh, is_recent
from accounts.models import PROGRAM_MARK, Program, RefreshToken, User
from accounts.services import limits, programs
from accounts.services.tokens import AccessToken, read
from core.addresses import client_address
from core.web.moves import Move

SCHEME = "Bearer"


class TokenAuthentication(authentication.BaseAuthentication):
    """Who is behind a token, as they stand now: `request.auth` is the person's device, or the program."""

    def authenticate(self, request: Request) -> tuple[User, RefreshToken | Program] | None:
        scheme, _separator, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        text = text.strip()
        caller = program_of(text, request) if text.startswith(PROGRAM_MARK) else device_of(text)
        if caller is None:
            raise AuthenticationFailed(_("Sign in again: this token opens nothing."), code="token_not_valid")
        request._request._cached_user = caller.user  # type: ignore[attr-defined]  # the log line names it
        return caller.user, caller

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} realm="api"'


def device_of(text: str) -> RefreshToken | None:
    """The device whose access token this is, if it still opens anything."""
    try:
        claims = read(AccessToken, text)
        device = identity.of_device(claims.device_id)
    except TokenError:
        return None
    return device if device is not None and device.is_valid and claims.get("sub") == str(device.user_id) else None


def program_of(text: str, request: Request) -> Program | None:
    """The program whose token this is, if it still opens anything from where it comes. Raises TooMany."""
    program = programs.opened_by(text, address=client_address(request._request))
    if program is None:
        if seconds := limits.wait(limits.REFRESH, request._request):
            raise TooMany(seconds)
        return None
    if seconds := limits.wait_of_program(program.pk):
        raise TooMany(seconds)
    programs.note_use(program)
    return program


class TooMany(APIException):
    """Answered with Retry-After."""

    status_code = 429
    default_code = "too_many"
    default_detail = gettext_lazy("Too many requests. Retry-After says for how many seconds to wait.")

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.wait = seconds


class PersonAsks(permissions.BasePermission):
    """What is somebody's own has no meaning for a program."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return not isinstance(request.auth, Program)


class OwnPassword(permissions.BasePermission):
    """A one-time password opens nothing but the change of password."""

    code = "password_change_needed"
    message = gettext_lazy("Choose your own password first.")

    def has_permission(self, request: Request, view: Any) -> bool:
        return not getattr(request.user, "must_change_password", False)


class VerifiedEmail(permissions.BasePermission):
    code = "email_not_verified"
    message = gettext_lazy("Confirm your e-mail address first.")

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(getattr(request.user, "is_verified", False))


class FactorInPlace(permissions.BasePermission):
    """Whose role needs a second factor sets one up before the API opens by token, as before any page."""

    code = "second_factor_needed"
    message = gettext_lazy("Sign in to the portal and set up a second factor first.")

    def has_permission(self, request: Request, view: Any) -> bool:
        # a browser's session is asked by accounts.entry.middleware
        return request.auth is None or not identity.lacks_factor(cast(User, request.user))


class StepUpNeeded(APIException):
    status_code = 403
    default_code = "step_up_needed"
    default_detail = gettext_lazy("Prove again who you are, then repeat this: sign in once more.")


def require_proof(request: Request) -> None:
    """Raises StepUpNeeded when the last proof, which for a token is its device's sign-in, is too old."""
    device = request.auth
    fresh = is_recent(device.created_at.timestamp()) if isinstance(device, RefreshToken) else is_fresh(request._request)
    if not fresh:
        raise StepUpNeeded


class StepUpMoveApi:
    """Before a WorkflowViewSet: its grave moves are refused without a fresh proof."""

    request: Request

    def before_move(self, move: Move) -> None:
        if move.grave:
            require_proof(self.request)
