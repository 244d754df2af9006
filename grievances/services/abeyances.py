"""A case that both sides let rest: begun, confirmed, ended, and what becomes of the dates that were running.

Only a document holds dates. While it holds them, none counts as missed; when it ends, each is moved by the days held,
as an extension that both sides agreed on. An unconfirmed abeyance moves nothing: every date runs on. When briefs are
due an arbitrator says: that is not the parties’ to hold.
"""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.audit import trail
from core.permissions import Actor
from core.records import records
from core.site import local_now, local_today
from core.web.formats import day_text
from grievances.enums import BRIEFS, AbeyanceState, GrievanceAction
from grievances.models import Abeyance, Deadline, Extension, Grievance
from grievances.services import cases, deliveries

ONE_DAY = datetime.timedelta(1)


def live_of(grievance: Grievance) -> Abeyance | None:
    return grievance.abeyances.live().first()


def can_begin(grievance: Grievance) -> str:
    """Why the case cannot be put in abeyance; "" when it can."""
    if grievance.is_resolved:
        return _("This case has ended, so there is nothing to hold.")
    return _("This case is in abeyance already. End that first.") if grievance.abeyance else ""


def can_confirm(grievance: Grievance) -> str:
    if grievance.abeyance == AbeyanceState.UNCONFIRMED:
        return ""
    return _("There is no abeyance here that waits for its document.")


def can_end(grievance: Grievance) -> str:
    return "" if grievance.abeyance else _("This case is not in abeyance.")


def put_in_abeyance(
    grievance: Grievance,
    *,
    actor: Actor | None,
    from_day: datetime.date,
    why: str,
    for_union: str,
    for_employer: str,
    until: datetime.date | None = None,
    document: str = "",
) -> Abeyance:
    """Keep what both sides agreed on; with the document every date that runs is held from that day on."""
    with transaction.atomic():
        grievance = cases.lock_worked(grievance, actor, can_begin)
        if not grievance.filed_date <= from_day <= local_today():
            raise ValidationError({"from_day": _("An abeyance begins between the filing and today. Check the day.")})
        if until and until < max(from_day, local_today()):
            raise ValidationError({"until": _("This day has passed. Leave it empty if it lasts until it is ended.")})
        row = Abeyance(grievance=grievance, from_day=from_day, until=until, why=why, recorded_by=actor)
        row.for_union, row.for_employer, row.document = for_union, for_employer, document.strip()
        row.confirmed_on = local_today() if row.document else None
        records.save(row)
        _mark(grievance, AbeyanceState.AGREED if row.document else AbeyanceState.UNCONFIRMED)
        if row.document:
            _hold(grievance, row)
        trail.record(grievance, GrievanceAction.ABEYANCE_BEGUN, actor=actor, abeyance=str(row.pk))
        return row


def confirm_abeyance(grievance: Grievance, *, actor: Actor | None, document: str) -> Abeyance:
    """The document is there: from its first day on the abeyance holds every date."""
    with transaction.atomic():
        grievance = cases.lock_worked(grievance, actor, can_confirm)
        row: Any = live_of(grievance)
        row.document, row.confirmed_on = document.strip(), local_today()
        row.version += 1
        records.save(row)
        _mark(grievance, AbeyanceState.AGREED)
        _hold(grievance, row)
        trail.record(grievance, GrievanceAction.ABEYANCE_CONFIRMED, actor=actor, abeyance=str(row.pk))
        return row


def end_abeyance(grievance: Grievance, *, actor: Actor | None, ended_on: datetime.date, reason: str) -> Abeyance:
    """From `ended_on` dates run again, each later by the days that it was held."""
    reason = records.stated_reason(reason)
    with transaction.atomic():
        grievance = cases.lock_worked(grievance, actor, can_end)
        row: Any = live_of(grievance)
        if not row.from_day <= ended_on <= local_today():
            raise ValidationError({"ended_on": _("It ends between its first day and today. Check the day.")})
        _end(grievance, row, ended_on, reason, actor)
        _mark(grievance, "")
        return row


def end_with_case(grievance: Grievance, *, actor: Actor | None) -> None:
    """The locked case is over; were it reopened, its dates would stand where the abeyance left them."""
    if row := live_of(grievance):
        _end(grievance, row, max(row.from_day, local_today()), _("The case ended."), actor)
        grievance.abeyance = ""


def end_passed(today: datetime.date) -> int:
    """What was agreed until a day ends with it, whoever looks; returns how many did."""
    keys = Abeyance.objects.live().filter(until__lt=today).values_list("pk", flat=True)
    return sum(_end_passed(key, today) for key in list(keys[:100]))


def _end_passed(key: Any, today: datetime.date) -> bool:
    with transaction.atomic():
        cases_of = Grievance.objects.select_for_update(of=("self",)).select_related("agreement")
        grievance = cases_of.get(abeyances=key)
        row = live_of(grievance)
        if row is None or row.until is None or row.until >= today:
            return False
        _end(grievance, row, row.until + ONE_DAY, _("Its last day has passed."), None)
        _mark(grievance, "")
        return True


def _mark(grievance: Grievance, state: str) -> None:
    grievance.abeyance = state
    grievance.version += 1
    records.save(grievance)


def _hold(grievance: Grievance, row: Abeyance) -> None:
    """What passed while it was held counts as missed no longer; that it was noted stays in the history."""
    passed = _from_day_on(grievance, row)
    passed.exclude(missed_at=None).update(missed_at=None)


def _from_day_on(grievance: Grievance, row: Abeyance) -> Any:
    """The dates that run and had not passed when the abeyance began; an arbitrator's are not among them."""
    return grievance.deadlines.running().filter(contract_date__gte=row.from_day).exclude(clock__in=BRIEFS)


def _end(grievance: Grievance, row: Abeyance, ended_on: datetime.date, reason: str, actor: Actor | None) -> None:
    row.ended_on, row.ended_reason = ended_on, reason
    row.version += 1
    records.save(row)
    if row.is_confirmed:
        _move_dates(grievance, row, ended_on, actor)
    trail.record(grievance, GrievanceAction.ABEYANCE_ENDED, actor=actor, reason=reason, abeyance=str(row.pk))


def _move_dates(grievance: Grievance, row: Abeyance, ended_on: datetime.date, actor: Actor | None) -> None:
    """Each date that ran is moved by the days held since it began; moving one may compute another anew."""
    for key in list(grievance.deadlines.running().in_order().values_list("pk", flat=True)):
        deadline = _from_day_on(grievance, row).filter(pk=key).first()
        held = (ended_on - max(row.from_day, _began(deadline))).days if deadline else 0
        if deadline is None or held <= 0:
            continue
        words = ngettext("Held for %(n)s day of abeyance", "Held for %(n)s days of abeyance", held) % {"n": held}
        extension = Extension(
            grievance=grievance,
            deadline=deadline,
            new_date=deadline.contract_date + datetime.timedelta(held),
            for_union=row.for_union,
            for_employer=row.for_employer,
            agreed_on=row.from_day,
            document=row.document,
            confirmed_on=row.confirmed_on,
            note=f"{words}: {day_text(row.from_day)} – {day_text(ended_on)}",
            recorded_by=actor,
        )
        records.save(extension)
        safe = deadline.safe_date and deadline.safe_date + datetime.timedelta(held)
        deliveries.move(extension, deadline, grievance, actor, safe=safe)


def _began(deadline: Deadline) -> datetime.date:
    """Since when the date stands as it is: what nothing computes, or both sides agreed on, since it was kept."""
    extended = Extension.objects.filter(deadline__superseded_by=deadline, new_date=deadline.contract_date)
    if deadline.started_on is None or extended.exclude(confirmed_on=None).exists():
        return timezone.localtime(deadline.created_at, local_now().tzinfo).date()
    return deadline.started_on
