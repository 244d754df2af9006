"""The verbs of accounts. `actor` None is a command on the server, which nobody may refuse."""

import secrets
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import recovery, security, throttle
from accounts.enums import AccountAction, AssignmentKind
from accounts.models import Role, RoleAssignment, User
from accounts.permissions import ASSIGN_ROLES, CHANGE_ROLES, CHANGE_USERS
from core import audit, records
from core.errors import DomainError
from core.models import AuditEvent
from core.site import local_now

ADMIN, MEMBER = "admin", "member"
EDITABLE = ("email", "first_name", "last_name", "member")
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
    actor: Any,
    roles: Iterable[str] = (),
    member_id: int | None = None,
) -> tuple[User, str]:
    """A new account and its one-time password, which is kept nowhere. The office vouches for the address."""
    records.allow(actor, CHANGE_USERS)
    password = one_time_password()
    with transaction.atomic():
        user = User(first_name=first_name, last_name=last_name, member_id=member_id, must_change_password=True)
        user.email = User.objects.normalize_email(email)
        _add(user, password, actor=actor)
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


def _add(user: User, password: str | None, *, actor: Any) -> None:
    user.is_verified = True
    user.set_password(password)
    records.save(user)
    _vouch_for_address(user)
    audit.record(user, AccountAction.USER_CREATED, actor=actor, changes=records.initial_changes(user, EDITABLE))


def _vouch_for_address(user: User) -> None:
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


def change_user(user: User, values: Mapping[str, Any], *, actor: Any, version: int | None = None) -> User:
    """Save names, address and member record. Raises EditConflict when somebody saved a newer version."""
    records.allow(actor, CHANGE_USERS)
    with transaction.atomic():
        locked = records.lock(user, actor=actor, version=version)
        former = locked.email
        changed = records.change(locked, values, editable=EDITABLE, actor=actor, action=AccountAction.USER_CHANGED)
        if any(item["field"] == "email" for item in changed):
            _follow_address(locked, former)
    return locked


def _follow_address(user: User, former: str) -> None:
    """The office vouches for the new address; who has not accepted the invitation gets it there instead."""
    if user.invited_at:
        if user.is_active:
            user.invited_at = timezone.now()
            user.save(update_fields=["invited_at"])
            recovery.send_invitations([user])
        return
    EmailAddress.objects.filter(user=user).delete()
    _vouch_for_address(user)
    security.tell(user, security.ADDRESS_LEFT, address=former)
    security.tell(user, security.ADDRESS_CAME)


def deactivate(user: User, *, actor: Any, reason: str) -> User:
    """The person cannot sign in any more and is signed out everywhere; roles and history stay."""
    records.allow(actor, CHANGE_USERS)
    if actor is not None and actor.pk == user.pk:
        raise DomainError(_("You cannot switch off your own account. Ask another administrator."))
    with transaction.atomic():
        locked = records.lock(user, actor=actor)
        if not locked.is_active:
            raise DomainError(_("This account is already switched off."))
        _keep_an_admin(without=locked)
        locked.is_active, locked.session_epoch = False, uuid.uuid4()
        _save(locked)
        security.record(locked, AccountAction.USER_DEACTIVATED, actor=actor, reason=records.stated_reason(reason))
    return locked


def activate(user: User, *, actor: Any, reason: str) -> User:
    records.allow(actor, CHANGE_USERS)
    with transaction.atomic():
        locked = records.lock(user, actor=actor)
        if locked.is_active:
            raise DomainError(_("This account is already switched on."))
        locked.is_active = True
        _save(locked)
        audit.record(locked, AccountAction.USER_ACTIVATED, actor=actor, reason=records.stated_reason(reason))
    return locked


def end_sessions(user: User, *, actor: Any, reason: str) -> User:
    """A lost laptop: the person is signed out on every device, and no browser of theirs is known any more."""
    records.allow(actor, CHANGE_USERS)
    with transaction.atomic():
        locked = records.lock(user, actor=actor)
        locked.session_epoch = uuid.uuid4()
        _save(locked)
        why = records.stated_reason(reason)
        security.record(locked, AccountAction.SESSIONS_ENDED, actor=actor, reason=why)
    return locked


def unlock(user: User, *, actor: Any, reason: str) -> None:
    """Lift the lock that wrong passwords put on the account."""
    records.allow(actor, CHANGE_USERS)
    with transaction.atomic():
        locked = records.lock(user, actor=actor)
        if not throttle.minutes_left(locked.email):
            raise DomainError(_("This account is not locked."))
        throttle.clear(locked.email)
        _save(locked)  # what known browsers are counted under, see devices.counted_as
        audit.record(locked, AccountAction.USER_UNLOCKED, actor=actor, reason=records.stated_reason(reason))


# --- passwords and sign-in --------------------------------------------------------------------------


def issue_password(user: User, *, actor: Any, reason: str) -> str:
    """A one-time password in place of the present one; every session ends and the lock is lifted.

    It also takes the place of an open invitation: the office vouches for the address.
    """
    records.allow(actor, CHANGE_USERS)
    if actor is not None and actor.pk == user.pk:
        raise DomainError(_("This is your own account. Use “Change password” instead."))
    password = one_time_password()
    with transaction.atomic():
        locked = records.lock(user, actor=actor)
        if locked.invited_at:
            locked.invited_at, locked.invited_by, locked.is_verified = None, None, True
            _vouch_for_address(locked)
        _set_password(locked, password, must_change=True)
        throttle.clear(locked.email)
        security.record(locked, AccountAction.PASSWORD_ISSUED, actor=actor, reason=records.stated_reason(reason))
    return password


def change_own_password(user: User, password: str) -> None:
    """The person has proved the old password and chosen this one; every other session ends."""
    with transaction.atomic():
        locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        _set_password(locked, password, must_change=False)
        security.record(locked, AccountAction.PASSWORD_CHANGED, actor=locked)
    user.refresh_from_db()


def _set_password(user: User, password: str, *, must_change: bool) -> None:
    user.set_password(password)
    user.must_change_password, user.session_epoch = must_change, uuid.uuid4()
    _save(user)


def record_sign_in(user: User) -> None:
    with transaction.atomic():
        audit.record(user, AccountAction.SIGNED_IN, actor=user)


def record_sign_out(user: User) -> None:
    with transaction.atomic():
        audit.record(user, AccountAction.SIGNED_OUT, actor=user)


# --- roles ------------------------------------------------------------------------------------------


def assign_role(
    user: User,
    role: Role,
    *,
    actor: Any,
    reason: str,
    kind: str = AssignmentKind.REGULAR,
    starts_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> RoleAssignment:
    """Give the role for a term that starts now or later; refused to oneself and beside a term that overlaps."""
    records.allow(actor, ASSIGN_ROLES)
    if actor is not None and actor.pk == user.pk:
        raise DomainError(_("Nobody gives a role to themselves. Ask another administrator."))
    with transaction.atomic():
        locked, now = records.lock(user, actor=actor), timezone.now()
        term = RoleAssignment(
            user=locked,
            role=role,
            kind=kind,
            reason=records.stated_reason(reason),
            assigned_by=actor,
            assigned_at=now,
            starts_at=starts_at or now,
            expires_at=expires_at,
        )
        _check_term(term, now)
        term.full_clean(exclude=["assigned_by"])  # empty when a command assigns
        term.save()
        security.record(
            locked,
            AccountAction.ROLE_ASSIGNED,
            actor=actor,
            reason=term.reason,
            changes=[{"field": "role", "old": None, "new": str(role)}],
            words={**_term_in_words(term), "from": _day(term.starts_at)},
            role=role.name,
            kind=term.kind,
            starts_at=term.starts_at,
            expires_at=term.expires_at,
        )
    return term


def tell_of_ended_terms(since: datetime) -> None:
    """Mail everybody whose term ran out after `since`; each term is told once, whoever asks meanwhile."""
    terms = RoleAssignment.objects.filter(expires_at__gt=since, expires_at__lte=timezone.now(), user__is_active=True)
    told = terms.exclude(ended_at__lt=F("expires_at")).select_related("user", "role").order_by("expires_at", "id")
    with transaction.atomic():
        for term in told:
            key = f"term over:{term.pk}"
            security.tell(term.user, AccountAction.ROLE_ENDED, words=_term_in_words(term), key=key)


def _term_in_words(term: RoleAssignment) -> dict[str, str]:
    return {"role": str(term.role), "until": _day(term.last_moment) if term.last_moment else _("no end")}


def _day(moment: datetime) -> str:
    return date_format(moment.astimezone(local_now().tzinfo), "D j M Y")


def _check_term(term: RoleAssignment, now: datetime) -> None:
    if term.starts_at < now:
        raise DomainError(_("A term cannot start in the past. Leave the start empty to start it now."))
    if term.expires_at is not None and term.expires_at <= term.starts_at:
        raise DomainError(_("The term must end after it starts."))
    others = RoleAssignment.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=term.starts_at),
        Q(ended_at=None) | Q(ended_at__gt=term.starts_at),
        user=term.user,
        role=term.role,
    )
    if term.expires_at is not None:
        others = others.filter(starts_at__lt=term.expires_at)
    # one that was ended before it began never counted
    if others.exclude(ended_at__lte=F("starts_at")).exists():
        raise DomainError(
            _("%(person)s already holds the role %(role)s in that time. End it first, or choose another term.")
            % {"person": term.user, "role": term.role}
        )


def end_role(assignment: RoleAssignment, *, actor: Any, reason: str, at: datetime | None = None) -> RoleAssignment:
    """End the term now, or at a later moment; the next request is answered without the role."""
    records.allow(actor, ASSIGN_ROLES)
    with transaction.atomic():
        user, now = records.lock(assignment.user, actor=actor), timezone.now()
        locked = RoleAssignment.objects.select_for_update(of=("self",)).get(pk=assignment.pk, user=user)
        if locked.ends_at is not None and locked.ends_at <= (at or now):
            raise DomainError(_("This term has already ended, or ends before that day."))
        if at is not None and at < now:
            raise DomainError(_("A term cannot be ended in the past. Leave the day empty to end it now."))
        if locked.role.name == ADMIN and locked.is_live(now):
            _keep_an_admin(without=user)
        locked.ended_at, locked.ended_by, locked.end_reason = at or now, actor, records.stated_reason(reason)
        locked.full_clean(exclude=["assigned_by"])
        locked.save()
        security.record(
            user,
            AccountAction.ROLE_ENDED,
            actor=actor,
            reason=locked.end_reason,
            changes=[{"field": "role", "old": str(locked.role), "new": None}],
            words=_term_in_words(locked),
            role=locked.role.name,
            ended_at=locked.ended_at,
        )
    return locked


def _keep_an_admin(*, without: User) -> None:
    """Refuse to leave the portal, now or on a day to come, without anybody who can administer it.

    That is certain while somebody else holds the role without an end. The role's row is locked: one at a time.
    """
    role = Role.objects.select_for_update(of=("self",)).get(name=ADMIN)
    live = RoleAssignment.objects.live().filter(role=role)
    lasting = live.filter(user_id=OuterRef("pk"), expires_at=None, ended_at=None)
    others = User.objects.filter(Exists(lasting), is_active=True).exclude(pk=without.pk)
    if without.is_active and live.filter(user=without).exists() and not others.exists():
        raise DomainError(
            _("Nobody else is administrator without an end date. Give the role to somebody else without an end first.")
        )


def describe_role(role: Role, description: str, *, actor: Any) -> Role:
    """Change the words that explain the role; nothing else of a role changes here."""
    records.allow(actor, CHANGE_ROLES)
    with transaction.atomic():
        locked = Role.objects.select_for_update(of=("self",)).get(pk=role.pk)
        before = audit.values(locked, ["description"])
        locked.description = description
        locked.full_clean()
        locked.save()
        if changed := audit.changes(Role, before, audit.values(locked, ["description"])):
            audit.record(locked, AccountAction.ROLE_DESCRIBED, actor=actor, changes=changed)
    return locked


def sync_roles(specs: Mapping[str, Any], grants: Mapping[str, tuple[str, ...]]) -> None:
    """Make the roles and their permissions equal to the table; running it again changes nothing.

    Raises LookupError for a permission in `grants` that no model declares. A custom role keeps its own
    permissions, and a description that somebody edited stays.
    """
    known = {
        f"{item.content_type.app_label}.{item.codename}": item.pk
        for item in Permission.objects.select_related("content_type")
    }
    if lost := sorted(set(grants) - set(known)):
        raise LookupError(f"GRANTS names permissions that do not exist: {', '.join(lost)}")
    with transaction.atomic():
        for position, (name, spec) in enumerate(specs.items(), start=1):
            is_new = not Role.objects.filter(name=name).exists()
            role = _synced_role(name, spec, position)
            wanted = {permission for permission, roles in grants.items() if name in roles}
            held_ids = set(role.permissions.values_list("pk", flat=True))
            held = {permission for permission, pk in known.items() if pk in held_ids}
            if wanted != held:
                role.permissions.set([known[permission] for permission in wanted])
                if not is_new:
                    given, taken = ", ".join(sorted(wanted - held)), ", ".join(sorted(held - wanted))
                    audit.record(role, AccountAction.ROLE_GRANTS_CHANGED, actor=None, given=given, taken=taken)


def _synced_role(name: str, spec: Any, position: int) -> Role:
    role = Role.objects.filter(name=name).first() or Role(name=name)
    wanted = {
        "display_name": str(spec.display_name),
        "is_system_role": spec.is_system_role,
        "position": position,
        "description": str(spec.description),
    }
    if role.pk and role.description != wanted["description"] and _is_described(role):
        del wanted["description"]
    if role.pk is None or any(getattr(role, field) != value for field, value in wanted.items()):
        for field, value in wanted.items():
            setattr(role, field, value)
        role.save()
    return role


def _is_described(role: Role) -> bool:
    events = AuditEvent.objects.filter(subject_type=audit.subject_type(Role), subject_id=str(role.pk))
    return events.filter(action=AccountAction.ROLE_DESCRIBED).exists()


def _save(user: User) -> None:
    user.version += 1
    records.save(user)
