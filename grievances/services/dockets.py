"""One meeting with an employer about many cases: put together, recorded case by case, extended by one letter."""

import datetime
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import trail
from core.errors import DomainError, EditConflict
from core.permissions import Actor, allow, may
from core.records import records
from core.site import local_today
from core.web.formats import day_text
from grievances import permissions as p
from grievances.enums import AT_STEPS, Answer, DocketOutcome, GrievanceAction, TaskKind
from grievances.models import Deadline, Docket, DocketCase, Grievance
from grievances.services import deliveries, in_turn, moves, tasks
from grievances.services.in_turn import Refused

DOCKET_FIELDS = ("employer", "meeting_date", "place", "union_attendees", "employer_attendees")
MEETING_FIELDS = ("meeting_date", "union_attendees", "employer_attendees")
LONGEST_DOCKET = 200
LONGEST_REFUSAL = 500
NEXT_FIRST = F("next_due").asc(nulls_last=True)


class Heard(NamedTuple):
    """What a person typed about one case."""

    outcome: str
    said: str = ""
    promised_on: datetime.date | None = None


def offered(user: Actor, employer: Any) -> Any:
    """The unresolved cases at an employer that the person works, the next due first."""
    rows = Grievance.objects.whole_to(user).unresolved().filter(employer=employer)
    if not may(user, p.WORK_ALL_GRIEVANCES):
        rows = rows.worked_by(user)
    return with_next_date(rows).select_related("member", "assigned_rep").order_by(NEXT_FIRST, "filed_date", "pk")


def with_next_date(rows: Any) -> Any:
    """`next_due`: the first date that runs."""
    running = Deadline.objects.running().filter(grievance=OuterRef("pk")).in_order()
    return rows.annotate(next_due=Subquery(running.values("due")[:1]))


def make(values: Mapping[str, Any], cases: Collection[Grievance], *, actor: Actor | None) -> Docket:
    """Raises ValidationError by field, also for cases that `actor` does not work or that are of another employer."""
    allow(actor, p.WORK_GRIEVANCES)
    with transaction.atomic():
        docket = Docket(made_by=actor)
        records.assign(docket, values, DOCKET_FIELDS)
        records.save(docket)
        if not cases:
            raise ValidationError({"cases": _("Tick the cases that are talked about.")})
        _put_on(docket, cases, actor)
        trail.record(docket, GrievanceAction.DOCKET_MADE, actor=actor, cases=len(cases))
        return docket


def change(
    docket: Docket,
    values: Mapping[str, Any],
    cases: Collection[Grievance],
    *,
    actor: Actor | None,
    version: int | None = None,
) -> Docket:
    """Another day or place; `cases` are added, and those offered to the person that are not among them leave it."""
    allow(actor, p.WORK_GRIEVANCES)
    with transaction.atomic():
        docket = records.lock(docket, actor=actor, version=version)
        records.assign(docket, values, DOCKET_FIELDS[1:])
        kept = {case.pk for case in cases}
        waiting = docket.cases.to_record().exclude(grievance__in=kept)
        waiting.filter(grievance__in=_shown(docket, actor)).delete()
        there = set(docket.cases.values_list("grievance", flat=True))
        _put_on(docket, [case for case in cases if case.pk not in there], actor)
        if not docket.cases.exists():
            raise ValidationError({"cases": _("A docket has at least one case. Tick those that are talked about.")})
        docket.version += 1
        records.save(docket)
        trail.record(docket, GrievanceAction.DOCKET_CHANGED, actor=actor, cases=len(cases))
        return docket


def _shown(docket: Docket, actor: Actor | None) -> list[Any]:
    """The cases between which the form lets the person choose; whatever else is on the docket stays there."""
    if actor is None:
        return list(docket.cases.values_list("grievance", flat=True))
    return list(offered(actor, docket.employer_id).values_list("pk", flat=True)[:LONGEST_DOCKET])


def _put_on(docket: Docket, cases: Collection[Grievance], actor: Actor | None) -> None:
    if len(cases) > LONGEST_DOCKET:
        sentence = _("One meeting takes at most %(count)s cases. Make a second docket.") % {"count": LONGEST_DOCKET}
        raise ValidationError({"cases": sentence})
    if actor is not None:
        mine = set(offered(actor, docket.employer_id).values_list("pk", flat=True))
        if any(case.pk not in mine for case in cases):
            raise ValidationError({"cases": _("Somebody changed one of these cases. Choose again among those shown.")})
    last = docket.cases.aggregate(last=Max("position"))["last"] or 0
    for position, case in enumerate(cases, last + 1):
        records.save(DocketCase(docket=docket, grievance=case, position=position))


def to_record_by(docket: Docket, user: Actor) -> Any:
    """The cases whose meeting is not recorded yet, as far as the person works them."""
    rows = _rows(docket, user).to_record()
    return rows if may(user, p.WORK_ALL_GRIEVANCES) else rows.filter(grievance__in=Grievance.objects.worked_by(user))


def _rows(docket: Docket, actor: Actor | None) -> Any:
    rows = DocketCase.objects.filter(docket=docket)
    return rows if actor is None else rows.visible_to(actor)


def record(
    docket: Docket,
    values: Mapping[str, Any],
    heard: Mapping[Any, Heard],
    *,
    actor: Actor | None,
    how: str,
    version: int | None = None,
) -> tuple[list[DocketCase], list[Refused]]:
    """Write the meeting into each case and, where one was given, the answer; `heard` is by the key of the case's row.

    Cases are taken in the order of their keys, so that two dockets with the same ones do not wait for each other.
    What was typed about a refused case stays with it, and it can be recorded again. Two people may record different
    cases of one docket; EditConflict is raised where its meeting was saved with another day or other people meanwhile.
    """
    allow(actor, p.WORK_GRIEVANCES)
    with transaction.atomic():
        docket = records.lock(docket, actor=actor)
        if version not in (None, docket.version) and any(getattr(docket, name) != values[name] for name in values):
            raise EditConflict(_("Somebody else changed this meeting while you were typing."), docket)
        _check_none_recorded(_rows(docket, actor).filter(pk__in=heard))
        records.assign(docket, values, MEETING_FIELDS)
        if docket.meeting_date and docket.meeting_date > local_today():
            raise ValidationError({"meeting_date": _("This day is still to come. Record a meeting after it was held.")})
        waiting = _rows(docket, actor).filter(pk__in=heard).select_related("grievance")
        rows = list(waiting.order_by("grievance"))
        if not rows:
            raise DomainError(_("This meeting is recorded already. Open the docket to see what came of each case."))
        meeting = {name: getattr(docket, name) for name in MEETING_FIELDS}
        done, refused = in_turn.each(rows, lambda row: _record_case(row, heard[row.pk], meeting, how=how, actor=actor))
        now, why = timezone.now(), {item.row.pk: item.sentence for item in refused}
        for row in rows:
            row.outcome, row.said, row.promised_on = heard[row.pk]
            row.refusal = why.get(row.pk, "")[:LONGEST_REFUSAL]
            row.recorded_at = None if row.refusal else now
            row.version += 1
            records.save(row)
        docket.version += 1
        records.save(docket)
        trail.record(docket, GrievanceAction.DOCKET_RECORDED, actor=actor, recorded=len(done), refused=len(refused))
        return done, refused


def _check_none_recorded(rows: Any) -> None:
    recorded = [str(row.grievance) for row in rows.recorded().for_page()]
    if recorded:
        sentence = _(
            "The meeting is recorded already in %(cases)s. What you typed about it is not saved: copy what is missing "
            "into its record. Then send the rest."
        )
        raise DomainError(sentence % {"cases": ", ".join(recorded)})


def _record_case(row: DocketCase, heard: Heard, meeting: dict[str, Any], *, how: str, actor: Actor | None) -> None:
    case = row.grievance
    hold = moves.hold_meeting if case.status in AT_STEPS[:2] else moves.record_meeting
    case = hold(case, actor=actor, notes=heard.said, **meeting)
    day = meeting["meeting_date"]
    if heard.outcome in Answer.values:
        answer = {"answer": heard.outcome, "received_on": day, "how": how, "words": ""}
        moves.record_answer(case, actor=actor, **answer)
    elif heard.outcome == DocketOutcome.PROMISED:
        promised = {
            "what": _("The answer that the employer promised at the meeting on %(day)s.") % {"day": day_text(day)},
            "person": _who_waits(case, actor),
            "asked_on": day,
            "due": heard.promised_on,
        }
        tasks.note(case, TaskKind.TODO, promised, actor=actor)


def _who_waits(case: Grievance, actor: Actor | None) -> Any:
    """The representative or, where nobody is that or they have left it, whoever records the meeting."""
    person = case.assigned_rep
    return actor if person is None or tasks.why_not_theirs(case, person) else person


def extendable(docket: Docket, user: Actor) -> list[Deadline]:
    """The dates that run in the docket's cases, as far as the person sees those."""
    rows = Deadline.objects.visible_to(user).running().filter(grievance__dockets__docket=docket)
    return list(rows.of_open_cases().for_list().order_by("grievance__dockets__position", "due", "pk"))


def extend(
    docket: Docket, deadlines: Collection[Deadline], values: Mapping[str, Any], *, actor: Actor | None
) -> tuple[list[Deadline], list[Refused]]:
    """Record the same agreement on each of `deadlines`, unconfirmed until its letter is there."""
    allow(actor, p.WORK_GRIEVANCES)
    with transaction.atomic():
        docket = records.lock(docket, actor=actor)

        def record_one(deadline: Deadline) -> None:
            docket.extensions.add(deliveries.record_extension(deadline, values, actor=actor))

        in_order = sorted(deadlines, key=lambda deadline: str(deadline.grievance_id))
        done, refused = in_turn.each(in_order, record_one)
        if done:
            trail.record(docket, GrievanceAction.DOCKET_EXTENDED, actor=actor, deadlines=len(done))
        return done, refused
