import pytest

from members import services
from members.factories import MemberFactory, OrganizationFactory
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
        assert (answer["Cache-Control"], "HX-Request" in answer["Vary"]) == ("no-store", True)
    assert "<title>Search" in page.text
    assert "Nothing found" in browser.get("/search/?q=zzzz").text
    assert "Nothing found." in browser.get("/search/?q=zzzz", headers={"HX-Request": "true"}).text
    assert "Type a name, a number" in browser.get("/search/").text


@pytest.mark.parametrize(
    "q", ["<script>alert(1)</script>", '"><img src=x>', "{{7*7}}", "%s%n", "' OR 1=1 --", "\0", "\u202e", "x" * 100_000]
)
def test_what_is_typed_stays_text(client_of, aalto, q):
    answer = client_of("staff", raise_request_exception=False).get("/search/", {"q": q})
    assert (answer.status_code, "<script>alert" in answer.text, "<img src" in answer.text) == (200, False, False)
    assert answer.context["global_query"] == q[:200].replace("\0", " ").strip()
