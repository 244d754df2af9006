"""The pages of organizations and their contacts."""

import csv
import io
import re

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import ReadEvent
from core.tests.pages import REQUIRED, errors, said, values_in
from members.factories import ContactFactory, EmploymentFactory, MemberFactory, OrganizationFactory
from members.models import Organization, OrganizationContact
from members.services import organizations as services
from members.tests.histories import events
from members.tests.typed import ORGANIZATION

pytestmark = pytest.mark.django_db

CONTACT = {"first_name": "Mia", "last_name": "Ng", "title": "Payroll", "phone": "", "email": "", "notes": "Mornings"}


@pytest.fixture
def yard():
    return OrganizationFactory(name="Crane Yard", city="Peoria", state="IL")


def listed(response) -> list[str]:
    return [row.name for row in response.context["rows"]]


def test_the_list_and_who_sees_deleted_ones(client_of, people, yard):
    services.delete_organization(OrganizationFactory(name="Gone"), actor=people["staff"], reason="Twice")
    found = {
        name: [listed(client_of(name).get(f"/organizations/{query}")) for query in ("", "?records=deleted")]
        for name in ("staff", "admin", "steward", "representative", "organizer")
    }
    may, may_not = [["Crane Yard"], ["Gone"]], [["Crane Yard"]] * 2
    assert found == {"staff": may, "admin": may, "steward": may_not, "representative": may_not, "organizer": may_not}
    assert [client_of(name).get("/organizations/").status_code for name in ("member", "nobody")] == [403, 403]


def test_one_row_and_three_cost_the_same_queries(staff):
    counts = []
    for number in range(3):
        ContactFactory(organization__name=f"Row {number}")
        with CaptureQueriesContext(connection) as queries:
            assert len(listed(staff.get("/organizations/"))) == number + 1
        counts.append(len(queries))
    assert counts == [5] * 3


def test_filters_search_and_sort(staff, people, yard):
    services.create_organization(
        {"name": "Amalgamated Local 9", "org_type": "union", "state": "IN"}, actor=people["staff"]
    )
    union = ["Amalgamated Local 9"]
    expected = {
        "q=yard+crane": ["Crane Yard"],
        "q=peoria": ["Crane Yard"],
        "q=amalgamatde": union,
        "org_type=union": union,
        "state=IL": ["Crane Yard"],
        "sort=-name": ["Crane Yard", *union],
        "sort=added": ["Crane Yard", *union],
        "state=XX": [],
        "org_type=union&state=IL": [],
    }
    assert {query: listed(staff.get(f"/organizations/?{query}")) for query in expected} == expected
    note = "Nothing is spelled that way; showing “amalgamated”"
    assert note in staff.get("/organizations/?q=amalgamatde").text


def test_export(staff, client_of, yard):
    OrganizationFactory(
        name="=HYPERLINK(1)",
        org_type="union",
        city="+a",
        state="",
        zip_code="",
        phone="",
        email="",
        website="",
        address="@b",
    )
    response = staff.get("/organizations/export/csv/")
    header, _yard, evil = csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig")))
    assert list(zip(header[:-1], evil[:-1], strict=True)) == [
        ("Name", "'=HYPERLINK(1)"),
        ("Type", "Union"),
        ("City", "'+a"),
        ("State", ""),
        ("Phone", ""),
        ("E-mail", ""),
        ("Street address", "'@b"),
        ("ZIP code", ""),
        ("Website", ""),
    ]
    assert header[-1] == "Added"
    event = ReadEvent.objects.get()
    assert event.kind == "exported"
    assert event.subject_type == "members.organization"
    assert event.rows == 2
    answers = [client_of(name).get("/organizations/export/csv/") for name in ("admin", "steward")]
    assert [answer.status_code for answer in answers] == [403, 403]


def test_one_organization(client_of, people, yard):
    ContactFactory(organization=yard, first_name="Mia", last_name="Ng", is_primary=True)
    job = EmploymentFactory(organization=yard, member__last_name="Aalto", member__first_name="Ann")
    EmploymentFactory(organization=yard, member__last_name="Left", end_date="2026-01-01", start_date=None)
    texts = {name: client_of(name).get(f"/organizations/{yard.pk}/").text for name in ("staff", "steward")}
    for text in texts.values():
        shown = ["Crane Yard", "Mia Ng", "Main contact", "Aalto, Ann"]
        assert [words for words in (*shown, "Left") if words in text] == shown
        assert f"/members/?employer={yard.pk}" in text
        assert f"/members/{job.member_id}/" in text
    assert [f"/organizations/{yard.pk}/edit/" in text for text in texts.values()] == [True, False]
    assert client_of("member").get(f"/organizations/{yard.pk}/").status_code == 403
    services.update_organization(yard, {"name": "Crane Yard II"}, actor=people["officer"])
    assert "Officer Person" in client_of("staff").get(f"/organizations/{yard.pk}/").text
    assert "Officer Person" not in client_of("steward").get(f"/organizations/{yard.pk}/").text


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("staff", {"edit", "delete", "restore", "merge", "contacts/add"}),
        ("officer", {"edit", "delete", "restore", "merge", "contacts/add"}),
        ("admin", {"restore", "merge"}),
        ("steward", set()),
        ("member", set()),
    ],
)
def test_moves_are_those_that_the_role_may_make(client_of, yard, name, may):
    browser = client_of(name)
    moves = ("edit", "delete", "restore", "merge", "contacts/add")
    found = {move: browser.get(f"/organizations/{yard.pk}/{move}/").status_code for move in moves}
    assert found == {move: 200 if move in may else 403 for move in moves}


def test_rows_that_are_not_there(staff):
    moves = ("", "edit/", "delete/", "restore/", "merge/", "contacts/add/", "merge/1/")
    assert {staff.get(f"/organizations/{pk}/{move}").status_code for pk in ("999999", "9" * 30) for move in moves} == {
        404
    }


def test_adding_and_editing(staff, people):
    response = staff.post("/organizations/add/", ORGANIZATION)
    made = Organization.objects.get()
    assert response.url == f"/organizations/{made.pk}/"
    assert said(response) == ["Organization added."]
    assert made.phone == "+13095550142"
    typed = values_in(staff.get(f"/organizations/{made.pk}/edit/"))
    assert typed | {"version": "1"} == ORGANIZATION | {
        "version": "1",
        "csrfmiddlewaretoken": typed["csrfmiddlewaretoken"],
        "seen_values": typed["seen_values"],
    }
    services.update_organization(made, {"city": "Chicago"}, actor=people["officer"])
    conflict = staff.post(f"/organizations/{made.pk}/edit/", typed | {"city": "Pekin"})
    made.refresh_from_db()
    assert conflict.status_code == 409
    assert conflict.context["conflict"] == [("City", "Chicago", "Pekin")]
    assert made.city == "Chicago"
    again = staff.post(f"/organizations/{made.pk}/edit/", values_in(conflict))
    made.refresh_from_db()
    assert again.status_code == 302
    assert made.city == "Pekin"
    assert made.version == 3
    assert events(made) == [("created", ""), ("changed", ""), ("changed", "")]


@pytest.mark.parametrize(
    ("name", "wrong", "sentence"),
    [
        ("name", "", REQUIRED),
        ("name", "x" * 201, "Ensure this value has at most 200 characters (it has 201)."),
        ("name", "a\u2066b", "Remove the invisible characters; type the text instead of pasting it."),
        ("org_type", "club", "Select a valid choice. club is not one of the available choices."),
        ("website", "javascript:alert(1)", "Enter a valid URL."),
        (
            "website",
            "https://ya\u202erd.example/",
            "Remove the invisible characters; type the text instead of pasting it.",
        ),
        ("email", "a@b", "Enter a valid email address."),
        ("zip_code", "٦١٦٠٢", "A ZIP code has five digits, or nine: 60601-1234."),
        ("state", "ZZ", "Select a valid choice. ZZ is not one of the available choices."),
    ],
)
def test_a_wrong_value_is_told_at_its_field_and_nothing_typed_is_lost(staff, name, wrong, sentence):
    typed = ORGANIZATION | {name: wrong}
    response = staff.post("/organizations/add/", typed)
    assert (response.status_code, errors(response)) == (422, {name: [sentence]})
    shown = values_in(response)
    assert {key for key, value in typed.items() if shown.get(key, "") != value} - {"org_type", "state"} == set()
    assert Organization.objects.count() == 0


def test_deleting_and_restoring(staff, client_of, yard):
    job = EmploymentFactory(organization=yard)
    path = f"/organizations/{yard.pk}/delete/"
    refused = staff.post(path, {"reason": "Closed"})
    assert refused.status_code == 409
    assert errors(refused) == {
        "__all__": ["1 member works here now. End that employment first, or merge the two records."]
    }
    assert 'value="Closed"' in refused.text
    job.delete()
    assert staff.post(path, {"reason": ""}).status_code == 422
    response = staff.post(path, {"reason": "Closed"})
    assert response.url == "/organizations/"
    assert said(response) == ["Organization deleted. Find it under “Deleted” to restore it."]
    statuses = {name: client_of(name).get(f"/organizations/{yard.pk}/").status_code for name in ("staff", "steward")}
    assert statuses == {"staff": 200, "steward": 404}
    response = client_of("admin").post(f"/organizations/{yard.pk}/restore/", {"reason": "Open again"})
    assert (response.status_code, said(response)) == (302, ["Organization restored."])
    assert staff.post(f"/organizations/{yard.pk}/restore/", {"reason": "x"}).status_code == 409
    assert events(yard) == [("deleted", "Closed"), ("restored", "Open again")]


# --- contacts ---------------------------------------------------------------------------------------


def test_contacts(staff, client_of, people, yard):
    former = ContactFactory(organization=yard, is_primary=True)
    response = staff.post(f"/organizations/{yard.pk}/contacts/add/", CONTACT | {"is_primary": "on"})
    mia = OrganizationContact.objects.get(last_name="Ng")
    former.refresh_from_db()
    assert (response.url, said(response)) == (f"/organizations/{yard.pk}/", ["Contact added."])
    assert mia.is_primary is True
    assert former.is_primary is False
    path = f"/contacts/{mia.pk}/edit/"
    typed = values_in(staff.get(path))
    services.change_contact(mia, {"title": "Director"}, actor=people["officer"])
    conflict = staff.post(path, typed | {"is_primary": "on", "title": "Payroll clerk"})
    assert (conflict.status_code, conflict.context["conflict"]) == (409, [("Title", "Director", "Payroll clerk")])
    assert staff.post(path, values_in(conflict)).status_code == 302
    mia.refresh_from_db()
    assert mia.title == "Payroll clerk"
    assert mia.is_primary is False
    assert mia.version == 3
    wrong = staff.post(path, {"first_name": "a\u200bb", "last_name": "", "phone": "12", "version": "3"})
    assert (wrong.status_code, set(errors(wrong))) == (422, {"first_name", "last_name", "phone"})
    assert {name: client_of(name).get(path).status_code for name in ("steward", "admin")} == {
        "steward": 403,
        "admin": 403,
    }
    removed = staff.post(f"/contacts/{mia.pk}/remove/", {"reason": "Left"})
    assert (removed.url, said(removed)) == (f"/organizations/{yard.pk}/", ["Contact removed."])
    assert staff.get(path).status_code == 404
    assert [action for action, _reason in events(yard)] == [
        "contact.changed",
        "contact.added",
        "contact.changed",
        "contact.changed",
        "contact.removed",
    ]


def test_contacts_of_a_deleted_organization_stay(staff, people, yard):
    contact = ContactFactory(organization=yard)
    services.delete_organization(yard, actor=people["staff"], reason="Closed")
    refused = {"__all__": ["This record is deleted. Restore it before you change it."]}
    for path, values in (
        (f"/organizations/{yard.pk}/contacts/add/", CONTACT),
        (f"/contacts/{contact.pk}/edit/", CONTACT | {"version": "1"}),
        (f"/contacts/{contact.pk}/remove/", {"reason": "Left"}),
    ):
        response = staff.post(path, values)
        assert (response.status_code, errors(response)) == (409, refused)
    assert OrganizationContact.objects.get() == contact


# --- suggestions ------------------------------------------------------------------------------------


def test_suggestions(staff, client_of, people, yard):
    OrganizationFactory(name="Crane & Hoist “Best”", city="", state="")
    services.delete_organization(OrganizationFactory(name="Crane Gone"), actor=people["staff"], reason="Closed")
    response = staff.get("/organizations/suggest/?organization=crane", headers={"HX-Request": "true"})
    assert re.findall('value="([^"]*)"', response.text) == ["Crane &amp; Hoist “Best”", "Crane Yard — Peoria, IL"]
    assert "<html" not in response.text
    assert response["Cache-Control"] == "no-store"
    exact = staff.get("/organizations/suggest/", {"organization": "Crane Yard — Peoria, IL"})
    assert re.findall('value="([^"]*)"', exact.text) == ["Crane Yard — Peoria, IL"]
    for text in ("", "c", " ", "!!!", "\0\0\0", "x" * 100_000, "%", "\\"):
        answer = staff.get("/organizations/suggest/", {"organization": text})
        assert (answer.status_code, answer.text.strip()) == (200, "")
    assert client_of("member").get("/organizations/suggest/?organization=crane").status_code == 403


def test_suggestions_are_few(staff):
    for number in range(12):
        OrganizationFactory(name=f"Crane {number:02}")
    assert staff.get("/organizations/suggest/?organization=crane").text.count("<option") == 8


# --- merge ------------------------------------------------------------------------------------------


def test_merging(staff, client_of, yard):
    twin = OrganizationFactory(name="Crane Yard, Inc.", city="Peoria", state="IL", phone="", website="")
    job = EmploymentFactory(organization=twin, member=MemberFactory())
    find = f"/organizations/{yard.pk}/merge/"
    assert staff.get(find).context["candidates"] == [(twin, f"{find}{twin.pk}/")]
    assert client_of("steward").get(find).status_code == 403
    page = staff.get(f"{find}{twin.pk}/")
    chosen = dict.fromkeys(page.context["form"].differing, "kept") | {"name": "duplicate", "reason": "One yard"}
    chosen |= {"kept_version": "1", "duplicate_version": "1"}
    response = client_of("admin").post(f"{find}{twin.pk}/", chosen)
    assert response.url == f"/organizations/{yard.pk}/"
    assert [str(m) for m in get_messages(response.wsgi_request)] == ["The two records are one now."]
    yard.refresh_from_db()
    job.refresh_from_db()
    assert (yard.name, job.organization_id) == ("Crane Yard, Inc.", yard.pk)
    gone = staff.get(f"/organizations/{twin.pk}/")
    assert gone.status_code == 200
    assert "Merged into another record" in gone.text
    assert staff.get(f"{find}{twin.pk}/").status_code == 404
