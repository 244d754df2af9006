"""What organizing offers to the pages that unionops composes: only to people inside a campaign, only of theirs."""

from collections.abc import Collection
from uuid import UUID

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.db.prepared import prepared
from core.permissions import Actor, may
from core.site import local_today
from core.terms import Moment
from core.web.first_page import last_changed
from core.web.formats import day_text
from core.web.keyset import countable, first_found
from core.web.panels import Figure, Happened, Hit, HitGroup, Waiting, figure, recent
from core.web.waiting import At, Waits, Work
from members.models.member import joined_name
from organizing import permissions as p
from organizing.enums import AMONG_WORKERS, DIRECTING, Duty, SaltAccount, Stage
from organizing.models import Campaign, CampaignAssignment, CampaignMember, EmergencyOpening, SaltingActivity
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
    campaigns = first_found(found.searched(text), "sort_name", FOUND + 1)
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
    """Counts of running campaigns and of activities; nothing where there is none, not even a nought.

    A director reads how many there are in all and how many are in a card drive or an election.
    """
    overseen = _overseen_figures(user) if may(user, p.OVERSEE_CAMPAIGNS) else []
    if not may(user, p.VIEW_CAMPAIGNS) or not _seen.count(user):
        return overseen
    return [
        *overseen,
        figure(_("Running campaigns"), _running.count(user), reverse("campaign_list")),
        figure(_("Activities"), _activities.count(user), reverse("activity_list")),
    ]


def _overseen_figures(user: Actor) -> list[Figure]:
    url = reverse("oversight")
    return [
        figure(_("Running campaigns of the local"), _all_running.count(user), url),
        figure(_("In a card drive or an election"), _near_the_vote.count(user), url),
    ]


@prepared
def _all_running(asker: Actor) -> models.QuerySet:
    return countable(Campaign.objects.running().overseen_by(asker))


@prepared
def _near_the_vote(asker: Actor) -> models.QuerySet:
    return countable(Campaign.objects.overseen_by(asker).filter(stage__in=(Stage.CARD_DRIVE, Stage.ELECTION)))


@prepared
def _seen(asker: Actor) -> models.QuerySet:
    return Campaign.objects.visible_to(asker).order_by().values("pk")[:1]


@prepared
def _running(asker: Actor) -> models.QuerySet:
    return countable(Campaign.objects.visible_to(asker).running())


@prepared
def _activities(asker: Actor) -> models.QuerySet:
    return countable(SaltingActivity.objects.visible_to(asker))


def _mine(asker: Actor, now: Moment, duties: Collection[str]) -> models.QuerySet:
    """Keys of running campaigns in which the asker has one of the duties now."""
    return CampaignAssignment.objects.live(now).filter(user_id=asker.pk, duty__in=duties).values("campaign_id")


def _leads_at_rest(asker: Actor, at: At) -> models.QuerySet | None:
    if not may(asker, p.OVERSEE_CAMPAIGNS):
        return None
    return _undated(Campaign.objects.running().overseen_by(asker).filter(lead_rests=True))


def _without_lead(asker: Actor, at: At) -> models.QuerySet | None:
    """Campaigns that nobody leads who may work in campaigns now; a lead who rests is to be confirmed instead."""
    if not may(asker, p.OVERSEE_CAMPAIGNS):
        return None
    able = User.objects.holding(p.VIEW_CAMPAIGNS, at.now)
    leading = CampaignAssignment.objects.in_term(at.now).filter(campaign=OuterRef("pk"), duty=Duty.LEAD)
    rows = Campaign.objects.running().overseen_by(asker)
    return _undated(rows.filter(~Exists(leading.filter(user__in=able)), lead_rests=False))


def _undated(rows: models.QuerySet) -> models.QuerySet:
    """A director is told no day of a campaign."""
    return rows.annotate(told_since=Cast(Value(None), models.DateField()))


def _team_at_rest(asker: Actor, at: At) -> models.QuerySet | None:
    if not may(asker, p.VIEW_CAMPAIGNS):
        return None
    terms = CampaignAssignment.objects.in_term(at.now).filter(campaign__in=_mine(asker, at.now, (Duty.LEAD,)))
    return terms.exclude(campaign__stage=Stage.ENDED).exclude(identity_epoch=F("user__identity_epoch"))


def _running_of(asker: Actor, at: At) -> models.QuerySet:
    return Campaign.objects.visible_to(asker).running().filter(pk__in=_mine(asker, at.now, DIRECTING))


def _without_target(asker: Actor, at: At) -> models.QuerySet | None:
    return _running_of(asker, at).filter(target=None) if may(asker, p.VIEW_CAMPAIGNS) else None


def _without_handler(asker: Actor, at: At) -> models.QuerySet | None:
    if not may(asker, p.VIEW_CAMPAIGNS):
        return None
    return CampaignMember.objects.filter(campaign__in=_running_of(asker, at)).current(at.day).without_handler(at.now)


def _gone_quiet(asker: Actor, at: At) -> models.QuerySet | None:
    """Campaigns that are among the workers and of which nobody noted anything lately."""
    if not may(asker, p.VIEW_CAMPAIGNS):
        return None
    entries = SaltingActivity.objects.filter(campaign=OuterRef("pk"))
    last = Subquery(entries.order_by("-activity_date").values("activity_date")[:1])
    rows = _running_of(asker, at).filter(stage__in=AMONG_WORKERS, opened__lte=at.before)
    return rows.filter(~Exists(entries.filter(activity_date__gte=at.before))).annotate(heard=Coalesce(last, "opened"))


def _openings_to_decide(asker: Actor, at: At) -> models.QuerySet | None:
    if not may(asker, p.CONFIRM_OPENING):
        return None
    return EmergencyOpening.objects.visible_to(asker).to_decide(asker, at.now)


def _opening_line(key: str, first: str, last: str) -> Waiting:
    """Names no campaign: the page of the request does, to whoever opens it."""
    url, words = reverse("opening_detail", args=[UUID(key)]), _("Decide on the emergency opening of a campaign")
    about, asks = joined_name(first, last), _("Open it or refuse it")
    return Waiting(words, url, _("Emergency"), "red", about, asks)


def _lead_line(key: str, campaign: str) -> Waiting:
    url, what = reverse("lead_confirm", args=[UUID(key)]), _("Confirm the lead of %(campaign)s")
    return Waiting(
        what % {"campaign": campaign}, url, _("Rests"), "red", asks=_("An officer confirms the person, then you do")
    )


def _no_lead_line(key: str, campaign: str) -> Waiting:
    url, what = reverse("lead_replace", args=[UUID(key)]), _("Appoint another lead of %(campaign)s")
    words = _("Its lead can no longer work in campaigns")
    return Waiting(what % {"campaign": campaign}, url, _("No lead"), "red", asks=words)


def _team_line(key: str, campaign: str, first: str, last: str) -> Waiting:
    url, what = reverse("assignment_confirm", args=[UUID(key)]), _("Confirm %(person)s in %(campaign)s")
    words = what % {"person": joined_name(first, last), "campaign": campaign}
    return Waiting(words, url, _("Rests"), "red", asks=_("Vouch for the person"))


def _target_line(key: str, campaign: str) -> Waiting:
    url, what = reverse("campaign_edit", args=[UUID(key)]), _("Enter the target of %(campaign)s")
    return Waiting(what % {"campaign": campaign}, url, _("No target"), "amber")


def _handler_line(key: str, campaign: str, pseudonym: str, employer: str) -> Waiting:
    url, what = reverse("salt_handler", args=[UUID(key)]), _("Choose a handler for %(pseudonym)s in %(campaign)s")
    words = what % {"pseudonym": pseudonym, "campaign": campaign}
    return Waiting(words, url, _("No handler"), "amber", employer)


def _quiet_line(key: str, campaign: str, employer: str) -> Waiting:
    url, what = reverse("campaign_detail", args=[UUID(key)]), _("Take up %(campaign)s again")
    words = _("An entry, or another stage")
    return Waiting(what % {"campaign": campaign}, url, _("Quiet"), "amber", employer, words)


# What an officer has to decide, whom the director or a lead has to confirm or replace, and what a lead or deputy has
# to complete.
WAITS = Waits(
    Work(
        "openings",
        gettext_lazy("Emergency openings to decide"),
        EmergencyOpening,
        _openings_to_decide,
        _opening_line,
        ("asked_by__first_name", "asked_by__last_name"),
        since="asked_at",
        due="lapses_at",
    ),
    Work(
        "leads",
        gettext_lazy("Leads to confirm"),
        Campaign,
        _leads_at_rest,
        _lead_line,
        ("code_name",),
        since="told_since",
        in_days=True,
    ),
    Work(
        "leaderless",
        gettext_lazy("Campaigns without a lead"),
        Campaign,
        _without_lead,
        _no_lead_line,
        ("code_name",),
        since="told_since",
        in_days=True,
    ),
    Work(
        "team",
        gettext_lazy("People of campaigns to confirm"),
        CampaignAssignment,
        _team_at_rest,
        _team_line,
        ("campaign__code_name", "user__first_name", "user__last_name"),
        since="starts_at",
    ),
    Work(
        "targets",
        gettext_lazy("Campaigns without a target"),
        Campaign,
        _without_target,
        _target_line,
        ("code_name",),
        since="opened",
        in_days=True,
    ),
    Work(
        "handlers",
        gettext_lazy("Salts without a handler"),
        CampaignMember,
        _without_handler,
        _handler_line,
        ("campaign__code_name", "pseudonym", "campaign__target__name"),
        since="since",
        in_days=True,
    ),
    Work(
        "quiet",
        gettext_lazy("Campaigns gone quiet"),
        Campaign,
        _gone_quiet,
        _quiet_line,
        ("code_name", "target__name"),
        since="heard",
        in_days=True,
    ),
)


def accounts_to_confirm(user: Actor) -> list[Waiting]:
    """Of salts whose names this person may open. Whose they are is encrypted, so the database cannot count them."""
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
            when=salt.since,
            model=CampaignMember,
        )
        for salt, state in waiting[:MOST_WAITING]
    ]


def duties_left(user: Actor, people: Collection[int]) -> list[tuple[int, str, str]]:
    """(person, words, address) of duties that `people` leave: leads for the director, others inside the campaign.

    A lead opens names after the end of a campaign too.
    """
    live = CampaignAssignment.objects.in_term().filter(user__in=people)
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
        rows = live.filter(campaign__in=campaigns).exclude(duty=Duty.LEAD).exclude(campaign__stage=Stage.ENDED)
        rows = rows.select_related("campaign")
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
