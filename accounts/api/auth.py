"""The doors of the API: signing in and out, tokens, passwords, addresses, one's own devices."""

from typing import Any, cast

from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as InvalidValues
from django.http import Http404
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.exceptions import TokenError

from accounts.api import devices as api_devices
from accounts.entry.adapter import crowded_sentence, locked_sentence
from accounts.entry.api_access import SCHEME, PersonAsks, VerifiedEmail
from accounts.models import RefreshToken, User
from accounts.services import factors, known_browsers, limits, mailed_links, people
from core.api.access import GrantPermission
from core.api.rows import RowSerializer, written
from core.api.viewsets import ERRORS, ErrorSerializer, InvalidQuerySerializer, body_of
from core.permissions import SIGNED_IN


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.entry.api_access.TokenAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


# --- refusals ---------------------------------------------------------------------------------------


class NotProved(APIException):
    """401 also where nobody has to have signed in."""

    status_code = 401
    auth_header = SCHEME


class Wait(APIException):
    """429 with Retry-After."""

    status_code = 429

    def __init__(self, detail: str, code: str, seconds: int) -> None:
        super().__init__(detail, code)
        self.wait = seconds


def pass_the_door(door: str, request: Request) -> None:
    """Count this attempt of the visitor's network. Raises Wait."""
    if seconds := limits.wait(door, request._request):
        raise Wait(crowded_sentence(seconds), "too_many", seconds)


@sensitive_variables("password")
def prove_password(request: Request, email: str, password: str) -> User | None:
    """The person whose password it is, counted as at every door for passwords. Raises Wait."""
    pass_the_door(limits.SIGN_IN, request)
    user = authenticate(request._request, email=email, password=password)
    if user is not None:
        return user
    refuse_while_locked(known_browsers.counted_as(request._request, email))
    return None


def refuse_while_locked(name: str) -> None:
    if minutes := limits.minutes_left(name):
        raise Wait(locked_sentence(minutes), "locked", minutes * 60)


def prove_second_factor(request: Request, user: User, code: str) -> None:
    """Raises NotProved, or Wait; wrong codes are counted together with wrong passwords."""
    if not factors.has_second_factor(user):
        return
    if not code:
        raise NotProved(_("Send the code of your second factor as “otp” too."), "otp_needed")
    name = known_browsers.counted_as(request._request, user.email)
    place = limits.reserve(name)
    if not place:
        refuse_while_locked(name)
    found = factors.spend_code(user, code)
    if found is None:
        limits.confirm_failure(name, place, user)
        refuse_while_locked(name)
        raise NotProved(_("This code is not right, or was used before. Wait for the next one."), "otp_wrong")
    limits.clear(name)
    found.record_usage()


# --- bodies -----------------------------------------------------------------------------------------


class PasswordField(serializers.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, max_length=1024, write_only=True, **kwargs)


class TokenField(serializers.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=2_000, **kwargs)


class LoginSerializer(serializers.Serializer):
    """`otp` only where the account has a second factor; `device` is what the list of devices shows."""

    email = serializers.CharField(max_length=254)
    password = PasswordField()
    otp = serializers.CharField(max_length=32, required=False, allow_blank=True, write_only=True)
    device = serializers.CharField(max_length=200, required=False, allow_blank=True)


class RefreshSerializer(serializers.Serializer):
    refresh = TokenField()


class TokenPairSerializer(serializers.Serializer):
    """`refresh` works once: use it for the next pair, and keep only that one."""

    access = serializers.CharField()
    access_expires_at = serializers.DateTimeField()
    refresh = serializers.CharField()
    refresh_expires_at = serializers.DateTimeField()
    must_change_password = serializers.BooleanField()


class MeSerializer(RowSerializer):
    """`roles` and `permissions` are those that are live now."""

    roles = serializers.SerializerMethodField()
    permissions = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = [
            "id",
            "email",
            "first_name",
            "last_name",
            "full_name",
            "is_verified",
            "must_change_password",
            "member",
            "roles",
            "permissions",
        ]

    def get_roles(self, user: User) -> list[str]:
        return sorted(user.role_names)

    def get_permissions(self, user: User) -> list[str]:
        return sorted(user.get_all_permissions())


class ChangePasswordSerializer(serializers.Serializer):
    current_password = PasswordField()
    new_password = PasswordField()


class MailedTokenSerializer(serializers.Serializer):
    token = TokenField()


class ResetPasswordSerializer(MailedTokenSerializer):
    password = PasswordField()


class AddressSerializer(serializers.Serializer):
    email = serializers.CharField(max_length=254)


class SaidSerializer(serializers.Serializer):
    detail = serializers.CharField()


class DeviceSerializer(serializers.ModelSerializer):
    """`current`: the device that asks."""

    current = serializers.SerializerMethodField()

    class Meta:
        model = RefreshToken
        fields = ["id", "device_info", "ip_address", "created_at", "last_used_at", "expires_at", "current"]

    def get_current(self, device: RefreshToken) -> bool:
        return device == self.context["request"].auth


# --- what the schema says -----------------------------------------------------------------------------

INVALID = OpenApiResponse(InvalidQuerySerializer, "A field is missing, or has a value that it cannot have.")
MANY = OpenApiResponse(ErrorSerializer, "Too many attempts; Retry-After says for how many seconds to wait.")
DEAD = OpenApiResponse(ErrorSerializer, "The token is too old, has been used, or was never made here.")
NOTHING = OpenApiResponse(description="Done.")
EVERYWHERE = OpenApiResponse(SaidSerializer, "Done, and every device is signed out, the one that called too.")
UNPROVED = OpenApiResponse(
    ErrorSerializer, "`wrong_credentials`, `otp_needed`, `otp_wrong` or `token_not_valid`; never says more than that."
)
OPEN = {400: INVALID, 406: ERRORS[406], 415: OpenApiResponse(ErrorSerializer, "Send JSON."), 429: MANY}
OWN = {**ERRORS, 403: OpenApiResponse(ErrorSerializer, "The account must choose a password or confirm its address.")}


def invalid(field: str, error: InvalidValues) -> ValidationError:
    return ValidationError({field: error.messages})


# --- the doors ----------------------------------------------------------------------------------------


class PublicView(APIView):
    """Open to whoever comes; a session or token that comes along is not even read."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []


class OwnView(APIView):
    """For whoever is signed in and has confirmed the address, also with a one-time password."""

    permission = SIGNED_IN
    permission_classes = [GrantPermission, PersonAsks, VerifiedEmail]


@method_decorator(sensitive_variables(), name="post")
class Login(PublicView):
    @extend_schema(request=LoginSerializer, responses={200: TokenPairSerializer, 401: UNPROVED, **OPEN}, auth=[])
    def post(self, request: Request) -> Response:
        """Sign in on a new device."""
        given = body_of(LoginSerializer, request)
        user = prove_password(request, given["email"], given["password"])
        if user is None:
            raise NotProved(_("The e-mail address or the password is not right."), "wrong_credentials")
        prove_second_factor(request, user, given.get("otp", ""))
        limits.refund(limits.SIGN_IN, request._request)
        pair = api_devices.sign_in(user, request=request._request, device_info=given.get("device", ""))
        return Response(written(TokenPairSerializer, pair))


@method_decorator(sensitive_variables(), name="post")
class Refresh(PublicView):
    @extend_schema(request=RefreshSerializer, responses={200: TokenPairSerializer, 401: UNPROVED, **OPEN}, auth=[])
    def post(self, request: Request) -> Response:
        """Get the next pair. A refresh token that was used before ends its device."""
        pass_the_door(limits.REFRESH, request)
        given = body_of(RefreshSerializer, request)
        try:
            pair = api_devices.renew(given["refresh"], request=request._request)
        except TokenError as error:
            raise NotProved(_("Sign in again: this token opens nothing."), "token_not_valid") from error
        return Response(written(TokenPairSerializer, pair))


@method_decorator(sensitive_variables(), name="post")
class Logout(PublicView):
    @extend_schema(request=RefreshSerializer, responses={204: NOTHING, **OPEN}, auth=[])
    def post(self, request: Request) -> Response:
        """Sign out the device that a refresh token belongs to; the answer is the same for any other text."""
        pass_the_door(limits.REFRESH, request)
        api_devices.sign_out(body_of(RefreshSerializer, request)["refresh"], request=request._request)
        return Response(status=204)


class LogoutAll(OwnView):
    @extend_schema(request=None, responses={204: NOTHING, **OWN})
    def post(self, request: Request) -> Response:
        """Sign out on every device and in every browser."""
        api_devices.end_everything(cast(User, request.user))
        return Response(status=204)


class Me(OwnView):
    @extend_schema(responses={200: MeSerializer, **OWN})
    def get(self, request: Request) -> Response:
        """The account that is signed in, and what it may do now."""
        return Response(MeSerializer(request.user).data)


@method_decorator(sensitive_variables(), name="post")
class ChangePassword(OwnView):
    @extend_schema(request=ChangePasswordSerializer, responses={200: EVERYWHERE, **OPEN, **OWN})
    def post(self, request: Request) -> Response:
        """Choose another password. Every device and browser is signed out, the one that calls too: sign in again."""
        given, user = body_of(ChangePasswordSerializer, request), cast(User, request.user)
        if prove_password(request, user.email, given["current_password"]) is None:
            raise ValidationError({"current_password": [_("This is not your present password. Try again.")]})
        limits.clear(known_browsers.counted_as(request._request, user.email))
        limits.refund(limits.SIGN_IN, request._request)
        if given["new_password"] == given["current_password"]:
            raise ValidationError({"new_password": [_("This is the present password. Choose another one.")]})
        try:
            validate_password(given["new_password"], user)
        except InvalidValues as error:
            raise invalid("new_password", error) from error
        people.change_own_password(user, given["new_password"])
        return Response({"detail": _("The new password is set. Every device is signed out, this one too: sign in.")})


class ForgotPassword(PublicView):
    @extend_schema(request=AddressSerializer, responses={202: SaidSerializer, **OPEN}, auth=[])
    def post(self, request: Request) -> Response:
        """Have a token for a new password mailed; the answer is the same whether or not there is an account."""
        pass_the_door(limits.RESET, request)
        mailed_links.ask_for_reset(body_of(AddressSerializer, request)["email"])
        return Response({"detail": _("If there is an account with this address, a mail is on its way.")}, status=202)


@method_decorator(sensitive_variables(), name="post")
class ResetPassword(PublicView):
    @extend_schema(request=ResetPasswordSerializer, responses={204: NOTHING, 409: DEAD, **OPEN}, auth=[])
    def post(self, request: Request) -> Response:
        """Choose a password with a mailed token. Every device and browser is signed out."""
        pass_the_door(limits.RESET, request)
        given = body_of(ResetPasswordSerializer, request)
        try:
            mailed_links.reset_password(given["token"], given["password"], request=request._request)
        except InvalidValues as error:
            raise invalid("password", error) from error
        return Response(status=204)


@method_decorator(sensitive_variables(), name="post")
class VerifyEmail(PublicView):
    @extend_schema(request=MailedTokenSerializer, responses={204: NOTHING, 409: DEAD, **OPEN}, auth=[])
    def post(self, request: Request) -> Response:
        """Confirm an address with a mailed token."""
        pass_the_door(limits.VERIFICATION, request)
        mailed_links.verify_email(body_of(MailedTokenSerializer, request)["token"])
        return Response(status=204)


class ResendVerification(PublicView):
    @extend_schema(request=AddressSerializer, responses={202: SaidSerializer, **OPEN}, auth=[])
    def post(self, request: Request) -> Response:
        """Have a token for verify-email mailed; the answer is the same for every address."""
        pass_the_door(limits.VERIFICATION, request)
        mailed_links.ask_for_verification(body_of(AddressSerializer, request)["email"])
        return Response({"detail": _("If this address waits to be confirmed, a mail is on its way.")}, status=202)


class Sessions(OwnView):
    @extend_schema(responses={200: DeviceSerializer(many=True), **OWN})
    def get(self, request: Request) -> Response:
        """One's own devices that are signed in, the one used last first."""
        own = RefreshToken.objects.live().filter(user_id=request.user.pk)
        return Response(DeviceSerializer(own, many=True, context={"request": request}).data)


class Session(OwnView):
    @extend_schema(
        responses={204: NOTHING, 404: OpenApiResponse(ErrorSerializer, "You have no such device signed in."), **OWN}
    )
    def delete(self, request: Request, pk: Any) -> Response:
        """Sign out one of one's own devices."""
        device = RefreshToken.objects.live().filter(user_id=request.user.pk, pk=pk).first()
        if device is None:
            raise Http404
        api_devices.end(device, actor=cast(User, request.user))
        return Response(status=204)
