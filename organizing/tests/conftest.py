"""One campaign with everybody in it, and the people who must learn nothing of it."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest

from core.tests.regulars import cast_with
from members.factories import OrganizationFactory
from organizing.enums import Duty
from organizing.factories import ActivityFactory, AssignmentFactory, CampaignFactory, CampaignMemberFactory, organizer
from organizing.models import Campaign, CampaignAssignment, CampaignMember, SaltingActivity

regulars, people = cast_with("officer", "member")


@dataclass
class Vault:
    """`own` was entered by the salt; `activity` by the organizer; `other_salt` is somebody else's pseudonym."""

    campaign: Campaign
    terms: dict[str, CampaignAssignment]
    salt: CampaignMember
    other_salt: CampaignMember
    activity: SaltingActivity
    own: SaltingActivity

    def __getitem__(self, duty: str) -> Any:
        return self.terms[duty].user


@pytest.fixture(scope="module")
def made_vault(regulars) -> Vault:
    """Make a campaign: the officer of the cast leads it, the member is its salt; the others are nobody of the cast."""
    campaign = CampaignFactory(code_name="Heron", target=OrganizationFactory(name="Quarrystone Foods"))
    users = {Duty.LEAD: regulars["officer"], **{duty: organizer() for duty in ("deputy", "organizer", "handler")}}
    terms = {str(duty): AssignmentFactory(campaign=campaign, user=user, duty=duty) for duty, user in users.items()}
    salt = CampaignMemberFactory(campaign=campaign, member=regulars["member"].member, handler=users["handler"])
    other_salt = CampaignMemberFactory(campaign=campaign)
    activity = ActivityFactory(
        campaign=campaign, campaign_member=salt, entered_by=users["organizer"], workers_contacted=5, cards_signed=2
    )
    own = ActivityFactory(campaign=campaign, campaign_member=salt, entered_by=None, workers_contacted=3, cards_signed=1)
    return Vault(campaign, terms, salt, other_salt, activity, own)


@pytest.fixture
def vault(people, made_vault) -> Vault:
    """Return the module's campaign, in objects of the test's own.

    Once it is made its rows are there for every test of the module, also for one that does not ask for it.
    """
    return deepcopy(made_vault)


@pytest.fixture
def browser_of():
    """`browser_of(user)`: a signed-in browser without a screen."""
    from django.test import Client

    def make(user: Any) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(user)
        return client

    return make
