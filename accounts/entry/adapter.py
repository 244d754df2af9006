"""Where allauth asks the portal."""

from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.services import known_browsers, limits, mailed_links, people, sessions
from core import crypto
from core.site import site_settings

ALLAUTHS, SECOND_STEP = "allauth.mfa.stages.AuthenticateStage", "accounts.entry.second_step.SecondStep"
SEED = "mfa.Authenticator.data"


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is not right. Check both and try again."),
        "incorrect_password": _("This is not your password. Try again."),
        "enter_current_password": _("This is not your present password. Try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        """Pages and fragments only; allauth's own JSON answers are not part of the portal."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Attempts on one name are counted by the backend, those of one network here, for every door alike."""
        if seconds := limits.wait(limits.SIGN_IN, request):
            request.retry_after = seconds  # type: ignore[attr-defined]
            raise ValidationError(crowded_sentence(seconds), code="too_many")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        user = super().authenticate(request, **credentials)
        if user is not None:
            limits.refund(limits.SIGN_IN, request)
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        if minutes := limits.minutes_left(known_browsers.counted_as(request, credentials.get("email", ""))):
            raise ValidationError(locked_sentence(minutes), code="locked")

    def get_login_stages(self) -> list[str]:
        return [SECOND_STEP if name == ALLAUTHS else name for name in super().get_login_stages()]

    def login(self, request: HttpRequest, user: User) -> None:
        people.record_sign_in(user)
        known_browsers.greet(request, user)
        super().login(request, user)
        sessions.start(request, user)

    def logout(self, request: HttpRequest) -> None:
        people.record_sign_out(cast(User, request.user))
        sessions.forget(request)
        super().logout(request)

    def set_password(self, user: User, password: str) -> None:
        people.change_own_password(user, password)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return resolve_url("home")

    def is_safe_url(self, url: str) -> bool:
        """Only a path of this portal; what a browser might read as another host is not one."""
        return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def should_send_confirmation_mail(self, *arguments: Any, **options: Any) -> bool:
        """Never allauth's own mail; see respond_email_verification_sent."""
        return False

    def respond_email_verification_sent(self, request: HttpRequest, user: Any) -> HttpResponseBase:
        """The password was right, the address is not confirmed yet: mail the link and say so."""
        mailed_links.ask_for_verification(user.email)
        return super().respond_email_verification_sent(request, user)

    def send_notification_mail(self, *arguments: Any, **options: Any) -> None:
        """What the owner is told comes from accounts.services.notices."""

    def reauthenticate(self, user: User, password: str) -> bool:
        """Whoever is asked has signed in before, with every factor, so a right password starts the count again."""
        if self.authenticate(context.request, email=user.email, password=password) is None:
            return False
        limits.clear(known_browsers.counted_as(context.request, user.email))
        return True


def crowded_sentence(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return ngettext(
        "Too many attempts from your network. Try again in %(minutes)s minute.",
        "Too many attempts from your network. Try again in %(minutes)s minutes.",
        minutes,
    ) % {"minutes": minutes}


class FactorAdapter(DefaultMFAAdapter):
    """Seeds are encrypted like every secret of the portal; a passkey is made for the local by its name."""

    def encrypt(self, text: str) -> str:
        return crypto.encrypt(text, binding=SEED)

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.decrypt(encrypted_text, binding=SEED)

    def get_totp_issuer(self) -> str:
        return str(site_settings())

    def _get_site_name(self) -> str:
        return str(site_settings())


def locked_sentence(minutes: int) -> str:
    return ngettext(
        "Too many wrong passwords. Try again in %(minutes)s minute, or ask the office to lift the lock.",
        "Too many wrong passwords. Try again in %(minutes)s minutes, or ask the office to lift the lock.",
        minutes,
    ) % {"minutes": minutes}
