"""Which clocks run at a stage, from what is known of it. Pure: every fact and today are arguments."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from grievances.services.deadlines.counting import due
from grievances.services.deadlines.rules import SIDE, Calendar, Clock, Due, Side, Silence, StepClock, Trigger

ORDER = tuple(Clock)


@dataclass(frozen=True, slots=True)
class InForce:
    """A date that was computed and stands, and the day from which it was counted.

    `open_until`: the last day on which a further meeting still moves it. `was_moved`: it came in the place of another,
    so that a meeting from which it counts was in time, whatever became of the dates before.
    """

    started_on: date
    day: date
    open_until: date
    was_moved: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What happened at a stage: `met` is the day of its first meeting, `further` are those of the ones after it.

    `extended` are the dates that both sides agreed on, `in_force` those that stand: each counts as long as it is
    counted from the same day.
    """

    incident: date | None = None
    knowledge: date | None = None
    begun: date | None = None
    met: date | None = None
    answered: date | None = None
    extended: Mapping[Clock, date] = field(default_factory=dict)
    in_force: Mapping[Clock, InForce] = field(default_factory=dict)
    further: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Expected:
    """A clock that runs or ran, with what started it."""

    clock: Clock
    trigger: Trigger
    started_on: date
    due: Due

    @property
    def side(self) -> Side:
        return SIDE[self.clock]


def expected(
    clocks: Iterable[StepClock], facts: Facts, calendar: Calendar, *, silence: Silence, today: date
) -> list[Expected]:
    """The clocks that have started, in the order in which they run."""
    found: dict[Clock, Expected] = {}
    agreed, standing = facts.extended.get(Clock.ANSWER), facts.in_force.get(Clock.ANSWER)
    for item in sorted(clocks, key=lambda item: ORDER.index(item.clock)):
        answer_due = _later(agreed, _answer_due(found.get(Clock.ANSWER), standing))
        known = replace(facts, met=_meeting_for(item, facts, calendar)) if item.trigger == Trigger.MEETING else facts
        started = _started(item.trigger, known, answer_due, silence, today)
        if started is not None:
            found[item.clock] = Expected(item.clock, started[0], started[1], due(started[1], item.rule, calendar))
    return list(found.values())


def _meeting_for(item: StepClock, facts: Facts, calendar: Calendar) -> date | None:
    """The meeting from which a clock counts: the last of those held while the time from the one before was open.

    One that is held when that time is over gives it back to nobody; only an agreement of both sides does.
    """
    counted, open_until = None, date.max
    standing, agreed = facts.in_force.get(item.clock), facts.extended.get(item.clock, date.min)
    for day in sorted(day for day in (facts.met, *facts.further) if day):
        found = standing if standing is not None and standing.started_on == day else None
        if day <= open_until or (found is not None and found.was_moved):
            counted = day
            open_until = found.open_until if found else max(agreed, due(day, item.rule, calendar).day)
    return counted


def _answer_due(counted: Expected | None, in_force: InForce | None) -> date | None:
    if counted is None:
        return None
    return in_force.day if in_force and in_force.started_on == counted.started_on else counted.due.day


def _later(agreed: date | None, counted: date | None) -> date | None:
    """The agreed day, or the contract's where that gives longer."""
    return agreed if counted is None or (agreed and agreed > counted) else counted


def _started(
    trigger: Trigger, facts: Facts, answer_due: date | None, silence: Silence, today: date
) -> tuple[Trigger, date] | None:
    """What starts the clock, and when. None while nothing has: an answer that is out starts nothing until it is due."""
    if trigger not in (Trigger.ANSWER, Trigger.ANSWER_OR_DUE):
        return next(((known, day) for known, day in _known(trigger, facts) if day), None)
    is_silent = answer_due is not None and today > answer_due and not facts.answered
    counts_as_answer = trigger == Trigger.ANSWER_OR_DUE or silence == Silence.DENIED
    if answer_due and counts_as_answer and (is_silent or (facts.answered and facts.answered > answer_due)):
        return Trigger.ANSWER_OR_DUE, answer_due
    return (Trigger.ANSWER, facts.answered) if facts.answered else None


def _known(trigger: Trigger, facts: Facts) -> list[tuple[Trigger, date | None]]:
    """Without the day of knowledge the incident's counts, and the other way round."""
    first = [(Trigger.INCIDENT, facts.incident), (Trigger.KNOWLEDGE, facts.knowledge)]
    return {
        Trigger.INCIDENT: first,
        Trigger.KNOWLEDGE: first[::-1],
        Trigger.BEGUN: [(Trigger.BEGUN, facts.begun)],
        Trigger.MEETING: [(Trigger.MEETING, facts.met)],
    }.get(trigger, [])
