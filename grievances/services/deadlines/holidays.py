"""Named holidays computed for a year, and the day on which one is observed."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum

MONDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = 0, 3, 4, 5, 6


class Observed(StrEnum):
    """Where a holiday on a weekend goes: nowhere, to the nearest weekday, or to the Monday after."""

    AS_IT_FALLS = "as_it_falls"
    NEAREST = "nearest"
    MONDAY = "monday"


def nth(year: int, month: int, weekday: int, number: int) -> date:
    """The `number`-th such weekday of a month; -1 is the last one."""
    if number < 0:
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(1)
        return last - timedelta((last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta((weekday - first.weekday()) % 7 + 7 * (number - 1))


def easter(year: int) -> date:
    """Western Easter Sunday, by the anonymous Gregorian computation."""
    golden, (century, of_century) = year % 19, divmod(year, 100)
    leap, rest = divmod(century, 4)
    moon = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap - moon + 15) % 30
    quarter, left = divmod(of_century, 4)
    to_sunday = (32 + 2 * rest + 2 * quarter - epact - left) % 7
    shift = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def on(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


def weekday(month: int, day: int, number: int) -> Callable[[int], date]:
    return lambda year: nth(year, month, day, number)


# Those of the United States' government, in the order of the year.
FEDERAL: Mapping[str, Callable[[int], date]] = {
    "new_year": on(1, 1),
    "king": weekday(1, MONDAY, 3),
    "presidents": weekday(2, MONDAY, 3),
    "memorial": weekday(5, MONDAY, -1),
    "juneteenth": on(6, 19),
    "independence": on(7, 4),
    "labor": weekday(9, MONDAY, 1),
    "columbus": weekday(10, MONDAY, 2),
    "veterans": on(11, 11),
    "thanksgiving": weekday(11, THURSDAY, 4),
    "christmas": on(12, 25),
}
# Others that contracts name.
FURTHER: Mapping[str, Callable[[int], date]] = {
    "good_friday": lambda year: easter(year) - timedelta(2),
    "after_thanksgiving": lambda year: nth(year, 11, THURSDAY, 4) + timedelta(1),
    "christmas_eve": on(12, 24),
    "new_year_eve": on(12, 31),
}
NAMED = {**FEDERAL, **FURTHER}


def observed(day: date, rule: Observed) -> date:
    if rule == Observed.AS_IT_FALLS or day.weekday() < SATURDAY:
        return day
    if rule == Observed.NEAREST and day.weekday() == SATURDAY:
        return day - timedelta(1)
    return day + timedelta(7 - day.weekday())


def days_of(names: Iterable[str], years: Iterable[int], rule: Observed) -> dict[date, str]:
    """Observed day → name of the holiday; New Year's on a Saturday is observed in the year before."""
    found = {(observed(NAMED[name](year), rule), name) for year in years for name in names}
    return dict(sorted(found))
