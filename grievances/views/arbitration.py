"""What a case's page shows of its arbitration."""

from decimal import Decimal
from typing import Any

from core.enums import Badge, badge_of
from core.site import local_today
from grievances import working
from grievances.enums import BRIEFS, AwardOutcome
from grievances.models import Arbitration, Grievance
from grievances.services import arbitration as services


def arbitration_of(case: Grievance) -> dict[str, Any]:
    """The panel that counts and those given up, the dates of briefs, and what was charged."""
    found = list(Arbitration.objects.filter(grievance=case).with_rows())
    live = next((row for row in found if row.superseded_at is None), None)
    today = local_today()
    briefs = case.deadlines.filter(clock__in=BRIEFS, superseded_by=None).in_order()
    return {
        "arbitration": live,
        "former_panels": [row for row in found if row is not live],
        "arbitration_closed": services.why_not_now(case),
        "turn": services.side_words(live.turn) if live and live.turn else "",
        "award": live.award if live else None,
        "award_badge": award_badge(live),
        "briefs": [(row, working.what_is_due(row), working.badge(row, today, held=case.is_held)) for row in briefs],
        "cost_total": sum((row.amount for row in live.costs.all() if row.dropped_at is None), Decimal())
        if live
        else None,
    }


def award_badge(live: Arbitration | None) -> Badge | None:
    return badge_of(AwardOutcome, live.award.outcome) if live and live.award else None
