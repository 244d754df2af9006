"""The campaigns that a demonstration shows: in one set 13 employers, 20 of our members, 30 activities."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.first_data import holder_of, moment_of
from accounts.models import User
from core.audit import trail
from core.errors import DomainError
from core.records import bulk
from members.enums import MemberStatus, OrganizationType
from members.models import Member, Organization
from organizing.enums import ActivityType, Duty, OrganizingAction, Outcome, Receptiveness, Stage
from organizing.models import Campaign, CampaignAssignment, CampaignMember, SaltingActivity
from organizing.services.activities import ACTIVITY_FIELDS
from organizing.services.campaigns import ASSIGNMENT_FIELDS

SETS_AT_ONCE = 100
EMPLOYERS, SALTS, ACTIVITIES = 13, 20, 30
NONE = ""
# Type, outcome, workers contacted (least, most) and cards signed (least, most): every type and outcome, 0 to 50 and
# 0 to 25. Cards are signed only where people sign cards and it went well.
PLAN: tuple[tuple[str, str, tuple[int, int], tuple[int, int]], ...] = (
    ("outreach", "positive", (3, 12), (0, 0)),
    ("outreach", "neutral", (1, 8), (0, 0)),
    ("outreach", "no_contact", (0, 0), (0, 0)),
    ("site_visit", "positive", (4, 15), (0, 0)),
    ("site_visit", "neutral", (2, 10), (0, 0)),
    ("site_visit", "negative", (1, 6), (0, 0)),
    ("leafleting", "positive", (20, 45), (0, 0)),
    ("leafleting", "neutral", (10, 40), (0, 0)),
    ("leafleting", NONE, (50, 50), (0, 0)),
    ("leafleting", "negative", (5, 20), (0, 0)),
    ("one_on_one", "positive", (1, 1), (0, 0)),
    ("one_on_one", "positive", (1, 1), (0, 0)),
    ("one_on_one", "neutral", (1, 1), (0, 0)),
    ("one_on_one", "negative", (1, 1), (0, 0)),
    ("one_on_one", "no_contact", (0, 0), (0, 0)),
    ("meeting", "positive", (8, 24), (0, 0)),
    ("meeting", "neutral", (4, 14), (0, 0)),
    ("meeting", NONE, (5, 12), (0, 0)),
    ("petition_drive", "positive", (12, 40), (0, 0)),
    ("petition_drive", "neutral", (6, 20), (0, 0)),
    ("petition_drive", "negative", (3, 12), (0, 0)),
    ("card_signing", "positive", (50, 50), (25, 25)),
    ("card_signing", "positive", (10, 30), (3, 10)),
    ("card_signing", "positive", (6, 20), (1, 6)),
    ("card_signing", "neutral", (4, 12), (0, 0)),
    ("card_signing", "no_contact", (0, 0), (0, 0)),
    ("information_session", "positive", (10, 35), (0, 0)),
    ("information_session", "neutral", (6, 20), (0, 0)),
    ("other", "neutral", (1, 10), (0, 0)),
    ("other", NONE, (1, 5), (0, 0)),
)
BEFORE = (Stage.RESEARCH, Stage.BUILDING, Stage.BUILDING)
MANY_CARDS = 20
FIRST_WORDS = (
    "Amber",
    "Birch",
    "Cedar",
    "Copper",
    "Dawn",
    "Ember",
    "Flint",
    "Granite",
    "Harbor",
    "Iron",
    "Juniper",
    "Lantern",
    "Maple",
    "North",
    "Osage",
    "Prairie",
    "Quarry",
    "River",
    "Slate",
    "Timber",
)
SECOND_WORDS = (
    "Anchor",
    "Bridge",
    "Compass",
    "Field",
    "Gate",
    "Hammer",
    "Junction",
    "Lake",
    "Meadow",
    "Orchard",
    "Ridge",
    "Signal",
    "Trail",
)


@cache
def texts() -> dict[str, Any]:
    return json.loads((Path(settings.BASE_DIR) / "fixtures" / "phase2" / "activities.json").read_text("utf-8"))


@dataclass
class CampaignSet:
    """A campaign with what hangs on it."""

    campaign: Campaign
    assignments: list[CampaignAssignment] = field(default_factory=list)
    salts: list[CampaignMember] = field(default_factory=list)
    activities: list[SaltingActivity] = field(default_factory=list)


@dataclass
class FirstActivities:
    """Writes `scale` sets; the same seed and day give the same values over the same members and employers."""

    what = "SALTing activities"

    seed: int
    as_of: date
    scale: int = 1
    progress: Callable[[int], None] | None = None
    _sets: dict[Any, CampaignSet] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.first = Campaign.objects.count()
        self.random = Random(f"{self.seed}:organizing:{self.first}")  # noqa: S311  (a seed repeats it)
        self.organizer = holder_of("organizer", "Lucia", "Ferrante")
        self.director = holder_of("organizing-director", "Samuel", "Whitaker")
        self.employers = self._drawn(
            Organization.objects.alive().filter(org_type=OrganizationType.EMPLOYER), EMPLOYERS, "employers"
        )
        self.members = self._drawn(Member.objects.alive().filter(status=MemberStatus.ACTIVE), SALTS, "active members")

        accounts = User.objects.filter(member__in=self.members)
        self.accounts = {user.member_id: CampaignMember.account_key(user) for user in accounts}
        self._terms = bulk.Inserter(
            CampaignAssignment,
            action=OrganizingAction.APPOINTED,
            recorded=ASSIGNMENT_FIELDS,
            at=lambda term: moment_of(term.starts_at.date()),
        )
        self._salts = bulk.Inserter(
            CampaignMember, action=OrganizingAction.SALT_ADDED, recorded=(), at=lambda salt: moment_of(salt.since)
        )
        self._activities = bulk.Inserter(
            SaltingActivity,
            action=OrganizingAction.ACTIVITY_LOGGED,
            recorded=ACTIVITY_FIELDS,
            at=lambda activity: moment_of(activity.activity_date),
        )

    def _drawn(self, rows: Any, wanted: int, what: str) -> list[int]:
        """Keys in an order of chance, as many as one set needs or more."""
        found = list(rows.order_by("pk").values_list("pk", flat=True)[: wanted * self.scale * 2])
        if len(found) < wanted:
            raise DomainError(f"{wanted} {what} are needed, {len(found)} are there. Run manage.py seed_phase1 first.")
        return self.random.sample(found, len(found))

    def write(self) -> None:
        recorded = ("code_name", "target", "stage", "unit_size", "opened")
        with transaction.atomic():
            bulk.write(
                self._rows(),
                actor=self.director,
                action=OrganizingAction.CAMPAIGN_OPENED,
                recorded=recorded,
                at=lambda campaign: moment_of(campaign.opened),
                further=self._parts,
            )

    def _rows(self) -> Iterator[Campaign]:
        for start in range(0, self.scale, SETS_AT_ONCE):
            end = min(start + SETS_AT_ONCE, self.scale)
            needed = range(start * EMPLOYERS, end * EMPLOYERS)
            targets = Organization.objects.in_bulk({self.employers[number % len(self.employers)] for number in needed})
            for number in range(start, end):
                for made in self._set(number, targets):
                    made.campaign.fill_keys()
                    self._sets[made.campaign.pk] = made
                    yield made.campaign
            if self.progress:
                self.progress(end)

    def _set(self, number: int, targets: dict[int, Organization]) -> list[CampaignSet]:
        made = [
            self._campaign(
                self.first + number * EMPLOYERS + place,
                targets[self.employers[(number * EMPLOYERS + place) % len(self.employers)]],
            )
            for place in range(EMPLOYERS)
        ]
        salts = []
        for place in range(SALTS):
            key = self.members[(number * SALTS + place) % len(self.members)]
            salts.append(self._salt(made[place % EMPLOYERS], key))
        order = self.random.sample(range(ACTIVITIES), ACTIVITIES)
        for place, plan in zip(order, PLAN, strict=True):  # everybody acts, some of them twice
            owner, salt = salts[place % SALTS]
            owner.activities.append(self._activity(owner.campaign, salt, plan))
        for one in made:
            self._bring_to_stage(one)
        return made

    def _bring_to_stage(self, made: CampaignSet) -> None:
        """Cards are signed from the card drive on, and an election needs those of three in ten workers."""
        campaign, cards = made.campaign, sum(row.cards_signed for row in made.activities)
        signing = any(row.activity_type == ActivityType.CARD_SIGNING for row in made.activities)
        if cards >= MANY_CARDS:
            campaign.stage = Stage.ELECTION
            campaign.unit_size = self.random.randint(cards * 3 // 2, cards * 3)
        elif signing:
            campaign.stage = Stage.CARD_DRIVE
            campaign.unit_size = self.random.randint(max(60, cards * 4), max(400, cards * 8))
        else:
            campaign.stage = self.random.choice(BEFORE)

    def _campaign(self, number: int, target: Organization) -> CampaignSet:
        pairs = len(FIRST_WORDS) * len(SECOND_WORDS)
        name = (
            f"{FIRST_WORDS[number % len(FIRST_WORDS)]} {SECOND_WORDS[number // len(FIRST_WORDS) % len(SECOND_WORDS)]}"
        )
        campaign = Campaign(
            code_name=f"{name} {number // pairs + 1}" if number >= pairs else name,
            target=target,
            unit_size=self.random.randint(60, 400),
            opened=self.as_of - timedelta(self.random.randint(120, 400)),
            salting_score=self.random.choice(Receptiveness.values),
            salting_notes=self.random.choice(texts()["notes"]),
        )
        lead = CampaignAssignment(
            campaign=campaign,
            user=self.organizer,
            duty=Duty.LEAD,
            starts_at=datetime.combine(campaign.opened, time(8), UTC),
            appointed_by=self.director,
        )
        return CampaignSet(campaign, [lead])

    def _salt(self, owner: CampaignSet, member: int) -> tuple[CampaignSet, CampaignMember]:
        number = len(owner.salts) + 1
        salt = CampaignMember(
            campaign=owner.campaign,
            number=number,
            pseudonym=CampaignMember.pseudonym_of(number),
            member_ref=str(member),
            account_ref=self.accounts.get(member, ""),
            since=owner.campaign.opened,
        )
        owner.salts.append(salt)
        return owner, salt

    def _activity(self, campaign: Campaign, salt: CampaignMember, plan: tuple[Any, ...]) -> SaltingActivity:
        kind, outcome, workers, cards = plan
        fitting = [item["text"] for item in texts()["descriptions"][kind] if (outcome or "none") in item["outcomes"]]
        return SaltingActivity(
            campaign=campaign,
            campaign_member=salt,
            activity_type=ActivityType(kind),
            activity_date=self.as_of - timedelta(self.random.randint(0, 110)),
            outcome=Outcome(outcome) if outcome else "",
            location=self.random.choice(texts()["locations"][kind]),
            workers_contacted=self.random.randint(*workers),
            cards_signed=self.random.randint(*cards),
            description=self.random.choice(fitting),
            notes=self.random.choice(texts()["notes"]) if self.random.random() < 0.5 else "",
            entered_by=self.organizer,
        )

    # --- into the database ------------------------------------------------------------------------
    def _parts(self, batch: list[Campaign]) -> Iterator[trail.Entry]:
        made = [self._sets.pop(campaign.pk) for campaign in batch]
        parts: tuple[tuple[Any, list[Any], Any], ...] = (
            (self._terms, [row for one in made for row in one.assignments], self.director),
            (self._salts, [row for one in made for row in one.salts], self.organizer),
            (self._activities, [row for one in made for row in one.activities], self.organizer),
        )
        for inserter, rows, actor in parts:
            for entry in inserter.insert(rows):
                yield replace(entry, actor=actor)
