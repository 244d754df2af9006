"""Holidays of the government's own list, typed from it."""

import datetime as dt

import pytest

from grievances.services.deadlines.holidays import FEDERAL, FURTHER, Observed, days_of, easter, observed

PUBLISHED = {
    2021: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
    2024: "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
    2025: "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25",
    2026: "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
    2027: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
    2028: "01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25",
}


@pytest.mark.parametrize("year", PUBLISHED)
def test_the_federal_days_are_those_that_are_published(year):
    found = days_of(FEDERAL, (year - 1, year, year + 1), Observed.NEAREST)
    assert " ".join(day.strftime("%m-%d") for day in found if day.year == year) == PUBLISHED[year]


@pytest.mark.parametrize(
    ("rule", "saturday", "sunday"),
    [
        (Observed.AS_IT_FALLS, "2026-07-04", "2021-07-04"),
        (Observed.NEAREST, "2026-07-03", "2021-07-05"),
        (Observed.MONDAY, "2026-07-06", "2021-07-05"),
    ],
)
def test_where_a_holiday_on_a_weekend_goes(rule, saturday, sunday):
    assert observed(dt.date(2026, 7, 4), rule) == dt.date.fromisoformat(saturday)
    assert observed(dt.date(2021, 7, 4), rule) == dt.date.fromisoformat(sunday)


@pytest.mark.parametrize(("year", "month", "day"), [(2024, 3, 31), (2025, 4, 20), (2026, 4, 5), (2038, 4, 25)])
def test_easter(year, month, day):
    assert easter(year) == dt.date(year, month, day)


def test_further_days_that_contracts_name():
    assert list(days_of(FURTHER, [2025], Observed.AS_IT_FALLS).items()) == [
        (dt.date(2025, 4, 18), "good_friday"),
        (dt.date(2025, 11, 28), "after_thanksgiving"),
        (dt.date(2025, 12, 24), "christmas_eve"),
        (dt.date(2025, 12, 31), "new_year_eve"),
    ]
