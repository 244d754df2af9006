"""Campaigns, their people and their activities for tests and seeds: valid, and each where it belongs."""

import datetime
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory
from factory.random import randgen

from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import User
from core.site import local_today
from members.factories import MemberFactory, OrganizationFactory
from organizing.enums import ActivityType, Duty, Outcome, Receptiveness, Stage
from organizing.models import (
    DECIDED_WITHIN,
    USUAL_HOURS,
    Campaign,
    CampaignAssignment,
    CampaignMember,
    EmergencyOpening,
    SaltingActivity,
)

PLACES = ("Parking lot, gate 3", "Diner on Adams Street", "Break room", "By telephone", "Library, back room")
HAPPENED = (
    "Talked about the new shift plan; wants to hear more.",
    "Two people asked how dues work.",
    "Nobody stopped; the foreman was near.",
    "Handed out the wage comparison. Good questions about overtime.",
)


def organizer() -> Any:
    """An account with the role that campaigns ask for."""
    return RoleAssignmentFactory(role="organizer", user=UserFactory()).user


def director() -> Any:
    return RoleAssignmentFactory(role="organizing-director", user=UserFactory()).user


def officer() -> Any:
    return RoleAssignmentFactory(role="officer", user=UserFactory()).user


class CampaignFactory(DjangoModelFactory):
    """`ended=True` closes it. Without an assignment (AssignmentFactory) nobody sees it."""

    class Meta:
        model = Campaign

    class Params:
        ended = factory.Trait(stage=Stage.ENDED, closed=factory.LazyFunction(local_today))

    code_name = factory.Sequence(lambda number: f"Heron {number + 1}")
    target = factory.SubFactory(OrganizationFactory)
    stage = Stage.BUILDING
    unit_size = factory.LazyFunction(lambda: randgen.randint(12, 180))
    opened = factory.LazyFunction(lambda: local_today() - datetime.timedelta(randgen.randint(40, 300)))
    salting_score = factory.LazyFunction(lambda: randgen.choice(Receptiveness.values))
    salting_notes = "The owner's brother runs the yard."


class AssignmentFactory(DjangoModelFactory):
    """`user` should hold a role that grants VIEW_CAMPAIGNS (see `organizer`)."""

    class Meta:
        model = CampaignAssignment

    campaign = factory.SubFactory(CampaignFactory)
    user = factory.LazyFunction(organizer)
    duty = Duty.ORGANIZER
    identity_epoch = factory.SelfAttribute("user.identity_epoch")
    starts_at = factory.LazyFunction(lambda: timezone.now() - datetime.timedelta(days=30))


class CampaignMemberFactory(DjangoModelFactory):
    """`member` is a members.Member; only its encrypted key is kept, and that of an account which it has, confirmed.

    Numbers run per campaign.
    """

    class Meta:
        model = CampaignMember
        exclude = ("member",)

    campaign = factory.SubFactory(CampaignFactory)
    member = factory.LazyFunction(MemberFactory)
    member_ref = factory.LazyAttribute(lambda made: str(made.member.pk))
    account_ref = factory.LazyAttribute(lambda made: _confirmed(made.member))
    number = factory.LazyAttribute(lambda made: made.campaign.members.count() + 1)
    pseudonym = factory.LazyAttribute(lambda made: CampaignMember.pseudonym_of(made.number))
    since = factory.LazyFunction(lambda: local_today() - datetime.timedelta(days=30))


def _confirmed(member: Any) -> str:
    account = User.objects.filter(member=member).first()
    return CampaignMember.account_key(account) if account else ""


class ActivityFactory(DjangoModelFactory):
    """Entered by an organizer; `entered_by=None` is a salt's own entry."""

    class Meta:
        model = SaltingActivity

    campaign = factory.SubFactory(CampaignFactory)
    campaign_member = factory.LazyAttribute(
        lambda made: made.campaign.members.order_by("number").first() or CampaignMemberFactory(campaign=made.campaign)
    )
    activity_type = factory.LazyFunction(lambda: randgen.choice(ActivityType.values))
    activity_date = factory.LazyFunction(lambda: local_today() - datetime.timedelta(randgen.randint(0, 30)))
    outcome = factory.LazyFunction(lambda: randgen.choice(Outcome.values))
    location = factory.LazyFunction(lambda: randgen.choice(PLACES))
    workers_contacted = factory.LazyFunction(lambda: randgen.randint(1, 9))
    cards_signed = factory.LazyAttribute(lambda made: randgen.randint(0, made.workers_contacted))
    description = factory.LazyFunction(lambda: randgen.choice(HAPPENED))
    entered_by = factory.SubFactory(UserFactory)


class OpeningFactory(DjangoModelFactory):
    """Waits for an officer; `opened=True` is open since `decided_at`. Both people should hold their roles."""

    class Meta:
        model = EmergencyOpening

    class Params:
        opened = factory.Trait(
            decided_by=factory.LazyFunction(officer),
            decided_epoch=factory.SelfAttribute("decided_by.identity_epoch"),
            decided_at=factory.LazyFunction(timezone.now),
            ends_at=factory.LazyAttribute(lambda made: made.decided_at + datetime.timedelta(hours=made.hours)),
        )

    campaign = factory.SubFactory(CampaignFactory)
    asked_by = factory.LazyFunction(director)
    asked_epoch = factory.SelfAttribute("asked_by.identity_epoch")
    asked_at = factory.LazyFunction(timezone.now)
    lapses_at = factory.LazyAttribute(lambda made: made.asked_at + DECIDED_WITHIN)
    hours = USUAL_HOURS
    reason = "The lead does not answer and the vote is tomorrow."
