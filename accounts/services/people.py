"""The verbs of accounts. `actor` None is a command on the server, which nobody may refuse."""

import secrets
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import AccountAction, IdentityKind
from accounts.models import Role, User
from accounts.permissions import CHANGE_USERS
from accounts.services import identity, limits, mailed_links, notices
from accounts.services.terms import ADMIN, assign_role, keep_an_admin
from core.audit import trail
from core.errors import DomainError
from core.permissions import Actor, allow
from core.records import records

MEMBER = "member"
EDITABLE = ("email", "first_name", "last_name", "member", "is_no_member")
# Without the letters and digits that look alike on paper.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
GROUP = 4


def one_time_password() -> str:
    """Random groups that can be read out over the telephone; longer than the minimum and never below 80 bits."""
    groups = max(4, -(-settings.PASSWORD_MINIMUM_LENGTH_ALONE // (GROUP + 1)) + 1)
    return "-".join("".join(secrets.choice(LETTERS) for _letter in range(GROUP)) for _group in range(groups))


# --- accounts ---------------------------------------------------------------------------------------


def create_user(
    email: str,
    first_name: str,
    last_name: str,
    *,
    actor: Actor | None,
    roles: Iterable[str] = (),
    member_id: int | None = None,
    is_no_member: bool = False,
) -> tuple[User, str]:
    """A new account and its one-time password, which is kept nowhere. The office vouches for the address."""
    allow(actor, CHANGE_USERS)
    password = one_time_password()
    with transaction.atomic():
        user = User(first_name=first_name, last_name=last_name, member_id=member_id, is_no_member=is_no_member)
        user.must_change_password = True
        user.email = User.objects.normalize_email(email)
        _add(user, password, actor=actor)
        if actor is not None:
            identity.record_change(user, IdentityKind.PASSWORD, actor=actor)
        for name in roles:
            assign_role(user, Role.objects.get(name=name), actor=actor, reason=_("New account"))
    return user, password


def create_first_admin(*, email: str, password: str | None, first_name: str, last_name: str, **fields: Any) -> User:
    """An account with the role admin, made from the server's shell; `fields` are further columns of User."""
    with transaction.atomic():
        user = User(email=email, first_name=first_name, last_name=last_name, **fields)
        _add(user, password, actor=None)
        assign_role(user, Role.objects.get(name=ADMIN), actor=None, reason=_("First set-up"))
    return user


def create_seat(email: str, first_name: str, last_name: str, *, role: str, reason: str) -> User:
    """An account by a command for somebody who acted in first data; nobody can sign in to it until given a password."""
    with transaction.atomic():
        user = User(email=User.objects.normalize_email(email), first_name=first_name, last_name=last_name)
        _add(user, None, actor=None)
        assign_role(user, Role.objects.get(name=role), actor=None, reason=reason)
    return user


def _add(user: User, password: str | None, *, actor: Actor | None) -> None:
    user.is_verified = True
    user.set_password(password)
    records.save(user)
    _vouch_for_address(user)
    trail.record(user, AccountAction.USER_CREATED, actor=actor, changes=records.initial_changes(user, EDITABLE))
    identity.begin(user, actor=actor)


def _vouch_for_address(user: User) -> None:
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


def change_user(user: User, values: Mapping[str, Any], *, actor: Actor | None, version: int | None = None) -> User:
    """Save names, address and member record. Raises EditConflict when somebody saved a newer version."""
    allow(actor, CHANGE_USERS)
    with transaction.atomic():
        locked = records.lock(user, actor=actor, version=version)
        former, former_member, former_none = locked.email, locked.member, locked.is_no_member
        if values.get("member") is not None:
            values = {"is_no_member": False, **values}
        _check_own(locked, values, actor)
        changed = records.change(locked, values, editable=EDITABLE, actor=actor, action=AccountAction.USER_CHANGED)
        if any(item["field"] == "email" for item in changed):
            identity.raise_epoch(locked, IdentityKind.ADDRESS, actor=actor)
            _follow_address(locked, former)
        if (locked.member, locked.is_no_member) != (former_member, former_none):
            identity.link(locked, former_member, actor=actor, told=former)
    return locked


def _check_own(user: User, values: Mapping[str, Any], actor: Actor | None) -> None:
    """Whose record somebody sees as their own is for somebody else to say."""
    if actor is None or actor.pk != user.pk:
        return
    if "email" in values and User.objects.normalize_email(values["email"]) != user.email:
        raise ValidationError({"email": _("This is your own account. Change your address under Security.")})
    who = {"member": user.member, "is_no_member": user.is_no_member}
    if any(values.get(name, known) != known for name, known in who.items()):
        raise ValidationError({"member": _("This is your own account. Ask another administrator to link it.")})


def _follow_address(user: User, former: str) -> None:
    """The office vouches for the new address; who has not accepted the invitation gets it there instead."""
    if user.invited_at:
        notices.tell(user, notices.ADDRESS_LEFT, address=former)
        if user.is_active:
            user.invited_at = timezone.now()
            user.save(update_fields=["invited_at"])
            mailed_links.send_invitations([user])
        return
    EmailAddress.objects.filter(user=user).delete()
    SocialAccount.objects.filter(user=user).delete()
    _vouch_for_address(user)
    notices.tell(user, notices.ADDRESS_LEFT, address=former)
    notices.tell(user, notices.ADDRESS_CAME)


def deactivate(user: User, *, actor: Actor | None, reason: str) -> User:
    """The person cannot sign in any more and is signed out everywhere; roles and history stay."""
    allow(actor, CHANGE_USERS)
    if actor is not None and actor.pk == user.pk:
        raise DomainError(_("You cannot switch off your own account. Ask another administrator."))
    with transaction.atomic():
        locked = records.lock(user, actor=actor)
        if not locked.is_active:
            raise DomainError(_("This account is already switched off."))
        keep_an_admin(without=locked)
        locked.is_active, locked.session_epoch = False, uuid.uuid4()
        _save(locked)
        notices.record(locked, AccountAction.USER_DEACTIVATED, actor=actor, reason=records.stated_reason(reason))
    return locked


def activate(user: User, *, actor: Actor | None, reason: str) -> User:
    allow(actor, CHANGE_USERS)
    with transaction.atomic():
        locked = records.lock(user, actor=actor)
        if locked.is_active:
            raise DomainError(_("This account is already switched on."))
        locked.is_active = True
        _save(locked)
        trail.record(locked, AccountAction.USER_ACTIVATED, actor=actor, reason=records.stated_reason(reason))
    return locked


def end_sessions(user: User, *, actor: Actor | None, reason: str) -> User:
    """A lost laptop: the person is signed out on every device, and no browser of theirs is known any more."""
    allow(actor, CHANGE_USERS)
    with transaction.atomic():
        locked = records.lock(user, actor=actor)
        locked.session_epoch = uuid.uuid4()
        _save(locked)
        why = records.stated_reason(reason)
        notices.record(locked, AccountAction.SESSIONS_ENDED, actor=actor, reason=why)
    return locked


def unlock(user: User, *, actor: Actor | None, reason: str) -> None:
    """Lift the lock that wrong passwords put on the account."""
    allow(actor, CHANGE_USERS)
    with transaction.atomic():
        locked = records.lock(user, actor=actor)
        if not limits.minutes_left(locked.email):
            raise DomainError(_("This account is not locked."))
        limits.clear(locked.email)
        _save(locked)  # what known browsers are counted under, see devices.counted_as
        trail.record(locked, AccountAction.USER_UNLOCKED, actor=actor, reason=records.stated_reason(reason))


# --- passwords and sign-in --------------------------------------------------------------------------


def issue_password(user: User, *, actor: Actor | None, reason: str) -> str:
    """A one-time password in place of the present one; every session ends and the lock is lifted.

    It also takes the place of an open invitation: the office vouches for the address.
    """
    allow(actor, CHANGE_USERS)
    if actor is not None and actor.pk == user.pk:
        raise DomainError(_("This is your own account. Use “Change password” instead."))
    password = one_time_password()
    with transaction.atomic():
        locked = records.lock(user, actor=actor)
        if locked.invited_at:
            locked.invited_at, locked.invited_by, locked.is_verified = None, None, True
            _vouch_for_address(locked)
        _set_password(locked, password, must_change=True)
        limits.clear(locked.email)
        reason = records.stated_reason(reason)
        identity.raise_epoch(locked, IdentityKind.PASSWORD, actor=actor, reason=reason)
        notices.record(locked, AccountAction.PASSWORD_ISSUED, actor=actor, reason=reason)
    return password


def change_own_password(user: User, password: str) -> None:
    """The person has proved the old password and chosen this one; every other session ends."""
    with transaction.atomic():
        locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        _set_password(locked, password, must_change=False)
        notices.record(locked, AccountAction.PASSWORD_CHANGED, actor=locked)
    user.refresh_from_db()


def _set_password(user: User, password: str, *, must_change: bool) -> None:
    user.set_password(password)
    user.must_change_password, user.session_epoch = must_change, uuid.uuid4()
    _save(user)


def record_sign_in(user: User) -> None:
    with transaction.atomic():
        trail.record(user, AccountAction.SIGNED_IN, actor=user)


def record_sign_out(user: User) -> None:
    with transaction.atomic():
        trail.record(user, AccountAction.SIGNED_OUT, actor=user)


def _save(user: User) -> None:
    user.version += 1
    records.save(user)
