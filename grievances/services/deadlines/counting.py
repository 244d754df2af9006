"""The count itself: from a day and a rule to the day that is due, with every day on the way."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

from grievances.services.deadlines.rules import Calendar, Day, Due, Rule, Unit, Why

ONE = timedelta(1)
# A closure without an end would never let a count finish.
LONGEST = 366 * 20


def due(start: date, rule: Rule, calendar: Calendar) -> Due:
    """What the rule makes of `start`. Raises ValueError where the calendar has too few open days."""
    days = tuple(_counted(start, rule, calendar))
    return Due(days[-1].day, days, _safe(start, rule, calendar, days[-1].day))


def _counted(start: date, rule: Rule, calendar: Calendar) -> Iterator[Day]:
    day, number = start, 0
    if not rule.event_day_counted:
        yield Day(start, 0, Why.EVENT)
        day += ONE
    while True:
        _check_end(start, day)
        skipped = _skipped(day, rule.unit, calendar)
        if skipped is None:
            number += 1
            yield Day(day, number, Why.COUNTED)
            if number == rule.days:
                break
        else:
            yield Day(day, 0, *skipped)
        day += ONE
    if rule.rolls:
        yield from _rolled(start, day, calendar)


def _skipped(day: date, unit: Unit, calendar: Calendar) -> tuple[Why, str] | None:
    """Why this unit leaves the day out; a closure stops every unit."""
    closed = calendar.closed(day)
    if closed is None or closed[0] == Why.CLOSURE or unit == Unit.WORKING:
        return closed
    if unit == Unit.NO_HOLIDAYS and closed[0] == Why.HOLIDAY:
        return closed
    return None


def _rolled(start: date, last: date, calendar: Calendar) -> Iterator[Day]:
    """The days from a closed last day to the next open one."""
    day = last
    while (closed := calendar.closed(day)) is not None:
        _check_end(start, day)
        if day != last:
            yield Day(day, 0, *closed)
        day += ONE
    if day != last:
        yield Day(day, 0, Why.ROLLED)


def _check_end(start: date, day: date) -> None:
    if (day - start).days > LONGEST:
        raise ValueError("The calendar has too few open days for this rule")


def _safe(start: date, rule: Rule, calendar: Calendar, contract: date) -> date | None:
    """The earliest date of all readings of an unclear rule, where it is before the contract's."""
    if not rule.is_unclear:
        return None
    earliest = min(tuple(_counted(start, reading, calendar))[-1].day for reading in readings(rule))
    return earliest if earliest < contract else None


def readings(rule: Rule) -> Iterator[Rule]:
    """The rule in each way in which it can be read."""
    for unit, counted, rolls in product(
        Unit if rule.unclear_unit else (rule.unit,),
        (True, False) if rule.unclear_start else (rule.event_day_counted,),
        (True, False) if rule.unclear_roll else (rule.rolls,),
    ):
        yield replace(rule, unit=unit, event_day_counted=counted, rolls=rolls)
