"""The pages of a slate: what is typed wrong, who may look, two people at once."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.entry.step_up import PREFIX
from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import Installation, Role, RoleAssignment
from accounts.services import slates

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 4, 18, tzinfo=UTC)
TYPED = {
    "title": "Officers of 2026",
    "reason": "Elected",
    "day": "2026-12-07",
    "time": "19:00",
    "last_day": "",
    "roles": ["officer"],
}


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def admin(client_of):
    return client_of("admin")


@pytest.fixture
def slate(people) -> Installation:
    RoleAssignmentFactory(user=UserFactory(email="ann@people.example", first_name="Ann"), role="officer")
    officer = Role.objects.get(name="officer")
    return slates.start_draft({"title": "Officers", "reason": "Elected"}, [officer], actor=people["admin"])


def errors(page: str) -> list[str]:
    found = re.findall(r'class="field-error"[^>]*>.*?Error:</span> (.*?)</span>', page, re.DOTALL)
    return [" ".join(text.split()) for text in found]


def seats() -> str:
    return f"seats_{Role.objects.get(name='officer').pk}"


@pytest.mark.parametrize(
    ("typed", "sentences"),
    [
        ({"time": ""}, ["Give the time too."]),
        ({"day": ""}, ["Give the day too."]),
        ({"day": "2026-12-03"}, ["This moment is over. Choose one to come, or leave day and time empty."]),
        ({"day": "9999-12-31"}, ["Enter a day before 2101."]),
        ({"time": "25:00"}, ["Enter a valid time."]),
        ({"day": "2027-03-14", "time": "02:30"}, ["2027-03-14 02:30:00 couldn’t be interpreted"]),
        ({"last_day": "2026-12-06"}, ["The new terms must end after they begin."]),
        ({"roles": []}, ["Tick at least one."]),
        ({"roles": ["admin"]}, ["Select a valid choice. admin is not one of the available choices."]),
    ],
)
def test_what_is_wrong_is_told_at_the_field(admin, typed, sentences):
    answer = admin.post("/installations/new/", TYPED | typed)
    assert answer.status_code == 422
    assert [text.startswith(wanted) for text, wanted in zip(errors(answer.text), sentences, strict=True)] == [True]
    assert "Officers of 2026" in answer.text


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            "nobody@people.example",
            ["Nobody has this name or address: nobody@people.example. Create the account first."],
        ),
        ("ann@people.example\nANN@people.example", ["This address is there twice: ann@people.example."]),
        (
            "a\0b",
            ["Remove the invisible characters; type the text instead of pasting it. Null characters are not allowed."],
        ),
        ("\u202e@people.example", ["Remove the invisible characters; type the text instead of pasting it."]),
        ("x" * 100_000, ["Ensure this value has at most 8000 characters (it has 100000)."]),
    ],
)
def test_an_address_that_is_wrong_is_named(admin, slate, text, sentences):
    answer = admin.post(f"/installations/{slate.pk}/edit/", TYPED | {seats(): text, "version": "1"})
    assert (answer.status_code, errors(answer.text)) == (422, sentences)
    assert slate.seats.count() == 1


def test_a_person_is_named_and_of_several_one_is_chosen(admin, slate):
    near = [UserFactory(email=f"{name}@people.example", first_name=name, last_name="Quist") for name in ("bo", "cy")]

    def sent(text):
        version = Installation.objects.get().version
        return admin.post(f"/installations/{slate.pk}/edit/", TYPED | {seats(): text, "version": version})

    asked = sent("quist")
    assert errors(asked.text) == ["“quist” fits several. Choose which one you mean, or type more of the name."]
    assert [f'value="{user.label}"' in asked.text for user in near] == [True, True]
    for text, seated in (("bo quist", near[:1]), (f"quist\n{near[1].label}", near[1:]), ("Cy Quist", near[1:])):
        assert sent(text).status_code == 302
        assert [seat.user for seat in slate.seats.all()] == seated
    suggested = admin.get("/installations/suggest/", {"seats_4": "bo"}).text
    assert [user.label in suggested for user in near] == [True, False]
    assert admin.get("/installations/suggest/", {"seats_4": "q"}).text.count("<option") == 0


def test_a_role_that_is_added_begins_with_who_holds_it(admin, slate, people):
    typed = TYPED | {seats(): "ann@people.example", "roles": ["officer", "staff"], "version": "1"}
    person = people["staff"]
    answer = admin.post(f"/installations/{slate.pk}/edit/", typed, follow=True)
    assert answer.redirect_chain == [(f"/installations/{slate.pk}/edit/", 302)]
    assert ["1 role was added" in answer.text, person.email in answer.text] == [True, True]
    answer = admin.post(f"/installations/{slate.pk}/edit/", TYPED | {seats(): "", "version": "2"})
    assert answer.url == f"/installations/{slate.pk}/"
    assert slate.seats.count() == 0
    assert slate.roles.count() == 1


def test_two_people_edit_one_slate(admin, slate, people):
    url, other = f"/installations/{slate.pk}/edit/", UserFactory(email="bo@people.example")
    admin.post(url, TYPED | {seats(): other.email, "version": "1"})
    answer = admin.post(url, TYPED | {seats(): "ann@people.example", "title": "Mine", "version": "1"})
    assert answer.status_code == 409
    cells = re.findall(r"<(?:del|ins)>(.*?)</(?:del|ins)>", answer.text)
    assert cells == ["Officers of 2026", "Mine", other.label, "ann@people.example"]
    assert admin.post(url, TYPED | {seats(): "ann@people.example", "version": "2"}).status_code == 302


def test_setting_asks_for_a_proof_and_for_the_version_that_was_seen(admin, slate, people, settings):
    assert people["officer"].is_active, "who confirms the new terms"
    admin.post(f"/installations/{slate.pk}/edit/", TYPED | {seats(): "ann@people.example", "version": "1"})
    url = f"/installations/{slate.pk}/set/"
    answer = admin.post(url, {"version": "1"})
    assert answer.status_code == 409
    assert "changed this record meanwhile" in answer.text
    settings.STEP_UP_MINUTES = 10
    with time_machine.travel(NOW + timedelta(minutes=11), tick=False):
        answer = admin.post(url, {"version": "2"})
        assert answer.status_code == 422
        assert f"{PREFIX}-password" in answer.text
        assert not RoleAssignment.objects.filter(begun_with=slate).exists()
    settings.STEP_UP_MINUTES = 0
    assert admin.post(url, {"version": "2"}).status_code == 302
    assert (admin.get(url).status_code, admin.get(f"/installations/{slate.pk}/edit/").status_code) == (409, 409)
    assert admin.get(f"/installations/{slate.pk}/call-off/").status_code == 200
    answer = admin.post(f"/installations/{slate.pk}/call-off/", {"reason": "No quorum", "version": "3"}, follow=True)
    assert ["The installation is called off." in answer.text, "Called off" in answer.text] == [True, True]


def test_a_slate_that_one_is_on_oneself_says_who_sets_it(admin, slate, people):
    answer = admin.post(
        f"/installations/{slate.pk}/edit/", TYPED | {seats(): people["admin"].email, "version": "1"}, follow=True
    )
    assert slates.own_seat() in answer.text
    answer = admin.post(f"/installations/{slate.pk}/set/", {"version": "2"})
    assert answer.status_code == 409
    assert "Another administrator sets the slate" in answer.text


def test_an_officer_looks_and_changes_nothing(client_of, slate):
    officer = client_of("officer")
    page = officer.get(f"/installations/{slate.pk}/")
    assert page.status_code == 200
    assert "/set/" not in page.text
    assert "/edit/" not in page.text
    assert "Prepare a slate" not in officer.get("/installations/").text


def test_the_sheet_names_everybody(admin, slate):
    page = admin.get(f"/installations/{slate.pk}/sheet/").text
    assert "Draft: this slate is not set." in page
    assert "Ann" in page
    assert "With thanks" not in page
    assert "<title>To be read out" in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_a_constant_number_of_queries(client_of, slate, people, count, django_assert_num_queries):
    for _number in range(count - 1):
        slates.start_draft({"title": "x", "reason": "x"}, [], actor=people["admin"])
    admin = client_of("admin")
    admin.get("/installations/")
    with django_assert_num_queries(6):
        admin.get("/installations/")


@pytest.mark.parametrize(
    ("day", "sentence"), [(True, "Today’s officers confirm the new ones before"), (False, "choose a day")]
)
def test_the_page_says_that_todays_officers_confirm_the_new_ones(admin, people, day, sentence):
    values = {"title": "Officers", "reason": "Elected", "takes_effect_at": NOW + timedelta(days=3) if day else None}
    roles = Role.objects.filter(name="officer")
    slate = slates.start_draft(values, roles, actor=people["admin"])
    new = UserFactory()
    slates.save_draft(slate, values, {roles.get(): [new]}, actor=people["admin"])
    for page in ("", "set/"):
        assert sentence in admin.get(f"/installations/{slate.pk}/{page}").text


def test_the_page_says_nothing_of_officers_where_they_stay(admin, slate, people):
    values = {"title": "Money", "reason": "Elected", "takes_effect_at": NOW + timedelta(days=3)}
    roles = Role.objects.filter(name="treasurer")
    other = slates.start_draft(values, roles, actor=people["admin"])
    slates.save_draft(other, values, {roles.get(): [UserFactory()]}, actor=people["admin"])
    page = admin.get(f"/installations/{other.pk}/").text
    assert ["counts only once an officer confirms it" in page, "Today’s officers" in page] == [True, False]
