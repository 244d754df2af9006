"""Several people who act on one campaign at the same moment; each proof has a control without the lock."""

import os
import time

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.db.models import Max
from django.utils import timezone

from accounts.factories import RoleAssignmentFactory, UserFactory
from core.errors import DomainError
from members.factories import MemberFactory
from organizing.enums import Duty
from organizing.factories import AssignmentFactory, CampaignFactory, organizer
from organizing.models import CampaignAssignment, CampaignMember
from organizing.services import campaigns
from unionops.testing.races import run_in_processes

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
ROUNDS = 20 if os.environ.get("BATTERY") else 2


def add_salts_at_once(add):
    campaign, lead = CampaignFactory(), organizer()
    AssignmentFactory(campaign=campaign, user=lead, duty=Duty.LEAD)
    members = [MemberFactory() for _number in range(4)]

    def work(number):
        try:
            add(campaign, members[number], lead)
        except ValidationError:
            return 1
        return 0

    refused = sum(run_in_processes(work))
    return refused, sorted(campaign.members.values_list("pseudonym", flat=True))


def add_naively(campaign, member, actor):
    """Read the highest number without a lock and let the others do the same: the control of the race."""
    number = (campaign.members.aggregate(last=Max("number"))["last"] or 0) + 1
    time.sleep(0.1)
    salt = CampaignMember(campaign=campaign, number=number, pseudonym=f"S-{number:03d}", member_ref=str(member.pk))
    salt.full_clean()
    salt.save()


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_pseudonyms_given_at_once_are_different(turn):
    found = add_salts_at_once(lambda campaign, member, lead: campaigns.add_salt(campaign, member, actor=lead))
    assert found == (0, ["S-001", "S-002", "S-003", "S-004"])


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time")
def test_control_without_the_lock_pseudonyms_collide():
    def add(campaign, member, lead):
        try:
            add_naively(campaign, member, lead)
        except IntegrityError as error:
            raise ValidationError("taken") from error

    assert sum(add_salts_at_once(add)[0] for _round in range(ROUNDS)) > 0


def replace_at_once(replace):
    campaign, director = CampaignFactory(), RoleAssignmentFactory(role="organizing-director", user=UserFactory()).user
    first = AssignmentFactory(campaign=campaign, duty=Duty.LEAD)
    next_ones = [organizer() for _number in range(4)]

    def work(number):
        try:
            replace(campaign, next_ones[number], director, first)
        except (DomainError, ValidationError):
            return 0
        return 1

    won = sum(run_in_processes(work))
    live = CampaignAssignment.objects.live().filter(campaign=campaign, duty=Duty.LEAD)
    return won, live.count(), CampaignAssignment.objects.filter(campaign=campaign).count()


def replace_naively(campaign, lead, director, first):
    """Look, then act, on rows read without a lock: the control of the race."""
    # Whoever comes late may find the leads of several who were early.
    seen = CampaignAssignment.objects.filter(campaign=campaign, duty=Duty.LEAD, ended_at=None).first()
    if seen != first:
        raise DomainError("too late")
    time.sleep(0.1)
    CampaignAssignment.objects.filter(pk=seen.pk).update(ended_at=timezone.now())
    term = CampaignAssignment(campaign=campaign, user=lead, duty=Duty.LEAD)
    CampaignAssignment.objects.filter(campaign=campaign, ended_at=None).update(ended_at=timezone.now())
    term.save()


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_of_four_replacements_at_once_one_wins_and_one_lead_is_left(turn):
    def replace(campaign, lead, director, first):
        campaigns.replace_lead(campaign.pk, lead, actor=director, reason="Race", replaces=first.pk)

    assert replace_at_once(replace) == (1, 1, 2)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time")
def test_control_without_the_lock_several_replacements_win():
    def replace(*arguments):
        try:
            replace_naively(*arguments)
        except IntegrityError as error:
            raise ValidationError("taken") from error

    assert any(replace_at_once(replace)[0] > 1 for _round in range(ROUNDS))
