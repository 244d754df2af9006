"""Who comes with a token; apart from accounts.api.people, because REST framework reads these while it loads."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import authentication, permissions
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import TokenError

from accounts.models import RefreshToken, User
from core.web.moves import Move

SCHEME = "Bearer"


class TokenAuthentication(authentication.BaseAuthentication):
    """The person and the device behind an access token, as both stand now; `request.auth` is the device."""

    def authenticate(self, request: Request) -> tuple[User, RefreshToken] | None:
        scheme, _separator, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        device = device_of(text.strip())
        if device is None:
            raise AuthenticationFailed(_("Sign in again: this token opens nothing."), code="token_not_valid")
        request._request._cached_user = device.user  # type: ignore[attr-defined]  # the log line names it
        return device.user, device

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} realm="api"'


def device_of(text: str) -> RefreshToken | None:
    """The device whose access token this is, if it still opens anything."""
    from accounts.entry import identity  # noqa: PLC0415  REST framework reads this module while it loads
    from accounts.services.tokens import AccessToken, read  # noqa: PLC0415

    try:
        claims = read(AccessToken, text)
        device = identity.of_device(claims.device_id)
    except TokenError:
        return None
    return device if device is not None and device.is_valid and claims.get("sub") == str(device.user_id) else None


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


def require_verified_email(view: Any) -> Any:
    """Decorates an API view that names its own permission classes; all others ask already."""
    view.permission_classes = [*view.permission_classes, VerifiedEmail]
    return view


class StepUpNeeded(APIException):
    status_code = 403
    default_code = "step_up_needed"
    default_detail = gettext_lazy("Prove again who you are, then repeat this: sign in once more.")


def require_proof(request: Request) -> None:
    """Raises StepUpNeeded when the last proof, which for a token is its device's sign-in, is too old."""
    from accounts.entry.step_up import is_fresh, is_recent  # noqa: PLC0415  as above

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
