"""The verbs of terms: a role is assigned, confirmed where it must be, and ended. `actor` None is a command."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.enums import AccountAction, AssignmentKind
from accounts.models import Role, RoleAssignment, User, role_and_kind
from accounts.permissions import ASSIGN_ROLES, CONFIRM_ROLES
from accounts.services import identity, notices
from core.audit import trail
from core.db.statements import Place, Statement
from core.errors import DomainError
from core.permissions import Actor, allow
from core.records import records
from core.site import local_now, site_settings
from core.web.formats import time_text

ADMIN = "admin"
LATELY = timedelta(days=30)


def assign_role(
    user: User,
    role: Role,
    *,
    actor: Actor | None,
    reason: str,
    kind: str = AssignmentKind.REGULAR,
    starts_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> RoleAssignment:
    """Give the role for a term that starts now or later; refused to oneself and beside a term that overlaps.

    Grave roles count only once an officer confirms the term; see `must_wait`.
    """
    allow(actor, ASSIGN_ROLES)
    if actor is not None and actor.pk == user.pk:
        raise DomainError(_("Nobody gives a role to themselves. Ask another administrator."))
    with transaction.atomic():
        locked, now, role = records.lock(user, actor=actor), timezone.now(), _as_it_stands(role)
        term = RoleAssignment(
            user=locked,
            role=role,
            kind=kind,
            reason=records.stated_reason(reason),
            assigned_by=actor,
            assigned_at=now,
            starts_at=starts_at or now,
            expires_at=expires_at,
            needs_confirmation=must_wait(role, actor=actor),
        )
        begin(term, now, actor=actor)
    return term


def must_wait(role: Role, *, actor: Actor | None) -> bool:
    """Whether a term of the role counts only once somebody independent confirms it.

    Exempt, which the history says: what a command gives, and what is given at first set-up. That ends with the first
    officer that the local ever has: ending or switching off the last one exempts nobody.
    """
    if not role.needs_confirmation or actor is None:
        return False
    officers = RoleAssignment.objects.that_counted().filter(role__in=Role.objects.granting(CONFIRM_ROLES))
    return officers.exists()


def begin(term: RoleAssignment, now: datetime, *, actor: Actor | None) -> None:
    """Check, save and record a new term of a person who is locked."""
    _check_term(term, now)
    term.identity_epoch = term.user.identity_epoch if term.role.needs_confirmation else None
    save(term)
    _record_grant(term, actor=actor)


def _as_it_stands(role: Role) -> Role:
    """What a custom role may do can change meanwhile, and with it whether somebody has to confirm."""
    if not role.is_custom:
        return role
    found = Role.objects.select_for_update(of=("self",)).filter(pk=role.pk).first()
    if found is None:
        raise DomainError(_("This role is no longer there. Choose another one."))
    return found


def save(term: RoleAssignment) -> None:
    term.full_clean(exclude=["assigned_by"])  # empty when a command assigned
    term.save()


def _record_grant(term: RoleAssignment, *, actor: Actor | None) -> None:
    action = AccountAction.ROLE_PROPOSED if term.needs_confirmation else AccountAction.ROLE_ASSIGNED
    exempt: dict[str, Any] = {"exempt": True} if term.role.needs_confirmation and not term.needs_confirmation else {}
    notices.record(
        term.user,
        action,
        actor=actor,
        reason=term.reason,
        changes=[{"field": "role", "old": None, "new": str(term.role)}],
        words={**term_in_words(term), "from": day_in_words(term.starts_at)},
        role=term.role.name,
        kind=term.kind,
        starts_at=term.starts_at,
        expires_at=term.expires_at,
        **exempt,
    )


def _check_term(term: RoleAssignment, now: datetime) -> None:
    if term.starts_at < now:
        raise DomainError(_("A term cannot start in the past. Leave the start empty to start it now."))
    if term.expires_at is not None and term.expires_at <= term.starts_at:
        raise DomainError(_("The term must end after it starts."))
    if term.kind != AssignmentKind.REGULAR and term.expires_at is None:
        raise ValidationError({"expires_at": _("Acting and delegated terms need an end. Give the last day.")})
    others = RoleAssignment.objects.not_over(term.starts_at).filter(user=term.user, role=term.role)
    if term.expires_at is not None:
        others = others.filter(starts_at__lt=term.expires_at)
    # one that was ended before it began never counted
    if others.exclude(ended_at__lte=F("starts_at")).exists():
        raise DomainError(
            _("%(person)s already holds the role %(role)s in that time. End it first, or choose another term.")
            % {"person": term.user, "role": term.role}
        )


def confirm_role(assignment: RoleAssignment, *, actor: Actor | None) -> RoleAssignment:
    """The second of two people says yes: from now on the term counts, or from its start where that is later."""
    (term,) = confirm_roles([assignment], actor=actor)
    return term


def confirm_roles(assignments: Collection[RoleAssignment], *, actor: Actor | None) -> list[RoleAssignment]:
    """As `confirm_role`; all of them or none."""
    allow(actor, CONFIRM_ROLES)
    with transaction.atomic():
        terms, now = _locked(assignments, actor=actor), timezone.now()
        for term in terms:
            _check_waits(term, now)
            if refusal := refusals([term], actor)[term.pk]:
                raise DomainError(refusal)
            term.confirmed_at, term.confirmed_by = now, cast(User, actor)
            term.identity_epoch = term.user.identity_epoch
            save(term)
            _record_confirmation(term, now, actor=actor)
    return terms


def _record_confirmation(term: RoleAssignment, now: datetime, *, actor: Actor | None) -> None:
    notices.record(
        term.user,
        AccountAction.ROLE_CONFIRMED,
        actor=actor,
        changes=[{"field": "role", "old": None, "new": str(term.role)}],
        words={**term_in_words(term), "from": day_in_words(max(term.starts_at, now))},
        role=term.role.name,
        kind=term.kind,
    )


def refusals(terms: Collection[RoleAssignment], actor: Actor | None) -> dict[int, str]:
    """Why this officer does not confirm a term, or not yet, or nothing, by the term's key."""
    if actor is None:
        return {term.pk: "" for term in terms}
    people = {term.user_id for term in terms}
    changed, held = identity.changers(people), identity.held(people)
    known = set(changed.filter(actor=actor.pk).values_list("user_id", "actor_id"))
    return {
        term.pk: _why_not_by(actor.pk, term.user_id, term.assigned_by_id, known)
        or (identity.confirm_first() if term.user_id in held else "")
        for term in terms
    }


def _why_not_by(officer: int, person: int, assigned_by: int | None, changed: Collection[tuple[int, int]]) -> str:
    """`changed` are pairs of an account and who changed it; see identity.changers."""
    if officer == person:
        return _("This role is for you, so another officer confirms it.")
    if officer == assigned_by:
        return _("You assigned this role yourself, so another officer confirms it.")
    if (person, officer) in changed:
        return _("You made or changed this person’s account yourself, so another officer confirms the role.")
    return ""


def somebody_could_confirm(people: Collection[int], *, assigned_by: Actor | None) -> bool:
    """Whether an officer of today could confirm a term of one of these accounts."""
    officers = list(User.objects.holding(CONFIRM_ROLES).order_by().values_list("pk", flat=True))
    changed = set(identity.changers(people).values_list("user_id", "actor_id"))
    assigner = assigned_by.pk if assigned_by else None
    return any(not _why_not_by(officer, person, assigner, changed) for person in people for officer in officers)


def confirm_on_server(term: RoleAssignment, user: User, now: datetime) -> None:
    """The second person is whoever holds the server; see confirming.confirm_on_server. `user` is locked."""
    term.user, term.confirmed_at, term.identity_epoch = user, now, user.identity_epoch
    save(term)
    _record_confirmation(term, now, actor=None)


def decline_role(assignment: RoleAssignment, *, actor: Actor | None, reason: str) -> RoleAssignment:
    """The term that waits never counts."""
    allow(actor, (CONFIRM_ROLES, ASSIGN_ROLES))
    with transaction.atomic():
        (term,), now = _locked([assignment], actor=actor), timezone.now()
        _check_waits(term, now)
        _decline(term, now, actor=actor, reason=reason)
    return term


def _locked(assignments: Collection[RoleAssignment], *, actor: Actor | None) -> list[RoleAssignment]:
    """The terms as they stand now; whoever changes a term locks the person first.

    `no_key`: the key of whoever acts is written beside the term, and that one may be locked by the person here.
    """
    people = records.visible(User, actor).filter(pk__in={term.user_id for term in assignments})
    by_key = {user.pk: user for user in people.select_for_update(of=("self",), no_key=True).order_by("pk")}
    rows = RoleAssignment.objects.filter(pk__in=[term.pk for term in assignments], user__in=by_key)
    terms = list(rows.select_for_update(of=("self",)).select_related("role").order_by("user_id", "pk"))
    if len(terms) < len(assignments):
        raise DomainError(_("This record is no longer there. Go back to the list and look again."))
    for term in terms:
        term.user = by_key[term.user_id]
    return terms


def _check_waits(term: RoleAssignment, now: datetime) -> None:
    if not term.needs_confirmation:
        raise DomainError(_("This role counts without a confirmation. There is nothing to do."))
    if term.confirmed_at is not None:
        raise DomainError(_("This role is confirmed already. There is nothing more to do."))
    if term.is_over(now):
        raise DomainError(_("This term is over already. If the role is still needed, assign it anew."))


def _decline(term: RoleAssignment, now: datetime, *, actor: Actor | None, reason: str) -> None:
    term.ended_at, term.ended_by, term.end_reason = now, cast(User, actor), records.stated_reason(reason)
    save(term)
    record_end(term, AccountAction.ROLE_DECLINED, actor=actor)


def end_role(
    assignment: RoleAssignment, *, actor: Actor | None, reason: str, at: datetime | None = None
) -> RoleAssignment:
    """End the term now, or at a later moment; the next request is answered without the role."""
    allow(actor, ASSIGN_ROLES)
    with transaction.atomic():
        (term,), now = _locked([assignment], actor=actor), timezone.now()
        if term.is_over(at or now):
            raise DomainError(_("This term has already ended, or ends before that day."))
        if at is not None and at < now:
            raise DomainError(_("A term cannot be ended in the past. Leave the day empty to end it now."))
        if term.is_waiting(now):
            if at is not None:
                raise DomainError(_("This term is not confirmed yet. Leave the day empty to call it off now."))
            _decline(term, now, actor=actor, reason=reason)
            return term
        if term.role.name == ADMIN and term.is_live(now):
            keep_an_admin(without=term.user)
        term.ended_at, term.ended_by, term.end_reason = at or now, cast(User, actor), records.stated_reason(reason)
        save(term)
        record_end(term, AccountAction.ROLE_ENDED, actor=actor)
    return term


def record_end(term: RoleAssignment, action: str, *, actor: Actor | None, is_told: bool = True) -> None:
    """Into the history, and by mail where the person is to be told."""
    data: dict[str, Any] = {"role": term.role.name, "ended_at": term.ended_at}
    changes = [{"field": "role", "old": str(term.role), "new": None}]
    trail.record(term.user, action, actor=actor, reason=term.end_reason, changes=changes, **data)
    if is_told:
        notices.tell(term.user, action, words={**data, **term_in_words(term)})


def keep_an_admin(*, without: User) -> None:
    """Refuse to leave the portal, now or on a day to come, without anybody who can administer it.

    That is certain while somebody else holds the role without an end. The role's row is locked: one at a time.
    """
    role = Role.objects.select_for_update(of=("self",)).get(name=ADMIN)
    live = RoleAssignment.objects.live().filter(role=role)
    lasting = live.filter(user_id=OuterRef("pk"), expires_at=None, ended_at=None)
    others = User.objects.filter(Exists(lasting), is_active=True, invited_at=None).exclude(pk=without.pk)
    if without.is_active and live.filter(user=without).exists() and not others.exists():
        raise DomainError(
            _("Nobody else is administrator without an end date. Give the role to somebody else without an end first.")
        )


def tell_of_ended_terms(since: datetime) -> None:
    """Mail everybody whose term ran out after `since`, unless they hold the role for another one; each is told once,
    whoever asks meanwhile.
    """
    held = RoleAssignment.objects.live().filter(user=OuterRef("user"), role=OuterRef("role"))
    ran_out = RoleAssignment.objects.that_counted().filter(expires_at__gt=since, expires_at__lte=timezone.now())
    told = ran_out.filter(~Exists(held), user__is_active=True).exclude(ended_at__lte=F("expires_at"))
    with transaction.atomic():
        for term in told.select_related("user", "role").order_by("expires_at", "id"):
            key = f"term over:{term.pk}"
            notices.tell(term.user, AccountAction.ROLE_ENDED, words=term_in_words(term), key=key)


def term_in_words(term: RoleAssignment) -> dict[str, str]:
    return {"role": str(term.role), "until": day_in_words(term.last_moment) if term.last_moment else _("no end")}


def day_in_words(moment: datetime) -> str:
    return date_format(moment.astimezone(local_now().tzinfo), "D j M Y")


def _lately_over() -> QuerySet:
    over = RoleAssignment.objects.filter(user_id=Place("user")).that_counted()
    held = RoleAssignment.objects.live(Place("now")).filter(user_id=Place("user")).values("role_id")
    over = over.ended_between(Place("since"), Place("now")).exclude(role_id__in=held).order_by("-end", "-id")
    return over.values_list("role__display_name", "kind", "end")[:3]


_LATELY_OVER = Statement(_lately_over)


def ended_lately(user: User) -> list[str]:
    """What to tell somebody who is refused: each role that ended in the last days, and when."""
    now = timezone.now()
    return [
        _("Your role %(role)s ended at %(when)s.") % {"role": role_and_kind(role, kind), "when": _moment(end)}
        for role, kind, end in _LATELY_OVER.rows(user=user.pk, since=now - LATELY, now=now)
    ]


def _moment(moment: datetime) -> str:
    there = moment.astimezone(local_now().tzinfo)
    return _("%(time)s on %(day)s") % {"day": day_in_words(moment), "time": time_text(there, site_settings().clock)}
