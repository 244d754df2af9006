"""The meetings with many cases of a demonstration: one that was held and one to come; and who will be away."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.timezone import get_current_timezone

from accounts.first_data import moment_of
from accounts.models import User
from core.audit import trail
from core.records import records
from grievances.enums import UNRESOLVED, DocketOutcome, GrievanceAction
from grievances.models import Away, Docket, DocketCase, Grievance, latest
from grievances.services.away import begin_of

ON_A_DOCKET = 3
AHEAD = timedelta(12)
AWAY = timedelta(40)


def write_dockets(representative: User, as_of: date) -> None:
    """At the employers with most cases, where none is yet."""
    if Docket.objects.exists():
        return
    met, open_ones = defaultdict(list), defaultdict(list)
    rows = Grievance.objects.filter(is_restricted=False).select_related("employer").order_by("grievance_number")
    for case in rows.prefetch_related("step_records"):
        last = latest(case.step_records.all())
        if last is not None and last.meeting_date:
            met[case.employer].append((case, last))
        if case.status in UNRESOLVED:
            open_ones[case.employer].append(case)
    if met:
        _write_past(representative, *max(met.items(), key=lambda item: len(item[1])))
    if open_ones:
        employer, cases = max(open_ones.items(), key=lambda item: len(item[1]))
        docket = _docket(employer, as_of + AHEAD, representative, as_of - timedelta(2))
        for position, case in enumerate(cases[:ON_A_DOCKET], 1):
            records.save(DocketCase(docket=docket, grievance=case, position=position))


def write_away(representative: User, stand_in: User, as_of: date) -> None:
    """Some days that are still to come."""
    if Away.objects.exists():
        return
    first = as_of + AWAY
    last = first + timedelta(4)
    days = {
        "first_day": first,
        "last_day": last,
        "starts_at": begin_of(first),
        "ends_at": begin_of(last + timedelta(1)),
    }
    away = Away(person=representative, stand_in=stand_in, recorded_by=representative, **days)
    records.save(away)
    entry = trail.Entry(away, GrievanceAction.AWAY_MARKED, actor=representative, at=moment_of(as_of))
    trail.record_many([entry], actor=representative)


def _write_past(representative: User, employer: Any, found: list[tuple[Grievance, Any]]) -> None:
    found = found[:ON_A_DOCKET]
    day = max(record.meeting_date for _case, record in found)
    docket = _docket(employer, day, representative, day - timedelta(9))
    first = found[0][1]
    docket.union_attendees, docket.employer_attendees = first.union_attendees, first.employer_attendees
    records.save(docket)
    recorded = datetime.combine(day, time(16), get_current_timezone())
    outcomes = (DocketOutcome.FURTHER, DocketOutcome.PROMISED, DocketOutcome.NOTHING)
    for position, ((case, record), outcome) in enumerate(zip(found, outcomes, strict=False), 1):
        promised = day + timedelta(7) if outcome == DocketOutcome.PROMISED else None
        said = {"outcome": outcome, "promised_on": promised, "said": record.notes, "recorded_at": recorded}
        records.save(DocketCase(docket=docket, grievance=case, position=position, **said))
    entry = trail.Entry(docket, GrievanceAction.DOCKET_RECORDED, actor=representative, at=moment_of(day))
    trail.record_many([entry], actor=representative)


def _docket(employer: Any, day: date, representative: User, made: date) -> Docket:
    docket = Docket(
        employer=employer, meeting_date=day, place=f"Offices of {employer.name}"[:200], made_by=representative
    )
    records.save(docket)
    entry = trail.Entry(docket, GrievanceAction.DOCKET_MADE, actor=representative, at=moment_of(made))
    trail.record_many([entry], actor=representative)
    return docket
