"""Which levels an application needs, and what the rules cap: amounts and days in, answers out."""

import calendar
from datetime import date
from decimal import Decimal
from typing import Protocol

from benevolence.enums import LEVELS, Level, position_of


class Limits(Protocol):
    vp_up_to: Decimal
    admin_up_to: Decimal
    manager_up_to: Decimal


def levels_needed(total: Decimal, limits: Limits) -> tuple[Level, ...]:
    """The first levels of the order, as many as `total` asks for; above the last limit all of them."""
    ceilings = (limits.vp_up_to, limits.admin_up_to, limits.manager_up_to)
    return LEVELS[: 1 + sum(total > ceiling for ceiling in ceilings)]


def is_last(level: str, total: Decimal, limits: Limits) -> bool:
    """Whether an approval at `level` decides; a level that is no longer needed decides too."""
    return position_of(level) >= len(levels_needed(total, limits))


def level_after(level: str) -> Level:
    """The level above; raises IndexError above the last one."""
    return LEVELS[position_of(level)]


def year_before(day: date) -> date:
    """The same day twelve months ago, or the last of a shorter month."""
    last = calendar.monthrange(day.year - 1, day.month)[1]
    return day.replace(year=day.year - 1, day=min(day.day, last))
