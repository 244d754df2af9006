"""People are away and somebody stands in: marked beforehand, ended early, over by itself."""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.audit import trail
from core.errors import DomainError
from core.permissions import Actor, allow, may
from core.records import records
from core.site import local_now, local_today
from core.web.formats import day_text
from grievances import permissions as p
from grievances.enums import GrievanceAction
from grievances.models import Away


def mark(
    person: User, stand_in: User, first_day: datetime.date, last_day: datetime.date, *, actor: Actor | None
) -> Away:
    """Raises ValidationError by field. One marks oneself; whoever assigns cases marks everybody."""
    allow(actor, p.WORK_GRIEVANCES)
    if actor is not None and actor.pk != person.pk:
        allow(actor, p.ASSIGN_GRIEVANCES)
    _check(person, stand_in, first_day, last_day)
    with transaction.atomic():
        User.objects.select_for_update(of=("self",)).get(pk=person.pk)  # so that two marks do not overlap
        starts_at, ends_at = begin_of(first_day), begin_of(last_day + datetime.timedelta(1))
        _check_free(person, starts_at, ends_at)
        away = Away(
            person=person,
            stand_in=stand_in,
            first_day=first_day,
            last_day=last_day,
            starts_at=starts_at,
            ends_at=ends_at,
            recorded_by=actor,
        )
        records.save(away)
        trail.record(away, GrievanceAction.AWAY_MARKED, actor=actor)
        return away


def _check(person: User, stand_in: User, first_day: datetime.date, last_day: datetime.date) -> None:
    if last_day < first_day:
        raise ValidationError({"last_day": _("This is before the first day. Check the days.")})
    if last_day < local_today():
        raise ValidationError({"last_day": _("These days are over. Enter days that are still to come.")})
    if not may(person, p.WORK_GRIEVANCES):
        raise ValidationError({"person": _("This person has no role that works grievances. Choose somebody else.")})
    if person.pk == stand_in.pk:
        raise ValidationError({"stand_in": _("Nobody stands in for themselves. Choose somebody else.")})
    if not may(stand_in, p.WORK_GRIEVANCES):
        raise ValidationError({"stand_in": _("This person has no role that works grievances. Choose somebody else.")})


def _check_free(person: User, starts_at: datetime.datetime, ends_at: datetime.datetime) -> None:
    held = Away.objects.filter(person=person, ends_at__gt=F("starts_at"))  # the others were called off
    other = held.filter(ends_at__gt=starts_at, starts_at__lt=ends_at).order_by("starts_at").first()
    if other is not None:
        days = {"first": day_text(other.first_day), "last": day_text(other.last_day)}
        sentence = _("Marked away already from %(first)s until %(last)s. End that mark first, or choose other days.")
        raise ValidationError({"first_day": sentence % days})


def end(away: Away, *, actor: Actor | None, version: int | None = None) -> Away:
    """Back from now on; a mark that has not begun is called off."""
    allow(actor, p.WORK_GRIEVANCES)
    with transaction.atomic():
        away = records.lock(away, actor=actor, version=version)
        if refused := why_not_end(away, actor):
            raise DomainError(refused)
        away.ends_at = max(away.starts_at, timezone.now())
        away.version += 1
        records.save(away)
        trail.record(away, GrievanceAction.AWAY_ENDED, actor=actor)
        return away


def why_not_end(away: Away, actor: Actor | None) -> str:
    if away.is_over or away.is_called_off:
        return _("This absence is over already.")
    if actor is not None and actor.pk != away.person_id and not may(actor, p.ASSIGN_GRIEVANCES):
        return _("Only the person who is away or the grievance chair ends it. Ask one of them.")
    return ""


def begin_of(day: datetime.date) -> datetime.datetime:
    """The first moment of a day where the local is."""
    return datetime.datetime.combine(day, datetime.time(), local_now().tzinfo)
