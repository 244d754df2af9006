"""From the rows of an agreement to what is counted with: its rules, its clocks, its calendar."""

from grievances.models import Agreement, HolidayListVersion, StepRule
from grievances.services.deadlines.rules import Calendar, Clock, Closure, Rule, StepClock, Trigger, Unit


def rule_of(row: StepRule) -> Rule:
    return Rule(
        row.days,
        Unit(row.unit),
        row.event_day_counted,
        row.rolls,
        row.unclear_unit,
        row.unclear_start,
        row.unclear_roll,
    )


def clock_of(row: StepRule) -> StepClock:
    return StepClock(Clock(row.clock), Trigger(row.trigger), rule_of(row))


def calendar_of(agreement: Agreement) -> Calendar:
    """The closed days of the newest version of its list of holidays, and its closures."""
    newest = HolidayListVersion.objects.filter(holiday_list=agreement.holiday_list_id).order_by("-number").first()
    closures = tuple(Closure(row.name, row.first_day, row.last_day) for row in agreement.closures.all())
    return Calendar(newest.by_day() if newest else {}, closures, agreement.saturdays_open)
