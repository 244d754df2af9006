"""What help from before the portal counts for: whoever asks what somebody was given asks here too."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from benevolence.models import PastHelp


def given_since(person: Collection[int], day: date) -> Any:
    """What the holder of these records of members was given from `day` on."""
    return PastHelp.objects.alive().filter(member__in=person, paid_on__gte=day)


def total_since(person: Collection[int], day: date) -> Decimal:
    return given_since(person, day).aggregate(total=Sum("amount"))["total"] or Decimal(0)


def paid_since(day: date) -> Decimal:
    """What the fund paid to anybody from `day` on."""
    rows = PastHelp.objects.alive().filter(paid_on__gte=day)
    return rows.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def counted_since(person: Collection[int], day: date) -> dict[str, Any]:
    return given_since(person, day).aggregate(count=Count("pk"), total=Sum("amount"))
