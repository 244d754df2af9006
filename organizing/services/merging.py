"""Two records of one employer became one: campaigns go on at the record that stayed."""

from django.db import transaction

from core.audit import trail
from members.models import Organization
from organizing.enums import OrganizingAction
from organizing.models import Campaign


def follow_target(kept: Organization, duplicate: Organization) -> None:
    """Nobody did it, as far as the trail of the campaign tells, and whoever merges learns nothing of it."""
    with transaction.atomic():
        for campaign in Campaign.objects.filter(target=duplicate).select_for_update(of=("self",)).order_by("pk"):
            changed = trail.changes(Campaign, {"target": duplicate.pk}, {"target": kept.pk})
            campaign.target = kept
            campaign.version += 1
            campaign.save()
            trail.record(campaign, OrganizingAction.CAMPAIGN_CHANGED, actor=None, changes=changed)
