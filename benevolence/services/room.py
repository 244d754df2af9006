"""How much room the cap of a member leaves for help that comes on record after something else was granted."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef

from benevolence.enums import Decision
from benevolence.models import BenevolenceApplication, BenevolenceReview
from benevolence.services.facts import helped_before, policy_on
from benevolence.services.policy import Facts, Help, is_counted, left_for_member, months_before
from core.site import local_today
from members.models import Member


@dataclass(slots=True)
class Room:
    """What is left for one person under the rules."""

    rules: Any
    since: date
    left: Decimal

    def take(self, day: date, amount: Decimal, reason: str) -> bool:
        """Whether `amount` fits, which is used up then; what the cap does not count always does."""
        if day < self.since or amount <= 0 or not is_counted(self.rules, reason):
            return True
        if amount > self.left:
            return False
        self.left -= amount
        return True


def rooms_since(moment: datetime, members: Collection[int]) -> dict[int, Room]:
    """By record, for those of `members` to whom, or to who may be the same, something was granted since `moment`."""
    today = local_today()
    rules: Any = policy_on(today)
    if rules.cap_per_member is None:
        return {}
    approvals = BenevolenceReview.objects.filter(
        application=OuterRef("pk"), decision=Decision.APPROVED, voided_at=None, created_at__gt=moment
    )
    found: dict[int, Room] = {}
    rows: Any = BenevolenceApplication.objects.granted().filter(Exists(approvals)).select_related("member")
    for row in rows.order_by("pk"):
        same = set(Member.objects.perhaps_one_with(row.member_id)) & set(members)
        if same - found.keys():
            own = Help(row.approved_on, row.approved_amount, row.reason)
            facts = Facts(day=today, helped=(*helped_before(row, rules, today), own))
            room = Room(rules, months_before(today, rules.cap_months), left_for_member(rules, facts) or Decimal(0))
            found |= dict.fromkeys(same - found.keys(), room)
    return found
