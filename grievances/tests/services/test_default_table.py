"""Every way in which a contract words silence and lateness, at every step: what runs afterwards, and where the case is.

The table is generated, and what it expects is counted on the wall calendar, by nothing of the engine.
"""

import datetime as dt
import os
from itertools import product
from zoneinfo import ZoneInfo

import pytest
import time_machine

from core.site import site_settings
from grievances import working
from grievances.enums import ClockKind, GrievanceStatus, Lateness, Silence, Step
from grievances.factories import AgreementFactory, GrievanceFactory, StepRecordFactory
from grievances.models import Deadline, StageEntry
from grievances.services import clocks, deliveries, moves, reminders
from grievances.tests.services.deadlines.oracle import naive_due

pytestmark = [pytest.mark.django_db, pytest.mark.heavy]
day = dt.date.fromisoformat
PAIRS = list(product(Silence, Lateness))
PLAYED = PAIRS if os.environ.get("BATTERY") else [PAIRS[0], PAIRS[4], PAIRS[8]]
CLOSED = {day("2026-11-11"), day("2026-11-26"), day("2026-12-25"), day("2027-01-01"), day("2027-01-18")}
# The day of the meeting: in the middle of a month, before the clocks are put back, and before the year's end.
MEETINGS = ("2026-09-10", "2026-10-26", "2026-12-23")
STEPS = (1, 2, 3)


def working_days(start, days):
    plain = {"event_day_counted": False, "rolls": False, "closures": (), "saturdays_open": False}
    return naive_due(start, days, "working", holidays=CLOSED, **plain)


def at(date, time):
    """A moment as the local's clock shows it."""
    return dt.datetime.combine(date, dt.time.fromisoformat(time), ZoneInfo(site_settings().time_zone))


def met(agreement, step, on):
    """Return a case at a step whose meeting was held on a day; the employer owes an answer five working days later."""
    at_step = {"current_step": Step.values[step - 1], "stage": step, "stage_name": f"Stage {step}"}
    case = GrievanceFactory(
        grievance_type="policy",
        agreement=agreement,
        employer=agreement.employer,
        status=GrievanceStatus.HEARING,
        filed_date=on - dt.timedelta(40),
        **at_step,
    )
    StageEntry.objects.create(grievance=case, stage=step, stage_name=case.stage_name, entered_on=on - dt.timedelta(7))
    StepRecordFactory(grievance=case, step_number=step, stage=step, meeting_date=on)
    clocks.refresh(case)
    return case


def stands(case):
    """Return the step of a case and its clocks that run: which, of which stage, until when."""
    case.refresh_from_db()
    rows = case.deadlines.running().in_order()
    return case.current_step, [(row.clock, row.stage, row.contract_date) for row in rows]


@pytest.fixture(params=PLAYED, ids="-".join)
def agreement(request):
    silence, lateness = request.param
    return AgreementFactory(silence=silence, lateness=lateness, effective_from=day("2020-01-01"), effective_to=None)


@pytest.fixture
def chair(people):
    with time_machine.travel(at(day("2026-01-05"), "09:00"), tick=False):
        return people["grievance-chair"]


def after_silence(agreement, step, answer_due):
    """What the contract makes of an answer that did not come: our clock runs, or the case is at the next step."""
    if agreement.silence == Silence.ADVANCES and step < STEPS[-1]:
        meeting_due = working_days(answer_due + dt.timedelta(1), 10)
        return Step.values[step], [("meet", step + 1, meeting_due)]
    appeal_due = working_days(answer_due, 10)
    return Step.values[step - 1], [("answer", step, answer_due), ("appeal", step, appeal_due)]


@pytest.mark.parametrize("on", MEETINGS)
def test_silence_has_the_contracts_consequence_from_the_cut_off_on_and_not_before(agreement, on):
    on = day(on)
    due = working_days(on, 5)
    for moment in (at(due, "17:00"), at(due, "17:01"), at(due + dt.timedelta(1), "00:00")):
        Deadline.objects.running().update(end="stopped")
        with time_machine.travel(at(on, "10:00"), tick=False) as clock:
            cases = {step: met(agreement, step, on) for step in STEPS}
            clock.move_to(moment)
            reminders.look()
        for step, case in cases.items():
            before = (Step.values[step - 1], [("answer", step, due)])
            assert stands(case) == (before if moment == at(due, "17:00") else after_silence(agreement, step, due))
            assert case.status == GrievanceStatus.HEARING


@pytest.mark.parametrize("late", [0, 3])
def test_an_answer_starts_our_clock_on_its_day_or_on_the_day_it_was_due(agreement, chair, late):
    on = day(MEETINGS[0])
    due = working_days(on, 5)
    with time_machine.travel(at(on, "10:00"), tick=False) as clock:
        cases = {step: met(agreement, step, on) for step in STEPS}
        came = due + dt.timedelta(late)
        clock.move_to(at(came, "09:00"))
        for step, case in cases.items():
            moves.record_answer(case, actor=chair, received_on=came, how="mail", answer="denied")
            step_name, clocks_running = stands(case)
            assert (step_name, clocks_running) == (Step.values[step - 1], [("appeal", step, working_days(due, 10))])
            answer = case.deadlines.get(clock=ClockKind.ANSWER)
            assert answer.end == ("late" if late else "met")


@pytest.mark.parametrize("delivered", ["", "17:00", "17:01"])
def test_a_late_step_of_ours_closes_nothing_and_says_what_the_contract_makes_of_it(agreement, chair, delivered):
    on = day(MEETINGS[0])
    answered = working_days(on, 5)
    due = working_days(answered, 10)
    with time_machine.travel(at(on, "10:00"), tick=False) as clock:
        cases = {step: met(agreement, step, on) for step in STEPS}
        clock.move_to(at(answered, "09:00"))
        for case in cases.values():
            moves.record_answer(case, actor=chair, received_on=answered, how="mail", answer="denied")
        clock.move_to(at(due, "17:30"))
        for case in cases.values() if delivered else ():
            deadline = case.deadlines.get(clock=ClockKind.APPEAL)
            said = {"what": "Appeal", "how": "hand", "to_whom": "M. Stone", "proof": "Signed copy"}
            values = {"deadline": deadline, "delivered_at": at(due, delivered), **said}
            deliveries.record_delivery(case, values, actor=None)
        reminders.look()
    for step, case in cases.items():
        row = case.deadlines.get(clock=ClockKind.APPEAL)
        assert row.end == {"": "", "17:00": "met", "17:01": "late"}[delivered]
        assert (case.current_step, case.status) == (Step.values[step - 1], GrievanceStatus.HEARING)
        means = f"a grievance that is late means: {agreement.get_lateness_display()}. The case stays open"
        assert (means in working.what_follows(row)) is not bool(delivered)
