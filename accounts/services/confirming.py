"""Somebody independent says who a person is, and what rested counts again."""

import secrets
import uuid
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import AccountAction, IdentityKind
from accounts.models import RoleAssignment, User, account_is_held
from accounts.models.user import LINK_RESTS
from accounts.permissions import CONFIRM_ROLES, HEAR_ALARMS
from accounts.services import factors, identity, notices, terms
from accounts.services.mailed_links import PASSWORD_RESET
from core.audit import trail
from core.db.one_of import OneOf
from core.errors import DomainError
from core.mail import notifications
from core.permissions import Actor, allow
from core.records import records
from core.terms import Moment


def resting(actor: Actor, now: Moment) -> Any:
    """People of whom something rests, or a role waits for it, and whom `actor` may confirm."""
    terms_at_rest = RoleAssignment.objects.resting(now).order_by().values("user")
    held_up = RoleAssignment.objects.waiting(now).filter(account_is_held("user")).order_by().values("user")
    due = Q(OneOf("pk", terms_at_rest)) | Q(OneOf("pk", held_up)) | LINK_RESTS
    found = User.objects.visible_to(actor).filter(due)
    others = found.filter(is_active=True, invited_at=None).exclude(pk=actor.pk)
    return others.exclude(pk__in=identity.changed_by(actor)).order_by("pk")


def what_rests(user: User) -> list[str]:
    """In words: the roles, and the own record."""
    found = user.assignments.resting().select_related("role").order_by("role__position", "pk")
    words = [term.role_and_kind for term in found]
    if user.link_rests:
        own = _("Their own record, cases and applications") if user.member_id else _("That they are not a member")
        words.append(own)
    return words


def is_due(user: User) -> bool:
    """Whether there is something to confirm: also that nobody else holds the account, before it is given a right."""
    return user.rests or identity.is_held(user)


def may_vouch(user: User, actor: Actor | None) -> bool:
    """Whether `actor`, who never changed this account, has not said yet who the person is since it was changed.

    Nothing of it need rest here: a right that counts only after two people knew the person may wait for the second one.
    """
    if user.identity_epoch == 1 or user == actor:
        return False
    theirs = user.identity_changes.filter(actor=actor)
    if actor is not None and theirs.exclude(kind=IdentityKind.CONFIRMED).exists():
        return False
    return not theirs.filter(kind=IdentityKind.CONFIRMED, epoch=user.identity_epoch).exists()


def who_confirms(user: User) -> list[User]:
    """The officers who can confirm this person now."""
    officers = User.objects.holding(CONFIRM_ROLES).order_by("last_name", "first_name", "pk")
    return [officer for officer in officers if not identity.why_not_by(user, officer)]


def password_ends(user: User) -> bool:
    """Whether somebody else may have set the password, which ends when the person is confirmed."""
    return user.identity_changes.unconfirmed().of_passwords().exists()


def confirm(user: User, *, actor: Actor | None, epoch: int | None = None, keeps_password: bool = False) -> User:
    """What rests counts again; factors and a password that somebody else may have added meanwhile end.

    `epoch` is the account's when looked at. `keeps_password`: the person, who reads no mail, has signed in before the
    eyes of `actor` with a password of their own. Raises DomainError for whoever is not independent, and when somebody
    changed the account meanwhile.
    """
    allow(actor, CONFIRM_ROLES)
    with transaction.atomic():
        locked = _locked(user, actor)
        if epoch is not None and epoch != locked.identity_epoch:
            raise DomainError(_("Somebody changed this account meanwhile. Look at it again."))
        if refused := identity.why_not_by(locked, actor):
            raise DomainError(refused)
        if not locked.is_active or locked.invited_at:
            raise DomainError(_("Nobody can sign in to this account yet, so there is nobody to confirm."))
        if not (is_due(locked) or may_vouch(locked, actor)):
            raise DomainError(_("Nothing of this account rests, so there is nothing to confirm."))
        _lift(locked, actor=actor, keeps_password=keeps_password)
        notices.record(locked, AccountAction.PERSON_CONFIRMED, actor=actor)
    return locked


def _locked(user: User, actor: Actor | None) -> User:
    """As terms: two who confirm each other do not wait for each other."""
    rows = records.visible(User, actor).select_for_update(of=("self",), no_key=True)
    found: User | None = rows.filter(pk=user.pk).first()
    if found is None:
        raise DomainError(_("This record is no longer there. Go back to the list and look again."))
    return found


def _lift(user: User, *, actor: Actor | None, keeps_password: bool, reason: str = "") -> None:
    """Let what rests count, end what somebody else may have added meanwhile, and say who knew the person."""
    ends = password_ends(user)
    if ends and keeps_password and user.must_change_password:
        raise DomainError(_("They have a one-time password still. Let them sign in and choose their own first."))
    RoleAssignment.objects.filter(pk__in=user.assignments.resting().values("pk")).update(
        identity_epoch=user.identity_epoch
    )
    identity.confirm_link(user)
    factors.end_added_while_held(user, actor=actor)
    if ends and not keeps_password:
        _end_password(user, actor=actor)
    identity.record_change(user, IdentityKind.CONFIRMED, actor=actor, reason=reason, member_after=user.member)


def _end_password(user: User, *, actor: Actor | None) -> None:
    """One that nobody knows takes its place, so that “Password forgotten?” helps also after the mailed link is dead."""
    user.set_password(secrets.token_urlsafe(32))
    user.must_change_password, user.session_epoch = False, uuid.uuid4()
    user.version += 1
    records.save(user)
    trail.record(user, AccountAction.PASSWORD_ENDED, actor=actor)
    notifications.send(user.email, "password_ended", {"token": PASSWORD_RESET.text(user)})


def confirm_on_server(user: User, *, reason: str, keeps_password: bool = False) -> list[RoleAssignment]:
    """Where no officer can confirm: lifts what rests and what waits of this person; every officer and trustee is told.

    Returns the terms that waited.
    """
    why, now = records.stated_reason(reason), timezone.now()
    with transaction.atomic():
        locked = _locked(user, None)
        waiting = list(locked.assignments.waiting(now).select_related("role").order_by("pk"))
        if not (waiting or is_due(locked) or may_vouch(locked, None)):
            raise DomainError(_("Nothing of this account rests or waits, so there is nothing to confirm."))
        for term in waiting:
            terms.confirm_on_server(term, locked, now)
        _lift(locked, actor=None, keeps_password=keeps_password, reason=why)
        notices.record(locked, AccountAction.PERSON_CONFIRMED, actor=None, reason=why, exempt=True)
        for hearer in User.objects.holding(HEAR_ALARMS).exclude(pk=locked.pk).order_by("pk"):
            notices.tell(hearer, notices.CONFIRMED_ON_SERVER, words={"person": str(locked)})
    return waiting
