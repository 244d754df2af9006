"""Each month's bank statement beside the books: what the bank has, what the books say, and what is still on its way."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, F, Min, Q, Sum, Value, When
from django.utils.translation import gettext as _

from accounts.models import User
from benevolence import permissions as p
from benevolence.enums import HELD, Account, BenevolenceAction
from benevolence.models import BankStatement, FundTransfer, Payment
from benevolence.services import fund
from benevolence.services.periods import FiscalYear, fiscal_year_of
from core.money import MoneyField
from core.permissions import Actor, allow
from core.records import records
from core.site import local_today
from core.web.formats import money_text

NOTHING = Decimal("0.00")
TYPED = ("month", "balance", "note")


@dataclass(frozen=True, slots=True)
class Month:
    """What the books say of a month today, and the statement that counts, if one was typed in."""

    month: date
    books: Decimal
    outstanding: Decimal
    statement: BankStatement | None

    @property
    def expected(self) -> Decimal:
        return self.books + self.outstanding

    @property
    def difference(self) -> Decimal | None:
        return None if self.statement is None else self.statement.balance - self.expected

    @property
    def difference_text(self) -> str:
        return money_text(self.difference or NOTHING)

    @property
    def has_changed(self) -> bool:
        """Whether the books of the month say something else today than when the statement was typed in."""
        found: Any = self.statement
        return found is not None and (found.books, found.outstanding) != (self.books, self.outstanding)


@dataclass(frozen=True, slots=True)
class YearOfFund:
    """What the fund held when a year began, what came in and was paid, and what it held at its end, or holds now."""

    opening: Decimal
    came_in: Decimal
    paid: Decimal
    closing: Decimal


def years_of_books() -> list[FiscalYear]:
    """From that of the first entry to the one that runs, the newest first."""
    this, first = fiscal_year_of(local_today()), FundTransfer.objects.aggregate(first=Min("on"))["first"]
    oldest = this.year if first is None else min(fiscal_year_of(first).year, this.year)
    return [FiscalYear(year, this.first_month) for year in range(this.year, oldest - 1, -1)]


def end_of(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def held_until(*days: date) -> list[Decimal]:
    """What the books say that the fund held at the end of each day, in one statement."""
    sides = Case(
        When(Q(debit__in=HELD) & ~Q(credit__in=HELD), then=F("amount")),
        When(Q(credit__in=HELD) & ~Q(debit__in=HELD), then=-F("amount")),
        default=Value(0),
    )
    sums = {f"day_{at}": Sum(sides, filter=Q(on__lte=day), output_field=MoneyField()) for at, day in enumerate(days)}
    return _in_order(FundTransfer.objects.aggregate(**sums))


def outstanding_at(*days: date) -> list[Decimal]:
    """What was paid until each day, and had not left the bank then: neither cleared nor void by its end."""

    def on_its_way(day: date) -> Q:
        left = Q(cleared_on=None) | Q(cleared_on__gt=day)
        return Q(paid_on__lte=day) & left & (Q(voided_at=None) | Q(voided_at__date__gt=day))

    sums = {f"day_{at}": Sum("amount", filter=on_its_way(day)) for at, day in enumerate(days)}
    return _in_order(Payment.objects.aggregate(**sums))


def _in_order(found: Mapping[str, Any]) -> list[Decimal]:
    return [found[f"day_{at}"] or NOTHING for at in range(len(found))]


def months_of(year: FiscalYear) -> list[Month]:
    """Those that have begun, in three statements."""
    begun = [month for month in year.months if month <= local_today()]
    if not begun:
        return []
    found, ends = {row.month: row for row in statements_of(year)}, [end_of(month) for month in begun]
    figures = zip(begun, held_until(*ends), outstanding_at(*ends), strict=True)
    return [Month(month, books, outstanding, found.get(month)) for month, books, outstanding in figures]


def statements_of(year: FiscalYear) -> Any:
    """The oldest first, so that of one month the newest comes last."""
    rows = BankStatement.objects.filter(month__range=(year.first_day, year.last_day))
    return rows.select_related("entered_by").order_by("entered_at", "pk")


def enter(values: Mapping[str, Any], *, actor: Actor | None) -> BankStatement:
    """Type in what the statement of a month shows; raises ValidationError by field."""
    allow(actor, p.RECORD_FUND)
    month = values["month"].replace(day=1)
    if end_of(month) >= local_today():
        raise ValidationError({"month": _("This month is not over. Its statement shows the balance of its last day.")})
    with transaction.atomic():
        fund.lock()
        row: Any = BankStatement(entered_by=cast(User, actor))
        [row.books], [row.outstanding] = held_until(end_of(month)), outstanding_at(end_of(month))
        given = {**values, "month": month}
        return records.create(row, given, editable=TYPED, actor=actor, action=BenevolenceAction.STATEMENT_ENTERED)


def year_of_fund(year: FiscalYear) -> YearOfFund:
    opening, closing = held_until(year.first_day - timedelta(days=1), year.last_day)
    rows = FundTransfer.objects.filter(on__range=(year.first_day, year.last_day))
    moved = rows.aggregate(paid=fund.moved(Account.PAID_OUT), left=fund.moved(Account.OUTSIDE))
    return YearOfFund(opening, -(moved["left"] or NOTHING), moved["paid"] or NOTHING, closing)
