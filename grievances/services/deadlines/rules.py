"""A contract's rule for one date, as data. Nothing here knows Django, a table or today's date."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Unit(StrEnum):
    """What is counted: every day, days on which the employer is open, or every day but holidays."""

    CALENDAR = "calendar"
    WORKING = "working"
    NO_HOLIDAYS = "no_holidays"


class Trigger(StrEnum):
    """What starts the count. BEGUN: the grievance or the appeal reached the employer at this step."""

    INCIDENT = "incident"
    KNOWLEDGE = "knowledge"
    BEGUN = "begun"
    MEETING = "meeting"
    ANSWER = "answer"
    ANSWER_OR_DUE = "answer_or_due"


class Clock(StrEnum):
    """What is to be done: we file, they meet us, they answer, we move the case to the next step."""

    FILE = "file"
    MEET = "meet"
    ANSWER = "answer"
    APPEAL = "appeal"


class Side(StrEnum):
    UNION = "union"
    EMPLOYER = "employer"


class Silence(StrEnum):
    """What follows when the employer does not answer in time."""

    MAY_ADVANCE = "may_advance"
    ADVANCES = "advances"
    DENIED = "denied"


class Lateness(StrEnum):
    """What a contract makes of a union deadline that was missed."""

    WAIVED = "waived"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


class Why(StrEnum):
    """Why a day counts or does not. ROLLED: the last day was closed, and the next open one is this."""

    COUNTED = "counted"
    EVENT = "event"
    SATURDAY = "saturday"
    SUNDAY = "sunday"
    HOLIDAY = "holiday"
    CLOSURE = "closure"
    ROLLED = "rolled"


SIDE = {Clock.FILE: Side.UNION, Clock.APPEAL: Side.UNION, Clock.MEET: Side.EMPLOYER, Clock.ANSWER: Side.EMPLOYER}


@dataclass(frozen=True, slots=True)
class Closure:
    """Days on which the contract's clock stands still, first and last included."""

    name: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days on which an employer is closed."""

    holidays: Mapping[date, str] = field(default_factory=dict)
    closures: tuple[Closure, ...] = ()
    saturdays_open: bool = False

    def closure(self, day: date) -> str | None:
        return next((item.name for item in self.closures if item.first <= day <= item.last), None)

    def closed(self, day: date) -> tuple[Why, str] | None:
        """Why nobody works on a day, with the name of the closure or holiday; None of an open day."""
        if (closure := self.closure(day)) is not None:
            return Why.CLOSURE, closure
        if (holiday := self.holidays.get(day)) is not None:
            return Why.HOLIDAY, holiday
        if day.weekday() == 6:
            return Why.SUNDAY, ""
        if day.weekday() == 5 and not self.saturdays_open:
            return Why.SATURDAY, ""
        return None


@dataclass(frozen=True, slots=True)
class Rule:
    """How many days, of which kind, from when; `unclear_…` marks what the contract leaves open."""

    days: int
    unit: Unit = Unit.CALENDAR
    event_day_counted: bool = False
    rolls: bool = False
    unclear_unit: bool = False
    unclear_start: bool = False
    unclear_roll: bool = False

    def __post_init__(self) -> None:
        if self.days < 1:
            raise ValueError("A rule counts at least one day")

    @property
    def is_unclear(self) -> bool:
        return self.unclear_unit or self.unclear_start or self.unclear_roll


@dataclass(frozen=True, slots=True)
class StepClock:
    """One clock of one stage of an agreement."""

    clock: Clock
    trigger: Trigger
    rule: Rule


@dataclass(frozen=True, slots=True)
class Day:
    """One day of an explanation; `number` is 0 of a day that does not count."""

    day: date
    number: int
    why: Why
    name: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """The contract's date with its working, and an earlier safe one where the rule can be read in more ways."""

    day: date
    days: tuple[Day, ...]
    safe: date | None = None

    @property
    def counted(self) -> int:
        return sum(1 for item in self.days if item.number)
