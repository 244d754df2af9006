"""The owner's own change of the e-mail address: nothing changes before the link in the new mailbox is followed."""

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import AccountAction
from accounts.models import User
from accounts.services import limits, notices
from accounts.services.mailed_links import LinkDead, MailedToken
from core.audit import trail
from core.errors import DomainError
from core.mail import notifications

TAKEN = gettext_lazy("Another account has taken this address meanwhile. Ask the office for help.")
DEAD = gettext_lazy("This link is too old or has been used. Ask for a new one.")


def wanted(user: User) -> EmailAddress | None:
    """The address that waits for its link."""
    return EmailAddress.objects.filter(user_id=user.pk, verified=False).exclude(email=user.email).first()


def _state(user: User) -> tuple[str, ...]:
    row = wanted(user)
    return (user.email, user.password, str(user.session_epoch), str(row.pk), row.email) if row else ()


EMAIL_CHANGE = MailedToken("email_change", _state)


def ask(user: User, address: str) -> None:
    """Mail a link to the new address and a notice to the present one.

    When another account has the address, its owner is told so by mail: the page says the same in either case.
    """
    new = User.objects.normalize_email(address)
    if new == user.email:
        raise DomainError(_("This is your present address already."))
    with transaction.atomic():
        locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        if not limits.may_be_mailed("email_change", locked.email) or not limits.may_be_mailed("email_change", new):
            raise DomainError(_("Several links were asked for within an hour. Try again in an hour."))
        EmailAddress.objects.filter(user=locked, verified=False).delete()
        EmailAddress.objects.create(user=locked, email=new, verified=False, primary=False)
        template = "email_taken" if User.objects.filter(email=new).exists() else "email_change"
        notifications.send(new, template, {"token": EMAIL_CHANGE.text(locked)})
        notices.record(locked, AccountAction.EMAIL_ASKED, actor=locked)


def change(text: str) -> User:
    """The new address is the sign-in name from now on; links mailed to the old one are dead.

    Raises LinkDead, or DomainError when somebody else took the address meanwhile.
    """
    user = EMAIL_CHANGE.owner(text)
    row = wanted(user)
    if row is None:
        raise LinkDead(str(DEAD))
    former = user.email
    try:
        with transaction.atomic():
            if not EmailAddress.objects.filter(pk=row.pk).delete()[0]:
                raise LinkDead(str(DEAD))
            values = {"email": row.email, "is_verified": True, "updated_at": timezone.now()}
            same = {"email": former, "password": user.password, "session_epoch": user.session_epoch}
            if not User.objects.filter(pk=user.pk, **same).update(version=F("version") + 1, **values):
                raise LinkDead(str(DEAD))
            user.refresh_from_db()
            EmailAddress.objects.filter(user=user).delete()
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
            trail.record(user, AccountAction.EMAIL_CHANGED, actor=user, changes=[{"field": "email"}])
            for address in (former, user.email):
                notices.tell(user, AccountAction.EMAIL_CHANGED, address=address)
    except IntegrityError as error:
        raise DomainError(str(TAKEN)) from error
    return user
