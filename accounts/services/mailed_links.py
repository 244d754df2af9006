"""Links by mail: a forgotten password, the proof of an address, an invitation. Each works once and not for long."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.http import base36_to_int, int_to_base36
from django.utils.translation import gettext as _

from accounts.enums import AccountAction
from accounts.models import User
from accounts.services import limits, notices
from core.audit import trail
from core.errors import DomainError
from core.mail import notifications

LONGEST = 100


class LinkDead(DomainError):
    """Too old, used, overtaken by a change of the account, or never made by this portal."""

    code = "link_dead"


class MailedToken(PasswordResetTokenGenerator):
    """Bound to what the account looks like: whatever changes in `state` kills the token, and so does its age."""

    def __init__(
        self,
        purpose: str,
        state: Callable[[User], Any],
        *,
        lifetime: Callable[[], timedelta] = lambda: timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT),
    ) -> None:
        super().__init__()
        self.key_salt, self.state, self.lifetime = f"accounts.recovery.{purpose}", state, lifetime

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{user.pk} {timestamp} {self.state(user)}"

    def check_token(self, user: Any, token: str | None) -> bool:
        """As the generator's own, which knows one lifetime for all tokens."""
        text = token or ""
        try:
            made = base36_to_int(text.partition("-")[0])
        except ValueError:
            return False
        secrets = (self.secret, *self.secret_fallbacks)
        known = (self._make_token_with_timestamp(user, made, secret) for secret in secrets)
        if not any(constant_time_compare(one, text) for one in known):
            return False
        return self._num_seconds(self._now()) - made <= self.lifetime().total_seconds()

    def text(self, user: User) -> str:
        return f"{int_to_base36(user.pk)}-{self.make_token(user)}"

    def owner(self, text: str) -> User:
        """Whose token it is. Raises LinkDead."""
        key, _separator, token = text[:LONGEST].partition("-")
        try:
            user = User.objects.filter(pk=min(base36_to_int(key), 2**63 - 1), is_active=True).first()
        except ValueError:
            user = None
        if user is None or not self.check_token(user, token):
            raise LinkDead(_("This link is too old or has been used. Ask for a new one."))
        return user


PASSWORD_RESET = MailedToken(
    "password_reset", lambda user: (user.email, user.password, user.session_epoch, user.last_login)
)
EMAIL_VERIFICATION = MailedToken("email_verification", lambda user: (user.email, user.is_verified))
INVITATION = MailedToken(
    "invitation",
    lambda user: (user.email, user.password, user.session_epoch, user.invited_at and user.invited_at.timestamp()),
    lifetime=lambda: timedelta(days=settings.INVITATION_DAYS),
)


def ask_for_reset(email: str) -> None:
    """Mail a link to whom it concerns."""
    _mail(email, PASSWORD_RESET, "password_reset", lambda user: user.is_active and user.has_usable_password())


def ask_for_verification(email: str) -> None:
    _mail(email, EMAIL_VERIFICATION, "email_verification", _is_to_verify)


def _is_to_verify(user: User) -> bool:
    return user.is_active and not user.is_verified and user.invited_at is None


def _mail(email: str, token: MailedToken, template: str, concerns: Callable[[User], bool]) -> None:
    """Does the same for every address, known or not; a mail that concerns nobody is taken back unwritten."""
    name = User.objects.normalize_email(email)
    user = User.objects.filter(email=name).first()
    stranger = User(pk=0, email=name)
    with transaction.atomic():
        allowed = limits.may_be_mailed(template, name)
        with transaction.atomic():
            notifications.send(name, template, {"token": token.text(user or stranger)})
            if not allowed or user is None or not concerns(user):
                transaction.set_rollback(True)


def send_invitations(users: Sequence[User]) -> None:
    """In the caller's transaction. The link belongs to the invitation that is open now; earlier ones are dead."""
    told = [(user.email, {"token": INVITATION.text(user), "days": settings.INVITATION_DAYS}) for user in users]
    notifications.send_many("invitation", told)


def reset_password(text: str, password: str, *, request: HttpRequest) -> User:
    """A new password by a mailed token; every session and device ends, and a lock after wrong passwords is lifted.

    Raises LinkDead, or ValidationError for a password that will not do; then the token still works.
    """
    user = PASSWORD_RESET.owner(text)
    validate_password(password, user)
    hashed, same = make_password(password), {"pk": user.pk, "is_active": True}
    same |= {name: getattr(user, name) for name in ("email", "password", "session_epoch", "last_login")}
    with transaction.atomic():
        values = {"password": hashed, "session_epoch": uuid4(), "must_change_password": False}
        if not User.objects.filter(**same).update(version=user.version + 1, **values):
            raise LinkDead(_("This link is too old or has been used. Ask for a new one."))
        limits.clear(user.email)
        notices.record(user, AccountAction.PASSWORD_RESET, request=request, actor=user)
    return user


def verify_email(text: str) -> User:
    """The address is the person's own. Raises LinkDead."""
    user = EMAIL_VERIFICATION.owner(text)
    with transaction.atomic():
        same = User.objects.filter(pk=user.pk, email=user.email, is_verified=False, is_active=True, invited_at=None)
        if not same.update(is_verified=True, version=user.version + 1):
            raise LinkDead(_("This link is too old or has been used. Ask for a new one."))
        proof = {"verified": True, "primary": True}
        EmailAddress.objects.update_or_create(user=user, email=user.email, defaults=proof)
        trail.record(user, AccountAction.EMAIL_VERIFIED, actor=user)
    return user
