"""A case that rests: its dates are held while that is in writing, and move by the days held when it ends."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core.errors import DomainError
from core.records import one_row
from core.site import site_settings
from grievances.enums import ClockKind, DeadlineEnd, Silence
from grievances.factories import AgreementFactory, DeadlineFactory, GrievanceFactory, IntakeFactory
from grievances.flag_factories import AbeyanceFactory
from grievances.models import Abeyance, Deadline, Grievance, GrievancePolicy
from grievances.services import abeyances, deliveries, intakes, late_filing, moves, reminders
from grievances.tests.case_setup import ENDING, story, told_of

pytestmark = pytest.mark.django_db
day = dt.date.fromisoformat
AGREED = {"why": "The court decides", "for_union": "D. Reyes", "for_employer": "M. Stone"}
LETTER = {"document": "Letter of 1 September"}


def at(text):
    """A moment as the local's clock shows it."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(site_settings().time_zone))


@pytest.fixture
def clock():
    """The first of September, at noon."""
    with time_machine.travel(at("2026-09-01 12:00"), tick=False) as traveller:
        yield lambda text: traveller.move_to(at(f"{text} 12:00"))


@pytest.fixture
def case(clock, people):
    """A case whose appeal, counted from 25 August, is due on 10 September."""
    case = GrievanceFactory(assigned_rep=people["representative"], filed_date=day("2026-08-03"))
    DeadlineFactory(grievance=case, started_on=day("2026-08-25"), contract_date=day("2026-09-10"))
    return case


def rest(case, people, **more):
    abeyances.put_in_abeyance(case, actor=people["officer"], from_day=day("2026-09-01"), **AGREED, **more)
    case.refresh_from_db()
    return case


def dates(case):
    return [(row.contract_date, row.end) for row in case.deadlines.order_by("contract_date")]


def test_held_dates_are_missed_by_nobody_and_move_by_the_days_held(case, clock, people):
    rest(case, people, **LETTER)
    clock("2026-09-21")
    policy = one_row.current(GrievancePolicy)
    assert reminders.look() == (0, 0)
    assert Deadline.objects.waiting_for(people["representative"]).count() == 0
    assert Deadline.objects.waiting_for(people["representative"], held=True).count() == 1
    abeyances.end_abeyance(case, actor=people["officer"], ended_on=day("2026-09-21"), reason="Decided")
    assert dates(case) == [(day("2026-09-10"), DeadlineEnd.REPLACED), (day("2026-09-30"), "")]
    moved = case.extensions.get()
    assert (moved.document, moved.note) == (
        "Letter of 1 September",
        "Held for 20 days of abeyance: Tue 1 Sep 2026 – Mon 21 Sep 2026",
    )
    clock("2026-10-02")
    assert reminders.note_passed(policy) == 1
    case.refresh_from_db()
    assert case.abeyance == ""
    assert [act.split(".")[1] for act in story(case)] == ["abeyance_begun", "abeyance_ended", "deadline_missed"]


def test_an_unconfirmed_abeyance_holds_and_moves_nothing(case, clock, people):
    rest(case, people)
    assert case.abeyance == "unconfirmed"
    clock("2026-09-21")
    assert reminders.look()[1] == 1
    abeyances.end_abeyance(case, actor=people["officer"], ended_on=day("2026-09-21"), reason="Decided")
    assert dates(case) == [(day("2026-09-10"), "")]


def test_the_document_holds_from_the_first_day_on_whenever_it_comes(case, clock, people):
    rest(case, people)
    clock("2026-09-21")
    reminders.look()
    abeyances.confirm_abeyance(case, actor=people["officer"], **LETTER)
    assert case.deadlines.get().missed_at is None
    with pytest.raises(DomainError, match="waits for its document"):
        abeyances.confirm_abeyance(case, actor=people["officer"], **LETTER)
    abeyances.end_abeyance(case, actor=people["officer"], ended_on=day("2026-09-21"), reason="Decided")
    assert dates(case)[-1] == (day("2026-09-30"), "")


def test_what_passed_before_it_stays_missed_and_what_began_in_it_moves_less(case, clock, people):
    DeadlineFactory(grievance=case, stage=2, started_on=day("2026-08-10"), contract_date=day("2026-08-31"))
    DeadlineFactory(grievance=case, stage=3, started_on=day("2026-09-11"), contract_date=day("2026-09-25"))
    reminders.look()
    rest(case, people, **LETTER)
    clock("2026-09-21")
    abeyances.end_abeyance(case, actor=people["officer"], ended_on=day("2026-09-21"), reason="Decided")
    running = case.deadlines.running().order_by("stage")
    assert [(row.stage, row.contract_date, bool(row.missed_at)) for row in running] == [
        (1, day("2026-09-30"), False),
        (2, day("2026-08-31"), True),
        (3, day("2026-10-05"), False),
    ]


def test_what_nobody_computes_moves_from_its_own_day_and_a_brief_never(case, clock, people):
    rest(case, people, **LETTER)
    clock("2026-09-15")
    late_filing.carry_over(case, side="union", due=day("2026-10-01"), source="Ledger", what="Step 2 appeal")
    brief = {"clock": ClockKind.OUR_BRIEF, "stage": 0, "started_by": "", "started_on": None}
    DeadlineFactory(grievance=case, contract_date=day("2026-09-16"), **brief)
    clock("2026-09-21")
    assert reminders.look()[1] == 1
    abeyances.end_abeyance(case, actor=people["officer"], ended_on=day("2026-09-21"), reason="Decided")
    running = case.deadlines.running().order_by("clock")
    assert [(row.clock, row.contract_date) for row in running] == [
        ("appeal", day("2026-09-30")),
        ("carried", day("2026-10-07")),
        ("our_brief", day("2026-09-16")),
    ]


def test_what_both_sides_agreed_on_meanwhile_moves_by_the_days_held_since(case, clock, people):
    rest(case, people, **LETTER)
    clock("2026-09-11")
    agreed = {"for_union": "Reyes", "for_employer": "Stone", "agreed_on": day("2026-09-11"), **LETTER}
    agreed["new_date"] = day("2026-09-30")
    deliveries.record_extension(case.deadlines.get(), agreed, actor=people["officer"])
    clock("2026-09-21")
    abeyances.end_abeyance(case, actor=people["officer"], ended_on=day("2026-09-21"), reason="Decided")
    assert dates(case)[-1] == (day("2026-10-10"), "")


def test_the_safe_date_moves_with_the_contracts(case, clock, people):
    case.deadlines.update(safe_date=day("2026-09-08"), due=day("2026-09-08"))
    rest(case, people, **LETTER)
    clock("2026-09-21")
    abeyances.end_abeyance(case, actor=people["officer"], ended_on=day("2026-09-21"), reason="Decided")
    row = case.deadlines.running().get()
    assert (row.contract_date, row.safe_date, row.due) == (day("2026-09-30"), day("2026-09-28"), day("2026-09-28"))


def test_it_ends_after_its_last_day_whoever_looks(case, clock, people):
    rest(case, people, until=day("2026-09-20"), **LETTER)
    clock("2026-09-20")
    assert abeyances.end_passed(day("2026-09-20")) == 0
    clock("2026-09-25")
    reminders.look()
    reminders.look()
    row = Abeyance.objects.get()
    assert (row.ended_on, row.ended_reason) == (day("2026-09-21"), "Its last day has passed.")
    assert dates(case)[-1] == (day("2026-09-30"), "")


def test_silence_of_the_employer_moves_no_case_that_rests(clock, people):
    agreement = AgreementFactory(silence=Silence.ADVANCES)
    case = intakes.file_grievance(
        IntakeFactory(organization=agreement.employer, knowledge_date=day("2026-08-25")), actor=None
    )
    moves.hold_meeting(case, actor=people["grievance-chair"], meeting_date=day("2026-09-01"))
    rest(case, people, **LETTER)
    clock("2026-09-21")
    reminders.look()
    reminders.let_silence_follow(case.deadlines.running().filter(clock=ClockKind.ANSWER))  # read before it began
    case.refresh_from_db()
    assert case.current_step == "step_1"
    abeyances.end_abeyance(case, actor=people["officer"], ended_on=day("2026-09-21"), reason="Decided")
    row = case.deadlines.running().get(clock=ClockKind.ANSWER)
    assert (row.contract_date, row.missed_at) == (day("2026-09-29"), None)


def test_with_the_case_it_ends_too(case, clock, people):
    rest(case, people, **LETTER)
    clock("2026-09-21")
    moves.settle(case, actor=people["officer"], told=told_of(case), **ENDING)
    row = Abeyance.objects.get()
    assert (row.ended_on, row.ended_reason) == (day("2026-09-21"), "The case ended.")
    assert Grievance.objects.get(pk=case.pk).abeyance == ""
    assert dates(case)[-1] == (day("2026-09-30"), DeadlineEnd.STOPPED)
    with pytest.raises(DomainError, match="has ended"):
        abeyances.put_in_abeyance(case, actor=people["officer"], from_day=day("2026-09-01"), **AGREED)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"from_day": "2026-09-02"}, "from_day"),
        ({"from_day": "2026-08-02"}, "from_day"),
        ({"from_day": "2026-08-20", "until": "2026-08-31"}, "until"),
    ],
)
def test_its_days_fit(case, people, values, field):
    given = {name: day(value) for name, value in values.items()}
    with pytest.raises(ValidationError) as refused:
        abeyances.put_in_abeyance(case, actor=people["officer"], **given, **AGREED)
    assert list(refused.value.message_dict) == [field]


def test_there_is_one_at_a_time(case, people):
    rest(case, people)
    with pytest.raises(DomainError, match="in abeyance already"):
        abeyances.put_in_abeyance(case, actor=people["officer"], from_day=day("2026-09-01"), **AGREED)
    with pytest.raises(IntegrityError), transaction.atomic():
        AbeyanceFactory(grievance=case)
    with pytest.raises(ValidationError, match="first day and today"):
        abeyances.end_abeyance(case, actor=people["officer"], ended_on=day("2026-08-31"), reason="Over")
    with pytest.raises(DomainError, match="not in abeyance"):
        abeyances.end_abeyance(GrievanceFactory(), actor=people["officer"], ended_on=day("2026-09-01"), reason="Over")
