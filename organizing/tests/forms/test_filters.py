import pytest
from django.http import QueryDict
from django.test import RequestFactory
from drf_spectacular.generators import SchemaGenerator

from organizing.factories import ActivityFactory, AssignmentFactory, CampaignFactory
from organizing.forms.filters import ActivityFilterSet, CampaignActivityFilterSet, CampaignFilterSet
from organizing.models import Campaign, SaltingActivity

pytestmark = pytest.mark.django_db


def request_of(user):
    request = RequestFactory().get("/")
    request.user = user
    return request


def found(kind, query, user, rows, **extra):
    chosen = kind(QueryDict(query), queryset=rows, request=request_of(user), **extra)
    return set(chosen.qs), [(label, words) for _name, label, words in chosen.chosen()]


def test_campaigns_by_words_and_stage(vault):
    ended = CampaignFactory(code_name="Heron two", ended=True)
    rows = Campaign.objects.all()
    assert found(CampaignFilterSet, "q=her quarry", vault["lead"], rows)[0] == {vault.campaign}
    assert found(CampaignFilterSet, "stage=ended", vault["lead"], rows) == ({ended}, [("Stage", "Ended")])


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("type=meeting", {"activity"}),
        ("outcome=negative", {"own"}),
        ("since=2026-03-02", {"own"}),
        ("until=2026-03-01", {"activity"}),
        ("since=2026-03-01&until=2026-03-02&type=other", {"own"}),
    ],
)
def test_activities_of_a_campaign(vault, query, names):
    day = {"activity": ("meeting", "positive", "2026-03-01"), "own": ("other", "negative", "2026-03-02")}
    for name, (kind, outcome, date) in day.items():
        rows = SaltingActivity.objects.filter(pk=getattr(vault, name).pk)
        rows.update(activity_type=kind, outcome=outcome, activity_date=date)
    rows = SaltingActivity.objects.all()
    chosen, _words = found(CampaignActivityFilterSet, query, vault["lead"], rows, campaign=vault.campaign)
    assert chosen == {getattr(vault, name) for name in names}


def test_who_and_campaign_are_shown_by_pseudonym_and_code_name(vault):
    other = ActivityFactory(campaign=AssignmentFactory(user=vault["lead"]).campaign)
    rows = SaltingActivity.objects.all()
    who, words = found(CampaignActivityFilterSet, f"who={vault.salt.pk}", vault["lead"], rows, campaign=vault.campaign)
    assert (who, words) == ({vault.activity, vault.own}, [("Who", "S-001")])
    chosen = found(ActivityFilterSet, f"campaign={other.campaign_id}", vault["lead"], rows)
    assert chosen == ({other}, [("Campaign", other.campaign.code_name)])


def test_a_description_of_the_api_that_was_made_before_changes_nothing(vault):
    assert SchemaGenerator().get_schema(public=True)["paths"] != {}
    test_who_and_campaign_are_shown_by_pseudonym_and_code_name(vault)


@pytest.mark.parametrize("typed", ["Heron", " heron ", "HERON"])
def test_a_campaign_is_typed_by_its_code_name(vault, typed):
    ActivityFactory(campaign=AssignmentFactory(user=vault["lead"], campaign__code_name="Heron North").campaign)
    query = QueryDict(mutable=True)
    query["campaign"] = typed
    chosen = found(ActivityFilterSet, query.urlencode(), vault["lead"], SaltingActivity.objects.all())
    assert chosen == ({vault.activity, vault.own}, [("Campaign", "Heron")])


def test_a_campaign_of_others_is_refused_as_one_that_does_not_exist(vault):
    foreign = ActivityFactory(campaign=CampaignFactory(code_name="Ibis")).campaign
    said = {}
    for typed in ("Ibis", str(foreign.pk), "Nothing", "5b7a5c1e-0f3e-4f5e-9b57-0a4f3f1f2a11"):
        query = QueryDict(f"campaign={typed}")
        chosen = ActivityFilterSet(query, queryset=SaltingActivity.objects.all(), request=request_of(vault["lead"]))
        said[typed] = (list(chosen.qs), chosen.form.errors.get("campaign"), chosen.form["campaign"].value())
    refused = ["No campaign of this name is open to you."]
    assert said == {typed: ([], refused, typed) for typed in said}


def test_a_campaign_of_others_cannot_be_chosen(vault):
    foreign = ActivityFactory()
    rows = SaltingActivity.objects.all()
    assert found(ActivityFilterSet, f"campaign={foreign.campaign_id}", vault["lead"], rows) == (set(), [])
