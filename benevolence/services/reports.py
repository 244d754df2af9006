"""What the fund gave in a fiscal year or quarter, in numbers from which nobody's application can be told.

All numbers are of the applications that were made in the period, however long they took, so that no two periods share
one (services/periods.py). Other months are told by what these reports show, see services/spans.py.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from benevolence.enums import GRANTED, LEVELS, Reason, Status
from benevolence.models import BenevolenceApplication
from benevolence.services import fund, periods
from benevolence.services.periods import FiscalYear, Span, submitted
from benevolence.services.small_groups import kept_back, told
from core.site import local_today

ASKED, APPROVED, PAID = COLUMNS = range(3)
# What was approved matters more than what of it is paid by now, where both would tell what is not paid yet.
WANTED = ((ASKED, APPROVED, PAID), (ASKED, APPROVED), (ASKED, PAID), (ASKED,))


@dataclass(frozen=True, slots=True)
class Cell:
    """How many applications, of how much money; `days`: from the step before, together."""

    count: int = 0
    amount: Decimal = Decimal(0)
    days: int = 0

    @property
    def mean_days(self) -> int | None:
        return round(self.days / self.count) if self.count else None

    def __add__(self, other: "Cell") -> "Cell":
        return Cell(self.count + other.count, self.amount + other.amount, self.days + other.days)

    def __sub__(self, other: "Cell") -> "Cell":
        return Cell(self.count - other.count, self.amount - other.amount, self.days - other.days)


@dataclass(frozen=True, slots=True)
class Line:
    """Asked, approved and paid; None where it is kept back. `key` is what it is of: of a month its first day."""

    label: str
    asked: Cell | None
    approved: Cell | None
    paid: Cell | None
    key: Any = None

    @property
    def cells(self) -> tuple[Cell | None, ...]:
        return (self.asked, self.approved, self.paid)


@dataclass(frozen=True, slots=True)
class Part:
    """The lines of one property: the months of the year, the reasons, the levels."""

    name: str
    title: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Report:
    """`total` is None where there are fewer than five applications, or none; then there is no part either.

    `notes` say what of the chosen months is withheld.
    """

    year: FiscalYear | Span
    total: Line | None
    parts: list[Part]
    notes: Sequence[str] = ()

    @property
    def keeps_back(self) -> bool:
        lines = [line for part in self.parts for line in part.lines]
        return self.total is None or any(None in line.cells for line in (self.total, *lines))


@dataclass(frozen=True, slots=True)
class Held:
    """What the fund holds today; what is set aside is None, and so is the rest, where it would tell of too few."""

    balance: Decimal
    set_aside: Decimal | None
    available: Decimal | None


def held() -> Held:
    """Of each period the approved and unpaid can be known from its report; so none may have too few of them."""
    figures, waiting = fund.figures(), Counter[str]()
    approved = BenevolenceApplication.objects.filter(status=Status.APPROVED).order_by().values("list_date")
    for item in approved.annotate(count=Count("pk")):
        waiting[periods.period_of(item["list_date"]).key] += item["count"]
    if all(told(count) for count in waiting.values()):
        return Held(figures.balance, figures.set_aside, figures.available)
    return Held(figures.balance, None, None)


def report_of(year: FiscalYear) -> Report:
    """One statement, however many applications there are."""
    return made(year, list(counted(year.first_day, year.last_day)))


def counted(first: date, last: date) -> Any:
    """The applications by day, reason and level: how many, how much, and days by their sums."""
    rows = submitted().filter(list_date__range=(first, last)).order_by()
    granted, paid = Q(status__in=GRANTED), Q(status=Status.PAID)

    def days(after: str, before: str, which: Q) -> Sum:
        between = ExpressionWrapper(F(after) - F(before), output_field=DurationField())
        return Sum(between, filter=which)

    return rows.values("reason", "list_date", level=F("level_reached")).annotate(
        asked=Count("pk"),
        asked_money=Sum("amount_requested"),
        approved=Count("pk", filter=granted),
        approved_money=Sum("approved_amount", filter=granted),
        approved_days=days("approved_on", "list_date", granted),
        paid=Count("pk", filter=paid),
        paid_money=Sum("approved_amount", filter=paid),
        paid_days=days("payment_date", "approved_on", paid),
    )


Row = list[Cell]
Counted = dict[str, Any]


def made(year: FiscalYear, given: Sequence[Counted]) -> Report:
    """The report of what was counted, without what would tell of too few."""
    found = [{**item, "month": item["list_date"].month} for item in given]
    begun = [day for day in year.months if day <= local_today() or any(item["month"] == day.month for item in found)]
    properties = _properties(begun)
    tables = [
        [_summed(item for item in found if item[name] == value) for _label, value in rows]
        for name, _title, rows in properties
    ]
    columns, kept = kept_back([[[cell.count for cell in row] for row in table] for table in tables], wanted=WANTED)
    if not (columns and found):
        return Report(year, None, [])
    parts = []
    for (name, title, rows), table, hidden in zip(properties, tables, kept, strict=True):
        lines = []
        for at, (label, value) in enumerate(rows):
            shown = {column for column, away in zip(columns, hidden, strict=True) if at not in away}
            key = begun[at] if name == "month" else value
            lines.append(_line(label, table[at], shown, key))
        parts.append(Part(name, title, lines))
    return Report(year, _line(_("All applications"), _summed(found), set(columns)), parts)


def _properties(months: list[date]) -> list[tuple[str, str, list[tuple[str, Any]]]]:
    """What the parts are about, with the label of each value."""
    return [
        ("month", _("By month"), [(date_format(day, "M Y"), day.month) for day in months]),
        ("reason", _("By reason"), [(str(reason.label), reason.value) for reason in Reason]),
        ("level", _("By highest level"), [(str(level.label), at) for at, level in enumerate(LEVELS, 1)]),
    ]


def _summed(found: Iterable[Counted]) -> Row:
    items = list(found)
    return [
        Cell(
            sum(item[name] for item in items),
            sum((item[f"{name}_money"] or Decimal(0) for item in items), Decimal(0)),
            sum((item.get(f"{name}_days") or timedelta() for item in items), timedelta()).days,
        )
        for name in ("asked", "approved", "paid")
    ]


def _line(label: str, row: Row, shown: set[int], key: Any = None) -> Line:
    asked, approved, paid = (cell if at in shown else None for at, cell in enumerate(row))
    return Line(label, asked, approved, paid, key)
