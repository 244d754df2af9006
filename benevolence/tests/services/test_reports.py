"""The report of a fiscal year: every number by hand, and what is kept back of it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benevolence.factories import ApplicationFactory
from benevolence.services.periods import FiscalYear, periods
from benevolence.services.reports import Cell, held, report_of
from core.site import change_settings
from members.factories import MemberFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine("2026-11-27 15:00Z")]
YEAR = FiscalYear(2026, 1)


@pytest.fixture
def applications(people):
    """`applications(5, date(2026, 3, 1), "medical", "paid")`: of $100 each, of which $80 are approved."""
    member, staff, treasurer = MemberFactory(), people["staff"], people["treasurer"]

    def make(count, day, reason="medical", status="denied", level=1):
        granted = {"approved_amount": Decimal("80.00"), "approved_on": day + timedelta(days=4)}
        paid = {"payment_date": day + timedelta(days=7), "paid_by": treasurer}
        for _number in range(count):
            ApplicationFactory(
                member=member,
                entered_by=staff,
                amount_requested=Decimal("100.00"),
                application_date=day,
                reason=reason,
                status=status,
                level_reached=level,
                **(granted if status in ("approved", "paid") else {}),
                **(paid if status == "paid" else {}),
            )

    return make


def numbers(line) -> list:
    return [None if cell is None else (cell.count, int(cell.amount), cell.mean_days) for cell in line.cells]


def part(report, name) -> dict[str, list]:
    [found] = [part for part in report.parts if part.name == name]
    return {line.label: numbers(line) for line in found.lines if line.asked is None or line.asked.count}


def test_asked_approved_and_paid_by_month_reason_and_level(applications):
    applications(7, date(2026, 3, 2), "medical", "paid", level=1)
    applications(6, date(2026, 3, 2), "hardship", "approved", level=2)
    applications(5, date(2026, 5, 2), "hardship", "submitted", level=1)
    applications(9, date(2025, 12, 31), "other", "denied")
    report = report_of(YEAR)
    assert numbers(report.total) == [(18, 1800, 0), (13, 1040, 4), (7, 560, 3)]
    assert part(report, "month") == {
        "Mar 2026": [(13, 1300, 0), (13, 1040, 4), (7, 560, 3)],
        "May 2026": [(5, 500, 0), (0, 0, None), (0, 0, None)],
    }
    assert part(report, "reason") == {
        "Medical": [(7, 700, 0), (7, 560, 4), (7, 560, 3)],
        "Hardship": [(11, 1100, 0), (6, 480, 4), (0, 0, None)],
    }
    assert part(report, "level") == {
        "Vice president": [(12, 1200, 0), (7, 560, 4), (7, 560, 3)],
        "Benevolence administrator": [(6, 600, 0), (6, 480, 4), (0, 0, None)],
    }


def test_what_would_tell_of_too_few_is_kept_back_with_its_neighbour(applications):
    applications(9, date(2026, 3, 2), "medical")
    applications(7, date(2026, 4, 2), "hardship")
    applications(2, date(2026, 4, 2), "disaster")
    report = report_of(YEAR)
    assert numbers(report.total)[0] == (18, 1800, 0)
    assert part(report, "reason") == {
        "Medical": [(9, 900, 0), (0, 0, None), (0, 0, None)],
        "Hardship": [None] * 3,
        "Disaster": [None] * 3,
    }
    assert part(report, "month") == {
        "Mar 2026": [(9, 900, 0), (0, 0, None), (0, 0, None)],
        "Apr 2026": [(9, 900, 0), (0, 0, None), (0, 0, None)],
    }


def test_what_is_not_paid_yet_is_not_told_by_what_is(applications):
    applications(9, date(2026, 3, 2), "medical", "paid")
    applications(3, date(2026, 3, 2), "medical", "approved")
    report = report_of(YEAR)
    assert numbers(report.total) == [(12, 1200, 0), (12, 960, 4), None]


def test_a_year_of_four_is_not_shown(applications):
    applications(4, date(2026, 3, 2))
    report = report_of(YEAR)
    assert (report.total, report.parts) == (None, [])


def test_drafts_are_no_applications_yet(applications, people):
    ApplicationFactory.create_batch(5, member=MemberFactory(), entered_by=people["staff"])
    assert report_of(YEAR).total is None


def test_months_that_have_not_begun_are_left_out(applications):
    applications(5, date(2026, 3, 2))
    [months] = [part for part in report_of(YEAR).parts if part.name == "month"]
    assert [line.label for line in months.lines][-1] == "Nov 2026"


@pytest.mark.parametrize(
    ("first_month", "first", "last", "label"),
    [
        (1, date(2026, 1, 1), date(2026, 12, 31), "2026"),
        (7, date(2026, 7, 1), date(2027, 6, 30), "2026–2027"),
        (12, date(2026, 12, 1), date(2027, 11, 30), "2026–2027"),
    ],
)
def test_a_fiscal_year(first_month, first, last, label):
    year = FiscalYear(2026, first_month)
    assert (year.first_day, year.last_day, str(year)) == (first, last, label)
    assert (year.months[0], year.months[-1], len(year.months)) == (first, last.replace(day=1), 12)


def test_the_years_there_are(applications, people):
    assert periods() == [YEAR]
    applications(1, date(2024, 3, 2))
    assert [year.year for year in periods()] == [2026, 2025, 2024]
    change_settings({"fiscal_year_start": 7}, actor=None)
    assert [str(year) for year in periods()] == ["2026–2027", "2025–2026", "2024–2025", "2023–2024"]


def test_three_statements_however_many_there_are(applications):
    found = []
    for count in (1, 6):
        applications(count, date(2026, 3, 2))
        with CaptureQueriesContext(connection) as queries:
            report_of(periods()[0])
        found.append(len(queries))
    assert found == [3, 3]


def test_days_are_whole_and_on_average():
    assert [Cell(count, days=days).mean_days for count, days in ((0, 0), (3, 10), (4, 10))] == [None, 3, 2]


def test_what_is_set_aside_is_told_unless_it_is_for_too_few(applications):
    def told_now():
        found = held()
        return [None if amount is None else int(amount) for amount in (found.balance, found.set_aside, found.available)]

    applications(5, date(2026, 3, 2), status="approved")
    balance = told_now()[0]
    assert told_now() == [balance, 400, balance - 400]
    applications(1, date(2025, 3, 2), status="approved")
    assert told_now() == [balance + 100, None, None]
