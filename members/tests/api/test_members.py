"""The API of members: the portal's rows and filters as JSON, and members and employments as programs write them."""

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import DomainError
from core.models import AuditEvent, ReadEvent
from core.tests.regulars import cast_with
from members.api.members import MemberViewSet
from members.factories import ContactFactory, EmploymentFactory, MemberFactory, OrganizationFactory
from members.models import Employment, Member
from members.services import members as services
from members.tests.api.writing import EMPLOYMENTS, MEMBERS, ORGANIZATIONS, move, patch, post, refusal

pytestmark = pytest.mark.django_db
regulars, people = cast_with("staff")


@pytest.fixture
def staff(client_of):
    return client_of("staff", raise_request_exception=False)


@pytest.fixture
def ann():
    return MemberFactory(member_number="104233", first_name="Ann", last_name="Aalto", city="Peoria")


def names(response) -> list[str]:
    return [item["last_name"] for item in response.json()["results"]]


def whole_body(ann, job) -> dict:
    return {
        "id": ann.pk,
        "member_number": "104233",
        "first_name": "Ann",
        "middle_name": "",
        "last_name": "Aalto",
        "address": ann.address,
        "city": "Peoria",
        "state": ann.state,
        "zip_code": ann.zip_code,
        "phone": ann.phone,
        "email": ann.email,
        "date_of_birth": str(ann.date_of_birth),
        "hire_date": str(ann.hire_date),
        "initiation_date": str(ann.initiation_date),
        "status": "active",
        "classification": "journeyman",
        "dues_paid_through": str(ann.dues_paid_through),
        "standing": "good",
        "standing_as_of": "2026-09-01",
        "standing_source": "Dues ledger",
        "current_employments": [
            {
                "id": job.pk,
                "organization": {"id": job.organization_id, "name": "Yard"},
                "start_date": "2020-01-02",
                "end_date": None,
                "job_title": "Rigger",
                "hourly_rate": "45.50",
            }
        ],
        "version": 1,
        "deleted_at": None,
    }


def test_a_member_in_full(staff, people, ann):
    job = EmploymentFactory(
        member=ann, organization__name="Yard", hourly_rate="45.50", job_title="Rigger", start_date="2020-01-02"
    )
    EmploymentFactory(member=ann, start_date="2019-01-01", end_date="2019-12-31")
    body = staff.get(f"{MEMBERS}{ann.pk}/").json()
    moments = {name: body.pop(name) for name in ("created_at", "updated_at")}
    assert [moment[:4] for moment in moments.values()] == [str(ann.created_at.year)] * 2
    assert body == whole_body(ann, job)
    event = ReadEvent.objects.get()
    assert event.actor == people["staff"]
    assert event.kind == "opened"
    assert event.subject_type == "members.member"
    assert event.subject_id == str(ann.pk)


def test_an_organization_in_full(staff):
    contact = ContactFactory(first_name="Mia", last_name="Ng", is_primary=True, organization__name="Yard")
    yard = contact.organization
    body = staff.get(f"{ORGANIZATIONS}{yard.pk}/").json()
    del body["created_at"], body["updated_at"]
    assert body == {
        "id": yard.pk,
        "name": "Yard",
        "org_type": "employer",
        "address": yard.address,
        "city": yard.city,
        "state": yard.state,
        "zip_code": yard.zip_code,
        "phone": yard.phone,
        "email": yard.email,
        "website": yard.website,
        "contacts": [
            {
                "id": contact.pk,
                "first_name": "Mia",
                "last_name": "Ng",
                "title": contact.title,
                "phone": contact.phone,
                "email": contact.email,
                "is_primary": True,
            }
        ],
        "version": 1,
        "deleted_at": None,
    }


def test_lists_have_the_rows_of_the_pages(client_of, people, ann):
    services.delete_member(MemberFactory(last_name="Gone"), actor=people["staff"], reason="Twice")
    own = people["member"].member.last_name
    found = {name: names(client_of(name).get(MEMBERS)) for name in ("staff", "steward", "member")}
    assert found == {"staff": sorted(["Aalto", own]), "steward": sorted(["Aalto", own]), "member": [own]}
    deleted = {name: names(client_of(name).get(f"{MEMBERS}?records=deleted")) for name in ("staff", "steward")}
    assert deleted == {"staff": ["Gone"], "steward": sorted(["Aalto", own])}
    told = {query: client_of("staff").get(f"{MEMBERS}{query}").json()["results"] for query in ("", "?records=deleted")}
    assert {query: [bool(row["deleted_at"]) for row in rows] for query, rows in told.items()} == {
        "": [False, False],
        "?records=deleted": [True],
    }
    statuses = {name: client_of(name).get(MEMBERS).status_code for name in ("anon", "nobody", "trustee", "expired")}
    assert statuses == {"anon": 401, "nobody": 403, "trustee": 403, "expired": 403}
    assert client_of("member").get(ORGANIZATIONS).status_code == 403


def test_listing_is_recorded_with_the_filters_that_were_given(staff, ann):
    staff.get(f"{MEMBERS}?status=active&q=aalto&junk=secret")
    event = ReadEvent.objects.get()
    assert event.kind == "listed"
    assert event.subject_type == "members.member"
    assert event.rows == 1
    assert event.filters == {"status": "active", "q": "aalto"}


def test_one_row_and_three_cost_the_same_queries(staff):
    counts = {MEMBERS: [], ORGANIZATIONS: []}
    for number in range(3):
        job = EmploymentFactory()
        for _contact in range(number + 1):
            ContactFactory(organization=job.organization)
        for url, found in counts.items():
            with CaptureQueriesContext(connection) as queries:
                assert len(staff.get(url).json()["results"]) == number + 1
            found.append(len(queries))
    assert counts == {MEMBERS: [5] * 3, ORGANIZATIONS: [5] * 3}


def walk(browser, url: str) -> list[dict]:
    pages = [browser.get(url).json()]
    while pages[-1]["next"]:
        pages.append(browser.get(pages[-1]["next"]).json())
    return pages


def test_next_and_previous_visit_every_row_once(staff):
    for number in range(120):
        MemberFactory(last_name=f"Same{number % 7}", first_name="Ann")
    pages = walk(staff, f"{MEMBERS}?status=active")
    wanted = list(Member.objects.order_by("sort_name", "pk").values_list("pk", flat=True))
    assert [item["id"] for page in pages for item in page["results"]] == wanted
    assert [(len(page["results"]), page["count"], page["count_is_exact"]) for page in pages] == [
        (50, 120, True),
        (50, 120, True),
        (20, 120, True),
    ]
    assert pages[0]["previous"] is None
    back = [pages[-1]]
    while back[-1]["previous"]:
        back.append(staff.get(back[-1]["previous"]).json())
    assert [item["id"] for page in reversed(back) for item in page["results"]] == wanted


@pytest.fixture
def half(staff):
    """The first page of a hundred members; the last on it is number 49."""
    for number in range(100):
        MemberFactory(last_name=f"Name{number:03}", first_name="Zqann")
    return staff.get(f"{MEMBERS}?status=active").json()


def renamed(member):
    services.update_member(member, {"last_name": "Zimmer"}, actor=None, version=member.version)


def retired(member):
    Member.objects.filter(pk=member.pk).update(status="retired")


def deleted(member):
    services.delete_member(member, actor=None, reason="Twice")


@pytest.mark.parametrize("happens", [renamed, retired, deleted])
def test_what_happens_to_the_last_row_of_a_page_hides_no_other(staff, half, happens):
    happens(Member.objects.get(pk=half["results"][-1]["id"]))
    rest = [item["last_name"] for item in staff.get(half["next"]).json()["results"]]
    assert rest[:50] == [f"Name{number:03}" for number in range(50, 100)]


def test_the_place_of_a_page_is_read_by_who_got_it_alone(staff, half, client_of):
    """It holds the name at which the page ended, sealed."""
    assert [word in half["next"].lower() for word in ("name0", "zqann")] == [False, False]
    answers = [browser.get(half["next"]) for browser in (client_of("officer"), client_of("staff"))]
    assert [answer.status_code for answer in answers] == [400, 200]


@pytest.mark.parametrize("query", ["after=7", "after=x", "before=999999999999999999", "after=%00", "after=v1.k.%C3%A9"])
def test_a_place_that_cannot_be_read_is_told(staff, ann, query):
    sentence = (
        "This page of the list cannot be found any more. Begin with the first page, without “after” and “before”, and"
        " follow “next”."
    )
    answer = staff.get(f"{MEMBERS}?{query}")
    name = query.partition("=")[0]
    assert answer.status_code == 400
    assert answer.json() == {"detail": sentence, "code": "place_unknown", "fields": {name: [sentence]}}


def test_the_same_slip_is_forgiven(staff, ann):
    services.remember_words(["Aalto"])
    assert names(staff.get(f"{MEMBERS}?q=aatlo")) == ["Aalto"]


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("status=famous", {"status": ["Select a valid choice. famous is not one of the available choices."]}),
        ("employer=x", {"employer": ["No organization of this name. Check how it is written."]}),
        ("employer=NaN", {"employer": ["No organization of this name. Check how it is written."]}),
        (
            "q=%00",
            {
                "q": [
                    "Remove the invisible characters; type the text instead of pasting it.",
                    "Null characters are not allowed.",
                ]
            },
        ),
        ("q=" + "x" * 201, {"q": ["Search for fewer words."]}),
    ],
)
def test_a_malformed_query_names_its_fields(staff, ann, query, fields):
    response = staff.get(f"{MEMBERS}?{query}")
    body = response.json()
    assert response.status_code == 400
    assert body["code"] == "invalid"
    assert body["detail"] == "Correct the marked fields."
    assert {name: sorted(found) for name, found in body["fields"].items()} == {k: sorted(v) for k, v in fields.items()}
    assert ReadEvent.objects.count() == 0


@pytest.mark.parametrize(
    "query",
    [
        "unknown=1",
        "first_name=Bo",
        "first_name__startswith=B",
        "account__password__startswith=a",
        "status[]=retired",
        "ordering=email",
        "page=2",
        "limit=1",
        "from=" + "9" * 5_000,
        "records=deleted",
        "search=Bo",
        "fields=id",
    ],
)
def test_what_the_filters_do_not_know_is_ignored(client_of, ann, query):
    response = client_of("steward").get(f"{MEMBERS}?{query}")
    assert (response.status_code, names(response)) == (200, ["Aalto"])


def test_a_hidden_row_answers_like_none(client_of, people, ann):
    browser, own = client_of("member"), people["member"].member
    hidden, absent = (browser.get(f"{MEMBERS}{pk}/") for pk in (ann.pk, 999_999))
    assert hidden.status_code == 404
    assert hidden.json() == {"detail": "No Member matches the given query.", "code": "not_found"}
    assert (absent.status_code, absent.content) == (404, hidden.content)
    assert browser.get(f"{MEMBERS}{own.pk}/").json()["id"] == own.pk
    services.delete_member(ann, actor=people["staff"], reason="Twice")
    assert {name: client_of(name).get(f"{MEMBERS}{ann.pk}/").status_code for name in ("staff", "steward")} == {
        "staff": 404,
        "steward": 404,
    }


def test_a_number_too_long_for_a_key_is_no_address(staff, ann):
    absent, odd = (staff.get(f"{MEMBERS}{'9' * digits}/") for digits in (18, 19))
    assert [(answer.status_code, answer["Content-Type"]) for answer in (absent, odd)] == [(404, "application/json")] * 2
    assert absent.json() == {"detail": "No Member matches the given query.", "code": "not_found"}
    body = odd.json()
    assert body == {
        "detail": "We could not find that. It may have been removed, or it is not one you can open.",
        "code": "not_found",
        "request_id": body["request_id"],
    }


def test_writing_from_another_site_is_refused_first(client_of, ann):
    response = client_of("staff", enforce_csrf_checks=True).post(MEMBERS, {}, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (403, "permission_denied")


def test_a_member_reads_their_own_jobs_and_no_notes(client_of, people):
    EmploymentFactory(member=people["member"].member, organization=OrganizationFactory(name="Yard"))
    body = client_of("member").get(f"{MEMBERS}{people['member'].member_id}/").json()
    assert [job["organization"]["name"] for job in body["current_employments"]] == ["Yard"]
    assert "notes" not in body


# --- writing ------------------------------------------------------------------------------------------

NEW = {"member_number": "A5120", "first_name": "Bo", "last_name": "Berg", "date_of_birth": "1980-02-29"}


def path_of(member) -> str:
    return f"{MEMBERS}{member.pk}/"


def test_a_new_member_has_what_the_form_proposes_where_nothing_is_said(staff, people):
    answer = post(staff, MEMBERS, NEW | {"phone": "(309) 555-0142"})
    made = Member.objects.get(member_number="A5120")
    assert (answer.status_code, answer["ETag"], answer["Location"]) == (201, '"1"', f"http://testserver{path_of(made)}")
    assert answer.json() == staff.get(path_of(made)).json()
    assert (made.status, made.standing, made.phone) == ("active", "unknown", "+13095550142")
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.subject_id) == ("created", people["staff"], str(made.pk))


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"member_number": None}, {"member_number"}),
        ({"member_number": "104233"}, {"member_number"}),
        ({"date_of_birth": "2099-01-01"}, {"date_of_birth"}),
        ({"hire_date": "1979-01-01"}, {"hire_date"}),
        ({"status": "famous", "zip_code": 1}, {"status", "zip_code"}),
        ({"last_name": "a\u202eb"}, {"last_name"}),
        ({"first_name": "\ud800"}, {"first_name"}),
        ({"notes": "x"}, {"notes"}),
        ({"deleted_at": None}, {"deleted_at"}),
        ({"merged_into": 1}, {"merged_into"}),
    ],
)
def test_the_rules_of_the_form_hold(staff, ann, wrong, fields):
    answer = post(staff, MEMBERS, NEW | wrong)
    assert (answer.status_code, answer.json()["fields"].keys()) == (422, fields)
    other = MemberFactory(date_of_birth="1980-02-29", hire_date=None, initiation_date=None)
    changed = patch(staff, path_of(other), wrong)
    assert (changed.status_code, changed.json()["fields"].keys()) == (422, fields)
    assert AuditEvent.objects.count() == 0


def test_the_number_of_a_deleted_member_stays_taken_and_the_record_can_be_restored(staff, people, ann):
    services.delete_member(ann, actor=people["staff"], reason="Twice")
    answer = post(staff, MEMBERS, NEW | {"member_number": "104233"})
    sentence = "Another member, perhaps a deleted one, already has this number."
    assert refusal(answer) == (422, {"member_number": [sentence]})
    assert move(staff, path_of(ann), "restore", {"reason": "Came back"}, 2).json()["deleted"] is False


def test_a_new_member_who_may_be_recorded_already_is_asked_about(staff, ann):
    body = NEW | {"first_name": "Annie", "last_name": "Aalto", "date_of_birth": str(ann.date_of_birth)}
    asked = post(staff, MEMBERS, body)
    assert (asked.status_code, asked.json()["code"], asked.json()["members"]) == (409, "perhaps_known", [ann.pk])
    assert Member.objects.filter(last_name="Aalto").count() == 1
    odd = post(staff, MEMBERS, body | {"why_another": "a\u202eb"})
    assert refusal(odd)[0] == 422
    answered = post(staff, MEMBERS, body | {"why_another": "They are twins"})
    assert answered.status_code == 201
    assert AuditEvent.objects.get(subject_id=str(answered.json()["id"])).reason == "They are twins"
    unasked = patch(staff, path_of(ann), {"why_another": "They are twins"})
    assert refusal(unasked) == (422, {"why_another": ["There is no such field here. Leave it out."]})


def test_a_merge_that_moves_an_account_needs_a_second_person_here_too(staff, people, ann):
    own = people["member"].member
    body = {"duplicate": own.pk, "duplicate_version": own.version, "reason": "Entered twice"}
    refused = move(staff, path_of(ann), "merge", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "second_person_needed")
    own.refresh_from_db()
    assert own.merged_into is None


def test_a_change_touches_what_it_names_and_no_more(staff, ann):
    Member.objects.filter(pk=ann.pk).update(notes="For the office")
    answer = patch(staff, path_of(ann), {"city": "Pekin", "phone": None})
    assert (answer.status_code, answer["ETag"]) == (200, '"2"')
    now = Member.objects.values("city", "phone", "notes", "first_name").get(pk=ann.pk)
    assert now == {"city": "Pekin", "phone": "", "notes": "For the office", "first_name": "Ann"}
    (event,) = AuditEvent.objects.all()
    assert sorted(change["field"] for change in event.body["changes"]) == ["city", "phone"]
    assert ReadEvent.objects.get().kind == "opened"


def test_two_members_become_one(staff, ann):
    twin = MemberFactory(first_name="Anne", last_name="Aalto")
    job = EmploymentFactory(member=twin)
    body = {"duplicate": twin.pk, "duplicate_version": 1, "reason": "Entered twice", "first_name": "duplicate"}
    merged = move(staff, path_of(ann), "merge", body)
    ann.refresh_from_db()
    job.refresh_from_db()
    assert (merged.status_code, job.member) == (200, ann)
    assert (ann.first_name, ann.member_number) == ("Anne", "104233")


def test_who_does_not_read_notes_chooses_none_of_them(staff, client_of, ann):
    Member.objects.filter(pk=ann.pk).update(notes="Ours")
    twin = MemberFactory(first_name="Anne", last_name="Aalto", notes="Theirs")
    body = {"duplicate": twin.pk, "duplicate_version": 1, "reason": "Entered twice", "notes": "duplicate"}
    refused = move(client_of("admin"), path_of(ann), "merge", body)
    assert refusal(refused) == (422, {"notes": ["There is no such field here. Leave it out."]})
    ann.refresh_from_db()
    assert ann.notes == "Ours"
    assert move(staff, path_of(ann), "merge", body).status_code == 200
    ann.refresh_from_db()
    assert ann.notes == "Theirs"


@pytest.mark.parametrize(("ours", "kept"), [("Ours", "Ours"), ("", "Theirs")])
def test_notes_that_nobody_read_stay_or_come_along(client_of, ann, ours, kept):
    Member.objects.filter(pk=ann.pk).update(notes=ours)
    twin = MemberFactory(first_name="Anne", last_name="Aalto", notes="Theirs")
    body = {"duplicate": twin.pk, "duplicate_version": 1, "reason": "Entered twice"}
    assert move(client_of("admin"), path_of(ann), "merge", body).status_code == 200
    ann.refresh_from_db()
    assert ann.notes == kept


def test_a_member_changes_nothing_of_their_own_record(client_of, people):
    own = people["member"].member
    browser = client_of("member")
    assert patch(browser, path_of(own), {"email": "new@people.example"}).status_code == 403
    assert move(browser, path_of(own), "delete", {"reason": "Gone"}).status_code == 403
    assert post(browser, EMPLOYMENTS, {"member": own.pk}).status_code == 403
    assert post(browser, MEMBERS, NEW).status_code == 403


def test_an_employment_is_made_changed_and_removed(staff, ann):
    yard = OrganizationFactory(name="Yard")
    body = {"member": ann.pk, "organization": yard.pk, "start_date": "2020-01-02", "hourly_rate": 45.5}
    answer = post(staff, EMPLOYMENTS, body)
    job = Employment.objects.get()
    assert (answer.status_code, answer["ETag"]) == (201, '"1"')
    assert {name: answer.json()[name] for name in body} == body | {"hourly_rate": "45.50"}
    path = f"{EMPLOYMENTS}{job.pk}/"
    assert refusal(post(staff, EMPLOYMENTS, body))[0] == 422
    early = patch(staff, path, {"end_date": "2019-01-01"})
    assert refusal(early) == (422, {"end_date": ["The employment cannot end before it starts."]})
    ended = patch(staff, path, {"end_date": "2024-01-01"})
    assert (ended.status_code, ended.json()["end_date"], ended.json()["version"]) == (200, "2024-01-01", 2)
    assert patch(staff, path, {"job_title": "Rigger"}).status_code == 412
    assert move(staff, path, "remove", {"reason": "Wrong person"}).status_code == 412
    assert move(staff, path, "remove", {"reason": "Wrong person"}, 2).json() == {
        "id": job.pk,
        "version": 2,
        "deleted": True,
    }
    assert staff.get(path).status_code == 404


@pytest.mark.parametrize("key", [None, "Yard", 0, 999_999, 2**70])
def test_an_employer_is_named_by_its_id(staff, ann, key):
    answer = post(staff, EMPLOYMENTS, {"member": ann.pk, "organization": key})
    assert (answer.status_code, answer.json()["fields"].keys()) == (422, {"organization"})


def test_an_employment_at_a_deleted_organization_keeps_its_title(staff, ann):
    job = EmploymentFactory(member=ann, organization=OrganizationFactory(deleted_at="2026-01-01T00:00:00Z"))
    assert patch(staff, f"{EMPLOYMENTS}{job.pk}/", {"job_title": "Rigger"}).status_code == 200
    refused = patch(staff, f"{EMPLOYMENTS}{job.pk}/", {"organization": job.organization_id}, 2)
    assert (refused.status_code, refused.json()["fields"].keys()) == (422, {"organization"})


def test_a_member_reads_their_own_employments_only(client_of, people, ann):
    mine, other = EmploymentFactory(member=people["member"].member), EmploymentFactory(member=ann)
    browser = client_of("member")
    assert [row["id"] for row in browser.get(EMPLOYMENTS).json()["results"]] == [mine.pk]
    assert browser.get(f"{EMPLOYMENTS}{other.pk}/").status_code == 404


def test_a_record_that_is_gone_before_the_answer_is_told_in_words(people):
    """Somebody deletes or merges it between the change and the answer."""
    view = MemberViewSet(request=SimpleNamespace(user=people["staff"]), action="partial_update")
    with pytest.raises(DomainError, match="took the record away"):
        view.fresh(0)
