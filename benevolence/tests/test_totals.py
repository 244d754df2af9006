"""Totals from which no single application can be told."""

from datetime import date
from decimal import Decimal

import pytest

from benevolence.factories import ApplicationFactory
from benevolence.totals import Row, safe_rows, yearly_totals

pytestmark = pytest.mark.django_db


def row(label, count, paid_count=0):
    return Row(label, count, Decimal(100 * count), paid_count, Decimal(100 * paid_count))


def test_small_rows_become_one_or_none():
    large, small, smaller = row("Medical", 5), row("Disaster", 4), row("Other", 1)
    assert safe_rows([large, small, smaller]) == [large, row("Other reasons", 5)]
    assert safe_rows([large, small]) == [large]
    assert safe_rows([small]) == []


@pytest.mark.parametrize(
    ("count", "paid_count", "shown"),
    [(5, 5, Decimal(500)), (5, 4, None), (9, 5, None), (10, 5, Decimal(500)), (10, 4, None), (5, 0, None)],
)
def test_a_paid_sum_leaves_no_small_rest(count, paid_count, shown):
    assert row("Medical", count, paid_count).shown_paid == shown


def many(count, **fields):
    for _number in range(count):
        ApplicationFactory(amount_requested=Decimal("100.00"), **fields)


def test_by_year_and_reason(client_of):
    many(5, status="paid", reason="medical", approved_on=date(2026, 2, 1), application_date=date(2026, 1, 1))
    many(3, status="approved", reason="disaster", approved_on=date(2026, 3, 1), application_date=date(2026, 1, 1))
    many(2, status="approved", reason="other", approved_on=date(2026, 3, 1), application_date=date(2026, 1, 1))
    many(4, status="paid", reason="other", approved_on=date(2025, 3, 1), application_date=date(2025, 1, 1))
    many(6, status="denied", reason="hardship")
    [year] = yearly_totals()
    assert year.year == 2026
    assert [(r.label, r.count, r.approved, r.shown_paid) for r in year.rows] == [
        ("Medical", 5, Decimal(500), Decimal(500)),
        ("Other reasons", 5, Decimal(500), None),
    ]
    assert year.total.count == 10
    assert year.total.approved == Decimal(1000)
    assert year.shown_paid is None
    found = {name: client_of(name).get("/benevolence/totals/") for name in ("trustee", "staff", "admin")}
    assert {(page.status_code, "1,000.00" in page.text, "Hardship" in page.text) for page in found.values()} == {
        (200, True, False)
    }
    assert {client_of(name).get("/benevolence/totals/").status_code for name in ("member", "steward")} == {403}


def test_a_year_of_one_row_says_it_once(client_of):
    many(5, status="paid", reason="medical", approved_on=date(2026, 2, 1), application_date=date(2026, 1, 1))
    page = client_of("trustee").get("/benevolence/totals/").text
    assert page.count("$500.00") == 2  # approved and paid, of the one row
    assert "Total shown" not in page
