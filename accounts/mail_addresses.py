"""The e-mail address of an account: confirmed by a mailed link, changed by its owner with one."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import resets, security
from accounts.enums import AccountAction
from accounts.links import Link
from accounts.models import User
from core import notifications
from core.errors import DomainError

LIFE = timedelta(hours=24)
DEAD = _("This link has been used, or is older than a day. Ask for a new one.")


def _pending(user: User) -> EmailAddress | None:
    return EmailAddress.objects.filter(user_id=user.pk, verified=False).exclude(email=user.email).first()


def _state_of_change(user: User) -> str:
    wanted = _pending(user)
    return f"{user.email}:{wanted.pk}:{wanted.email}" if wanted else ""


VERIFY = Link("verify", LIFE, lambda user: f"{user.email}:{user.is_verified}")
CHANGE = Link("change", LIFE, _state_of_change)


def mail_verification(user: User) -> bool:
    """Mail a link that confirms the address of the account; whether it was mailed."""
    return resets.mail_at_most(
        user, AccountAction.EMAIL_ASKED, "email_verify", VERIFY, wanted=not user.is_verified, to=user.email
    )


def verify(token: str) -> User:
    """The owner of the address followed the link. Raises DomainError for a dead one."""
    user = VERIFY.owner(token)
    if user is None:
        raise DomainError(DEAD)
    with transaction.atomic():
        won = User.objects.filter(pk=user.pk, email=user.email, is_verified=False).update(
            is_verified=True, version=F("version") + 1, updated_at=timezone.now()
        )
        if not won:
            raise DomainError(DEAD)
        EmailAddress.objects.filter(user=user).delete()
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        user.refresh_from_db()
        security.record(user, AccountAction.EMAIL_VERIFIED)
    return user


def ask_change(user: User, address: str) -> None:
    """Mail a link to the new address, and a notice to the present one; nothing changes before it is followed.

    An address that another account has gets a mail that says so: the answer tells nobody who has an account.
    """
    new = User.objects.normalize_email(address)
    if new == user.email:
        raise DomainError(_("This is your present address already."))
    with transaction.atomic():
        locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        EmailAddress.objects.filter(user=locked, verified=False).delete()
        EmailAddress.objects.create(user=locked, email=new, verified=False, primary=False)
        template = "email_taken" if User.objects.filter(email=new).exists() else "email_change"
        if not resets.mail_at_most(locked, AccountAction.EMAIL_ASKED, template, CHANGE, wanted=True, to=new):
            raise DomainError(_("You have asked for several links within an hour. Try again in an hour."))
        notifications.send(locked.email, "email_change_asked", {"person": locked})


def change(token: str) -> User:
    """The owner of the new address followed the link: it is the sign-in name from now on. Other links are dead.

    Raises DomainError for a dead link, or when somebody else took the address meanwhile.
    """
    user = CHANGE.owner(token)
    wanted = _pending(user) if user is not None else None
    if user is None or wanted is None:
        raise DomainError(DEAD)
    old, new = user.email, wanted.email
    try:
        with transaction.atomic():
            won = User.objects.filter(pk=user.pk, email=old).update(
                email=new, is_verified=True, version=F("version") + 1, updated_at=timezone.now()
            )
            if not won or not EmailAddress.objects.filter(pk=wanted.pk).delete()[0]:
                raise DomainError(DEAD)
            EmailAddress.objects.filter(user=user).delete()
            EmailAddress.objects.create(user=user, email=new, verified=True, primary=True)
            user.refresh_from_db()
            security.record(user, AccountAction.EMAIL_CHANGED)
            notifications.send(old, "email_changed", {"person": user})
    except IntegrityError as error:
        raise DomainError(_("Another account has taken this address meanwhile. Ask the office for help.")) from error
    return user
