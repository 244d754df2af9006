"""Months of one's own choice: sums of what the periods show, and nothing that tells of one to four applications."""

from datetime import date
from itertools import combinations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from benevolence.factories import ApplicationFactory
from benevolence.services.periods import FiscalYear, Span, months_to_choose, periods
from benevolence.services.reports import Cell, Line, Part, Report
from benevolence.services.small_groups import kept_back, told
from benevolence.services.spans import composed, report_between
from members.factories import MemberFactory

TODAY = date(2026, 11, 27)
YEARS = [FiscalYear(2026, 1, number) for number in (1, 2)]
MONTHS = [month for year in YEARS for month in year.months]


def span(first, last):
    return Span(date(2026, first, 1), date(2026, last, 1))


# --- nothing is told by subtraction ------------------------------------------------------------------------


def report_with(year, counts):
    """The report of a quarter by month, where everything was asked and nothing approved."""
    columns, kept = kept_back([[[count] for count in counts]], wanted=[(0,)])
    if not columns:
        return Report(year, None, [])
    rows = zip(year.months, counts, strict=True)
    lines = [
        Line(str(month), None if at in kept[0][0] else Cell(count), None, None, month)
        for at, (month, count) in enumerate(rows)
    ]
    parts = [Part("month", "By month", lines), Part("reason", "By reason", []), Part("level", "By level", [])]
    return Report(year, Line("All", Cell(sum(counts)), None, None), parts)


def told_sums(counts, tell):
    """What is told, as (months, how many): every month and every span."""
    reports = [report_with(year, counts[at * 3 : at * 3 + 3]) for at, year in enumerate(YEARS)]
    found = {}
    for first, last in [*combinations(MONTHS, 2), *((month, month) for month in MONTHS)]:
        report = tell(Span(first, last), reports)
        if report.total and report.total.asked:
            found[frozenset(Span(first, last).months)] = report.total.asked.count
    for report in reports:
        for part in report.parts:
            found |= {frozenset([line.key]): line.asked.count for line in part.lines if line.asked}
        if report.total:
            found[frozenset(report.year.months)] = report.total.asked.count
    return found


def differences(found):
    """What is left where one sum is taken from another that has its months."""
    return [found[whole] - found[piece] for whole in found for piece in found if piece < whole]


def tell(chosen, reports):
    return composed(chosen, reports, today=TODAY)


COUNTS = st.lists(st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 9, 12]), min_size=6, max_size=6)


@given(COUNTS)
def test_no_span_and_no_difference_of_two_tells_of_too_few(counts):
    found = told_sums(counts, tell)
    assert all(told(count) for count in found.values())
    assert all(told(count) for count in differences(found))


@given(COUNTS)
def test_what_is_told_is_right(counts):
    of = dict(zip(MONTHS, counts, strict=True))
    assert all(count == sum(of[month] for month in months) for months, count in told_sums(counts, tell).items())


def test_control_spans_that_are_merely_large_enough_tell_by_subtraction():
    counts = [9, 2, 4, 7, 0, 5]
    of = dict(zip(MONTHS, counts, strict=True))

    def naive(chosen, reports):
        count = sum(of[month] for month in chosen.months)
        return Report(chosen, Line("All", Cell(count) if told(count) else None, None, None), [])

    assert not all(told(count) for count in differences(told_sums(counts, naive)))


# --- by hand ----------------------------------------------------------------------------------------------


@pytest.fixture
def applications(people):
    """`applications(5, date(2026, 3, 1))`: of $100 each, denied."""
    member, staff = MemberFactory(), people["staff"]

    def make(count, day, reason="medical"):
        for _number in range(count):
            ApplicationFactory(
                member=member,
                entered_by=staff,
                amount_requested=100,
                application_date=day,
                reason=reason,
                status="denied",
            )

    return make


def asked(lines):
    return {line.label: None if line.asked is None else line.asked.count for line in lines if line.asked != Cell()}


def shown(report):
    """The total, the parts, the sentences."""
    total = report.total and report.total.asked and report.total.asked.count
    return total, {part.name: asked(part.lines) for part in report.parts}, list(report.notes)


SINGLE = "Reasons and levels are told of whole periods only: of single months they tell of too few."
TOGETHER = (
    "Of 2026 these months are kept back together: May 2026, Jun 2026. "
    "Choose all of them or none, and the total is told."
)
HAND = [
    (span(3, 4), (15, {"month": {"Mar 2026": 9, "Apr 2026": 6}}, [SINGLE])),
    (
        span(3, 5),
        (None, {"month": {"Mar 2026": 9, "Apr 2026": 6, "May 2026": None}}, [TOGETHER, SINGLE]),
    ),
    (
        span(3, 6),
        (21, {"month": {"Mar 2026": 9, "Apr 2026": 6, "May 2026": None, "Jun 2026": None}}, [SINGLE]),
    ),
    (span(5, 5), (None, {}, [TOGETHER, SINGLE])),
]


@pytest.mark.django_db
@pytest.mark.time_machine("2026-11-27 15:00Z")
class TestByHand:
    @pytest.mark.parametrize(("chosen", "wanted"), HAND, ids=[str(chosen) for chosen, _wanted in HAND])
    def test_months_that_a_year_keeps_back_together_are_told_together_or_not(self, applications, chosen, wanted):
        for month, count in ((3, 9), (4, 6), (5, 2), (6, 4)):
            applications(count, date(2026, month, 2))
        assert shown(report_between(chosen, periods())) == wanted

    def test_whole_years_add_their_reasons_and_levels(self, applications):
        applications(5, date(2025, 3, 2), "medical")
        applications(6, date(2026, 3, 2), "medical")
        applications(7, date(2026, 3, 2), "other")
        found = shown(report_between(Span(date(2025, 1, 1), date(2026, 11, 1)), periods()))
        assert found == (
            18,
            {
                "month": {"Mar 2025": 5, "Mar 2026": 13},
                "reason": {"Medical": 11, "Other": 7},
                "level": {"Vice president": 18},
            },
            [],
        )

    def test_a_year_of_too_few_is_named(self, applications):
        applications(3, date(2025, 3, 2))
        applications(6, date(2026, 1, 2))
        total, _parts, notes = shown(report_between(Span(date(2025, 12, 1), date(2026, 1, 1)), periods()))
        assert total is None
        assert notes == [
            "Fewer than five applications were made in 2025. Leave it out, and the total is told.",
            SINGLE,
        ]

    def test_all_months_of_one_year_are_that_year(self, applications):
        applications(6, date(2026, 1, 2))
        year = FiscalYear(2026, 1)
        assert report_between(span(1, 11), [year]).year == year

    def test_the_months_there_are(self, applications):
        applications(1, date(2025, 3, 2))
        months = months_to_choose(periods())
        assert (months[0], months[-1], len(months)) == (date(2026, 11, 1), date(2025, 1, 1), 23)

    def test_one_statement_however_many_years(self, applications):
        found = []
        for first in (2026, 2020):
            applications(6, date(first, 3, 2))
            every = periods()
            with CaptureQueriesContext(connection) as queries:
                report_between(Span(date(first, 2, 1), date(2026, 4, 1)), every)
            found.append(len(queries))
        assert found == [1, 1]
