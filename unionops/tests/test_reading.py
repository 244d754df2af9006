"""Whoever sees what is known of a person leaves a trace, by whatever door they came in."""

import pytest

from core.models import ReadEvent
from members.factories import ContactFactory, EmploymentFactory, MemberFactory, OrganizationFactory
from members.services import members as services
from members.services import organizations
from members.tests.typed import MEMBER

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client_of):
    return client_of("staff", raise_request_exception=False)


@pytest.fixture
def ann():
    return MemberFactory(member_number="104233", first_name="Ann", last_name="Aalto", city="Peoria")


def looks() -> list[tuple]:
    rows = ReadEvent.objects.order_by("id")
    return list(rows.values_list("kind", "subject_type", "subject_id", "rows", "filters"))


def opened(record) -> tuple:
    return ("opened", record._meta.label_lower, str(record.pk), None, {})


def listed(model: str, rows: int, **filters: str) -> tuple:
    return ("listed", model, "", rows, filters)


def test_editing_a_member_shows_the_member(staff, people, ann):
    url = f"/members/{ann.pk}/edit/"

    def save(**typed: str) -> int:
        return staff.post(url, MEMBER | typed).status_code

    assert staff.get(url).status_code == 200
    assert looks() == [opened(ann)]
    assert save(zip_code="x", version="1") == 422
    assert looks() == [opened(ann)] * 2
    services.update_member(ann, {"city": "Pekin"}, actor=people["officer"])
    assert save(version="1") == 409
    assert looks() == [opened(ann)] * 3
    assert save(version="2") == 302
    assert looks() == [opened(ann)] * 3


def test_other_records_that_are_edited(client_of, staff, people, ann):
    job, contact, yard = EmploymentFactory(member=ann), ContactFactory(), OrganizationFactory()
    account = people["steward"]
    for path in (f"/employments/{job.pk}/edit/", f"/contacts/{contact.pk}/edit/", f"/organizations/{yard.pk}/edit/"):
        staff.get(path)
    client_of("admin").get(f"/users/{account.pk}/edit/")
    assert looks() == [opened(job), opened(contact), opened(account)]


def test_comparing_two_members_shows_both(staff, ann):
    twin = MemberFactory(first_name="Anne", last_name="Aalto")
    services.remember_words(["Ann", "Anne", "Aalto"])
    assert staff.get(f"/members/{ann.pk}/merge/?q=aalto").status_code == 200
    assert looks() == [listed("members.member", 1, q="aalto")]
    staff.get(f"/members/{ann.pk}/merge/{twin.pk}/")
    assert looks()[1:] == [opened(ann), opened(twin)]


def test_what_is_refused_is_not_recorded(client_of, staff, ann):
    paths = ("edit/", "merge/", f"merge/{MemberFactory().pk}/")
    assert {client_of("steward").get(f"/members/{ann.pk}/{path}").status_code for path in paths} == {403}
    assert {staff.get(f"/members/999999/{path}").status_code for path in paths} == {404}
    assert {client_of("steward").get(path).status_code for path in ("/admin/members/member/", "/users/")} == {302, 403}
    assert looks() == []


def test_searching(staff, ann):
    OrganizationFactory(name="Aalto Works")
    staff.get("/search/?q=aalto")
    staff.get("/search/?q=aal", headers={"HX-Request": "true"})
    staff.get("/search/?q=zzzz")
    staff.get("/search/?q=a")
    assert looks() == [listed("members.member", 1, q="aalto"), listed("members.member", 1, q="aal")]


def test_lists(client_of, staff, ann):
    OrganizationFactory()
    staff.get("/members/?status=active")
    staff.get("/organizations/")
    staff.post("/members/status/", {"id": [ann.pk]})
    assert looks() == [listed("members.member", 1, status="Active"), listed("members.member", 1)]
    client_of("admin").get("/users/?q=staff@people")
    assert looks()[2:] == [listed("accounts.user", 1, q="staff@people")]


def test_an_organization_is_public_and_its_people_are_not(staff, people):
    empty, yard, works = OrganizationFactory(), OrganizationFactory(), OrganizationFactory()
    organizations.add_contact(yard, {"first_name": "Mia", "last_name": "Ng"}, actor=people["staff"])
    EmploymentFactory(organization=works)
    for organization in (empty, yard, works):
        staff.get(f"/organizations/{organization.pk}/")
    assert looks() == [opened(yard), opened(works)]


def test_the_admin(client_of, people):
    admin = client_of("admin")
    job, contact = EmploymentFactory(), ContactFactory()
    for record in (job, contact, people["staff"], job.organization):
        app, model = record._meta.label_lower.split(".")
        admin.get(f"/admin/{app}/{model}/{record.pk}/change/")
        admin.get(f"/admin/{app}/{model}/")
    assert looks() == [
        opened(job),
        listed("members.employment", 1),
        opened(contact),
        listed("members.organizationcontact", 1),
        opened(people["staff"]),
        listed("accounts.user", 2),
    ]
