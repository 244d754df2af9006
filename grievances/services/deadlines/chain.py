"""Which clocks run at a stage, from what is known of it. Pure: every fact and today are arguments."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from grievances.services.deadlines.counting import due
from grievances.services.deadlines.rules import SIDE, Calendar, Clock, Due, Side, Silence, StepClock, Trigger

ORDER = tuple(Clock)


@dataclass(frozen=True, slots=True)
class InForce:
    """A date that was computed and stands, and the day from which it was counted."""

    started_on: date | None
    day: date


@dataclass(frozen=True, slots=True)
class Facts:
    """What happened at the stage where a case stands; `extended` are the dates that both sides agreed on.

    `in_force`: the day of the answer that stands; it counts as long as it is counted from the same day.
    """

    incident: date | None = None
    knowledge: date | None = None
    begun: date | None = None
    met: date | None = None
    answered: date | None = None
    extended: Mapping[Clock, date] = field(default_factory=dict)
    in_force: InForce | None = None


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
    for item in sorted(clocks, key=lambda item: ORDER.index(item.clock)):
        answer_due = _later(facts.extended.get(Clock.ANSWER), _answer_due(found.get(Clock.ANSWER), facts.in_force))
        started = _started(item.trigger, facts, answer_due, silence, today)
        if started is not None:
            found[item.clock] = Expected(item.clock, started[0], started[1], due(started[1], item.rule, calendar))
    return list(found.values())


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
