import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.models import RoleAssignment, User
from core.site import local_today
from organizing import panels
from organizing.enums import Duty, Stage
from organizing.factories import ActivityFactory, AssignmentFactory, CampaignFactory, CampaignMemberFactory, organizer
from organizing.models import Campaign, SaltingActivity
from organizing.services import campaigns

pytestmark = pytest.mark.django_db
STRANGERS = ("nobody", "expired", "admin", "staff", "organizer", "organizing-director", "member", "trustee")


def test_the_assigned_find_campaigns_and_activities(vault):
    user = vault["handler"]
    ActivityFactory(campaign=CampaignFactory(code_name="Heronry"))
    for text in ("heron", "quarrystone"):
        hits = panels.search(user, text).hits
        assert [hits[0].label, hits[0].note] == ["Heron", "Quarrystone Foods"]
        assert {hit.url for hit in hits[1:]} == {row.get_absolute_url() for row in (vault.activity, vault.own)}
    assert {hit.note for hit in panels.search(user, "s-001").hits} == {"Heron · S-001"}
    assert [panels.search(user, text).hits for text in ("zebra", "S-002", "-")] == [[], [], []]


@pytest.mark.parametrize("name", STRANGERS)
def test_for_everybody_else_there_is_nothing(vault, people, name):
    user = people[name]
    found = [panels.search(user, text).hits for text in ("heron", "quarrystone", "S-001")]
    assert found == [[], [], []]
    overseen = ["Running campaigns of the local", "In a card drive or an election"]
    assert [figure.label for figure in panels.figures(user)] == (overseen if name == "organizing-director" else [])
    assert panels.WAITS.first(user) == []
    assert panels.happened(user, 5) == []


def test_figures_count_ones_own_campaigns_only(vault):
    ActivityFactory(campaign=CampaignFactory())
    found = [(figure.label, figure.value) for figure in panels.figures(vault["organizer"])]
    assert found == [("Running campaigns", "1"), ("Activities", "2")]


def test_a_director_reads_how_many_campaigns_run_and_which_need_another_lead(vault, people):
    director = people["organizing-director"]
    CampaignFactory(ended=True)
    egret = AssignmentFactory(campaign=CampaignFactory(code_name="Egret", stage=Stage.ELECTION), duty=Duty.LEAD)

    def work():
        return [(item.what, item.url, item.when) for item in panels.WAITS.first(director)]

    counts = [(figure.label, figure.value, figure.url) for figure in panels.figures(director)]
    assert counts == [
        ("Running campaigns of the local", "2", "/organizing/oversight/"),
        ("In a card drive or an election", "1", "/organizing/oversight/"),
    ]
    assert work() == []
    User.objects.filter(pk=egret.user.pk).update(is_active=False)
    other = [("Appoint another lead of Egret", f"/organizing/oversight/{egret.campaign.pk}/lead/", None)]
    assert work() == other
    assert panels.WAITS.counts(director) == {"leaderless": 1}
    User.objects.filter(pk=egret.user.pk).update(is_active=True)
    RoleAssignment.objects.filter(user=egret.user).update(ended_at=timezone.now())
    assert work() == other
    assert [panels.WAITS.counts(people[name]) for name in ("officer", "admin")] == [{"handlers": 1}, {}]


def test_what_waits_for_a_lead_and_a_deputy_only(vault):
    ibis = CampaignFactory(code_name="Ibis", target=None)
    AssignmentFactory(campaign=ibis, user=vault["lead"], duty=Duty.LEAD)
    found = [(item.what, item.url) for item in panels.WAITS.first(vault["lead"])]
    assert sorted(found, reverse=True) == [
        ("Take up Ibis again", ibis.get_absolute_url()),
        ("Enter the target of Ibis", f"/organizing/campaigns/{ibis.pk}/edit/"),
        ("Choose a handler for S-002 in Heron", f"/organizing/salts/{vault.other_salt.pk}/handler/"),
    ]
    assert [item.what for item in panels.WAITS.first(vault["deputy"])] == ["Choose a handler for S-002 in Heron"]
    assert [panels.WAITS.first(vault[duty]) for duty in ("organizer", "handler")] == [[], []]


def test_a_salt_whose_handler_is_none_any_more_waits_for_another(vault, browser_of):
    lead, term, salts = vault["lead"], vault.terms["handler"], f"/organizing/campaigns/{vault.campaign.pk}/salts/"
    CampaignMemberFactory(campaign=vault.campaign, handler=vault["handler"], until=local_today() - timedelta(1))

    def told():
        shown = re.findall(r'data-label="Handler">\s*(.*?)\s*</td>', browser_of(lead).get(salts).text)
        work = [item.what for item in panels.WAITS.rows(lead, most=50, only="handlers")]
        return sorted(work), panels.WAITS.counts(lead)["handlers"], shown

    name = escape(vault["handler"].full_name)
    second = "Choose a handler for S-002 in Heron"
    handled = ([second], 1, [name, "Nobody yet", name])
    both = ["Choose a handler for S-001 in Heron", second]
    without = (both, 2, ["Nobody now", "Nobody yet", "Nobody now"])
    assert told() == handled
    type(term).objects.filter(pk=term.pk).update(expires_at=timezone.now() - timedelta(1))
    assert told() == without
    type(term).objects.filter(pk=term.pk).update(expires_at=None)
    assert told() == handled
    RoleAssignment.objects.filter(user=term.user).update(ended_at=timezone.now())
    assert told() == without


def test_a_campaign_of_which_nobody_noted_anything_waits_for_its_lead(vault):
    today, lead = local_today(), vault["lead"]

    def quiet():
        items = panels.WAITS.rows(lead, most=50, only="quiet")
        return [(item.what, item.about, item.when) for item in items]

    assert quiet() == []
    SaltingActivity.objects.update(activity_date=today - timedelta(31))
    assert quiet() == [("Take up Heron again", "Quarrystone Foods", today - timedelta(31))]
    assert panels.WAITS.counts(lead) == {"handlers": 1, "quiet": 1}
    assert panels.WAITS.counts(vault["organizer"]) == {}
    Campaign.objects.update(opened=today - timedelta(29))
    assert quiet() == []
    Campaign.objects.update(opened=today - timedelta(90), stage=Stage.BARGAINING)
    assert quiet() == []


def test_what_waits_for_whoever_knows_the_person(vault, people):
    """The lead for the team and every salt, a handler for their own, the director for a lead; nobody else."""
    User.objects.filter(pk=people["member"].pk).update(identity_epoch=2)
    User.objects.filter(pk=vault["organizer"].pk).update(identity_epoch=2)
    salt = ("Confirm the account of S-001 in Heron", f"/organizing/salts/{vault.salt.pk}/name/")
    name = vault["organizer"].full_name
    team = (f"Confirm {name} in Heron", f"/organizing/assignments/{vault.terms['organizer'].pk}/confirm/")

    def told(user):
        items = [*panels.WAITS.first(user), *panels.accounts_to_confirm(user)]
        found = [(item.what, item.url) for item in items]
        return [item for item in found if item[0].startswith("Confirm")]

    assert told(vault["lead"]) == [team, salt]
    assert told(vault["handler"]) == [salt]
    director = people["organizing-director"]
    assert [told(user) for user in (vault["deputy"], vault["organizer"], director)] == [[]] * 3
    User.objects.filter(pk=vault["lead"].pk).update(identity_epoch=2)
    lead = ("Confirm the lead of Heron", f"/organizing/oversight/{vault.campaign.pk}/confirm/")
    assert [told(director), told(User.objects.get(pk=vault["lead"].pk))] == [[lead], []]


def test_duties_that_people_leave_are_told_inside_the_campaign_and_leads_to_the_director(vault, people):
    AssignmentFactory(user=vault["organizer"], duty=Duty.HANDLER)
    leaving = [vault["lead"].pk, vault["organizer"].pk]
    inside = [(vault["organizer"].pk, "Heron: Organizer", reverse("campaign_team", args=[vault.campaign.pk]))]
    oversight = [(vault["lead"].pk, "Heron: appoint another lead", reverse("lead_replace", args=[vault.campaign.pk]))]
    insiders = {duty: vault[duty] for duty in ("lead", "deputy", "organizer", "handler")}
    asked = {**insiders, **{f"the {name}": people[name] for name in STRANGERS}}
    expected = {"lead": inside, "deputy": inside, "the organizing-director": oversight}
    assert {name: panels.duties_left(user, leaving) for name, user in asked.items()} == {
        name: expected.get(name, []) for name in asked
    }
    campaigns.close_campaign(vault.campaign, actor=vault["lead"], reason="Lost the vote")
    asked = (people["organizing-director"], vault["lead"])
    assert [panels.duties_left(user, leaving) for user in asked] == [oversight, []]


def test_what_happened_in_ones_own_campaigns(vault, people):
    other = AssignmentFactory(duty=Duty.LEAD)
    campaigns.change_campaign(vault.campaign, {"unit_size": 9}, actor=vault["lead"])
    campaigns.change_campaign(other.campaign, {"unit_size": 9}, actor=other.user)
    found = [(item.label, item.entry.actor_name, item.url) for item in panels.happened(vault["organizer"], 5)]
    assert found == [("Heron", "Officer Person", vault.campaign.get_absolute_url())]


def test_who_has_a_page_of_own_entries(vault, people, django_assert_num_queries):
    member, lead = people["member"], people["officer"]
    assert [panels.is_salt(user) for user in (member, lead, people["staff"])] == [True, False, False]
    with django_assert_num_queries(1):  # the key of the account is its own
        panels.is_salt(member)


@pytest.mark.parametrize("size", [1, 3])
def test_a_constant_number_of_queries(size, django_assert_num_queries):
    user = organizer()
    for number in range(size):
        campaign = CampaignFactory(code_name=f"Heron {number}", target=None)
        AssignmentFactory(campaign=campaign, user=user, duty=Duty.LEAD)
        ActivityFactory(campaign=campaign, campaign_member=CampaignMemberFactory(campaign=campaign))
        campaigns.change_campaign(campaign, {"unit_size": 9}, actor=user)
    asked = ((lambda: panels.search(user, "heron"), 3), (lambda: panels.figures(user), 3))
    for ask, count in (*asked, (lambda: panels.WAITS.first(user), 1), (lambda: panels.happened(user, 5), 3)):
        with django_assert_num_queries(count):
            ask()
