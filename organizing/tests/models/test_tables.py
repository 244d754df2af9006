import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.crypto import Sealed, blind_index
from members.factories import MemberFactory, OrganizationFactory
from organizing.enums import Duty, Stage
from organizing.factories import ActivityFactory, AssignmentFactory, CampaignFactory, CampaignMemberFactory, organizer
from organizing.models import Campaign, CampaignMember, SaltingActivity

pytestmark = pytest.mark.django_db


def refused(row) -> list[str]:
    with pytest.raises(ValidationError) as error:
        row.full_clean()
    return sorted(error.value.message_dict)


def test_a_row_by_itself_says_nothing(vault):
    rows = [vault.campaign, vault.terms["lead"], vault.salt, vault.activity]
    kinds = ("Campaign", "Campaign assignment", "Campaign member", "SALTing activity")
    assert [str(row) for row in rows] == [f"{kind} {str(row.pk)[:8]}" for kind, row in zip(kinds, rows, strict=True)]


def test_search_and_sort_columns_follow_the_code_name():
    campaign = CampaignFactory(code_name="Blue Héron", target=OrganizationFactory(name="Quarrystone Foods"))
    assert (campaign.sort_name, campaign.search_text) == ("blue heron", " blue heron")


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"stage": Stage.ENDED}, ["__all__"]),
        ({"closed": datetime.date(2001, 1, 1), "stage": Stage.ENDED}, ["__all__"]),
        ({"code_name": "Taken"}, ["code_name"]),
        ({"unit_size": 0}, ["unit_size"]),
        ({"salting_score": "6"}, ["salting_score"]),
        ({"opened": datetime.date(1, 1, 1)}, ["opened"]),
    ],
)
def test_a_campaign_that_cannot_be(values, names):
    CampaignFactory(code_name="Taken")
    campaign = CampaignFactory()
    for name, value in values.items():
        setattr(campaign, name, value)
    assert refused(campaign) == names


def test_one_lead_without_an_end_and_each_duty_once():
    lead = AssignmentFactory(duty=Duty.LEAD)
    soon = timezone.now() + datetime.timedelta(days=1)
    for values in ({"duty": Duty.LEAD}, {"user": lead.user, "duty": Duty.LEAD}):
        with pytest.raises(IntegrityError), transaction.atomic():
            AssignmentFactory(campaign=lead.campaign, **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        AssignmentFactory(duty=Duty.LEAD, expires_at=soon)
    helper = AssignmentFactory(campaign=lead.campaign, user=organizer())
    with pytest.raises(IntegrityError), transaction.atomic():
        AssignmentFactory(campaign=lead.campaign, user=helper.user)
    with pytest.raises(IntegrityError), transaction.atomic():
        AssignmentFactory(campaign=lead.campaign, expires_at=timezone.now() - datetime.timedelta(days=99))


def test_a_member_acts_once_a_campaign_under_a_pseudonym_of_its_own(vault, people):
    member = people["member"].member
    for values in ({"member": member}, {"number": 1}, {"number": 9, "pseudonym": "S-001"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CampaignMemberFactory(campaign=vault.campaign, **values)
    assert CampaignMemberFactory(member=member).pseudonym == "S-001"
    assert [CampaignMember.pseudonym_of(number) for number in (7, 41, 1000)] == ["S-007", "S-041", "S-1000"]


def test_the_last_day_is_not_before_the_first(vault):
    vault.salt.until = vault.salt.since - datetime.timedelta(days=1)
    assert refused(vault.salt) == ["until"]


def test_the_index_follows_the_reference_and_an_unread_one_is_left_alone():
    first, second = MemberFactory(), MemberFactory()
    salt = CampaignMemberFactory(member=first)
    assert salt.member_index == blind_index(str(first.pk), purpose="organizing.member")
    found = CampaignMember.objects.get(pk=salt.pk)
    found.save()
    assert isinstance(found.__dict__["member_ref"], Sealed)
    assert found.member_index == salt.member_index
    found.member_ref = str(second.pk)
    found.save()
    salt.refresh_from_db(fields=["member_index"])
    assert salt.member_index == blind_index(str(second.pk), purpose="organizing.member")


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"workers_contacted": 1, "cards_signed": 2}, ["cards_signed"]),
        ({"activity_date": datetime.date(2099, 1, 1)}, ["activity_date"]),
        ({"location": "a\nb"}, ["location"]),
        ({"outcome": "fine"}, ["outcome"]),
        ({"cards_signed": -1}, ["cards_signed"]),
    ],
)
def test_an_activity_that_cannot_be(vault, values, names):
    for name, value in values.items():
        setattr(vault.activity, name, value)
    assert refused(vault.activity) == names


def test_an_activity_of_another_campaigns_salt(vault):
    vault.activity.campaign_member = CampaignMemberFactory()
    assert refused(vault.activity) == ["campaign_member"]


def test_the_database_refuses_more_cards_than_workers():
    with pytest.raises(IntegrityError), transaction.atomic():
        ActivityFactory(workers_contacted=1, cards_signed=2)
    assert not SaltingActivity.objects.filter(workers_contacted=1).exists()
    assert Campaign._meta.default_permissions == ()
