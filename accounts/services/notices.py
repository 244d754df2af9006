"""Security events: what happened to an account goes into its history and, by mail, to the person concerned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import AccountAction
from accounts.models import User
from accounts.services.browser_names import describe
from core.audit import trail
from core.audit.timeline import action_label
from core.mail.notifications import send
from core.models import AuditEvent
from core.permissions import VIEW_SYSTEM, Actor
from core.site import site_settings


@dataclass(frozen=True, slots=True)
class Notice:
    """`sentence` may hold words that the caller gives. `own`: an act that only the person should be able to do."""

    subject: Any
    sentence: Any
    own: bool = True


ADDRESS_LEFT, ADDRESS_CAME = "address left", "address came"
FACTORS_TAKEN = "factors taken"
FACTORS_ENDED = "factors ended"
CONFIRMED_ON_SERVER = "confirmed on the server"

NOTICES: dict[str, Notice] = {
    AccountAction.NEW_DEVICE: Notice(
        _("New sign-in to your account"),
        _("Somebody signed in to your account in a browser that has not been used for it before."),
    ),
    AccountAction.INVITATION_ACCEPTED: Notice(
        _("Your account in the portal is ready"),
        _("Somebody followed the invitation that was mailed to you and chose the password of your account."),
    ),
    AccountAction.PASSWORD_CHANGED: Notice(
        _("Your password was changed"),
        _("The password of your account was changed. Every other browser and device was signed out."),
    ),
    AccountAction.PASSWORD_RESET: Notice(
        _("Your password was changed"),
        _("A new password was chosen with a code that was mailed to you. Every browser and device was signed out."),
    ),
    AccountAction.PASSWORD_ISSUED: Notice(
        _("A one-time password was made for your account"),
        _(
            "The office made a one-time password for your account. Your former password does not work any more. Grave"
            " roles and your own cases rest until an officer confirms that the account is still yours."
        ),
        own=False,
    ),
    AccountAction.FACTOR_ADDED: Notice(
        _("A second factor was added to your account"),
        _("An authenticator app or a passkey was added to your account. It was signed out everywhere else."),
    ),
    AccountAction.FACTOR_REMOVED: Notice(
        _("A second factor was removed from your account"),
        _("An authenticator app or a passkey was removed from your account. It was signed out everywhere else."),
    ),
    FACTORS_TAKEN: Notice(
        _("The second factors of your account were removed"),
        _(
            "The office removed the second factors of your account and signed it out everywhere. Grave roles and your"
            " own cases rest until an officer confirms that the account is still yours."
        ),
        own=False,
    ),
    FACTORS_ENDED: Notice(
        _("Set up your second factors again"),
        _(
            "Authenticator apps, passkeys and recovery codes that were added while somebody else could use your account"
            " were removed, and it was signed out everywhere. Sign in and set up your own again."
        ),
        own=False,
    ),
    AccountAction.CODES_MADE: Notice(
        _("New recovery codes"),
        _("New recovery codes were made for your account. The former ones do not work any more."),
    ),
    AccountAction.CODE_USED: Notice(
        _("A recovery code was used"),
        _("Somebody signed in to your account with a recovery code. Codes that are left: %(left)s."),
    ),
    AccountAction.PROVIDER_LINKED: Notice(
        _("Another way to sign in to your account"),
        _("Your account was linked with %(name)s. Whoever signs in there as you can sign in here without a password."),
    ),
    AccountAction.PROVIDER_UNLINKED: Notice(
        _("A way to sign in to your account was removed"),
        _("The link of your account with %(name)s was removed."),
    ),
    AccountAction.EMAIL_ASKED: Notice(
        _("A new e-mail address was asked for"),
        _("Your account is to have another e-mail address. It changes when the link mailed there is followed."),
    ),
    AccountAction.EMAIL_CHANGED: Notice(
        _("The e-mail address of your account was changed"),
        _("The owner of your account changed its e-mail address. You sign in with the new address from now on."),
    ),
    AccountAction.LOCKED: Notice(
        _("Sign-in to your account is locked for a while"),
        _(
            "Somebody entered a wrong password for your account several times. Nobody can sign in to it for"
            " %(minutes)s minutes. If it was you, wait or ask the office to lift the lock."
        ),
    ),
    AccountAction.SESSIONS_ENDED: Notice(
        _("You were signed out everywhere"),
        _("Every browser and device that was signed in to your account was signed out and is not known any more."),
    ),
    AccountAction.ALARM_RAISED: Notice(
        _("Many wrong passwords in the portal"),
        _(
            "More than %(limit)s wrong passwords were tried within %(minutes)s minutes. Somebody may be trying many"
            " accounts. The page “System” in the portal says how it goes on."
        ),
        own=False,
    ),
    AccountAction.TOKEN_REPLAYED: Notice(
        _("A device was signed out of your account"),
        _(
            "A key that a device of yours keeps was used twice, which happens when it was copied. The device was signed"
            " out; sign in there again."
        ),
    ),
    AccountAction.ROLE_ASSIGNED: Notice(
        _("You were given a role"),
        _("You were given the role %(role)s in the portal. First day: %(from)s. Last day: %(until)s."),
        own=False,
    ),
    AccountAction.ROLE_PROPOSED: Notice(
        _("You are to get a role"),
        _(
            "You are to get the role %(role)s in the portal. It counts as soon as an officer confirms it. First day:"
            " %(from)s. Last day: %(until)s."
        ),
        own=False,
    ),
    AccountAction.ROLE_CONFIRMED: Notice(
        _("You were given a role"),
        _("An officer confirmed your role %(role)s in the portal. First day: %(from)s. Last day: %(until)s."),
        own=False,
    ),
    AccountAction.ROLE_DECLINED: Notice(
        _("A role that you were to get was not confirmed"),
        _("You do not get the role %(role)s in the portal: it was not confirmed."),
        own=False,
    ),
    AccountAction.ROLE_KEPT: Notice(
        _("A role of yours goes on"),
        _("Your role %(role)s in the portal goes on: the installation that was to end it is called off."),
        own=False,
    ),
    AccountAction.ROLE_CALLED_OFF: Notice(
        _("A role that you were to get is called off"),
        _("You do not get the role %(role)s in the portal: the installation that was to give it is called off."),
        own=False,
    ),
    AccountAction.ROLE_ENDED: Notice(
        _("A role of yours ends"), _("Your role %(role)s in the portal ends. Last day: %(until)s."), own=False
    ),
    AccountAction.USER_DEACTIVATED: Notice(
        _("Your account was switched off"),
        _("The office switched your account off. You are signed out everywhere and cannot sign in."),
        own=False,
    ),
    AccountAction.LINK_CHANGED: Notice(
        _("Your account was linked with another member’s record"),
        _(
            "The office linked your account in the portal with another member’s record. What is yours there opens once"
            " an officer confirms that you are that person."
        ),
        own=False,
    ),
    AccountAction.PERSON_CONFIRMED: Notice(
        _("You are confirmed"),
        _("It is confirmed that your account in the portal is yours. What rested since it was changed counts again."),
        own=False,
    ),
    CONFIRMED_ON_SERVER: Notice(
        _("Somebody was confirmed on the server"),
        _(
            "%(person)s was confirmed on the portal’s server, without an officer. The account’s page says why; if you"
            " do not know of it, ask whoever looks after the server."
        ),
        own=False,
    ),
    ADDRESS_LEFT: Notice(
        _("The e-mail address of your account was changed"),
        _(
            "The office replaced this address by another one. You sign in with the new address from now on. Grave roles"
            " and your own cases rest until an officer confirms that the account is still yours."
        ),
        own=False,
    ),
    ADDRESS_CAME: Notice(
        _("The e-mail address of your account was changed"),
        _("The office made this the address of your account. You sign in with it from now on."),
        own=False,
    ),
}


def record(
    user: User,
    event: str,
    *,
    request: HttpRequest | None = None,
    actor: Actor | None = None,
    reason: str = "",
    changes: Sequence[Mapping[str, Any]] = (),
    words: Mapping[str, Any] | None = None,
    key: str = "",
    **data: Any,
) -> AuditEvent:
    """Write the event into the account's history and mail the person; both or neither.

    `data` is kept in the history, so nothing personal; `words` are for the mail alone. With a `key` the mail goes
    out once, the history says it each time. An event without a notice of its own is told by its name.
    """
    with transaction.atomic():
        written = trail.record(user, event, actor=actor, reason=reason, changes=changes, **data)
        tell(user, event, request=request, words={**data, **(words or {})}, key=key)
    return written


def tell(
    user: User,
    event: str,
    *,
    request: HttpRequest | None = None,
    words: Mapping[str, Any] | None = None,
    key: str = "",
    address: str = "",
) -> None:
    """Mail alone, in the caller's transaction; `address` instead of the account's present one."""
    notice = NOTICES.get(event) or Notice(action_label(event), action_label(event))
    context = {
        "subject": notice.subject,
        "sentence": str(notice.sentence) % words if words else str(notice.sentence),
        "when": timezone.now(),
        "device": describe(request.headers.get("User-Agent", "")) if request is not None else "",
        "own": notice.own,
        "password_url": f"{settings.PORTAL_URL}{reverse('account_change_password')}",
    }
    send(address or user.email, "security", context, key=key)


def raise_alarm(limit: int, minutes: int) -> None:
    """Somebody tries many accounts: into the local's history, and by mail to whoever looks after the system."""
    trail.record(site_settings(), AccountAction.ALARM_RAISED, actor=None, limit=limit, minutes=minutes)
    for user in User.objects.holding(VIEW_SYSTEM).order_by("pk"):
        tell(user, AccountAction.ALARM_RAISED, words={"limit": limit, "minutes": minutes})
