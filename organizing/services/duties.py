"""What a live duty in a campaign allows, beyond seeing it."""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import DomainError
from core.permissions import Actor, may
from organizing import permissions as p
from organizing.enums import DIRECTING, Duty
from organizing.models import Campaign, CampaignAssignment, CampaignMember, SaltingActivity


def duties_of(campaign: Campaign, user: Actor | None) -> frozenset[str]:
    """The duties that `user` has in the campaign at this moment; none without the permission to see campaigns."""
    if user is None or not may(user, p.VIEW_CAMPAIGNS):
        return frozenset()
    live = CampaignAssignment.objects.live().filter(campaign=campaign, user_id=user.pk)
    return frozenset(live.values_list("duty", flat=True))


def require_duty(campaign: Campaign, actor: Actor | None, duties: Collection[str] = tuple(Duty)) -> frozenset[str]:
    """The duties of `actor`. Raises PermissionDenied unless one of `duties` is among them."""
    held = duties_of(campaign, actor)
    if not held & set(duties):
        raise PermissionDenied(p.VIEW_CAMPAIGNS)
    return held


def require_running(campaign: Campaign) -> None:
    """Raises DomainError when the campaign has ended."""
    if campaign.has_ended:
        raise DomainError(_("This campaign has ended. Ask the organizing director to open a new one."))


def directs(held: Collection[str]) -> bool:
    return bool(set(held) & set(DIRECTING))


def may_open_name(salt: CampaignMember, user: Actor | None, held: Collection[str]) -> bool:
    """The lead, and the handler of this salt while that duty lasts."""
    return Duty.LEAD in held or (Duty.HANDLER in held and salt.handler_id == user.pk)


def may_change(activity: SaltingActivity, user: Actor | None, held: Collection[str]) -> bool:
    """Own entries; the lead and the deputy any."""
    return directs(held) or (bool(held) and activity.entered_by_id == user.pk)


def handlers_of(campaign: Campaign) -> models.QuerySet:
    """People who may handle a salt of this campaign: a live handler's duty and the permission."""
    live = CampaignAssignment.objects.live().filter(campaign=campaign, duty=Duty.HANDLER)
    return User.objects.holding(p.VIEW_CAMPAIGNS).filter(pk__in=live.values("user_id"))
