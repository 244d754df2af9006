"""What the fund gave, in numbers from which nobody's application can be told.

A row stands for five applications or more, and so does whatever two numbers beside each other leave between them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from benevolence.enums import Reason, Status
from benevolence.models import BenevolenceApplication

FEWEST = 5


@dataclass(frozen=True, slots=True)
class Row:
    """`paid_count` of `count` approved applications are paid."""

    label: str
    count: int
    approved: Decimal
    paid_count: int
    paid: Decimal

    @property
    def shown_paid(self) -> Decimal | None:
        """The sum paid; None where it, or the rest that is not paid yet, is the sum of too few."""
        rest = self.count - self.paid_count
        return self.paid if self.paid_count >= FEWEST and (rest == 0 or rest >= FEWEST) else None


@dataclass(frozen=True, slots=True)
class Year:
    year: int
    rows: list[Row]
    total: Row

    @property
    def shown_paid(self) -> Decimal | None:
        """None where it would tell, by subtraction, what one of the rows does not."""
        return None if any(row.shown_paid is None for row in self.rows) else self.total.paid


def added(label: str, rows: Iterable[Row]) -> Row:
    found = list(rows)
    return Row(
        label,
        sum(row.count for row in found),
        sum((row.approved for row in found), Decimal(0)),
        sum(row.paid_count for row in found),
        sum((row.paid for row in found), Decimal(0)),
    )


def safe_rows(rows: list[Row]) -> list[Row]:
    """Rows of fewer than five become one row, which is left out when it is still one of fewer than five."""
    large = [row for row in rows if row.count >= FEWEST]
    small = [row for row in rows if row.count < FEWEST]
    rest = added(_("Other reasons") if large else _("All reasons"), small)
    return [*large, rest] if rest.count >= FEWEST else large


def yearly_totals() -> list[Year]:
    """Approved applications by the calendar year of the approval, the newest first."""
    paid = Q(status=Status.PAID)
    counted = BenevolenceApplication.objects.granted().values("approved_on__year", "reason").order_by()
    by_year: dict[int, list[Row]] = {}
    found: Iterable[dict[str, Any]] = counted.annotate(
        count=Count("pk"),
        approved=Sum("approved_amount"),
        paid_count=Count("pk", filter=paid),
        paid=Sum("approved_amount", filter=paid),
    )
    for item in found:
        by_year.setdefault(item["approved_on__year"], []).append(
            Row(
                str(Reason(item["reason"]).label),
                item["count"],
                item["approved"],
                item["paid_count"],
                item["paid"] or Decimal(0),
            )
        )
    years = [(year, safe_rows(sorted(rows, key=lambda row: row.label))) for year, rows in sorted(by_year.items())]
    return [Year(year, rows, added(_("Total shown"), rows)) for year, rows in reversed(years) if rows]
