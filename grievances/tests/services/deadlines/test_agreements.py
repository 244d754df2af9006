"""Five grievance articles as they stand in real contracts, written as rules, and how their clocks follow each other."""

import datetime as dt

import pytest

from grievances.services.deadlines.chain import Facts, expected
from grievances.services.deadlines.holidays import FEDERAL, Observed, days_of
from grievances.services.deadlines.rules import Calendar, Clock, Closure, Rule, Side, Silence, StepClock, Trigger, Unit

day = dt.date.fromisoformat
US = days_of(FEDERAL, range(2024, 2028), Observed.NEAREST)
LATER = day("2030-01-01")


def dates(clocks, facts, calendar, *, silence=Silence.MAY_ADVANCE, today=LATER):
    found = expected(clocks, facts, calendar, silence=silence, today=today)
    return [(item.clock.value, item.trigger.value, item.due.day.isoformat()) for item in found]


# (a) “within ten (10) working days after the employee knew … five (5) working days to answer; failing an answer the
# Union may take the grievance to the next step within five (5) working days”
A = (
    StepClock(Clock.FILE, Trigger.KNOWLEDGE, Rule(10, Unit.WORKING)),
    StepClock(Clock.ANSWER, Trigger.MEETING, Rule(5, Unit.WORKING)),
    StepClock(Clock.APPEAL, Trigger.ANSWER_OR_DUE, Rule(5, Unit.WORKING)),
)


def test_a_ten_working_days_from_knowledge_and_silence_advances():
    facts = Facts(incident=day("2025-06-10"), knowledge=day("2025-06-13"), met=day("2025-07-01"))
    assert dates(A, facts, Calendar(US), silence=Silence.ADVANCES) == [
        ("file", "knowledge", "2025-06-30"),
        ("answer", "meeting", "2025-07-09"),
        ("appeal", "answer_or_due", "2025-07-16"),
    ]


def test_without_the_day_that_the_contract_names_the_other_one_counts_and_is_told():
    only = {"incident": Facts(incident=day("2025-06-13")), "knowledge": Facts(knowledge=day("2025-06-13"))}
    assert {name: dates((A[0], B[0]), facts, Calendar(US))[-1] for name, facts in only.items()} == {
        name: ("file", name, "2025-07-14") for name in only
    }
    assert {name: dates(A, facts, Calendar(US)) for name, facts in only.items()} == {
        name: [("file", name, "2025-06-30")] for name in only
    }


def test_a_an_answer_in_time_starts_the_appeal_and_a_late_one_does_not_lengthen_it():
    met = {"knowledge": day("2025-06-13"), "met": day("2025-07-01")}
    early = Facts(**met, answered=day("2025-07-03"))
    late = Facts(**met, answered=day("2025-07-11"))
    assert dates(A, early, Calendar(US))[-1] == ("appeal", "answer", "2025-07-11")
    assert dates(A, late, Calendar(US))[-1] == ("appeal", "answer_or_due", "2025-07-16")


def test_a_while_the_answer_is_out_no_clock_of_ours_runs():
    facts = Facts(knowledge=day("2025-06-13"), met=day("2025-07-01"))
    assert dates(A, facts, Calendar(US), today=day("2025-07-09"))[-1] == ("answer", "meeting", "2025-07-09")
    assert dates(A, facts, Calendar(US), today=day("2025-07-10"))[-1] == ("appeal", "answer_or_due", "2025-07-16")


def test_a_an_answer_put_off_by_both_sides_puts_the_appeal_off():
    facts = Facts(met=day("2025-07-01"), extended={Clock.ANSWER: day("2025-07-18")})
    assert dates(A, facts, Calendar(US))[-1] == ("appeal", "answer_or_due", "2025-07-25")


# (b) “within thirty (30) calendar days of the occurrence; a last day on a Saturday, Sunday or holiday moves to the next
# working day”
B = (StepClock(Clock.FILE, Trigger.INCIDENT, Rule(30, rolls=True)),)


@pytest.mark.parametrize(
    ("incident", "last"),
    [("2025-06-04", "2025-07-07"), ("2025-06-05", "2025-07-07"), ("2025-06-09", "2025-07-09")],
)
def test_b_thirty_calendar_days_that_roll(incident, last):
    assert dates(B, Facts(incident=day(incident)), Calendar(US)) == [("file", "incident", last)]


# (c) “within ten (10) working days, the day of the occurrence being the first; Saturday is a working day”
C = (StepClock(Clock.FILE, Trigger.INCIDENT, Rule(10, Unit.WORKING, event_day_counted=True)),)


def test_c_the_day_of_the_event_counts_and_saturdays_are_open():
    calendar = Calendar(US, saturdays_open=True)
    assert dates(C, Facts(incident=day("2025-06-13")), calendar) == [("file", "incident", "2025-06-25")]


# (d) “the plant's Christmas closure shall not be counted; a grievance not answered within ten (10) days is denied; the
# Union has fifteen (15) days from the denial”
D = (
    StepClock(Clock.ANSWER, Trigger.BEGUN, Rule(10)),
    StepClock(Clock.APPEAL, Trigger.ANSWER, Rule(15)),
)


def test_d_a_closure_is_not_counted_and_silence_is_a_denial():
    calendar = Calendar(US, (Closure("Christmas closure", day("2025-12-24"), day("2026-01-02")),))
    facts = Facts(begun=day("2025-12-18"))
    assert dates(D, facts, calendar, silence=Silence.DENIED) == [
        ("answer", "begun", "2026-01-07"),
        ("appeal", "answer_or_due", "2026-01-22"),
    ]
    assert dates(D, facts, calendar) == [("answer", "begun", "2026-01-07")]


# (e) three steps, then the joint board, then arbitration, each with clocks of its own
E = {
    1: (
        StepClock(Clock.FILE, Trigger.KNOWLEDGE, Rule(15, Unit.WORKING)),
        StepClock(Clock.ANSWER, Trigger.BEGUN, Rule(5, Unit.WORKING)),
        StepClock(Clock.APPEAL, Trigger.ANSWER_OR_DUE, Rule(5, Unit.WORKING)),
    ),
    2: (
        StepClock(Clock.MEET, Trigger.BEGUN, Rule(10, Unit.WORKING)),
        StepClock(Clock.ANSWER, Trigger.MEETING, Rule(5, Unit.WORKING)),
        StepClock(Clock.APPEAL, Trigger.ANSWER_OR_DUE, Rule(10, Unit.WORKING)),
    ),
    3: (
        StepClock(Clock.MEET, Trigger.BEGUN, Rule(15, Unit.WORKING)),
        StepClock(Clock.ANSWER, Trigger.MEETING, Rule(10, Unit.WORKING)),
        StepClock(Clock.APPEAL, Trigger.ANSWER_OR_DUE, Rule(10, Unit.WORKING)),
    ),
    "board": (
        StepClock(Clock.MEET, Trigger.BEGUN, Rule(45)),
        StepClock(Clock.APPEAL, Trigger.MEETING, Rule(30, rolls=True)),
    ),
}
WALK = {
    1: Facts(knowledge=day("2025-06-13"), begun=day("2025-07-03"), answered=day("2025-07-10")),
    2: Facts(begun=day("2025-07-17"), met=day("2025-07-30"), answered=None),
    3: Facts(begun=day("2025-08-20"), met=day("2025-09-09"), answered=day("2025-09-19")),
    "board": Facts(begun=day("2025-10-02"), met=day("2025-11-14")),
}
DATES = {
    1: [("file", "knowledge", "2025-07-08"), ("answer", "begun", "2025-07-11"), ("appeal", "answer", "2025-07-17")],
    2: [
        ("meet", "begun", "2025-07-31"),
        ("answer", "meeting", "2025-08-06"),
        ("appeal", "answer_or_due", "2025-08-20"),
    ],
    3: [("meet", "begun", "2025-09-11"), ("answer", "meeting", "2025-09-23"), ("appeal", "answer", "2025-10-03")],
    "board": [("meet", "begun", "2025-11-16"), ("appeal", "meeting", "2025-12-15")],
}


@pytest.mark.parametrize("stage", E)
def test_e_three_steps_and_a_joint_board(stage):
    assert dates(E[stage], WALK[stage], Calendar(US)) == DATES[stage]


@pytest.mark.parametrize(
    ("meetings", "answer", "appeal"),
    [
        (("2025-07-30", "2025-08-06"), "2025-08-13", "2025-08-27"),
        (("2025-07-30", "2025-08-07"), "2025-08-06", "2025-08-20"),
        (("2025-07-30", "2025-08-06", "2025-08-13", "2025-08-21"), "2025-08-20", "2025-09-04"),
    ],
)
def test_e_a_further_meeting_counts_while_the_time_from_the_one_before_is_open(meetings, answer, appeal):
    met, *further = map(day, meetings)
    facts = Facts(met=met, further=tuple(further))
    assert dates(E[2], facts, Calendar(US)) == [
        ("answer", "meeting", answer),
        ("appeal", "answer_or_due", appeal),
    ]


@pytest.mark.parametrize(("further", "last"), [("2025-12-15", "2026-01-14"), ("2025-12-16", "2025-12-15")])
def test_e_no_further_meeting_of_the_board_brings_back_an_appeal_that_is_over(further, last):
    facts = Facts(met=day("2025-11-14"), further=(day(further),))
    assert dates(E["board"], facts, Calendar(US)) == [("appeal", "meeting", last)]


def test_each_side_has_clocks_of_its_own():
    facts = Facts(begun=day("2025-07-17"), met=day("2025-07-30"))
    sides = [item.side for item in expected(E[2], facts, Calendar(US), silence=Silence.MAY_ADVANCE, today=LATER)]
    assert sides == [Side.EMPLOYER, Side.EMPLOYER, Side.UNION]


def test_a_clock_without_its_event_does_not_run():
    assert dates(E[2], Facts(), Calendar(US)) == []
