import pytest

from core.models import ReadEvent
from organizing.factories import ActivityFactory, AssignmentFactory, CampaignFactory, CampaignMemberFactory, organizer

pytestmark = pytest.mark.django_db
PLACES = ("/api/v1/campaigns/", "/api/v1/salting-activities/")


def test_the_assigned_read_everything_but_who_the_salts_are(vault, browser_of):
    browser = browser_of(vault["organizer"])
    campaign = browser.get(f"{PLACES[0]}{vault.campaign.pk}/").json()
    assert {name: campaign[name] for name in ("code_name", "target", "stage", "cards_signed", "salting_score")} == {
        "code_name": "Heron",
        "target": "Quarrystone Foods",
        "stage": "building",
        "cards_signed": 3,
        "salting_score": vault.campaign.salting_score,
    }
    activity = browser.get(f"{PLACES[1]}{vault.activity.pk}/").json()
    assert set(activity) == {
        "id",
        "campaign",
        "acting",
        "activity_type",
        "activity_date",
        "outcome",
        "location",
        "workers_contacted",
        "cards_signed",
        "description",
        "notes",
        "version",
        "created_at",
        "updated_at",
    }
    assert (activity["acting"], activity["campaign"]) == ("S-001", str(vault.campaign.pk))


@pytest.mark.parametrize(
    ("name", "lists", "row"),
    [
        ("anon", 401, 401),
        ("officer", 200, 200),
        ("organizer", 200, 404),
        ("organizing-director", 403, 403),
        ("admin", 403, 403),
        ("staff", 403, 403),
        ("member", 403, 403),
        ("expired", 403, 403),
    ],
)
def test_who_reads(vault, client_of, name, lists, row):
    browser = client_of(name)
    rows = (vault.campaign, vault.activity)
    found = [browser.get(place).status_code for place in PLACES]
    found += [browser.get(f"{place}{item.pk}/").status_code for place, item in zip(PLACES, rows, strict=True)]
    assert found == [lists, lists, row, row]


def test_an_organizer_without_an_assignment_gets_empty_lists(vault, client_of):
    assert [client_of("organizer").get(place).json()["results"] for place in PLACES] == [[], []]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_written_over_here(vault, browser_of, method):
    browser = browser_of(vault["lead"])
    rows = (vault.campaign, vault.activity)
    found = [getattr(browser, method)(f"{place}{row.pk}/").status_code for place, row in zip(PLACES, rows, strict=True)]
    assert found == [405, 405]


def test_filters_and_reads(vault, browser_of):
    other = CampaignFactory()
    browser = browser_of(vault["lead"])
    answer = browser.get(f"{PLACES[1]}?type={vault.own.activity_type}&campaign={vault.campaign.pk}").json()
    assert str(vault.own.pk) in {row["id"] for row in answer["results"]}
    assert browser.get(f"{PLACES[1]}?campaign={other.pk}").status_code == 400
    assert set(ReadEvent.objects.values_list("kind", "subject_type")) == {("listed", "organizing.saltingactivity")}


def test_the_root_names_the_collections_for_those_who_may(client_of):
    assert {"campaigns", "salting_activities"} <= set(client_of("organizer").get("/api/v1/").json())
    assert not {"campaigns", "salting-activities"} & set(client_of("staff").get("/api/v1/").json())


@pytest.mark.parametrize("size", [1, 3])
def test_a_constant_number_of_queries(size, browser_of, django_assert_num_queries):
    user = organizer()
    for _number in range(size):
        term = AssignmentFactory(user=user)
        ActivityFactory(campaign=term.campaign, campaign_member=CampaignMemberFactory(campaign=term.campaign))
    browser = browser_of(user)
    for place, count in zip(PLACES, (4, 4), strict=True):
        with django_assert_num_queries(count):
            browser.get(place)
