"""The verbs of a new slate: it is prepared, set for one moment, and called off before that moment."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.enums import AccountAction, InstallationState
from accounts.models import Installation, InstallationSeat, Role, RoleAssignment, User
from accounts.permissions import ASSIGN_ROLES
from accounts.services import notices, terms
from accounts.services.workflow import FLOW
from core.audit import trail
from core.errors import DomainError, TransitionRefused
from core.permissions import Actor, allow
from core.records import records

FIELDS = ("title", "reason", "takes_effect_at", "expires_at")
Seats = Mapping[Role, Collection[User]]


def roles_of_slates() -> Any:
    """Whoever gives roles is handed over on the account's page: the portal is never without them for a moment."""
    return Role.objects.exclude(pk__in=Role.objects.granting(ASSIGN_ROLES)).order_by("position", "pk")


def usual_roles() -> list[Role]:
    """The elected roles that somebody holds now."""
    elected = roles_of_slates().filter(name__in=import_string(settings.ELECTED_ROLES))
    return list(elected.filter(pk__in=RoleAssignment.objects.live().values("role_id")))


def holders_now(roles: Collection[Role]) -> dict[Role, list[User]]:
    """Who holds each of these roles, to begin a slate with."""
    live = RoleAssignment.objects.live().filter(role__in=roles, user__is_active=True).select_related("user")
    found: dict[Role, list[User]] = {role: [] for role in roles}
    by_pk = {role.pk: role for role in roles}
    for term in live.order_by("user__last_name", "user__first_name", "user_id"):
        if term.user not in found[by_pk[term.role_id]]:
            found[by_pk[term.role_id]].append(term.user)
    return found


def check_draft(installation: Installation) -> None:
    if not installation.is_draft:
        raise DomainError(_("This slate is no longer a draft. Call it off and prepare another."))


# --- the draft --------------------------------------------------------------------------------------


def start_draft(values: Mapping[str, Any], roles: Collection[Role], *, actor: Actor | None) -> Installation:
    """A slate on which everybody who holds one of `roles` now is proposed for it."""
    allow(actor, ASSIGN_ROLES)
    with transaction.atomic():
        installation = Installation(created_by=actor)
        records.create(installation, values, editable=FIELDS, actor=actor, action=AccountAction.INSTALLATION_STARTED)
        _fill(installation, holders_now(_allowed(roles)))
    return installation


def save_draft(
    installation: Installation,
    values: Mapping[str, Any],
    seats: Seats,
    *,
    actor: Actor | None,
    version: int | None = None,
) -> Installation:
    """`seats` names every role of the slate. Raises EditConflict when somebody saved a newer version."""
    allow(actor, ASSIGN_ROLES)
    _allowed(seats)
    with transaction.atomic():
        locked = records.lock(installation, actor=actor, version=version)
        check_draft(locked)
        before = trail.values(locked, FIELDS)
        records.assign(locked, values, FIELDS)
        changed = trail.changes(Installation, before, trail.values(locked, FIELDS))
        changed += _fill(locked, seats)
        if changed:
            locked.version += 1
            records.save(locked)
            trail.record(locked, AccountAction.INSTALLATION_CHANGED, actor=actor, changes=changed)
    return locked


def _allowed(roles: Iterable[Role]) -> list[Role]:
    wanted = list(roles)
    if roles_of_slates().filter(pk__in=[role.pk for role in wanted]).count() != len(wanted):
        raise DomainError(_("Whoever gives roles is not on a slate. Hand that role over on the page of the account."))
    return wanted


def _fill(installation: Installation, seats: Seats) -> list[dict[str, Any]]:
    """What changed, without a name."""
    before = _as_filled(installation)
    roles = {role.pk for role in installation.roles.all()} if installation.pk else set()
    installation.roles.set(seats)
    installation.seats.all().delete()
    InstallationSeat.objects.bulk_create(
        InstallationSeat(installation=installation, role=role, user=user)
        for role, people in seats.items()
        for user in people
    )
    changed: list[dict[str, Any]] = [{"field": "roles"}] if roles != {role.pk for role in seats} else []
    return [*changed, {"field": "seats"}] if before != _as_filled(installation) else changed


def _as_filled(installation: Installation) -> set[tuple[int, int]]:
    return set(InstallationSeat.objects.filter(installation=installation).values_list("role_id", "user_id"))


# --- the moment -------------------------------------------------------------------------------------


def set_slate(installation: Installation, *, actor: Actor | None, version: int | None = None) -> Installation:
    """End every term of the slate's roles at the moment and begin one for every seat: all of it or nothing."""
    with FLOW.step(installation, "set", actor=actor, version=version) as slate:
        seats = list(slate.seats.order_by("role__position", "role_id", "user_id"))
        if any(seat.user_id == actor.pk for seat in seats):
            raise TransitionRefused(own_seat())
        people, roles = _lock(slate, {seat.user_id for seat in seats})
        _allowed(roles.values())
        now = timezone.now()
        moment = slate.takes_effect_at or now
        slate.takes_effect_at, slate.set_by, slate.set_at = moment, actor, now
        _refuse_other_slates(slate, now)
        _end_all(slate, moment, people, staying={(seat.user_id, seat.role_id) for seat in seats}, actor=actor)
        _begin_all(slate, moment, [(people[seat.user_id], roles[seat.role_id]) for seat in seats], actor=actor)
    return slate


def own_seat() -> str:
    return _(
        "You are on this slate yourself, and nobody gives a role to themselves. Another administrator sets the slate."
    )


def ending(slate: Installation, at: datetime) -> Any:
    """Terms of the slate's roles that are not over at that moment, those that have not begun included."""
    return RoleAssignment.objects.not_over(at).filter(role__in=slate.roles.all())


def _lock(slate: Installation, seated: set[int]) -> tuple[dict[int, User], dict[int, Role]]:
    """Everybody concerned, then the roles, each in the order of their keys: the order in which all of us lock."""
    leaving = ending(slate, slate.moment()).values_list("user_id", flat=True)
    wanted = User.objects.filter(pk__in=seated | set(leaving)).order_by("pk")
    people = {user.pk: user for user in wanted.select_for_update(of=("self",))}
    roles = Role.objects.filter(pk__in=slate.roles.values("pk")).order_by("pk").select_for_update(of=("self",))
    return people, {role.pk: role for role in roles}


def _refuse_other_slates(slate: Installation, now: datetime) -> None:
    coming = Installation.objects.filter(state=InstallationState.SET, takes_effect_at__gt=now)
    other = coming.exclude(pk=slate.pk).filter(roles__in=slate.roles.all()).first()
    if other is not None:
        raise TransitionRefused(
            _("Another slate with some of these roles is set already: “%(title)s”. Call that one off first.")
            % {"title": other.title}
        )


def _end_all(
    slate: Installation,
    moment: datetime,
    people: Mapping[int, User],
    *,
    staying: set[tuple[int, int]],
    actor: Actor | None,
) -> None:
    found = ending(slate, moment).select_for_update(of=("self",)).select_related("role").order_by("pk")
    for term in found:
        if term.user_id not in people:
            raise TransitionRefused(
                _("Somebody was given a role of this slate meanwhile. Look at it again, then set it.")
            )
        term.user, term.ended_with, term.planned_end = people[term.user_id], slate, term.ended_at
        if term.ended_at is None:
            term.ended_by, term.end_reason = actor, slate.reason
        term.ended_at = moment
        terms.save(term)
        # whoever stays is told of the new term alone
        is_told = (term.user_id, term.role_id) not in staying
        terms.record_end(term, AccountAction.ROLE_ENDED, actor=actor, is_told=is_told)


def _begin_all(slate: Installation, moment: datetime, seats: list[tuple[User, Role]], *, actor: Actor | None) -> None:
    for user, role in seats:
        term = RoleAssignment(
            user=user,
            role=role,
            reason=slate.reason,
            assigned_by=actor,
            assigned_at=slate.set_at,
            starts_at=moment,
            expires_at=slate.expires_at,
            needs_confirmation=terms.must_wait(role, actor=actor),
            begun_with=slate,
        )
        terms.begin(term, slate.set_at or moment, actor=actor)


def call_off(
    installation: Installation, *, actor: Actor | None, reason: str, version: int | None = None
) -> Installation:
    """Before its moment, a slate takes back all it planned; the earlier terms go on as they were."""
    reason = records.stated_reason(reason)
    with FLOW.step(installation, "call_off", actor=actor, reason=reason, version=version) as slate:
        concerned = RoleAssignment.objects.filter(Q(begun_with=slate) | Q(ended_with=slate))
        wanted = User.objects.filter(pk__in=concerned.values("user_id")).order_by("pk")
        people = {user.pk: user for user in wanted.select_for_update(of=("self",))}
        rows = list(concerned.select_for_update(of=("self",)).select_related("role").order_by("pk"))
        kept = {(term.user_id, term.role_id) for term in rows if _is_lifted(term, slate)}
        for term in rows:
            term.user = people[term.user_id]
        for term in rows:
            if term.begun_with_id == slate.pk and not term.is_over():
                _take_back(term, reason, is_told=(term.user_id, term.role_id) not in kept, actor=actor)
        for term in rows:
            if _is_lifted(term, slate):
                _let_go_on(term, reason, actor=actor)
    return slate


def _is_lifted(term: RoleAssignment, slate: Installation) -> bool:
    """Somebody may have ended the term earlier meanwhile; that stands."""
    return term.ended_with_id == slate.pk and term.ended_at == slate.takes_effect_at


def _take_back(term: RoleAssignment, reason: str, *, is_told: bool, actor: Actor | None) -> None:
    term.ended_at, term.ended_by, term.end_reason = timezone.now(), cast(User, actor), reason
    terms.save(term)
    terms.record_end(term, AccountAction.ROLE_CALLED_OFF, actor=actor, is_told=is_told)


def _let_go_on(term: RoleAssignment, reason: str, *, actor: Actor | None) -> None:
    term.ended_at, term.ended_with, term.planned_end = term.planned_end, None, None
    if term.ended_at is None:
        term.ended_by, term.end_reason = None, ""
    terms.save(term)
    notices.record(
        term.user,
        AccountAction.ROLE_KEPT,
        actor=actor,
        reason=reason,
        words=terms.term_in_words(term),
        role=term.role.name,
    )


def counted_at(moment: datetime) -> Any:
    """Terms that hold at that moment, those that an officer still has to confirm included."""
    return RoleAssignment.objects.not_over(moment).filter(starts_at__lte=moment)


def leaving(slate: Installation) -> Any:
    """People of whom a slate that is set ends a role that it does not give them again.

    One that was ended before it began was nobody's office.
    """
    again = RoleAssignment.objects.filter(begun_with=slate, user=OuterRef("user"), role=OuterRef("role"))
    ended = RoleAssignment.objects.that_counted().filter(~Exists(again), ended_with=slate)
    return User.objects.filter(pk__in=ended.values("user_id")).order_by("last_name", "first_name", "pk")
