"""The count against the vectors of the domain, a naive oracle and what must hold of every rule."""

import datetime as dt
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grievances.services.deadlines.counting import due, readings
from grievances.services.deadlines.holidays import FEDERAL, Observed, days_of
from grievances.services.deadlines.rules import Calendar, Closure, Rule, Unit, Why
from grievances.tests.services.deadlines.oracle import naive_due

day = dt.date.fromisoformat
US = days_of(FEDERAL, range(2019, 2032), Observed.NEAREST)
CALENDAR = Calendar(US)

# What the domain says in so many words.
VECTORS = [
    ("2025-06-13", Rule(10, Unit.WORKING), "2025-06-30"),
    ("2025-06-13", Rule(10, Unit.WORKING, event_day_counted=True), "2025-06-27"),
    ("2025-06-13", Rule(10), "2025-06-23"),
    ("2025-06-24", Rule(10), "2025-07-04"),
    ("2025-06-24", Rule(10, rolls=True), "2025-07-07"),
    ("2025-06-14", Rule(5, Unit.WORKING), "2025-06-23"),
    ("2025-11-26", Rule(1, Unit.WORKING), "2025-11-28"),
]


@pytest.mark.parametrize(("start", "rule", "expected"), VECTORS)
def test_vectors_of_the_domain(start, rule, expected):
    assert due(day(start), rule, CALENDAR).day == day(expected)


CHRISTMAS = (Closure("Christmas closure", day("2025-12-24"), day("2026-01-02")),)
# Every unit, either start, rolled or not, at days that are hard: 6 starts of 36 rules each.
HARD_STARTS = ("2025-06-13", "2025-06-24", "2025-11-26", "2025-12-23", "2024-02-28", "2025-12-31")
HARD = [
    (start, days, unit, counted, rolls)
    for start in HARD_STARTS
    for days in (1, 10, 30)
    for unit in Unit
    for counted in (False, True)
    for rolls in (False, True)
]


def judged(start, rule, calendar):
    return naive_due(
        start,
        rule.days,
        rule.unit.value,
        event_day_counted=rule.event_day_counted,
        rolls=rule.rolls,
        holidays=set(calendar.holidays),
        closures=[(item.first, item.last) for item in calendar.closures],
        saturdays_open=calendar.saturdays_open,
    )


@pytest.mark.parametrize("saturdays_open", [False, True])
def test_further_vectors_as_the_oracle_counts_them(saturdays_open):
    calendar = Calendar(US, CHRISTMAS, saturdays_open)
    rules = [(day(start), Rule(days, unit, counted, rolls)) for start, days, unit, counted, rolls in HARD]
    differing = [
        (start, rule) for start, rule in rules if due(start, rule, calendar).day != judged(start, rule, calendar)
    ]
    assert len(rules) == 216
    assert differing == []


def drawn(chance):
    start = day("2020-01-01") + dt.timedelta(chance.randrange(3_650))
    first = start + dt.timedelta(chance.randrange(-5, 40))
    closures = (Closure("Closed", first, first + dt.timedelta(chance.randrange(12))),) if chance.random() < 0.4 else ()
    calendar = Calendar(US if chance.random() < 0.8 else {}, closures, chance.random() < 0.3)
    rule = Rule(chance.randint(1, 60), chance.choice(list(Unit)), chance.random() < 0.3, chance.random() < 0.5)
    return start, rule, calendar


def test_two_thousand_rules_of_chance_as_the_oracle_counts_them():
    chance = random.Random(20261127)
    cases = [drawn(chance) for _number in range(2_000)]
    assert [case for case in cases if due(case[0], case[1], case[2]).day != judged(*case)] == []


def test_the_oracle_notices_a_wrong_count():
    """Without Juneteenth, as an engine that forgot the holidays would count, the first vector comes out otherwise."""
    assert due(day("2025-06-13"), Rule(10, Unit.WORKING), Calendar()).day != judged(
        day("2025-06-13"), Rule(10, Unit.WORKING), CALENDAR
    )


# --- what holds of every rule ----------------------------------------------------------------------

starts = st.dates(day("2020-01-01"), day("2030-06-30"))
calendars = st.builds(
    lambda first, length, saturdays, known: Calendar(
        US if known else {}, (Closure("Closed", first, first + dt.timedelta(length)),), saturdays
    ),
    starts,
    st.integers(0, 20),
    st.booleans(),
    st.booleans(),
)
flags = st.booleans()
rules = st.builds(Rule, st.integers(1, 60), st.sampled_from(Unit), flags, flags, flags, flags, flags)
plenty = settings(max_examples=150, deadline=None)


@plenty
@given(starts, rules, calendars)
def test_one_day_more_is_never_earlier(start, rule, calendar):
    longer = Rule(rule.days + 1, rule.unit, rule.event_day_counted, rule.rolls)
    assert due(start, longer, calendar).day >= due(start, rule, calendar).day


@plenty
@given(starts, rules, calendars)
def test_a_rolled_date_is_never_a_closed_day(start, rule, calendar):
    rolled = Rule(rule.days, rule.unit, rule.event_day_counted, rolls=True)
    assert calendar.closed(due(start, rolled, calendar).day) is None


@plenty
@given(starts, rules, calendars)
def test_calendar_days_end_no_later_than_working_days(start, rule, calendar):
    ends = [due(start, Rule(rule.days, unit, rule.event_day_counted, rule.rolls), calendar).day for unit in Unit]
    assert ends[0] <= ends[2] <= ends[1]


@plenty
@given(starts, rules, calendars)
def test_the_explanation_counts_as_many_days_as_the_rule(start, rule, calendar):
    found = due(start, rule, calendar)
    numbers = [item.number for item in found.days if item.number]
    assert numbers == list(range(1, rule.days + 1))
    assert [item.day for item in found.days] == [start + dt.timedelta(n) for n in range((found.day - start).days + 1)]


@plenty
@given(starts, rules, calendars)
def test_a_safe_date_is_earlier_and_one_of_the_readings(start, rule, calendar):
    found = due(start, rule, calendar)
    dates = {due(start, reading, calendar).day for reading in readings(rule)}
    assert found.safe == (min(dates) if min(dates) < found.day else None)


def test_the_explanation_says_why_of_each_day():
    found = due(day("2025-06-18"), Rule(2, Unit.WORKING), CALENDAR)
    assert [(item.day.day, item.why.value, item.name) for item in found.days] == [
        (18, "event", ""),
        (19, "holiday", "juneteenth"),
        (20, "counted", ""),
        (21, "saturday", ""),
        (22, "sunday", ""),
        (23, "counted", ""),
    ]


def test_a_last_day_that_is_closed_rolls_with_its_reasons():
    found = due(day("2025-06-24"), Rule(10, rolls=True), CALENDAR)
    assert [(item.day.day, item.why) for item in found.days[-4:]] == [
        (4, Why.COUNTED),
        (5, Why.SATURDAY),
        (6, Why.SUNDAY),
        (7, Why.ROLLED),
    ]


def test_no_rule_counts_less_than_a_day():
    with pytest.raises(ValueError, match="at least one day"):
        Rule(0)


def test_a_closure_without_an_end_is_refused():
    calendar = Calendar(closures=(Closure("Closed for good", day("2025-01-01"), day("2090-01-01")),))
    with pytest.raises(ValueError, match="too few open days"):
        due(day("2025-01-01"), Rule(1), calendar)
