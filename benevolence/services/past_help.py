"""What help from before the portal counts for: whoever asks what somebody was given asks here too."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from benevolence.models import PastHelp
from members.models import Member


def given_since(member: Member, day: date) -> Any:
    """What this person, or who may be the same, was given from `day` on."""
    return PastHelp.objects.of_perhaps_same(member).filter(paid_on__gte=day)


def total_since(member: Member, day: date) -> Decimal:
    return given_since(member, day).aggregate(total=Sum("amount"))["total"] or Decimal(0)


def paid_since(day: date) -> Decimal:
    """What the fund paid to anybody from `day` on."""
    rows = PastHelp.objects.alive().filter(paid_on__gte=day)
    return rows.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def counted_since(member: Member, day: date) -> dict[str, Any]:
    return given_since(member, day).aggregate(count=Count("pk"), total=Sum("amount"))
