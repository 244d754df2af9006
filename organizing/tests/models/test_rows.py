import datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from core.site import local_today
from members.services.organizations import update_organization
from organizing.enums import Stage
from organizing.factories import ActivityFactory, AssignmentFactory, CampaignFactory, CampaignMemberFactory
from organizing.models import Campaign, CampaignAssignment, CampaignMember, SaltingActivity

pytestmark = pytest.mark.django_db
MODELS = (Campaign, CampaignAssignment, CampaignMember, SaltingActivity)
STRANGERS = (
    "nobody",
    "expired",
    "suspended",
    "admin",
    "staff",
    "organizer",
    "organizing-director",
    "member",
)


def test_whoever_is_assigned_sees_the_whole_campaign_and_no_other(vault):
    foreign = ActivityFactory()
    for duty in ("lead", "deputy", "organizer", "handler"):
        found = [set(model.objects.visible_to(vault[duty])) for model in MODELS]
        assert found == [
            {vault.campaign},
            set(vault.terms.values()),
            {vault.salt, vault.other_salt},
            {vault.activity, vault.own},
        ]
    assert foreign not in SaltingActivity.objects.visible_to(vault["lead"])


@pytest.mark.parametrize("name", STRANGERS)
def test_everybody_else_sees_nothing(vault, people, name):
    assert [set(model.objects.visible_to(people[name])) for model in MODELS] == [set()] * 4


def test_somebody_who_has_not_signed_in_sees_nothing(vault):
    assert [set(model.objects.visible_to(AnonymousUser())) for model in MODELS] == [set()] * 4


@pytest.mark.parametrize("name", [*(n for n in STRANGERS if n != "organizing-director"), "officer"])
def test_nobody_but_the_director_oversees(vault, people, name):
    assert list(Campaign.objects.overseen_by(people[name])) == []


def test_the_director_gets_code_name_stage_and_lead_only(vault, people):
    unled = CampaignFactory(code_name="Ibis", stage=Stage.ENDED, closed=local_today())
    rows = [row._asdict() for row in Campaign.objects.overseen_by(people["organizing-director"]).order_by("code_name")]
    lead = {"lead_name": "Officer Person", "lead_assignment": vault.terms["lead"].pk}
    lead |= {"lead_epoch": people["officer"].identity_epoch, "lead_rests": False}
    assert rows == [
        {"pk": vault.campaign.pk, "sort_name": "heron", "code_name": "Heron", "stage": "building", **lead},
        {"pk": unled.pk, "sort_name": "ibis", "code_name": "Ibis", "stage": "ended"}
        | {"lead_name": None, "lead_assignment": None, "lead_epoch": None, "lead_rests": False},
    ]


@pytest.mark.parametrize(
    ("starts", "expires", "ended", "live"),
    [(0, None, None, True), (1, None, None, False), (-5, 1, None, True), (-5, 0, None, False), (-5, 9, 0, False)],
)
def test_live(starts, expires, ended, live):
    now = timezone.now()
    moments = [None if hours is None else now + datetime.timedelta(hours=hours) for hours in (starts, expires, ended)]
    term = AssignmentFactory(starts_at=moments[0], expires_at=moments[1], ended_at=moments[2])
    found = CampaignAssignment.objects.live(now).filter(pk=term.pk).exists()
    assert (found, term.is_live(now)) == (live, live)


def test_for_list_sums_cards_and_names_the_lead(vault):
    ActivityFactory(cards_signed=5, workers_contacted=9)
    [found] = Campaign.objects.visible_to(vault["handler"]).for_list()
    assert found.signed == 3
    assert found.lead_name == "Officer Person"
    assert found.target.name == "Quarrystone Foods"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("granite", True),
        ("heron mil", True),
        ("gr", True),
        ("mi", True),
        ("GRÁNITE heron", True),
        ("quarrystone", False),
        ("ran", True),
        ("ra", False),
        ("granite ibis", False),
        ("peoria", False),
        ("granitemills@example.org", False),
        ("-", False),
    ],
)
def test_a_campaign_is_found_by_the_name_that_its_target_has_now(vault, people, text, found):
    values = {"name": "Granite Mills", "city": "Peoria", "email": "granitemills@example.org"}
    update_organization(vault.campaign.target, values, actor=people["staff"])
    assert list(Campaign.objects.searched(text)) == ([vault.campaign] if found else [])
    assert set(SaltingActivity.objects.searched(text)) == ({vault.activity, vault.own} if found else set())


def test_own_entries_are_those_a_salt_wrote(vault, people):
    ActivityFactory(campaign=vault.campaign, campaign_member=vault.other_salt, entered_by=None)
    assert set(SaltingActivity.objects.written_by(people["member"])) == {vault.own}
    assert set(CampaignMember.objects.acting_as(people["member"])) == {vault.salt}
    assert set(SaltingActivity.objects.written_by(vault["lead"])) == set()


@pytest.mark.parametrize(("since", "until", "current"), [(0, None, 1), (1, None, 0), (-9, 0, 1), (-9, -1, 0)])
def test_current(since, until, current):
    today = local_today()
    days = [None if offset is None else today + datetime.timedelta(offset) for offset in (since, until)]
    salt = CampaignMemberFactory(since=days[0], until=days[1])
    assert CampaignMember.objects.current(today).filter(pk=salt.pk).count() == current
