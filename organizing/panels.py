"""What organizing offers to the pages that unionops composes: only to people inside a campaign, only of theirs."""

from collections.abc import Collection
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from core.db.prepared import prepared
from core.permissions import Actor, may
from core.search import search as search_rows
from core.site import local_today
from core.web.first_page import last_changed
from core.web.formats import day_text
from core.web.keyset import countable, first_found
from core.web.panels import Figure, Happened, Hit, HitGroup, Waiting, figure, recent
from organizing import permissions as p
from organizing.enums import DIRECTING, Duty, SaltAccount, Stage
from organizing.models import Campaign, CampaignAssignment, CampaignMember, SaltingActivity
from organizing.services.accounts import account_state, accounts_of

FOUND = 6
MOST_WAITING = 10
MOST_LOOKED_AT = 100


def is_salt(user: Actor) -> bool:
    """Whether the person has a page of their own entries now."""
    return CampaignMember.objects.acting_as(user).exists()


def search(user: Actor, text: str) -> HitGroup:
    """Campaigns by code name and target, then activities under a pseudonym or in those campaigns."""
    if not may(user, p.VIEW_CAMPAIGNS):
        return HitGroup(Campaign, _("Campaigns"), [], "")
    found = Campaign.objects.visible_to(user).select_related("target")
    campaigns = first_found(search_rows(found, text), "sort_name", FOUND + 1)
    hits = [Hit(c.code_name, c.target.name if c.target else "", c.get_absolute_url()) for c in campaigns]
    rows = SaltingActivity.objects.visible_to(user).for_list().searched(text)
    activities = rows.order_by("-activity_date", "-pk")[: FOUND + 1 - len(hits)]
    hits += [Hit(_line(a), _place(a), a.get_absolute_url()) for a in activities]
    more = reverse("campaign_list") if len(campaigns) > FOUND else reverse("activity_list") if len(hits) > FOUND else ""
    return HitGroup(Campaign, _("Campaigns"), hits[:FOUND], more)


def _place(activity: SaltingActivity) -> str:
    return f"{activity.campaign.code_name} · {activity.campaign_member.pseudonym}"


def _line(activity: SaltingActivity) -> str:
    return f"{activity.get_activity_type_display()}, {day_text(activity.activity_date)}"


def figures(user: Actor) -> list[Figure]:
    """Counts of running campaigns and of activities; nothing where there is none, not even a nought."""
    if not may(user, p.VIEW_CAMPAIGNS):
        return []
    if not _seen.count(user):
        return []
    return [
        figure(_("Running campaigns"), _running.count(user), reverse("campaign_list")),
        figure(_("Activities"), _activities.count(user), reverse("activity_list")),
    ]


@prepared
def _seen(asker: Any) -> models.QuerySet:
    return Campaign.objects.visible_to(asker).order_by().values("pk")[:1]


@prepared
def _running(asker: Any) -> models.QuerySet:
    return countable(Campaign.objects.visible_to(asker).running())


@prepared
def _activities(asker: Any) -> models.QuerySet:
    return countable(SaltingActivity.objects.visible_to(asker))


def waiting(user: Actor) -> list[Waiting]:
    """What a lead or deputy has to complete: campaigns without a target, salts without a handler; oldest first.

    Before that whom lead, handler or director have to confirm.
    """
    unconfirmed = [*_leads_at_rest(user), *_team_at_rest(user), *_unconfirmed_accounts(user)]
    if not may(user, p.VIEW_CAMPAIGNS):
        return unconfirmed[:MOST_WAITING]
    leading = CampaignAssignment.objects.live().filter(user_id=user.pk, duty__in=DIRECTING)
    mine = Campaign.objects.visible_to(user).running().filter(pk__in=leading.values("campaign_id"))
    return [
        *unconfirmed,
        *_without_target(mine.filter(target=None).order_by("opened", "pk")[:MOST_WAITING]),
        *_without_handler(mine),
    ][:MOST_WAITING]


def _leads_at_rest(user: Actor) -> list[Waiting]:
    if not may(user, p.OVERSEE_CAMPAIGNS):
        return []
    rows = Campaign.objects.overseen_by(user).filter(lead_rests=True).exclude(stage=Stage.ENDED)
    return [
        Waiting(
            _("Confirm the lead of %(campaign)s") % {"campaign": row.code_name},
            reverse("lead_confirm", args=[row.pk]),
            _("Rests"),
            "red",
        )
        for row in rows.order_by("sort_name", "pk")[:MOST_WAITING]
    ]


def _team_at_rest(user: Actor) -> list[Waiting]:
    if not may(user, p.VIEW_CAMPAIGNS):
        return []
    leading = CampaignAssignment.objects.live().filter(user_id=user.pk, duty=Duty.LEAD).values("campaign_id")
    terms = CampaignAssignment.objects.in_term().filter(campaign__in=leading).exclude(campaign__stage=Stage.ENDED)
    terms = terms.exclude(identity_epoch=F("user__identity_epoch")).select_related("campaign", "user")
    return [
        Waiting(
            _("Confirm %(person)s in %(campaign)s")
            % {"person": term.user.full_name, "campaign": term.campaign.code_name},
            reverse("assignment_confirm", args=[term.pk]),
            _("Rests"),
            "red",
        )
        for term in terms.order_by("starts_at", "pk")[:MOST_WAITING]
    ]


def _unconfirmed_accounts(user: Actor) -> list[Waiting]:
    """Of salts whose names this person may open."""
    if not may(user, p.VIEW_CAMPAIGNS):
        return []
    held = CampaignAssignment.objects.live().filter(user_id=user.pk)
    named = Q(campaign__in=held.filter(duty=Duty.LEAD).values("campaign_id")) | Q(
        campaign__in=held.filter(duty=Duty.HANDLER).values("campaign_id"), handler_id=user.pk
    )
    rows = CampaignMember.objects.filter(named).current(local_today()).exclude(campaign__stage=Stage.ENDED)
    salts = list(rows.select_related("campaign").order_by("since", "pk")[:MOST_LOOKED_AT])
    found = accounts_of(salts) if salts else {}
    waiting = [
        (salt, state)
        for salt in salts
        if (state := account_state(salt, found.get(salt.pk))) in (SaltAccount.WAITING, SaltAccount.CHANGED)
    ]
    return [
        Waiting(
            _("Confirm the account of %(pseudonym)s in %(campaign)s")
            % {"pseudonym": salt.pseudonym, "campaign": salt.campaign.code_name},
            reverse("salt_name", args=[salt.pk]),
            str(state.label),
            state.tone,
            salt.since,
        )
        for salt, state in waiting[:MOST_WAITING]
    ]


def _without_target(campaigns: models.QuerySet) -> list[Waiting]:
    return [
        Waiting(
            _("Enter the target of %(campaign)s") % {"campaign": campaign.code_name},
            reverse("campaign_edit", args=[campaign.pk]),
            _("No target"),
            "amber",
            campaign.opened,
        )
        for campaign in campaigns
    ]


def _without_handler(campaigns: models.QuerySet) -> list[Waiting]:
    salts = CampaignMember.objects.filter(campaign__in=campaigns, handler=None).current(local_today())
    salts = salts.select_related("campaign").defer("member_ref").order_by("since", "pk")[:MOST_WAITING]
    return [
        Waiting(
            _("Choose a handler for %(pseudonym)s in %(campaign)s")
            % {"pseudonym": salt.pseudonym, "campaign": salt.campaign.code_name},
            reverse("salt_handler", args=[salt.pk]),
            _("No handler"),
            "amber",
            salt.since,
        )
        for salt in salts
    ]


def duties_left(user: Actor, people: Collection[int]) -> list[tuple[int, str, str]]:
    """(person, words, address) of duties that `people` leave: leads for the director, others inside the campaign."""
    live = CampaignAssignment.objects.in_term().exclude(campaign__stage=Stage.ENDED).filter(user__in=people)
    found = []
    if may(user, p.OVERSEE_CAMPAIGNS):
        leads = dict(live.filter(duty=Duty.LEAD).values_list("campaign_id", "user_id"))
        overseen = Campaign.objects.overseen_by(user).filter(pk__in=leads).order_by("sort_name", "pk")
        words = _("%(campaign)s: appoint another lead")
        found += [
            (leads[row.pk], words % {"campaign": row.code_name}, reverse("lead_replace", args=[row.pk]))
            for row in overseen
        ]
    if may(user, p.VIEW_CAMPAIGNS):
        own = CampaignAssignment.objects.live().filter(user_id=user.pk, duty__in=DIRECTING)
        campaigns = Campaign.objects.visible_to(user).filter(pk__in=own.values("campaign_id"))
        rows = live.filter(campaign__in=campaigns).exclude(duty=Duty.LEAD).select_related("campaign")
        words = _("%(campaign)s: %(duty)s")
        found += [
            (
                row.user_id,
                words % {"campaign": row.campaign.code_name, "duty": row.get_duty_display()},
                reverse("campaign_team", args=[row.campaign_id]),
            )
            for row in rows.order_by("campaign__sort_name", "pk")
        ]
    return found


def happened(user: Actor, limit: int) -> list[Happened]:
    """The newest events on the campaigns that changed last."""
    if not may(user, p.VIEW_CAMPAIGNS):
        return []
    return recent(
        last_changed(Campaign.objects.visible_to, limit)(user).rows, lambda campaign: campaign.code_name, limit
    )
