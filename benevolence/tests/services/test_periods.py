"""No two periods of which there are reports share a day, and none that was read is shown another way."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
import time_machine
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from benevolence.factories import ApplicationFactory
from benevolence.services import fund
from benevolence.services.periods import FiscalYear, period_of, periods, periods_in
from benevolence.services.reports import report_of
from benevolence.services.small_groups import kept_back, told

NOON = "2026-11-27 18:00Z"


@given(st.integers(1, 12), st.none() | st.integers(2019, 2032), st.dates(date(2021, 1, 1), date(2030, 12, 31)))
def test_every_day_belongs_to_one_period(first_month, quarters_from, day):
    years = [FiscalYear(year, first_month) for year in range(2019, 2033)]
    found = [period for year in years for period in periods_in(year, quarters_from)]
    assert len([period for period in found if period.first_day <= day <= period.last_day]) == 1
    assert all(after.first_day - before.last_day == timedelta(1) for before, after in pairwise(found))


def test_a_year_beside_its_quarters_would_tell_a_small_group():
    """Control: each table by reason keeps back what is too few in it, and the difference of two tells three."""
    quarters = [[20, 30], [3, 40]]
    year = [sum(reason) for reason in zip(*quarters, strict=True)]
    kept = [kept_back([[(count,) for count in table]], wanted=[(0,)])[1][0][0] for table in (year, *quarters)]
    assert kept == [frozenset(), frozenset(), frozenset({0, 1})]
    assert not told(year[0] - quarters[0][0])


@pytest.fixture
def six(db, people):
    """Six applications of the spring, of which a report of the year can be read."""
    with time_machine.travel(NOON, tick=False):
        for _number in range(6):
            day = date(2026, 5, 4)
            ApplicationFactory(status="submitted", application_date=day, list_date=day, money=False)
        yield


def change(people, year):
    return fund.change_settings({"quarters_from": year}, actor=people["treasurer"])


def test_quarters_begin_with_a_year_that_nobody_could_read(people, six):
    for year in (2025, 2026):
        with pytest.raises(ValidationError, match="Choose 2027 or a later year"):
            change(people, year)
    change(people, 2027)
    assert [str(period) for period in periods()] == ["2026"]
    with time_machine.travel("2027-04-02 18:00Z", tick=False):
        assert [str(period) for period in periods()] == ["2027, quarter 2", "2027, quarter 1", "2026"]
        assert period_of(date(2027, 3, 31)).key == "2027-1"
        with pytest.raises(ValidationError, match="Choose"):
            change(people, 2026)
        change(people, 2028)  # nothing of 2027 could be read yet


def test_the_report_of_a_quarter(people, six):
    spring = FiscalYear(2026, 1, 2)
    assert (spring.first_day, spring.last_day) == (date(2026, 4, 1), date(2026, 6, 30))
    report = report_of(spring)
    assert report.total.asked.count == 6
    assert [line.label for line in report.parts[0].lines] == ["Apr 2026", "May 2026", "Jun 2026"]
    assert report_of(FiscalYear(2026, 1, 3)).total is None
