"""Dates that must not vanish: on the evening of the due day, agreed ones, a joint board's, and after a reopening.

Nor may they move on because somebody meets again, or stay when what they count from is put right.
"""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ValidationError

from core.site import site_settings
from grievances.enums import DeadlineEnd, Silence
from grievances.factories import AgreementFactory, DeadlineFactory, GrievanceFactory, IntakeFactory
from grievances.models import AgreementStage, Deadline, Grievance, StageEntry, StepRule
from grievances.services import (
    abeyances,
    agreements,
    cases,
    clocks,
    deliveries,
    holidays,
    intakes,
    late_filing,
    moves,
    reminders,
)
from grievances.views.case_dates import told_steps
from grievances.views.moves import comes_next

pytestmark = pytest.mark.django_db

day = dt.date.fromisoformat


def at(text):
    """A moment as the local's clock shows it."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(site_settings().time_zone))


@pytest.fixture
def clock():
    with time_machine.travel(at("2026-09-01 10:00"), tick=False) as traveller:
        yield lambda text: traveller.move_to(at(text))


@pytest.fixture
def agreement(clock):
    return AgreementFactory()


@pytest.fixture
def chair(people):
    return people["grievance-chair"]


def filed(agreement, **fields):
    known = {"incident_date": day("2026-08-24"), "knowledge_date": day("2026-08-25"), **fields}
    intake = IntakeFactory(organization=agreement.employer, **known)
    clocks.refresh_draft(intake)
    return intakes.file_grievance(intake, actor=None)


@pytest.fixture
def met(agreement, chair, clock):
    """Met on 10 September: the employer's answer is due on the 17th."""
    case = filed(agreement)
    clock("2026-09-10 10:00")
    return moves.hold_meeting(case, actor=chair, meeting_date=day("2026-09-10"))


def running(case):
    """Without the filing, which waits for its delivery all the time."""
    rows = case.deadlines.running().exclude(clock="file").in_order()
    return [(row.clock, row.stage, row.contract_date.isoformat()) for row in rows]


def every(case):
    """All rows but the filing: which clock of which step, from which day, until when, and how it ended."""
    rows = case.deadlines.exclude(clock="file").order_by("stage", "clock", "started_on", "contract_date")
    return [f"{row.stage} {row.clock} {row.started_on:%m-%d} to {row.contract_date:%m-%d} {row.end}" for row in rows]


MET, LATE = (f"1 meet 09-01 to 09-16 {end}" for end in ("met", "late"))


def row_of(case, clock):
    return case.deadlines.running().get(clock=clock)


def extend(row, until):
    agreed = {"for_union": "D. Reyes", "for_employer": "M. Stone", "document": "Letter", "agreed_on": row.started_on}
    return deliveries.record_extension(row, {**agreed, "new_date": day(until)}, actor=None)


def answer(case, on, chair, kind="denied"):
    return moves.record_answer(case, actor=chair, received_on=day(on), how="mail", answer=kind)


# --- the evening of the due day ---------------------------------------------------------------------------


def test_the_appeal_begun_on_the_evening_stays_when_something_is_recorded_that_night(met, clock):
    clock("2026-09-17 17:05")
    reminders.look()
    appeal = row_of(met, "appeal")
    clock("2026-09-17 18:00")
    clocks.refresh(met)
    assert running(met) == [("answer", 1, "2026-09-17"), ("appeal", 1, "2026-10-01")]
    assert row_of(met, "appeal") == appeal


def test_our_clock_counts_from_the_day_of_the_answer_that_stands(met, agreement, clock):
    """Not from the day that a holiday added meanwhile would make of it."""
    row = agreement.holiday_list
    values = {"name": row.name, "names": row.names, "observed": row.observed, "extra": "2026-09-15 Founders’ day"}
    holidays.change_list(row, values, actor=None, version=row.version)
    clock("2026-09-17 17:05")
    reminders.look()
    assert running(met) == [("answer", 1, "2026-09-17"), ("appeal", 1, "2026-10-01")]
    assert row_of(met, "appeal").started_on == day("2026-09-17")


def test_what_happened_at_a_step_before_it_was_moved_on_counts(met, chair, clock):
    """The office catches up: the case is moved on today, the meeting and the denial of that step are older."""
    clock("2026-09-22 10:00")
    case = moves.advance(answer(met, "2026-09-14", chair), actor=chair)
    case = moves.record_meeting(case, actor=chair, meeting_date=day("2026-09-16"))
    case = answer(case, "2026-09-18", chair)
    assert running(case) == [("appeal", 1, "2026-09-28"), ("appeal", 2, "2026-10-02")]


# --- agreed dates -----------------------------------------------------------------------------------------


def test_an_extended_answer_date_counts_on_when_the_answer_has_come(met, chair, clock):
    extend(row_of(met, "answer"), "2026-09-28")
    clock("2026-09-24 10:00")
    case = answer(met, "2026-09-24", chair)
    assert running(case) == [("appeal", 1, "2026-10-08")]
    clocks.refresh(case)
    assert running(case) == [("appeal", 1, "2026-10-08")]


def test_an_agreed_appeal_date_stays_when_what_it_counts_from_changes(met, chair, clock):
    clock("2026-09-18 10:00")
    clocks.refresh(met)
    extend(row_of(met, "appeal"), "2026-11-30")
    cases.supersede_step_record(
        met.step_records.live().get(), {"meeting_date": day("2026-09-09")}, actor=chair, reason="It was the 9th."
    )
    assert ("appeal", 1, "2026-11-30") in running(met)


def test_a_further_meeting_leaves_an_agreed_date_unless_the_contract_gives_longer(met, chair, clock):
    extend(row_of(met, "answer"), "2026-09-28")
    clock("2026-09-14 10:00")
    case = moves.record_meeting(met, actor=chair, meeting_date=day("2026-09-14"))
    assert running(case) == [("answer", 1, "2026-09-28")]
    clock("2026-09-25 10:00")
    case = moves.record_meeting(case, actor=chair, meeting_date=day("2026-09-25"))
    clocks.refresh(case)
    assert running(case) == [("answer", 1, "2026-10-02")]


def test_the_clock_moves_no_case_before_the_agreed_day(met, chair, clock):
    met.agreement.silence = Silence.ADVANCES
    met.agreement.save()
    extend(row_of(met, "answer"), "2026-09-28")
    clock("2026-09-14 10:00")
    moves.record_meeting(met, actor=chair, meeting_date=day("2026-09-14"))
    stages = []
    for text in ("2026-09-22 00:10", "2026-09-29 00:10"):
        clock(text)
        reminders.look()
        met.refresh_from_db()
        stages.append(met.stage)
    assert stages == [1, 2]


def test_an_agreed_date_is_explained_by_its_document_alone(met):
    extend(row_of(met, "answer"), "2026-09-28")
    row = row_of(met, "answer")
    assert (row.explanation, row.source) == ({}, "Extended by both sides: Letter")


# --- further meetings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answered", "further"), [("2026-10-09", "2026-10-12"), ("2026-09-21", "2026-09-23"), ("2026-09-21", "2026-09-16")]
)
def test_a_meeting_after_a_late_answer_gives_our_appeal_no_time_back(met, chair, clock, answered, further):
    """Nor one that is written down when the day is settled from which our appeal counts."""
    clock(f"{answered} 10:00")
    case = answer(met, answered, chair)
    reminders.look()
    kept = list(case.deadlines.order_by("pk").values())
    clock(f"{max(answered, further)} 11:00")
    case = moves.record_meeting(case, actor=chair, meeting_date=day(further))
    assert every(case) == ["1 answer 09-10 to 09-17 late", "1 appeal 09-17 to 10-01 ", MET]
    assert list(case.deadlines.order_by("pk").values()) == kept


def test_a_meeting_after_the_day_of_the_answer_takes_no_appeal_away_and_an_agreement_does(met, chair, clock):
    clock("2026-09-17 17:05")
    reminders.look()
    silent = ["1 answer 09-10 to 09-17 ", "1 appeal 09-17 to 10-01 ", MET]
    clock("2026-09-25 10:00")
    case = moves.record_meeting(met, actor=chair, meeting_date=day("2026-09-18"))
    assert every(case) == silent
    case = moves.record_meeting(case, actor=chair, meeting_date=day("2026-09-25"))
    assert every(case) == silent
    extend(row_of(case, "answer"), "2026-10-02")
    agreed = ["1 answer 09-10 to 09-17 replaced", "1 answer 09-10 to 10-02 ", "1 appeal 09-17 to 10-01 moot", MET]
    assert every(case) == agreed
    clock("2026-10-05 10:00")
    case = answer(case, "2026-10-05", chair)
    assert every(case) == [
        "1 answer 09-10 to 09-17 replaced",
        "1 answer 09-10 to 10-02 late",
        "1 appeal 09-17 to 10-01 replaced",
        "1 appeal 10-02 to 10-19 ",
        MET,
    ]


def test_a_meeting_in_time_moves_the_answer_whenever_it_is_written_down(met, chair, clock):
    clock("2026-09-21 10:00")
    clocks.refresh(met)
    assert running(met) == [("answer", 1, "2026-09-17"), ("appeal", 1, "2026-10-01")]
    case = moves.record_meeting(met, actor=chair, meeting_date=day("2026-09-17"))
    assert every(case) == [
        "1 answer 09-10 to 09-17 replaced",
        "1 answer 09-17 to 09-24 ",
        "1 appeal 09-17 to 10-01 moot",
        MET,
    ]


@pytest.mark.parametrize(
    ("last", "rows"),
    [
        ("2026-09-16", ["1 answer 09-16 to 09-23 ", "1 appeal 09-23 to 10-07 ", MET]),
        (
            "2026-09-21",
            ["1 answer 09-10 to 09-17 ", "1 answer 09-21 to 09-28 replaced", "1 appeal 09-17 to 10-01 ", LATE],
        ),
    ],
)
def test_the_order_in_which_meetings_are_written_down_makes_no_date_later(agreement, chair, clock, last, rows):
    case = filed(agreement)
    clock(f"{last} 10:00")
    case = moves.hold_meeting(case, actor=chair, meeting_date=day(last))
    clock("2026-09-24 10:00")
    case = moves.record_meeting(case, actor=chair, meeting_date=day("2026-09-10"))
    clocks.refresh(case)
    assert every(case) == rows


def test_a_meeting_moves_the_answer_that_an_abeyance_holds(met, chair, clock):
    clock("2026-09-14 10:00")
    agreed = {"from_day": day("2026-09-14"), "why": "Talks", "for_union": "D. Reyes", "for_employer": "M. Stone"}
    abeyances.put_in_abeyance(met, actor=chair, **agreed, document="Letter")
    clock("2026-09-25 10:00")
    case = moves.record_meeting(met, actor=chair, meeting_date=day("2026-09-25"))
    abeyances.end_abeyance(case, actor=chair, ended_on=day("2026-09-25"), reason="No result.")
    clocks.refresh(Grievance.objects.get(pk=case.pk))
    assert every(case) == ["1 answer 09-10 to 09-17 replaced", "1 answer 09-25 to 10-02 ", MET]


# --- records of a step that the case has left -------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "move"),
    [({}, "advance"), ({"grievance_type": "policy", "people": []}, "demand_arbitration")],
)
@pytest.mark.parametrize(
    ("right", "verdict", "dates"),
    [("2026-09-14", "met", "09-14 to 09-28 "), ("2026-09-18", "late", "09-17 to 10-01 ")],
)
def test_an_answer_put_right_moves_our_appeal_from_the_step_that_was_left(
    agreement, chair, clock, fields, move, right, verdict, dates
):
    case = filed(agreement, **fields)
    step = case.stage
    clock("2026-09-10 10:00")
    case = moves.hold_meeting(case, actor=chair, meeting_date=day("2026-09-10"))
    clock("2026-09-16 10:00")
    case = answer(case, "2026-09-16", chair)
    clock("2026-09-17 10:00")
    case = getattr(moves, move)(case, actor=chair)
    following = [row for row in every(case) if not row.startswith(f"{step} ")]
    clock("2026-09-18 10:00")
    cases.supersede_answer(case.answers.get(), {"received_on": day(right)}, actor=chair, reason="Read the stamp.")
    assert every(case) == [
        f"{step} answer 09-10 to 09-17 {verdict}",
        *sorted([f"{step} appeal {dates}", f"{step} appeal 09-16 to 09-30 replaced"]),
        f"{step} meet 09-01 to 09-16 met",
        *following,
    ]


@pytest.fixture
def left(met, chair, clock):
    """Nobody answered, and on the 21st the case was moved to step 2; our appeal, due 1 October, is not delivered."""
    clock("2026-09-21 10:00")
    clocks.refresh(met)
    return moves.advance(met, actor=chair)


NEXT = "2 meet 09-21 to 10-05 "


def put_right(case, on, chair):
    record = case.step_records.live().get(step_number=1)
    cases.supersede_step_record(record, {"meeting_date": day(on)}, actor=chair, reason="Another day.")


def test_a_meeting_put_right_moves_an_appeal_that_runs_and_takes_none_away(left, chair):
    put_right(left, "2026-09-09", chair)
    moved = ["1 answer 09-10 to 09-17 moot", "1 appeal 09-16 to 09-30 ", "1 appeal 09-17 to 10-01 replaced", MET, NEXT]
    assert every(left) == moved
    put_right(left, "2026-09-21", chair)  # by this the answer would not be due yet
    assert every(left) == moved
    said = {"what": "Appeal", "how": "email", "to_whom": "HR", "proof": "Sent mail"}
    appeal = {"deadline": row_of(left, "appeal"), "delivered_at": at("2026-09-21 09:00"), **said}
    deliveries.record_delivery(left, appeal, actor=None)
    put_right(left, "2026-09-08", chair)
    assert every(left) == [row.replace("09-30 ", "09-30 met") for row in moved]


def test_an_agreed_appeal_from_a_step_that_was_left_stays(left, chair):
    extend(row_of(left, "appeal"), "2026-11-30")
    kept = every(left)
    put_right(left, "2026-09-09", chair)
    assert ("1 appeal 09-17 to 11-30 " in kept, every(left)) == (True, kept)


def test_what_was_put_right_while_the_case_was_over_moves_that_appeal_when_it_is_open_again(left, chair):
    case = settled(left, chair)
    put_right(case, "2026-09-09", chair)
    assert running(case) == []
    case = moves.reopen(case, actor=chair, reason="The employer did not pay.")
    assert running(case) == [("appeal", 1, "2026-09-30"), ("meet", 2, "2026-10-05")]


def test_a_late_delivery_moves_the_appeal_from_the_step_that_it_began(agreement, left, chair, clock):
    agreement.stages.get(position=2).rules.filter(clock="answer").update(trigger="begun")
    appeal = row_of(left, "appeal")
    clocks.refresh(left)
    clock("2026-09-29 10:00")
    clocks.refresh(left)
    case = moves.advance(left, actor=chair)
    assert running(case)[:2] == [("appeal", 1, "2026-10-01"), ("appeal", 2, "2026-10-13")]
    values = {"deadline": appeal, "what": "Appeal", "how": "email", "to_whom": "HR", "proof": "Sent mail"}
    deliveries.record_delivery(case, {**values, "delivered_at": at("2026-09-18 10:00")}, actor=None)
    assert running(case)[0] == ("appeal", 2, "2026-10-09")


# --- two steps that both count as step 3 ------------------------------------------------------------------


def waiting(case):
    """Whether it waits to be taken to arbitration, in the list and of itself, and the one button of its page."""
    case = Grievance.objects.get(pk=case.pk)
    found = Grievance.objects.denied_at_the_last_step().filter(pk=case.pk)
    return found.exists(), case.is_past_the_steps(), comes_next(case, case.step_records.live())


def test_a_case_waits_for_arbitration_after_the_last_step_of_its_agreement_alone(agreement, chair):
    AgreementStage.objects.create(agreement=agreement, position=4, step="step_3", name="Joint board")
    case = filed(agreement)
    for _stage in (2, 3):
        moves.advance(case, actor=chair)
    denial = {"received_on": day("2026-09-01"), "how": "mail", "answer": "denied"}
    moves.record_answer(case, actor=chair, **denial)
    assert waiting(case) == (False, False, "advance")
    moves.advance(case, actor=chair)
    assert waiting(case) == (False, False, "hold_meeting")
    [(title, meetings, _answers)] = told_steps(Grievance.objects.get(pk=case.pk))[-1:]
    assert (title, [badge.text for _record, badge in meetings]) == ("Stage 3", ["Moved to the next step"])
    moves.record_answer(case, actor=chair, **denial)
    assert waiting(case) == (True, True, "demand_arbitration")


def test_a_contract_of_two_steps_waits_for_arbitration_after_the_second(agreement, chair):
    agreement.stages.get(position=3).rules.all().delete()
    agreement.stages.get(position=3).delete()
    case = filed(agreement)
    moves.advance(case, actor=chair)
    moves.record_answer(case, actor=chair, received_on=day("2026-09-01"), how="mail", answer="denied")
    assert waiting(case) == (True, True, "demand_arbitration")


def test_what_was_answered_at_step_3_is_not_the_boards_answer(agreement, chair):
    board = AgreementStage.objects.create(agreement=agreement, position=4, step="step_3", name="Joint board")
    for clock, days in (("meet", 45), ("answer", 30)):
        StepRule.objects.create(stage=board, clock=clock, days=days, trigger="begun")
    case = filed(agreement, grievance_type="policy", people=[])
    case = moves.hold_meeting(case, actor=chair, meeting_date=day("2026-09-01"))
    case = moves.advance(answer(case, "2026-09-01", chair), actor=chair)
    assert running(case)[1:] == [("answer", 4, "2026-10-01"), ("meet", 4, "2026-10-16")]
    case = answer(case, "2026-09-01", chair)
    assert [row.stage for row in case.answers.order_by("created_at")] == [3, 4]
    assert [(row.stage, row.outcome) for row in case.step_records.live().order_by("stage")] == [
        (3, "advanced"),
        (4, "denied"),
    ]
    replaced = cases.supersede_answer(case.answers.get(stage=4), {"answer": "offer"}, actor=chair, reason="An offer.")
    assert replaced.stage == 4
    assert [(row.stage, row.outcome) for row in case.step_records.live().order_by("stage")] == [
        (3, "advanced"),
        (4, ""),
    ]


# --- the day on which a step was reached ------------------------------------------------------------------


def test_a_late_delivery_of_an_earlier_appeal_leaves_the_later_step_alone(met, chair, clock):
    clock("2026-09-18 10:00")
    clocks.refresh(met)
    appeal = row_of(met, "appeal")
    clock("2026-09-22 10:00")
    case = moves.advance(met, actor=chair)
    clock("2026-09-29 10:00")
    case = moves.advance(case, actor=chair)
    values = {"deadline": appeal, "what": "Appeal", "how": "email", "to_whom": "HR", "proof": "Sent mail"}
    deliveries.record_delivery(case, {**values, "delivered_at": at("2026-09-21 10:00")}, actor=None)
    entered = {row.stage: row.entered_on.isoformat() for row in StageEntry.objects.filter(grievance=case)}
    assert entered == {1: "2026-09-01", 2: "2026-09-21", 3: "2026-09-29"}


def test_a_case_gets_its_agreement_with_the_day_on_which_its_step_was_reached(agreement, chair, clock):
    AgreementFactory(employer=agreement.employer, title="The other shop")
    case = moves.advance(filed(agreement), actor=chair)
    clock("2026-12-01 10:00")
    for reached, words in ((None, "reached this step"), ("2026-08-31", "before"), ("2026-12-02", "to come")):
        with pytest.raises(ValidationError, match=words):
            agreements.choose_agreement(case, agreement, actor=None, reached_on=reached and day(reached))
    case = agreements.choose_agreement(case, agreement, actor=None, reached_on=day("2026-11-30"))
    assert StageEntry.objects.get(grievance=case).entered_on == day("2026-11-30")
    assert running(case) == [("meet", 2, "2026-12-14")]


# --- over, and open again ---------------------------------------------------------------------------------


def settled(case, chair):
    told = [(person, day("2026-09-10"), "phone") for person in case.grievants.all()]
    return moves.settle(case, actor=chair, reason="Paid.", decided_by="Chair", day=day("2026-09-10"), told=told)


def test_reopening_brings_back_every_date_that_the_settlement_ended(met, chair):
    late_filing.carry_over(met, side="union", due=day("2026-09-20"), what="Step 2 appeal", source="Ledger")
    before = list(met.deadlines.running().order_by("pk"))
    case = settled(met, chair)
    assert {row.end for row in case.deadlines.all()} >= {DeadlineEnd.STOPPED}
    assert running(case) == []
    case = moves.reopen(case, actor=chair, reason="The employer did not pay.")
    assert list(case.deadlines.running().order_by("pk")) == before
    assert {row.clock for row in before} == {"file", "answer", "carried"}


def test_of_two_that_wait_for_the_same_reopening_brings_back_the_newer():
    case = GrievanceFactory()
    stopped = {"grievance": case, "end": DeadlineEnd.STOPPED, "ended_on": day("2026-09-01")}
    former, newer = [DeadlineFactory(contract_date=day(text), **stopped) for text in ("2026-09-20", "2026-09-10")]
    Deadline.objects.filter(pk=former.pk).update(created_at=newer.created_at - dt.timedelta(1))
    clocks.restart(case, actor=None)
    assert case.deadlines.running().get() == newer


def test_correcting_the_records_of_a_case_that_is_over_starts_no_date(met, chair):
    case = settled(met, chair)
    record = case.step_records.live().get()
    cases.supersede_step_record(record, {"meeting_date": day("2026-09-09")}, actor=chair, reason="It was the 9th.")
    assert running(case) == []
    case = moves.reopen(case, actor=chair, reason="The employer did not pay.")
    assert running(case) == [("answer", 1, "2026-09-16")]
