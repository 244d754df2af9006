"""Entering what was done in a campaign: by the people assigned to it, and by the salts themselves."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.errors import DomainError
from core.permissions import Actor, require
from core.records import records
from core.web.formats import day_text
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
STAYS_THEIRS = gettext_lazy(
    "The salt wrote this entry, so it stays under this pseudonym. For another salt, enter an activity."
)


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
    """One's own entry; the lead and the deputy any. `version` is the one that the editor saw.

    Raises ValidationError by field, also where a salt's own entry would go to another salt, who would read it.
    """
    with transaction.atomic():
        campaign = lock_running(activity.campaign, actor)
        activity = records.lock(activity, actor=actor, version=version)
        if not may_change(activity, actor, require_duty(campaign, actor)):
            raise PermissionDenied(p.VIEW_CAMPAIGNS)
        salt = activity.campaign_member
        if activity.is_own_entry and values.get("campaign_member", salt) != salt:
            raise ValidationError({"campaign_member": STAYS_THEIRS})
        records.change(
            activity, values, editable=ACTIVITY_FIELDS, actor=actor, action=OrganizingAction.ACTIVITY_CHANGED
        )
        return activity


def told_apart(acting: Sequence[CampaignMember]) -> dict[str, str]:
    """By its key what a salt calls each pseudonym that they act under: no campaign and no employer is named.

    Pseudonyms begin anew in every campaign, so the first day stands beside, the last own entry where both are the
    same, and a number where that is so too.
    """
    labels = {str(salt.pk): f"{salt.pseudonym}, {day_text(salt.since)}" for salt in acting}
    if alike := _alike(labels):
        own = SaltingActivity.objects.filter(campaign_member__in=alike, entered_by=None).order_by()
        last = dict(own.values_list("campaign_member").annotate(day=Max("activity_date")))
        for key in alike:
            day = last.get(UUID(key))
            said = _("last entry %(day)s") % {"day": day_text(day)} if day else _("no entry yet")
            labels[key] = f"{labels[key]}, {said}"
    numbers: Counter[str] = Counter()
    for key in _alike(labels):
        numbers[labels[key]] += 1
        labels[key] = f"{labels[key]} ({numbers[labels[key]]})"
    return labels


def _alike(labels: Mapping[str, str]) -> list[str]:
    """Keys of those that are called the same as another."""
    times = Counter(labels.values())
    return [key for key, label in labels.items() if times[label] > 1]


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
