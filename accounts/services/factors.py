"""Second factors: an authenticator app, passkeys, recovery codes. Every change of them ends all sessions but the one
that made it, which the caller renews.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.enums import AccountAction, IdentityKind
from accounts.models import SpentCode, User
from accounts.permissions import CHANGE_USERS
from accounts.services import identity, known_browsers, limits, notices, openid_links
from core import crypto
from core.audit import trail
from core.errors import DomainError
from core.permissions import Actor, allow
from core.records import records
from core.site import site_settings

Type = Authenticator.Type
MOST_PASSKEYS = 10
EVERY_ROLE = "*"


def of(user: User) -> Any:
    return Authenticator.objects.filter(user_id=user.pk).order_by("created_at", "pk")


def proving(user_id: Any) -> Any:
    """Without recovery codes, which alone are no factor: they stand in for one that is out of reach."""
    return Authenticator.objects.filter(user_id=user_id).exclude(type=Type.RECOVERY_CODES)


def has_second_factor(user: User) -> bool:
    return proving(user.pk).exists()


def is_required(user: User) -> bool:
    """Whether a live role of `user` asks for a second factor; the demo lets everybody in without one."""
    wanted = set(settings.SECOND_FACTOR_ROLES)
    if not wanted or (site_settings().is_demo and not settings.PRODUCTION):
        return False
    held = user.role_names - {name.removeprefix("-") for name in wanted if name.startswith("-")}
    return bool(held if EVERY_ROLE in wanted else held & wanted)


def is_missing(user: User) -> bool:
    return is_required(user) and not has_second_factor(user)


# --- proving ----------------------------------------------------------------------------------------


def check_code(user: User, code: str, request: Any = None) -> Authenticator | None:
    """The authenticator that `code` proves; the code is spent with that. Wrong ones count with wrong passwords."""
    name = known_browsers.counted_as(request, user.email)
    place = limits.reserve(name)
    if not place:
        return None
    found = spend_code(user, code)
    if found is None:
        limits.confirm_failure(name, place, user)
    else:
        limits.clear(name)
    return found


def spend_code(user: User, code: str) -> Authenticator | None:
    """As `check_code`, for a door that counts by itself."""
    return _spend_app_code(user, code) or _spend_recovery_code(user, code)


def _spend_app_code(user: User, code: str) -> Authenticator | None:
    authenticator = of(user).filter(type=Type.TOTP).first()
    if authenticator is None:
        return None
    step = matching_step(decrypt(authenticator.data["secret"]), code)
    return authenticator if step is not None and spend(authenticator, step) else None


def matching_step(secret: str, code: str) -> int | None:
    """The time step that the code belongs to: the present one, or one beside it for clocks that differ."""
    for step in totp.yield_hotp_counters_from_time():
        if totp.compare_user_code(actual=code, expected=totp.format_hotp_value(totp.hotp_value(secret, step))):
            return step
    return None


def spend(authenticator: Authenticator, step: int) -> bool:
    """Whether nobody has used a code of this step or of a later one; one UPDATE, so that one of many wins."""
    SpentCode.objects.bulk_create([SpentCode(authenticator=authenticator)], ignore_conflicts=True)
    return SpentCode.objects.filter(authenticator=authenticator, step__lt=step).update(step=step) == 1


def _spend_recovery_code(user: User, code: str) -> Authenticator | None:
    with transaction.atomic():
        authenticator = of(user).select_for_update().filter(type=Type.RECOVERY_CODES).first()
        if authenticator is None or not authenticator.wrap().validate_code(code):
            return None
        left = len(authenticator.wrap().get_unused_codes())
        notices.record(user, AccountAction.CODE_USED, actor=user, left=left)
    return authenticator


# --- changing ---------------------------------------------------------------------------------------


@contextmanager
def _changing(user: User, event: AccountAction, kind: str) -> Iterator[User]:
    """The account under a lock; afterwards every session and device of it is over, and its owner is told."""
    with transaction.atomic():
        locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        yield locked
        locked.session_epoch = uuid.uuid4()
        locked.version += 1
        locked.save(update_fields=["session_epoch", "version", "updated_at"])
        notices.record(locked, event, actor=locked, kind=str(kind))
    user.refresh_from_db()


def new_secret(user: User) -> str:
    """A seed for an authenticator app, sealed for its way through the form and back; see `opened`."""
    return crypto.encrypt(totp.generate_totp_secret(), binding=_binding(user))


def opened(user: User, sealed: str) -> str | None:
    try:
        return crypto.decrypt(sealed, binding=_binding(user))
    except crypto.DecryptionError:
        return None


def _binding(user: User) -> str:
    return f"accounts.new_totp:{user.pk}:{user.session_epoch}"


def add_app(user: User, secret: str, code: str) -> list[str]:
    """Switch the authenticator app on, which `code` proves to work; returns new recovery codes, or none when there
    are some already.
    """
    step = matching_step(secret, code)
    if step is None:
        raise DomainError(_("This code is not right. Type the one that the app shows now."))
    with _changing(user, AccountAction.FACTOR_ADDED, Type.TOTP) as locked:
        if of(locked).filter(type=Type.TOTP).exists():
            raise DomainError(_("An authenticator app is already set up. Remove it first to change to another one."))
        spend(totp.TOTP.activate(locked, secret).instance, step)
        return _first_codes(locked)


def add_passkey(user: User, name: str, credential: dict[str, Any]) -> list[str]:
    """Keep a passkey that accounts.services.passkeys has verified; returns recovery codes as `add_app` does."""
    with _changing(user, AccountAction.FACTOR_ADDED, Type.WEBAUTHN) as locked:
        if of(locked).filter(type=Type.WEBAUTHN).count() >= MOST_PASSKEYS:
            raise DomainError(_("You have many passkeys already. Remove one that you do not use any more first."))
        WebAuthn.add(locked, name, credential)
        return _first_codes(locked)


def remove(user: User, authenticator: Authenticator) -> None:
    """Take a factor away; refused when it is the last one of somebody who must have one."""
    with _changing(user, AccountAction.FACTOR_REMOVED, authenticator.type) as locked:
        others = of(locked).exclude(type=Type.RECOVERY_CODES).exclude(pk=authenticator.pk)
        if not others.exists():
            if is_required(locked):
                raise DomainError(_("Your role needs a second factor. Set up another one before you remove this one."))
            of(locked).filter(type=Type.RECOVERY_CODES).delete()
        of(locked).filter(pk=authenticator.pk).delete()


def remove_all(user: User, *, actor: Actor | None, reason: str) -> None:
    """The office takes every factor of somebody who has lost them all; the person enrols again at the next sign-in."""
    allow(actor, CHANGE_USERS)
    if actor is not None and actor.pk == user.pk:
        raise DomainError(_("These are your own factors. Change them on the page “Security”."))
    with transaction.atomic():
        locked = records.lock(user, actor=actor)
        if not of(locked).exists():
            raise DomainError(_("This account has no second factor."))
        of(locked).delete()
        locked.session_epoch = uuid.uuid4()
        locked.version += 1
        records.save(locked)
        why = records.stated_reason(reason)
        identity.raise_epoch(locked, IdentityKind.FACTOR, actor=actor, reason=why)
        trail.record(locked, AccountAction.FACTOR_REMOVED, actor=actor, reason=why, kind="all")
        notices.tell(locked, notices.FACTORS_TAKEN)


def added_while_held(user: User) -> Any:
    """Factors and recovery codes since somebody else may hold the account; whoever confirms the person ends them."""
    since = _held_since(user)
    return _added_since(user, since) if since else of(user).none()


def _held_since(user: User) -> datetime | None:
    """When somebody else may first have come to hold the account, unconfirmed since; None where nobody did."""
    changes = user.identity_changes.unconfirmed().of_credentials().order_by("at")
    return changes.values_list("at", flat=True).first()


def _added_since(user: User, moment: datetime) -> Any:
    return of(user).filter(created_at__gte=moment)


def end_added_while_held(user: User, *, actor: Actor | None) -> None:
    """Nobody knows whose they are. Every session and device ends too; the person sets their own up again.

    `user` is locked by the caller, who confirms the person in the same transaction.
    """
    since = _held_since(user)
    if since is None:
        return
    openid_links.end_added_since(user, since, actor=actor)
    added = _added_since(user, since).delete()[0]
    user.session_epoch = uuid.uuid4()
    user.version += 1
    user.save(update_fields=["session_epoch", "version", "updated_at"])
    if not added:
        return
    if not has_second_factor(user):
        of(user).delete()
    trail.record(user, AccountAction.FACTOR_REMOVED, actor=actor, kind="new")
    notices.tell(user, notices.FACTORS_ENDED)


def new_codes(user: User) -> list[str]:
    """Fresh recovery codes in place of the old ones; they are shown once and cannot be read again."""
    if not has_second_factor(user):
        raise DomainError(_("Recovery codes stand in for a second factor. Set up an app or a passkey first."))
    with _changing(user, AccountAction.CODES_MADE, Type.RECOVERY_CODES) as locked:
        of(locked).filter(type=Type.RECOVERY_CODES).delete()
        return _first_codes(locked)


def _first_codes(user: User) -> list[str]:
    if of(user).filter(type=Type.RECOVERY_CODES).exists():
        return []
    made = RecoveryCodes.activate(user)
    made.mark_as_viewed()
    return made.get_unused_codes()


def codes_left(user: User) -> int:
    authenticator = of(user).filter(type=Type.RECOVERY_CODES).first()
    return len(authenticator.wrap().get_unused_codes()) if authenticator else 0
