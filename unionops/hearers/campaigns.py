"""Who hears of campaigns: never a salt, and of nobody more than that there is something new."""

from typing import Any

from accounts.models import User
from core.models import AuditEvent
from organizing import permissions as organizing
from organizing.enums import DIRECTING, Duty
from organizing.models import Campaign, CampaignAssignment, EmergencyOpening
from organizing.services import openings
from unionops.hearers.lines import People, Turn


def campaign_of(subject: Any, event: AuditEvent) -> Campaign:
    return subject.campaign


def assigned(turn: Turn) -> People:
    return [turn.subject.user]


def handler(turn: Turn) -> People:
    return [turn.subject.handler]


def handler_and_lead(turn: Turn) -> People:
    lead = CampaignAssignment.objects.live().filter(campaign=turn.about.campaign_id, duty=Duty.LEAD)
    return [turn.about.campaign_member.handler, *User.objects.filter(pk__in=lead.values("user"))]


def led_by(subject: Any, event: AuditEvent) -> Campaign | None:
    """A running campaign of this person that waits for the director; one page shows them all."""
    leading = CampaignAssignment.objects.in_term().filter(duty=Duty.LEAD, user=subject)
    running = Campaign.objects.running().filter(pk__in=leading.values("campaign"))
    able = User.objects.holding(organizing.VIEW_CAMPAIGNS).filter(pk=subject.pk).exists()
    if able:
        running = running.exclude(pk__in=leading.live().values("campaign"))
    return running.order_by("sort_name", "pk").first()


def directors(turn: Turn) -> People:
    return User.objects.holding(organizing.OVERSEE_CAMPAIGNS)


def deciders(turn: Turn) -> People:
    """The officers, while it waits for one of them."""
    if EmergencyOpening.objects.waiting().filter(pk=turn.about.pk).exists():
        return openings.deciders(turn.about.asked_by_id)
    return []


def concerned(turn: Turn) -> People:
    """Whoever asked, and the lead and the deputy of the campaign."""
    live = CampaignAssignment.objects.live().filter(campaign=turn.about.campaign_id, duty__in=DIRECTING)
    return [turn.about.asked_by, *User.objects.filter(pk__in=live.values("user"))]
