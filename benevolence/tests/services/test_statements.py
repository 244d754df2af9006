"""The bank's statements beside the books."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from benevolence.factories import ApplicationFactory, PaymentFactory, TransferFactory
from benevolence.models import BankStatement
from benevolence.services import fund, statements
from benevolence.services.periods import FiscalYear
from benevolence.services.statements import YearOfFund
from benevolence.tests.steps import faults
from core.models import AuditEvent

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(datetime(2026, 4, 20, 15, tzinfo=UTC))]
YEAR = FiscalYear(2026, 1)
MARCH = {"month": date(2026, 3, 1), "balance": Decimal("950.00")}


def came_in(amount, on):
    with transaction.atomic():
        fund.lock()
        return TransferFactory(amount=Decimal(amount), on=on)


@pytest.fixture
def books(people):
    """$1,000 in January, of which one check over $100 was written in March and cleared in April, another in April."""
    came_in(1000, date(2026, 1, 10))
    found = []
    for amount, day in ((100, date(2026, 3, 30)), (50, date(2026, 4, 2))):
        application = ApplicationFactory(
            status="approved", amount_requested=Decimal(amount), money=False, entered_by=people["staff"]
        )
        payment = PaymentFactory(line=application.lines.get(), paid_on=day, paid_by=people["treasurer"])
        found.append(payment)
    return found


def told(year=YEAR) -> dict[str, list[str]]:
    return {
        f"{row.month:%b}": [str(row.books), str(row.outstanding), str(row.expected)]
        for row in statements.months_of(year)
    }


def test_each_month_that_has_begun_says_what_the_bank_should_have(books):
    assert told() == {
        "Jan": ["1000.00", "0.00", "1000.00"],
        "Feb": ["1000.00", "0.00", "1000.00"],
        "Mar": ["900.00", "100.00", "1000.00"],
        "Apr": ["850.00", "150.00", "1000.00"],
    }
    assert statements.months_of(FiscalYear(2027, 1)) == []


def test_a_statement_is_compared_and_a_wrong_one_typed_again(people, books):
    treasurer = people["treasurer"]
    first = statements.enter(MARCH, actor=treasurer)
    statements.enter({**MARCH, "balance": Decimal("1000.00"), "note": "Read wrong"}, actor=treasurer)
    march = statements.months_of(YEAR)[2]
    assert (first.books, first.outstanding, first.difference) == (Decimal(900), Decimal(100), Decimal(-50))
    assert march.statement is not None
    assert (march.statement.note, march.difference, march.has_changed) == ("Read wrong", Decimal(0), False)
    assert [row.entered_by for row in statements.statements_of(YEAR)] == [treasurer] * 2
    assert AuditEvent.objects.filter(action="benevolence.statement", actor=treasurer).count() == 2


def test_books_that_change_afterwards_are_noticed(people, books):
    statements.enter(MARCH, actor=people["treasurer"])
    came_in(7, date(2026, 3, 31))
    march = statements.months_of(YEAR)[2]
    assert march.has_changed
    assert march.difference == Decimal("-57.00")


def test_a_month_that_is_not_over_has_no_statement(people):
    for day in (date(2026, 4, 1), date(2026, 5, 1)):
        assert faults(statements.enter, {**MARCH, "month": day}, actor=people["treasurer"]) == {
            "month": ["This month is not over. Its statement shows the balance of its last day."]
        }


def test_only_who_keeps_the_books_types_them_in(people):
    for name in ("trustee", "officer", "admin", "benevolence-vp"):
        with pytest.raises(PermissionDenied):
            statements.enter(MARCH, actor=people[name])


def test_what_was_typed_is_never_changed(people):
    row = statements.enter(MARCH, actor=people["treasurer"])
    for change in (lambda: BankStatement.objects.filter(pk=row.pk).update(balance=1), row.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_year_of_the_fund(books):
    assert statements.year_of_fund(YEAR) == YearOfFund(Decimal(0), Decimal(1000), Decimal(150), Decimal(850))
    assert [year.year for year in statements.years_of_books()] == [2026]


def test_the_year_costs_three_statements(books):
    with CaptureQueriesContext(connection) as queries:
        statements.months_of(YEAR)
    assert len(queries) == 3
