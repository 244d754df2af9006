"""Programs keep in step by `updated_since`: every change once or more, never less, and no word of what is deleted."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import ReadEvent
from members.factories import ContactFactory, EmploymentFactory, MemberFactory, OrganizationFactory
from members.models import Member, Organization
from members.services import employments, members, organizations

pytestmark = pytest.mark.django_db
MEMBERS, ORGANIZATIONS = "/api/v1/members/", "/api/v1/organizations/"
LONG_AGO = "2000-01-01T00:00:00Z"
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


def walk(browser, path: str, since: str) -> list[dict]:
    pages = [browser.get(path, {"updated_since": since}).json()]
    while pages[-1]["next"]:
        pages.append(browser.get(pages[-1]["next"]).json())
    return pages


def ids(pages: list[dict]) -> list[int]:
    return [row["id"] for page in pages for row in page["results"]]


def changed_at(row, moment: datetime) -> None:
    type(row).objects.filter(pk=row.pk).update(updated_at=moment)


@pytest.fixture
def staff(client_of):
    return client_of("staff", raise_request_exception=False)


def test_what_changed_since_comes_in_the_order_of_the_changes(staff):
    old, second, first = MemberFactory(), MemberFactory(), MemberFactory()
    for row, minutes in ((old, -1), (first, 0), (second, 1)):
        changed_at(row, NOON + timedelta(minutes=minutes))
    (page,) = walk(staff, MEMBERS, "2026-11-25T12:00:00Z")[:1]
    assert ids([page])[:2] == [first.pk, second.pk]
    assert page["results"][0] == staff.get(f"{MEMBERS}{first.pk}/").json()
    assert page["previous"] is None
    # an offset counts, and a plus sign that nobody encoded is read
    for text in ("2026-11-25T07:00:00-05:00", "2026-11-25T14:00:00%2B02:00", "2026-11-25T14:00:00+02:00"):
        assert ids([staff.get(f"{MEMBERS}?updated_since={text}").json()]) == ids([page])


def test_a_deleted_record_is_told_by_its_id_alone_to_whoever_may_see_it_alive(client_of, people):
    gone = MemberFactory(last_name="Zqgone")
    members.delete_member(gone, actor=people["staff"], reason="Zqreason")
    for name in ("staff", "steward", "admin"):
        answer = client_of(name).get(MEMBERS, {"updated_since": LONG_AGO})
        assert {"id": gone.pk, "deleted": True} in answer.json()["results"]
        assert "Zq" not in answer.text
    mine = client_of("member").get(MEMBERS, {"updated_since": LONG_AGO}).json()
    assert ids([mine]) == [people["member"].member_id]
    assert client_of("trustee").get(MEMBERS, {"updated_since": LONG_AGO}).status_code == 403


def test_every_row_comes_once_also_those_of_one_moment(staff):
    rows = [OrganizationFactory() for _number in range(120)]
    Organization.objects.filter(pk__in=[row.pk for row in rows[:110]]).update(updated_at=NOON)
    pages = walk(staff, ORGANIZATIONS, LONG_AGO)
    assert ids(pages) == [row.pk for row in rows]
    assert [(len(page["results"]), page["count_is_exact"]) for page in pages] == [(50, True), (50, True), (20, True)]


def test_a_row_that_changes_between_two_pages_hides_no_other(staff):
    rows = [OrganizationFactory() for _number in range(60)]
    first = staff.get(ORGANIZATIONS, {"updated_since": LONG_AGO}).json()
    last_told = Organization.objects.get(pk=first["results"][-1]["id"])
    changed_at(last_told, timezone.now() + timedelta(minutes=1))
    second = staff.get(first["next"]).json()
    assert {*ids([first, second])} == {row.pk for row in rows}
    assert second["results"][-1]["id"] == last_told.pk


def test_the_moment_to_ask_next_lies_before_what_may_still_be_written(staff):
    before = timezone.now()
    page = staff.get(ORGANIZATIONS, {"updated_since": LONG_AGO}).json()
    as_of = datetime.fromisoformat(page["as_of"])
    assert timedelta(minutes=14) < before - as_of < timedelta(minutes=16)
    assert staff.get(ORGANIZATIONS, {"updated_since": page["as_of"]}).status_code == 200
    assert "as_of" not in staff.get(ORGANIZATIONS).json()


def since_a_moment(browser, path: str, do) -> list[int]:
    Member.objects.update(updated_at=NOON)
    Organization.objects.update(updated_at=NOON)
    do()
    return sorted(ids(walk(browser, path, "2026-11-25T12:00:01Z")))


def test_a_record_changes_with_what_is_told_in_it(staff, people):
    job, contact, actor = EmploymentFactory(), ContactFactory(), people["staff"]
    yard, dock = job.organization, contact.organization
    person = {"first_name": "Mia", "last_name": "Ng"}
    of_members = {
        "an employment": lambda: employments.change_employment(job, {"job_title": "Rigger"}, actor=actor),
        "the employer's name": lambda: organizations.update_organization(yard, {"name": "Quay"}, actor=actor),
        "no employment": lambda: employments.remove_employment(job, actor=actor, reason="Wrong"),
        "another employment": lambda: employments.add_employment(job.member, {"organization": yard}, actor=actor),
    }
    for name, do in of_members.items():
        assert (name, since_a_moment(staff, MEMBERS, do)) == (name, [job.member_id])
    of_organizations = {
        "a contact": lambda: organizations.change_contact(contact, {"title": "Boss"}, actor=actor),
        "no contact": lambda: organizations.remove_contact(contact, actor=actor, reason="Left"),
        "another contact": lambda: organizations.add_contact(dock, person, actor=actor),
    }
    for name, do in of_organizations.items():
        assert (name, since_a_moment(staff, ORGANIZATIONS, do)) == (name, [dock.pk])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-11-25",
        "2026-11-25T12:00:00",
        "2026-13-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9" * 99,
    ],
)
def test_a_moment_without_its_offset_is_no_moment(staff, text):
    answer = staff.get(MEMBERS, {"updated_since": text})
    sentence = "Give a moment with its offset, such as 2026-11-25T19:30:00Z."
    assert (answer.status_code, answer.json()["fields"]) == (400, {"updated_since": [sentence]})


@pytest.mark.parametrize("name", ["q", "status", "records", "employer"])
def test_no_filter_narrows_what_changed(staff, name):
    answer = staff.get(MEMBERS, {"updated_since": LONG_AGO, name: "1"})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [name])


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "\0", "٣", "v1.k.x"])
def test_a_place_that_cannot_be_read_is_told_and_is_not_the_first_page(staff, after):
    answer = staff.get(ORGANIZATIONS, {"updated_since": LONG_AGO, "after": after})
    assert (answer.status_code, answer.json()["code"]) == (400, "place_unknown")


def test_an_empty_place_is_none(staff):
    MemberFactory()
    answer = staff.get(MEMBERS, {"updated_since": LONG_AGO, "after": ""})
    assert answer.json()["count"] == Member.objects.count()


def test_who_kept_in_step_is_on_record(staff, people):
    staff.get(MEMBERS, {"updated_since": "2026-11-25T12:00:00Z"})
    event = ReadEvent.objects.get()
    assert (event.actor, event.kind, event.subject_type) == (people["staff"], "listed", "members.member")
    assert event.filters == {"updated_since": "2026-11-25T12:00:00+00:00"}


def test_one_row_and_three_cost_the_same_queries(staff):
    counts = {MEMBERS: [], ORGANIZATIONS: []}
    for _number in range(3):
        ContactFactory(organization=EmploymentFactory().organization)
        for path, found in counts.items():
            with CaptureQueriesContext(connection) as queries:
                staff.get(path, {"updated_since": LONG_AGO})
            found.append(len(queries))
    assert counts == {MEMBERS: [6] * 3, ORGANIZATIONS: [6] * 3}


def test_the_next_page_is_asked_by_moment_and_key(staff):
    for _number in range(51):
        OrganizationFactory()
    page = staff.get(ORGANIZATIONS, {"updated_since": LONG_AGO}).json()
    last = Organization.objects.order_by("updated_at", "pk")[49]
    assert {name: values[0] for name, values in parse_qs(urlsplit(page["next"]).query).items()} == {
        "updated_since": last.updated_at.isoformat().replace("+00:00", "Z"),
        "after": str(last.pk),
    }
