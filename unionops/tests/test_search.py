import pytest

from benevolence.factories import ApplicationFactory
from core.models import ReadEvent
from grievances.factories import GrievanceFactory
from members.factories import MemberFactory, OrganizationFactory
from members.services import members as services
from organizing.factories import AssignmentFactory
from organizing.models import Campaign
from unionops.search import search_everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def aalto(people):
    services.remember_words(["Aalto"])
    OrganizationFactory(name="Aalto Works", city="Pekin")
    return MemberFactory(member_number="104233", first_name="Ann", last_name="Aalto", city="Peoria")


def found(user, text: str) -> dict[str, list[str]]:
    return {str(group.label): [hit.label for hit in group.hits] for group in search_everything(user, text)}


def test_each_person_finds_in_their_own_rows(people, aalto):
    own = people["member"].member
    both = {"Members": ["Aalto, Ann"], "Employers and organizations": ["Aalto Works"]}
    answers = {
        name: found(people[name], "aalto") for name in ("staff", "steward", "admin", "member", "trustee", "nobody")
    }
    assert answers == {"staff": both, "steward": both, "admin": both, "member": {}, "trustee": {}, "nobody": {}}
    assert found(people["member"], own.member_number) == {"Members": [own.list_name]}


@pytest.mark.parametrize("text", ["", "a", " a ", "\0", "  ", "!"])
def test_nothing_is_searched_for_less_than_two_characters(people, aalto, text, django_assert_num_queries):
    staff = people["staff"]
    with django_assert_num_queries(0):
        assert search_everything(staff, text) == []


@pytest.mark.parametrize("text", ["ann aalto", "AALTO, ANN", "104233", "aatlo", "aal"])
def test_by_name_number_beginning_and_slip(people, aalto, text):
    assert found(people["staff"], text)["Members"] == ["Aalto, Ann"]


def test_the_page_and_its_fragment(client_of, aalto):
    browser = client_of("staff", raise_request_exception=False)
    page = browser.get("/search/?q=aalto")
    fragment = browser.get("/search/?q=aalto", headers={"HX-Request": "true"})
    boosted = browser.get("/search/?q=aalto", headers={"HX-Request": "true", "HX-Boosted": "true"})
    assert [answer.text.count("<html") for answer in (page, fragment, boosted)] == [1, 0, 1]
    for answer in (page, fragment, boosted):
        assert f'href="/members/{aalto.pk}/"' in answer.text
        assert answer["Cache-Control"] == "no-store"
        assert "HX-Request" in answer["Vary"]
    assert "<title>Search" in page.text
    assert "Nothing found" in browser.get("/search/?q=zzzz").text
    assert "Nothing found." in browser.get("/search/?q=zzzz", headers={"HX-Request": "true"}).text
    assert "Type a name, a number" in browser.get("/search/").text


@pytest.mark.parametrize(
    "q", ["<script>alert(1)</script>", '"><img src=x>', "{{7*7}}", "%s%n", "' OR 1=1 --", "\0", "\u202e", "x" * 100_000]
)
def test_what_is_typed_stays_text(client_of, aalto, q):
    answer = client_of("staff", raise_request_exception=False).get("/search/", {"q": q})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "<img src" not in answer.text
    assert answer.context["global_query"] == q[:200].replace("\0", " ").strip()


# --- the domains ------------------------------------------------------------------------------------


@pytest.fixture
def heron(people):
    """Make something in each domain that one word finds."""
    employer = OrganizationFactory(name="Heron Works")
    campaign = AssignmentFactory(user=people["organizer"], campaign__code_name="Grey Heron").campaign
    member = MemberFactory(first_name="Hera", last_name="Heron")
    case = GrievanceFactory(employer=employer, people=[member])
    application = ApplicationFactory(member=member, entered_by=people["staff"], status="submitted")
    return {"campaign": campaign, "case": case, "application": application, "member": member}


def test_each_domain_is_searched_through_the_persons_own_rows(people, heron):
    answers = {
        name: {label: hits for label, hits in found(people[name], "heron").items() if "ember" not in label}
        for name in ("staff", "organizer", "steward", "benevolence-vp", "admin", "trustee", "member")
    }
    works, case, help_ = ["Heron Works"], [str(heron["case"])], [str(heron["application"])]
    places = {"Employers and organizations": works}
    assert answers == {
        "staff": places | {"Cases": case, "Benevolence applications": help_},
        "organizer": places | {"Campaigns": ["Grey Heron"]},
        "steward": places,
        "benevolence-vp": {"Benevolence applications": help_},
        "admin": places,
        "trustee": {},
        "member": {},
    }


def looks() -> list[tuple[str, dict]]:
    return list(ReadEvent.objects.order_by("id").values_list("subject_type", "filters"))


@pytest.mark.parametrize(("code_name", "in_vault"), [("Grey Heron", [{"q": "heron"}]), ("Grey Egret", [])])
def test_words_of_whoever_may_work_in_campaigns_are_written_nowhere_outside_them(client_of, heron, code_name, in_vault):
    """An entry without words would tell that the words were those of a campaign, if others had theirs."""
    Campaign.objects.update(code_name=code_name, search_text=code_name.lower())
    client_of("organizer").get("/search/?q=heron")
    events = ReadEvent.objects.order_by("id")
    assert list(events.outside_vault().values_list("subject_type", "filters")) == [("members.member", {})]
    inside = events.filter(subject_type="organizing.campaign")
    assert list(inside.values_list("filters", flat=True)) == in_vault


def test_other_words_are_recorded_with_what_they_found(client_of, heron):
    client_of("staff").get("/search/?q=heron")
    assert looks() == [
        (kind, {"q": "heron"})
        for kind in ("members.member", "grievances.grievance", "benevolence.benevolenceapplication")
    ]
