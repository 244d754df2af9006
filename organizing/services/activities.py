"""Entering what was done in a campaign: by the people assigned to it, and by the salts themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import DomainError
from core.permissions import Actor, require
from core.records import records
from organizing import permissions as p
from organizing.enums import OrganizingAction
from organizing.models import Campaign, CampaignMember, SaltingActivity
from organizing.services.campaigns import lock_running
from organizing.services.duties import may_change, require_duty

ENTRY_FIELDS = (
    "activity_date",
    "activity_type",
    "outcome",
    "workers_contacted",
    "cards_signed",
    "description",
    "location",
)
ACTIVITY_FIELDS = (*ENTRY_FIELDS, "campaign_member", "notes")


@dataclass(frozen=True, slots=True)
class UnderPseudonym:
    """Who acts, as the audit trail may know it: it would otherwise join a salt's account with the vault."""

    pseudonym: str
    pk: None = None
    is_authenticated: bool = True

    def __str__(self) -> str:
        return self.pseudonym

    def has_perm(self, permission: str, /) -> bool:
        """Nothing: what the salt may do was asked of the account."""
        return False

    def get_all_permissions(self) -> frozenset[str]:
        return frozenset()


def log_activity(campaign: Campaign, values: Mapping[str, Any], *, actor: Actor | None) -> SaltingActivity:
    """Raises ValidationError by field."""
    with transaction.atomic():
        campaign = lock_running(campaign, actor)
        activity = SaltingActivity(campaign=campaign, entered_by=actor)
        return records.create(
            activity, values, editable=ACTIVITY_FIELDS, actor=actor, action=OrganizingAction.ACTIVITY_LOGGED
        )


def change_activity(
    activity: SaltingActivity, values: Mapping[str, Any], *, actor: Actor | None, version: int | None = None
) -> SaltingActivity:
    """One's own entry; the lead and the deputy any. `version` is the one that the editor saw."""
    with transaction.atomic():
        campaign = lock_running(activity.campaign, actor)
        activity = records.lock(activity, actor=actor, version=version)
        if not may_change(activity, actor, require_duty(campaign, actor)):
            raise PermissionDenied(p.VIEW_CAMPAIGNS)
        records.change(
            activity, values, editable=ACTIVITY_FIELDS, actor=actor, action=OrganizingAction.ACTIVITY_CHANGED
        )
        return activity


def log_own_entry(salt: CampaignMember, values: Mapping[str, Any], *, actor: Actor | None) -> SaltingActivity:
    """What a salt enters; recorded under the pseudonym, so that neither row nor trail names the account."""
    require(actor, p.LOG_OWN_ACTIVITY)
    with transaction.atomic():
        Campaign.objects.select_for_update(of=("self",)).get(pk=salt.campaign_id)
        acting = CampaignMember.objects.acting_as(cast(User, actor)).filter(pk=salt.pk).first()
        if acting is None:
            raise DomainError(_("Nothing can be entered here any more."))
        activity = SaltingActivity(campaign_id=acting.campaign_id, campaign_member=acting)
        return records.create(
            activity,
            values,
            editable=ENTRY_FIELDS,
            actor=UnderPseudonym(acting.pseudonym),
            action=OrganizingAction.ACTIVITY_LOGGED,
        )
