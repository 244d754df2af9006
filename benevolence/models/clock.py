"""The clock of a level: how often its days are over, and on which day they are the next time."""

from datetime import date, timedelta
from typing import Any


def _until(row: Any) -> date | None:
    """The last day of the level; an open question stops the clock, a day to come puts it off."""
    if row.level_until is None or row.is_awaiting_applicant:
        return None
    return max(row.level_until, row.deferred_until or row.level_until)


def _days(row: Any) -> int:
    return max((row.level_until - row.level_since).days, 1) if row.level_since else 7


def times_late(row: Any, today: date) -> int:
    until = _until(row)
    over = (today - until).days if until else 0
    return 0 if over <= 0 else 1 + (over - 1) // _days(row)


def late_from(row: Any, times: int) -> date | None:
    """The day from which the level is late once more than `times`."""
    until = _until(row)
    return until + timedelta(1 + times * _days(row)) if until else None
