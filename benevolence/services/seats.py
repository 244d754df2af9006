"""Levels are filled: holders and substitutes for a term, days away, and a substitute for one case by two officers."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role, User
from benevolence import permissions as p
from benevolence.enums import IN_REVIEW, BenevolenceAction, Level
from benevolence.models import REVIEW_PERMISSIONS, Absence, BenevolenceApplication, CaseSubstitute, Seat
from benevolence.models.clock import times_late
from benevolence.services import turns
from core.audit import trail
from core.errors import DomainError
from core.permissions import Actor, allow, may
from core.records import records
from core.site import local_today


def appoint(values: Mapping[str, Any], *, actor: Actor | None) -> Seat:
    """Seat somebody who holds the level's role; the first place is the holder's, the others stand in by their order."""
    allow(actor, p.APPOINT)
    level, user = values["level"], values["user"]
    if not may(user, REVIEW_PERMISSIONS[Level(level)]):
        sentence = _("%(person)s does not hold the role of this level. Ask the system administrator to give it first.")
        raise ValidationError({"user": sentence % {"person": user}})
    with transaction.atomic():
        _lock_level(level)
        seats = Seat.objects.not_over(values.get("starts_at") or timezone.now()).filter(level=level)
        if seats.filter(user=user).exists():
            raise ValidationError({"user": _("%(person)s sits at this level already.") % {"person": user}})
        last = seats.aggregate(last=Max("position"))["last"] or 0
        seat = Seat(**values, position=last + 1, appointed_by=cast(User, actor))
        records.save(seat)
        trail.record(seat, BenevolenceAction.SEATED, actor=actor, reason=seat.reason, level=level, place=seat.position)
        turns.refresh()
        return seat


def _lock_level(level: str) -> None:
    """Of two who fill a level at once the second sees the first."""
    roles = Role.objects.granting(REVIEW_PERMISSIONS[Level(level)]).order_by("pk")
    list(roles.select_for_update(of=("self",)).values_list("pk"))


def unseat(seat: Seat, *, actor: Actor | None, reason: str) -> Seat:
    allow(actor, p.APPOINT)
    reason = records.stated_reason(reason)
    with transaction.atomic():
        row = Seat.objects.select_for_update(of=("self",)).get(pk=seat.pk)
        if row.is_over():
            raise DomainError(_("This appointment has ended already."))
        row.ended_at, row.ended_by, row.end_reason = timezone.now(), cast(User, actor), reason
        row.version += 1
        records.save(row)
        trail.record(row, BenevolenceAction.UNSEATED, actor=actor, reason=reason, level=row.level)
        turns.refresh()
        return row


def record_absence(user: User, first_day: date, last_day: date, *, actor: Actor | None) -> Absence:
    """Their own days; an officer records anybody's."""
    allow(actor, p.APPOINT if actor is None or actor.pk != user.pk else (p.APPOINT, p.DECLARE_RELATIONSHIP))
    if last_day < local_today():
        raise ValidationError({"last_day": _("These days are over. Enter days that are still to come.")})
    with transaction.atomic():
        absence = Absence(user=user, first_day=first_day, last_day=last_day, recorded_by=cast(User, actor))
        records.save(absence)
        trail.record(absence, BenevolenceAction.AWAY, actor=actor)
        turns.refresh()
        return absence


def stuck() -> list[Any]:
    """Open applications at whose level nobody can act, with nobody appointed for the case yet."""
    found = BenevolenceApplication.objects.filter(status__in=IN_REVIEW, substitute=None).order_by("sort_number", "pk")
    rows = list(found.select_related("policy"))
    turns.prefill(rows)
    free = {level: _free_holders(level, rows) for level in {row.level_due for row in rows}}
    return [
        row
        for row in rows
        if not (free[row.level_due].get(row.pk) if turns.turn_of(row).is_open else turns.turn_of(row).acts)
    ]


def _free_holders(level: str, rows: list[Any]) -> dict[Any, bool]:
    """Of each row at the level, whether somebody who holds its role need not stay away."""
    here = [row for row in rows if row.level_due == level]
    holders = User.objects.holding(REVIEW_PERMISSIONS[Level(level)])
    shut = [turns.conflicted(user, here) for user in holders]
    return {row.pk: any(row.pk not in keys for keys in shut) for row in here}


def who_acts(application: Any) -> list[User]:
    """Everybody who may act at the level due now, whether seats are set or not."""
    turn = turns.turn_of(application)
    if not turn.is_open:
        return list(User.objects.filter(pk__in=turn.acts, is_active=True))
    holders = User.objects.holding(REVIEW_PERMISSIONS[Level(application.level_due)])
    return [user for user in holders if not turns.conflicted(user, [application])]


def candidates(application: Any) -> list[User]:
    """Whoever holds any level and is free to act in this case."""
    found: dict[int, User] = {}
    for permission in REVIEW_PERMISSIONS.values():
        for user in User.objects.holding(permission):
            if user.pk not in found and not turns.conflicted(user, [application]):
                found[user.pk] = user
    return sorted(found.values(), key=str)


def propose(application: Any, user: User, *, actor: Actor, reason: str) -> CaseSubstitute:
    """The first of two officers names a substitute for the level that is due."""
    allow(actor, p.APPOINT)
    reason = records.stated_reason(reason)
    with transaction.atomic():
        row = _locked(application)
        if who_acts(row):
            raise DomainError(_("Somebody can act at this level. Nobody else is needed."))
        _check_substitute(row, user, actor)
        proposed = CaseSubstitute(
            application=row, level=row.level_due, user=user, reason=reason, proposed_by=cast(User, actor)
        )
        records.save(proposed)
        trail.record(row, BenevolenceAction.SUBSTITUTE_PROPOSED, actor=actor, reason=reason, level=row.level_due)
        return proposed


def confirm(proposed: CaseSubstitute, *, actor: Actor) -> Any:
    """The second officer appoints; from now on the substitute acts in this case."""
    allow(actor, p.APPOINT)
    with transaction.atomic():
        row = _locked(proposed.application)
        proposed = CaseSubstitute.objects.select_for_update(of=("self",)).select_related("user").get(pk=proposed.pk)
        if proposed.confirmed_at is not None or row.level_due != proposed.level or row.substitute_id is not None:
            raise DomainError(_("This is settled already. Go back to the list and look again."))
        if actor.pk == proposed.proposed_by_id:
            raise DomainError(_("You proposed this yourself, so another officer confirms it."))
        _check_substitute(row, proposed.user, actor)
        proposed.confirmed_by, proposed.confirmed_at = cast(User, actor), timezone.now()
        records.save(proposed)
        row.substitute = proposed.user
        turns.settle(row)
        row.version += 1
        records.save(row)
        trail.record(row, BenevolenceAction.SUBSTITUTE_APPOINTED, actor=actor, level=row.level_due)
        return row


def _locked(application: Any) -> Any:
    row = BenevolenceApplication.objects.select_for_update(of=("self",)).get(pk=application.pk)
    if row.status not in IN_REVIEW:
        raise DomainError(_("This application waits at no level any more."))
    return row


def _check_substitute(row: Any, user: User, actor: Actor) -> None:
    if actor.pk == user.pk:
        raise ValidationError({"user": _("Nobody appoints themselves. Choose somebody else.")})
    if user not in candidates(row):
        raise ValidationError({"user": _("This person cannot act in this case. Choose somebody else.")})


def escalate() -> int:
    """Tell of each level whose days are over, once each time they are; the next in turn then acts too."""
    today, told = local_today(), 0
    late = BenevolenceApplication.objects.filter(late_on__lte=today, status__in=IN_REVIEW)
    for key in late.order_by("late_on", "pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = BenevolenceApplication.objects.select_for_update(of=("self",)).get(pk=key)
            times = times_late(row, today)
            if times <= row.times_late:
                continue
            row.times_late = times
            turns.settle(row)
            row.save()
            trail.record(row, BenevolenceAction.OVERDUE, actor=None, level=row.level_due, times=times)
            told += 1
    return told
