"""Members and organizations in the admin: written by the services, never over somebody else's version."""

import re

import pytest
from django.contrib.admin.models import LogEntry

from core.models import AuditEvent, ReadEvent
from members.factories import ContactFactory, MemberFactory, OrganizationFactory
from members.models import Member, Organization
from members.services import members as services
from members.services import organizations
from members.tests.typed import MEMBER, ORGANIZATION

pytestmark = pytest.mark.django_db
MEMBERS, ORGANIZATIONS = "/admin/members/member/", "/admin/members/organization/"


@pytest.fixture
def staff(client_of):
    return client_of("staff", raise_request_exception=False)


@pytest.fixture
def ann():
    return MemberFactory(member_number="104233", first_name="Ann", last_name="Aalto", city="Pekin")


def events(label: str, key: int) -> list[tuple[str, str]]:
    rows = AuditEvent.objects.filter(stream=f"{label}:{key}").order_by("id")
    return list(rows.values_list("action", "actor__email"))


def test_adding_goes_through_the_service(staff, client_of):
    response = staff.post(f"{MEMBERS}add/", MEMBER)
    member = Member.objects.get()
    assert (response.status_code, response.url) == (302, MEMBERS)
    assert member.phone == "+13095550142"
    assert member.search_text.split()[:2] == ["zoe", "obrien"]
    assert member.version == 1
    assert events("members.member", member.pk) == [("created", "staff@people.example")]
    staff.post(f"{ORGANIZATIONS}add/", ORGANIZATION)
    organization = Organization.objects.get()
    assert organization.name_key == "craneyard"
    assert events("members.organization", organization.pk) == [("created", "staff@people.example")]
    for url, values in ((MEMBERS, MEMBER), (ORGANIZATIONS, ORGANIZATION)):
        assert client_of("admin").post(f"{url}add/", values).status_code == 403
    assert Member.objects.count() == 1
    assert Organization.objects.count() == 1
    assert LogEntry.objects.count() == 0


def test_somebody_alike_is_added_with_a_reason_only(staff):
    first = MemberFactory(first_name=MEMBER["first_name"], last_name=MEMBER["last_name"], email=MEMBER["email"])
    asked = staff.post(f"{MEMBERS}add/", MEMBER).context["adminform"].form
    assert asked.errors == {
        "why_another": [
            "This may be somebody who is recorded already. Open that record, or say why this is another person."
            f" Zoë O’Brien — {first.member_number}"
        ]
    }
    assert asked["notes"].value() == MEMBER["notes"]
    assert list(Member.objects.all()) == [first]
    staff.post(f"{MEMBERS}add/", MEMBER | {"why_another": "Mother and daughter"})
    second = Member.objects.exclude(pk=first.pk).get()
    event = AuditEvent.objects.get(stream=f"members.member:{second.pk}")
    assert event.reason == "Mother and daughter"


def test_wrong_values_are_told_at_their_fields(staff):
    response = staff.post(
        f"{MEMBERS}add/", MEMBER | {"zip_code": "x", "first_name": "a\u202eb", "date_of_birth": "0001-01-01"}
    )
    form = response.context["adminform"].form
    assert (response.status_code, set(form.errors)) == (200, {"zip_code", "first_name", "date_of_birth"})
    empty = staff.post(f"{MEMBERS}add/", {}).context["adminform"].form
    assert {name: list(found) for name, found in empty.errors.items() if name in ("first_name", "status")} == {
        "first_name": ["Fill this in."],
        "status": ["Choose one."],
    }
    assert 'value="O’Brien"' in response.text
    assert Member.objects.count() == 0


def test_two_edit_one_member_and_nothing_is_overwritten(staff, people, ann):
    url = f"{MEMBERS}{ann.pk}/change/"
    page = staff.get(url)
    [version] = re.findall(r'name="version" value="(\d+)"', page.text)
    assert version == "1"
    services.update_member(ann, {"city": "Chicago"}, actor=people["officer"])
    before = Member.objects.values().get()
    response = staff.post(url, MEMBER | {"version": version})
    assert response.status_code == 409
    assert "Somebody else saved this record while you were editing it." in response.text
    for forged in ("", "0", "77"):
        assert staff.post(url, MEMBER | {"version": forged}).status_code == 409
    assert Member.objects.values().get() == before
    assert staff.post(url, MEMBER | {"version": "2"}).status_code == 302
    ann.refresh_from_db()
    assert (ann.city, ann.version) == ("Peoria", 3)
    assert events("members.member", ann.pk) == [
        ("changed", "officer@people.example"),
        ("changed", "staff@people.example"),
    ]
    assert LogEntry.objects.count() == 0


def test_two_edit_one_organization(staff, people):
    yard = OrganizationFactory(name="Yard", city="Peoria")
    organizations.update_organization(yard, {"city": "Chicago"}, actor=people["officer"])
    url = f"{ORGANIZATIONS}{yard.pk}/change/"
    assert staff.post(url, ORGANIZATION | {"version": "1"}).status_code == 409
    assert staff.post(url, ORGANIZATION | {"version": "2"}).status_code == 302
    assert Organization.objects.values_list("name", "version").get() == ("Crane Yard, Inc.", 3)


def test_those_who_may_only_look(client_of, ann):
    browser = client_of("admin")
    page = browser.get(f"{MEMBERS}{ann.pk}/change/")
    assert page.status_code == 200
    assert "Aalto" in page.text
    assert 'name="last_name"' not in page.text
    assert browser.post(f"{MEMBERS}{ann.pk}/change/", MEMBER | {"version": "1"}).status_code == 403
    ann.refresh_from_db()
    assert ann.version == 1


@pytest.mark.parametrize(("name", "shown"), [("staff", True), ("admin", False)])
def test_notes_are_for_those_who_may_change_the_record(client_of, ann, name, shown):
    Member.objects.update(notes="Call after six")
    contact = ContactFactory(notes="Asks for Mia")
    browser = client_of(name)
    member_page = browser.get(f"{MEMBERS}{ann.pk}/change/").text
    contact_page = browser.get(f"/admin/members/organizationcontact/{contact.pk}/change/").text
    assert ("Call after six" in member_page, "Notes" in member_page) == (shown, shown)
    assert ("Asks for Mia" in contact_page, "Notes" in contact_page) == (shown, shown)


def test_looking_is_recorded(staff, ann):
    staff.get(MEMBERS, {"q": "aalto", "status__exact": "active", "o": "1\0", "p": "1"})
    staff.get(f"{MEMBERS}{ann.pk}/change/")
    staff.get(f"{MEMBERS}{ann.pk}/history/")
    staff.get(f"{MEMBERS}add/")
    staff.get(f"{MEMBERS}999999/change/")
    assert list(ReadEvent.objects.order_by("id").values_list("kind", "subject_id", "rows", "filters")) == [
        ("listed", "", 1, {"q": "aalto", "status__exact": "active"}),
        ("opened", str(ann.pk), None, {}),
        ("opened", str(ann.pk), None, {}),
    ]


def test_the_history_is_the_audit_trail(staff, people, ann):
    services.update_member(ann, {"status": "retired"}, actor=people["officer"])
    text = staff.get(f"{MEMBERS}{ann.pk}/history/").text
    assert [word in text for word in ("Officer Person", "Active", "Retired")] == [True] * 3


@pytest.mark.parametrize(
    ("q", "hits"), [("aalto ann", 1), ("104233", 1), ("zzz", 0), ("", 1), ("\0", 1), ("!!", 0), ("%", 0)]
)
def test_search(staff, ann, q, hits):
    assert staff.get(MEMBERS, {"q": q}).context["cl"].result_count == hits
