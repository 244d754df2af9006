"""The pages of members, their employments, merging and bulk status, as people meet them."""

import csv
import io
import re

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import AuditEvent, ReadEvent
from core.tests.pages import REQUIRED, errors, said, values_in
from members.factories import EmploymentFactory, MemberFactory, OrganizationFactory
from members.models import Employment, Member
from members.services import members as services
from members.tests.typed import MEMBER

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client_of):
    return client_of("staff", raise_request_exception=False)


@pytest.fixture
def ann():
    return MemberFactory(member_number="104233", first_name="Ann", last_name="Aalto", city="Peoria", state="IL")


def events(record) -> list[tuple[str, str]]:
    rows = AuditEvent.objects.filter(stream=f"{record._meta.label_lower}:{record.pk}").order_by("id")
    return list(rows.values_list("action", "reason"))


# --- list -------------------------------------------------------------------------------------------


def listed(response) -> list[str]:
    return [row.list_name for row in response.context["rows"]]


def test_the_list_shows_what_the_person_may_see(client_of, people, ann):
    gone = MemberFactory(last_name="Gone")
    services.delete_member(gone, actor=people["staff"], reason="Twice")
    own = people["member"].member
    found = {name: listed(client_of(name).get("/members/")) for name in ("staff", "steward", "admin", "member")}
    everybody = sorted([ann.list_name, own.list_name])
    assert found == {"staff": everybody, "steward": everybody, "admin": everybody, "member": [own.list_name]}
    assert client_of("trustee").get("/members/").status_code == 403


@pytest.mark.parametrize("name", ["staff", "admin", "officer"])
def test_deleted_ones_are_shown_on_request_to_those_who_may_restore(client_of, people, ann, name):
    services.delete_member(ann, actor=people["staff"], reason="Twice")
    response = client_of(name).get("/members/?records=deleted")
    assert listed(response) == ["Aalto, Ann"]
    assert "Deleted" in response.text


@pytest.mark.parametrize("name", ["steward", "representative", "organizer", "member"])
def test_for_others_that_parameter_changes_nothing(client_of, people, ann, name):
    services.delete_member(MemberFactory(last_name="Gone"), actor=people["staff"], reason="Twice")
    browser = client_of(name)
    plain, asked = browser.get("/members/"), browser.get("/members/?records=deleted")
    assert listed(plain) == listed(asked)
    assert asked.context["chips"] == []
    assert 'name="records"' not in asked.text


def test_one_row_and_three_cost_the_same_queries(client_of, people):
    people["member"]
    counts = {}
    for name, literal in (("staff", 6), ("steward", 6)):
        browser = client_of(name)
        counts[name] = []
        Employment.objects.all().delete()
        Member.objects.filter(account=None).delete()
        for number in range(3):
            for _job in range(number + 1):
                EmploymentFactory(member__last_name=f"Row{number}")
            with CaptureQueriesContext(connection) as queries:
                browser.get("/members/")
            counts[name].append(len(queries))
        assert counts[name] == [literal] * 3


def test_a_search_by_any_of_its_words(staff, ann):
    EmploymentFactory(member=ann, organization__name="Fairhollow Tower Crane")
    MemberFactory(member_number="999", first_name="Bo", last_name="Berg", email="bo@people.example")
    expected = {
        "aalto ANN": ["Aalto, Ann"],
        "104233": ["Aalto, Ann"],
        "tower crane": ["Aalto, Ann"],
        "peoria": [],
        ann.email: ["Aalto, Ann"],
        ann.phone[2:]: ["Aalto, Ann"],
        "zzz": [],
        "!!": [],
    }
    assert {query: listed(staff.get("/members/", {"q": query})) for query in expected} == expected


def test_a_forgiven_slip_is_told(staff, people):
    services.create_member({"member_number": "9", "first_name": "Zoltan", "last_name": "Kovacs"}, actor=people["staff"])
    response = staff.get("/members/?q=kovasc")
    assert listed(response) == ["Kovacs, Zoltan"]
    assert "Nothing is spelled that way; showing “kovacs”" in response.text
    assert "Nothing is spelled that way" not in staff.get("/members/?q=kovacs").text


def test_filters_and_sorts(staff, ann):
    job = EmploymentFactory(
        member__last_name="Berg",
        member__first_name="Bo",
        member__status="retired",
        member__standing="arrears",
        member__classification="retiree",
        organization__name="Crane Yard",
    )
    expected = {
        "status=retired": ["Berg, Bo"],
        "standing=arrears": ["Berg, Bo"],
        "classification=journeyman": ["Aalto, Ann"],
        f"employer={job.organization_id}": ["Berg, Bo"],
        "employer=999999": [],
        "sort=-name": ["Berg, Bo", "Aalto, Ann"],
        "sort=added": ["Aalto, Ann", "Berg, Bo"],
        "sort=-added": ["Berg, Bo", "Aalto, Ann"],
        "status=famous": [],
    }
    assert {query: listed(staff.get(f"/members/?{query}")) for query in expected} == expected
    [(words, url)] = staff.get(f"/members/?employer={job.organization_id}&after=3").context["chips"]
    assert (words, url) == ("Employer: Crane Yard", "/members/?")


# --- export -----------------------------------------------------------------------------------------

# Column → what the export writes for the member below.
EVIL = {
    "Name": "'=cmd|'/c calc'!A0, +Bo",
    "Status": "Active",
    "Number": "7",
    "Classification": "",
    "Employer": "'＝Evil, Inc.",
    "Standing": "Not known",
    "Dues paid through": "",
    "Phone": "(309) 555-0142",
    "E-mail": "",
    "Street address": "'@SUM(1)",
    "City": "'-2+3",
    "State": "",
    "ZIP code": "",
    "Hire date": "",
    "Initiation date": "",
}
HEADER = [*EVIL, "Added"]


def evil_member() -> Member:
    member = MemberFactory(
        member_number="7",
        first_name="+Bo",
        last_name="=cmd|'/c calc'!A0",
        phone="+13095550142",
        email="",
        address="@SUM(1)",
        city="-2+3",
        state="",
        zip_code="",
        hire_date=None,
        initiation_date=None,
        standing="unknown",
        dues_paid_through=None,
        classification="",
    )
    EmploymentFactory(member=member, organization__name="＝Evil, Inc.")
    return member


def test_the_csv_holds_the_filtered_rows_and_no_formula(staff, people, ann):
    member = evil_member()
    response = staff.get("/members/export/csv/?sort=name&standing=unknown")
    event = ReadEvent.objects.get()
    assert event.kind == "exported"
    assert event.subject_type == "members.member"
    assert event.rows == 1
    assert event.filters == {"standing": "Not known"}
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    header, row = csv.reader(io.StringIO(text))
    assert header == HEADER
    assert row[:-1] == [*EVIL.values()]
    assert row[-1][:4] == str(member.created_at.year)


def test_the_workbook_too(staff, ann):
    evil_member()
    response = staff.get("/members/export/xlsx/")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    rows = list(sheet.iter_rows())
    assert [cell.value for cell in rows[0]] == HEADER
    assert [row[0].value for row in rows[1:]] == ["Aalto, Ann", "'=cmd|'/c calc'!A0, +Bo"]
    assert [cell.value for cell in rows[2][:-1]] == [text or None for text in EVIL.values()]
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "d", "inlineStr"}
    assert (rows[1][13].value.date(), rows[1][6].value.date()) == (ann.hire_date, ann.dues_paid_through)


@pytest.mark.parametrize("name", ["admin", "steward", "organizer", "member", "nobody"])
def test_others_export_nothing(client_of, ann, name):
    answers = [client_of(name).get(f"/members/export/{kind}/").status_code for kind in ("csv", "xlsx")]
    assert (answers, ReadEvent.objects.count()) == ([403, 403], 0)


# --- one member -------------------------------------------------------------------------------------


def test_a_member_is_shown_and_the_look_recorded(client_of, people, ann):
    job = EmploymentFactory(member=ann, organization__name="Crane Yard", job_title="Rigger")
    for name in ("staff", "steward", "admin"):
        text = client_of(name).get(f"/members/{ann.pk}/").text
        assert [word in text for word in ("Ann Aalto", "104233", "Crane Yard", "Rigger", "Peoria")] == [True] * 5
    assert list(ReadEvent.objects.order_by("id").values_list("actor__email", "kind", "subject_id")) == [
        (f"{name}@people.example", "opened", str(ann.pk)) for name in ("staff", "steward", "admin")
    ]
    assert f"/employments/{job.pk}/edit/" in client_of("staff").get(f"/members/{ann.pk}/").text
    assert f"/employments/{job.pk}/edit/" not in client_of("steward").get(f"/members/{ann.pk}/").text


@pytest.mark.parametrize(
    ("name", "moves"),
    [
        ("staff", {"edit", "delete", "merge", "employments/add"}),
        ("officer", {"edit", "delete", "merge", "employments/add"}),
        ("admin", {"merge"}),
        ("steward", set()),
        ("organizer", set()),
    ],
)
def test_moves_are_those_that_the_role_may_make(client_of, ann, name, moves):
    browser = client_of(name)
    text = browser.get(f"/members/{ann.pk}/").text
    every = {"edit", "delete", "merge", "employments/add", "restore"}
    assert {move for move in every if f"/members/{ann.pk}/{move}/" in text} == moves
    found = {move: browser.get(f"/members/{ann.pk}/{move}/").status_code for move in every}
    assert {move for move, status in found.items() if status == 200} - {"restore"} == moves
    assert set(found.values()) <= {200, 403}


def test_the_own_record_is_open_and_every_other_absent(client_of, people, ann):
    browser, own = client_of("member"), people["member"].member
    assert browser.get(f"/members/{own.pk}/").status_code == 200
    assert [browser.get(f"/members/{own.pk}/{move}/").status_code for move in ("edit", "delete", "restore")] == [
        403
    ] * 3
    assert [browser.get(f"/members/{pk}/").status_code for pk in (ann.pk, 999_999, "9" * 30)] == [404] * 3


def test_a_deleted_member_is_there_for_those_who_may_restore(client_of, people, ann):
    services.delete_member(ann, actor=people["staff"], reason="Entered twice")
    statuses = {name: client_of(name).get(f"/members/{ann.pk}/").status_code for name in ("staff", "admin", "steward")}
    assert statuses == {"staff": 200, "admin": 200, "steward": 404}
    text = client_of("staff").get(f"/members/{ann.pk}/").text
    assert [word in text for word in ("This record is deleted", "Entered twice", f"/members/{ann.pk}/restore/")] == [
        True
    ] * 3
    assert f"/members/{ann.pk}/edit/" not in text


def test_the_history_tab(client_of, people, ann):
    services.update_member(ann, {"status": "retired"}, actor=people["staff"])
    text = client_of("staff").get(f"/members/{ann.pk}/?tab=history").text
    assert re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", text)).count("Active") == 1
    other = client_of("steward").get(f"/members/{ann.pk}/?tab=history")
    assert other.status_code == 200
    assert other.context["tab"] == "summary"
    assert other.context["entries"] == []
    assert client_of("staff").get(f"/members/{ann.pk}/?tab=\0").context["tab"] == "summary"


# --- add and edit -----------------------------------------------------------------------------------


def test_adding_a_member(staff, client_of, people):
    assert "Add member" in staff.get("/members/add/").text
    response = staff.post("/members/add/", MEMBER)
    member = Member.objects.get()
    assert response.status_code == 302
    assert response.url == f"/members/{member.pk}/"
    assert said(response) == ["Member added."]
    assert member.last_name == "O’Brien"
    assert member.phone == "+13095550142"
    assert member.notes == "Two\nlines"
    assert member.version == 1
    assert events(member) == [("created", "")]
    assert client_of("steward").post("/members/add/", MEMBER).status_code == 403
    assert client_of("admin").post("/members/add/", MEMBER).status_code == 403
    assert Member.objects.count() == 1


WRONG = {
    "member_number": ("12-34", "A member number is digits, or one letter and digits, such as 104233 or A5120."),
    "first_name": (" ", REQUIRED),
    "last_name": ("x" * 101, "Ensure this value has at most 100 characters (it has 101)."),
    "middle_name": ("a\u202eb", "Remove the invisible characters; type the text instead of pasting it."),
    "status": ("famous", "Select a valid choice. famous is not one of the available choices."),
    "zip_code": ("6160", "A ZIP code has five digits, or nine: 60601-1234."),
    "phone": ("555", "Enter a phone number with area code, such as 312 555 0123."),
    "email": ("zoe@", "Enter a valid email address."),
    "date_of_birth": ("2023-02-29", "Enter a valid date."),
    "hire_date": ("0001-01-01", "Enter a date between 1900 and 2100."),
    "initiation_date": ("9999-12-31", "Enter a date between 1900 and 2100."),
    "dues_paid_through": ("10000-01-01", "Enter a valid date."),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_told_at_its_field_and_nothing_typed_is_lost(staff, name):
    wrong, sentence = WRONG[name]
    typed = MEMBER | {name: wrong}
    response = staff.post("/members/add/", typed)
    assert (response.status_code, errors(response)) == (422, {name: [sentence]})
    shown = {key: value.replace("&#x27;", "'") for key, value in values_in(response).items()}
    lost = {key for key, value in typed.items() if shown.get(key, "") != value and key not in ("status", "notes")}
    assert lost == set()
    assert f'id="id_{name}_error"' in response.text
    assert f'href="#id_{name}"' in response.text
    assert Member.objects.count() == 0


def test_a_number_that_is_taken(staff, people, ann):
    typed = MEMBER | {"member_number": "104233"}
    taken = errors(staff.post("/members/add/", typed))
    services.delete_member(ann, actor=people["staff"], reason="Left")
    assert taken == {"member_number": ["Another member, perhaps a deleted one, already has this number."]}
    assert errors(staff.post("/members/add/", typed)) == taken
    assert errors(staff.post("/members/add/", MEMBER | {"member_number": ""})) == {
        "member_number": ["Enter the member number. Only a represented non-member may have none."]
    }
    assert (
        staff.post("/members/add/", MEMBER | {"member_number": "", "status": "represented_non_member"}).status_code
        == 302
    )


def test_two_edit_one_member_and_neither_version_is_lost(staff, client_of, people, ann):
    page = staff.get(f"/members/{ann.pk}/edit/")
    typed = MEMBER | {"member_number": "104233", "version": values_in(page)["version"], "city": "Pekin"}
    services.update_member(ann, {"city": "Chicago", "notes": "Call first"}, actor=people["officer"])
    before = Member.objects.values().get(pk=ann.pk)
    response = staff.post(f"/members/{ann.pk}/edit/", typed)
    assert response.status_code == 409
    assert Member.objects.values().get(pk=ann.pk) == before
    rows = {label: (theirs, mine) for label, theirs, mine in response.context["conflict"]}
    assert (rows["City"], rows["Notes"]) == (("Chicago", "Pekin"), ("Call first", "Two\r\nlines"))
    assert "Member number" not in rows
    shown = values_in(response)
    assert shown["version"] == "2"
    assert shown["city"] == "Pekin"
    assert shown["first_name"] == "Zoë"
    assert "Somebody else saved this record while you were editing it." in response.text
    again = staff.post(f"/members/{ann.pk}/edit/", typed | {"version": shown["version"]})
    assert (again.status_code, said(again)) == (302, ["Changes saved."])
    ann.refresh_from_db()
    assert ann.city == "Pekin"
    assert ann.notes == "Two\nlines"
    assert ann.version == 3


@pytest.mark.parametrize("version", ["", "0", "99"])
def test_an_edit_without_the_version_that_was_seen_overwrites_nothing(staff, ann, version):
    response = staff.post(f"/members/{ann.pk}/edit/", MEMBER | {"version": version})
    ann.refresh_from_db()
    assert response.status_code == 409
    assert ann.first_name == "Ann"
    assert ann.version == 1


def test_a_deleted_member_is_not_edited(staff, people, ann):
    services.delete_member(ann, actor=people["staff"], reason="Twice")
    response = staff.post(f"/members/{ann.pk}/edit/", MEMBER | {"version": "2"})
    assert response.status_code == 409
    assert errors(response) == {"__all__": ["This record is deleted. Restore it before you change it."]}
    assert values_in(response)["first_name"] == "Zoë"


def test_deleting_and_restoring(staff, client_of, ann):
    path = f"/members/{ann.pk}/delete/"
    assert errors(staff.post(path, {"reason": " "})) == {"reason": [REQUIRED]}
    assert staff.post(path, {"reason": "a\u200b"}).status_code == 422
    response = staff.post(path, {"reason": "Entered twice"})
    assert (response.url, said(response)) == ("/members/", ["Member deleted. Find it under “Deleted” to restore it."])
    again = staff.post(path, {"reason": "Once more"})
    assert again.status_code == 409
    assert errors(again) == {"__all__": ["This record is deleted. Restore it before you change it."]}
    assert client_of("steward").post(path, {"reason": "No"}).status_code == 403
    restore = f"/members/{ann.pk}/restore/"
    assert client_of("steward").post(restore, {"reason": "No"}).status_code == 403
    response = client_of("admin").post(restore, {"reason": "It was right"})
    assert (response.url, said(response)) == (f"/members/{ann.pk}/", ["Member restored."])
    refused = staff.post(restore, {"reason": "Again"})
    assert refused.status_code == 409
    assert errors(refused) == {"__all__": ["This record is not deleted, so there is nothing to restore."]}
    assert events(ann) == [("deleted", "Entered twice"), ("restored", "It was right")]


# --- employments ------------------------------------------------------------------------------------

JOB = {"job_title": "Rigger", "hourly_rate": "45.50", "start_date": "2020-01-02", "end_date": ""}


def test_adding_an_employment(staff, client_of, ann):
    yard = OrganizationFactory(name="Crane Yard", city="Peoria", state="IL")
    path = f"/members/{ann.pk}/employments/add/"
    assert "Add employment" in staff.get(path).text
    response = staff.post(path, JOB | {"organization": "Crane Yard — Peoria, IL"})
    job = Employment.objects.get()
    assert (response.url, said(response)) == (f"/members/{ann.pk}/", ["Employment added."])
    assert job.organization == yard
    assert job.job_title == "Rigger"
    assert str(job.hourly_rate) == "45.50"
    assert job.end_date is None
    assert events(ann) == [("employment.started", "")]
    assert client_of("steward").post(path, JOB).status_code == 403
    twice = staff.post(path, JOB | {"organization": "Crane Yard"})
    assert twice.status_code == 422
    assert errors(twice) == {"__all__": ["This member already has a current employment there. Change that one."]}


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"organization": ""}, {"organization": [REQUIRED]}),
        (
            {"organization": "Nowhere"},
            {"organization": ["No organization of this name. Add it under Employers first."]},
        ),
        ({"hourly_rate": "1e999999"}, {"hourly_rate": ["Ensure that there are no more than 12 digits in total."]}),
        ({"hourly_rate": "NaN"}, {"hourly_rate": ["Enter a number."]}),
        ({"hourly_rate": "٤٥"}, {"hourly_rate": ["Enter a number."]}),
        ({"hourly_rate": "-1"}, {"hourly_rate": ["Ensure this value is greater than or equal to 0."]}),
        ({"hourly_rate": "1.005"}, {"hourly_rate": ["Ensure that there are no more than 2 decimal places."]}),
        (
            {"start_date": "2020-01-02", "end_date": "2019-01-01"},
            {"end_date": ["The employment cannot end before it starts."]},
        ),
        ({"job_title": "x" * 101}, {"job_title": ["Ensure this value has at most 100 characters (it has 101)."]}),
    ],
)
def test_a_wrong_employment_keeps_what_was_typed(staff, ann, values, found):
    OrganizationFactory(name="Crane Yard", city="Peoria", state="IL")
    typed = JOB | {"organization": "Crane Yard"} | values
    response = staff.post(f"/members/{ann.pk}/employments/add/", typed)
    assert (response.status_code, errors(response)) == (422, found)
    assert {name: values_in(response).get(name, "") for name in typed} == typed
    assert Employment.objects.count() == 0


def test_two_edit_one_employment(staff, people, ann):
    job = EmploymentFactory(
        member=ann, organization__name="Crane Yard", organization__city="Peoria", job_title="Rigger"
    )
    other = OrganizationFactory(name="Dock", city="Pekin", state="IL")
    page = staff.get(f"/employments/{job.pk}/edit/")
    typed = values_in(page)
    assert typed["organization"].startswith("Crane Yard — Peoria")
    from members.services import employments

    employments.change_employment(job, {"organization": other}, actor=people["officer"])
    response = staff.post(f"/employments/{job.pk}/edit/", typed | {"job_title": "Foreman"})
    assert response.status_code == 409
    assert response.context["conflict"] == [
        ("Employer", "Dock — Pekin, IL", typed["organization"]),
        ("Job title", "Rigger", "Foreman"),
    ]
    assert Employment.objects.values_list("organization__name", "job_title").get() == ("Dock", "Rigger")
    again = staff.post(f"/employments/{job.pk}/edit/", values_in(response))
    assert again.status_code == 302
    assert Employment.objects.values_list("organization__name", "job_title", "version").get() == (
        "Crane Yard",
        "Foreman",
        3,
    )


def test_an_employer_with_a_twin_stays_the_employer(staff, ann):
    job = EmploymentFactory(member=ann, organization__name="Yard", organization__city="Pekin", organization__state="IL")
    OrganizationFactory(name="Yard", city="Pekin", state="IL")
    typed = values_in(staff.get(f"/employments/{job.pk}/edit/"))
    assert staff.post(f"/employments/{job.pk}/edit/", typed | {"job_title": "Foreman"}).status_code == 302
    job.refresh_from_db()
    assert (job.organization_id, job.job_title) == (Employment.objects.get().organization_id, "Foreman")


def test_removing_an_employment(staff, client_of, ann):
    job = EmploymentFactory(member=ann)
    path = f"/employments/{job.pk}/remove/"
    assert [client_of(name).get(path).status_code for name in ("steward", "member")] == [403, 403]
    assert staff.post(path, {"reason": ""}).status_code == 422
    response = staff.post(path, {"reason": "Wrong person"})
    assert response.url == f"/members/{ann.pk}/"
    assert said(response) == ["Employment removed."]
    assert events(ann) == [("employment.removed", "Wrong person")]
    assert staff.post(path, {"reason": "Again"}).status_code == 404


def test_employments_of_a_deleted_member_stay_as_they_are(staff, people, ann):
    job = EmploymentFactory(member=ann)
    services.delete_member(ann, actor=people["staff"], reason="Twice")
    typed = values_in(staff.get(f"/employments/{job.pk}/edit/"))
    response = staff.post(f"/employments/{job.pk}/edit/", typed)
    assert response.status_code == 409
    assert errors(response) == {"__all__": ["This record is deleted. Restore it before you change it."]}


# --- merge ------------------------------------------------------------------------------------------

VERSIONS = {"kept_version": "1", "duplicate_version": "1"}


def test_finding_comparing_and_merging(staff, client_of, ann):
    twin = MemberFactory(member_number="A77", first_name="Anne", last_name="Aalto", city="Pekin", email="")
    services.remember_words(["Ann", "Anne", "Aalto"])
    find = f"/members/{ann.pk}/merge/"
    urls = [url for _row, url in staff.get(find).context["candidates"]]
    assert urls == [f"{find}{twin.pk}/"]
    assert [row for row, _url in staff.get(find, {"q": "a77"}).context["candidates"]] == [twin]
    assert "Nothing found" in staff.get(find, {"q": "zzzz"}).text
    assert staff.post(find).url == find
    page = staff.get(urls[0])
    assert page.context["form"].differing[:2] == ["member_number", "first_name"]
    assert client_of("steward").get(urls[0]).status_code == 403
    chosen = dict.fromkeys(page.context["form"].differing, "kept") | {"city": "duplicate"} | VERSIONS
    missing = staff.post(urls[0], chosen)
    assert (missing.status_code, errors(missing)) == (422, {"reason": [REQUIRED]})
    assert missing.context["form"]["city"].value() == "duplicate"
    response = staff.post(urls[0], chosen | {"reason": "Same person"})
    ann.refresh_from_db()
    twin.refresh_from_db()
    assert (response.url, said(response)) == (f"/members/{ann.pk}/", ["The two records are one now."])
    assert ann.city == "Pekin"
    assert ann.member_number == "104233"
    assert twin.merged_into == ann
    assert twin.is_deleted is True
    assert "Merged into another record" in staff.get(f"/members/{twin.pk}/").text
    assert "Merged with a second record" in staff.get(f"/members/{ann.pk}/?tab=history").text
    refused = staff.post(f"/members/{twin.pk}/restore/", {"reason": "Undo"})
    assert refused.status_code == 409
    assert errors(refused) == {"__all__": ["This record was merged into another member. Open that member instead."]}


def test_merging_what_cannot_be_merged(staff, people, ann):
    gone = MemberFactory()
    services.delete_member(gone, actor=people["staff"], reason="Left")
    paths = [f"/members/{ann.pk}/merge/{other}/" for other in (ann.pk, gone.pk, 999_999, "9" * 30)]
    assert [staff.get(path).status_code for path in paths] == [404] * 4
    assert [staff.post(path, {"reason": "x"}).status_code for path in paths] == [404] * 4
    twin = MemberFactory()
    path = f"/members/{ann.pk}/merge/{twin.pk}/"
    response = staff.post(path, {"reason": "x", "first_name": "third", "status": "kept"} | VERSIONS)
    assert response.status_code == 422
    services.delete_member(ann, actor=people["staff"], reason="Left")
    form = staff.get(path).context["form"]
    chosen = dict.fromkeys(form.differing, "kept") | VERSIONS | {"kept_version": "2", "reason": "x"}
    refused = staff.post(path, chosen)
    assert refused.status_code == 409
    assert errors(refused) == {"__all__": ["This record is deleted. Restore it before you change it."]}


@pytest.mark.parametrize(("name", "asked"), [("staff", True), ("admin", False)])
def test_who_reads_no_notes_merges_without_them(client_of, ann, name, asked):
    twin = MemberFactory(last_name="Aalto", notes="Call after six")
    browser, path = client_of(name), f"/members/{ann.pk}/merge/{twin.pk}/"
    page = browser.get(path)
    assert ("notes" in page.context["form"].fields, "Call after six" in page.text) == (asked, asked)
    chosen = dict.fromkeys(page.context["form"].differing, "kept") | VERSIONS | {"reason": "Same person"}
    stale = browser.post(path, chosen | {"kept_version": "7"})
    assert ("Call after six" in stale.text, stale.status_code) == (asked, 409)
    browser.post(path, chosen)
    ann.refresh_from_db()
    assert ann.notes == ("" if asked else "Call after six")


@pytest.mark.parametrize("edited", ["kept", "duplicate"])
def test_merging_what_somebody_saved_meanwhile(staff, people, ann, edited):
    twin = MemberFactory(last_name="Aalto", city="Pekin", phone="+13095550111", email=ann.email)
    path = f"/members/{ann.pk}/merge/{twin.pk}/"
    form = staff.get(path).context["form"]
    seen = {name: form[name].initial for name in ("kept_version", "duplicate_version")}
    chosen = dict.fromkeys(form.differing, "kept") | seen | {"city": "duplicate", "reason": "Same person"}
    values = {"city": "Chicago", "email": "new@people.example"}
    services.update_member(ann if edited == "kept" else twin, values, actor=people["officer"])
    before = list(Member.objects.order_by("pk").values())
    refused = staff.post(path, chosen)
    sentence = "Somebody else saved one of the two records meanwhile. Compare them again before you merge."
    assert (refused.status_code, errors(refused)) == (409, {"__all__": [sentence]})
    assert list(Member.objects.order_by("pk").values()) == before
    again = refused.context["form"]
    assert ["Chicago" in refused.text, "new@people.example" in refused.text] == [True, True]
    assert [again[name].value() for name in ("city", "email", "reason")] == ["duplicate", "kept", "Same person"]
    assert [again[name].value() for name in seen] == ([2, 1] if edited == "kept" else [1, 2])
    assert staff.post(path, {name: again[name].value() for name in again.fields}).status_code == 302
    ann.refresh_from_db()
    assert (ann.city, ann.email) == ("Pekin", values["email"]) if edited == "kept" else ("Chicago", ann.email)


@pytest.mark.parametrize("forged", [{}, {"kept_version": "", "duplicate_version": "x"}, {"kept_version": "9" * 30}])
def test_merging_without_the_versions_that_were_seen(staff, ann, forged):
    path = f"/members/{ann.pk}/merge/{MemberFactory().pk}/"
    chosen = dict.fromkeys(staff.get(path).context["form"].differing, "kept") | {"reason": "x"}
    assert (staff.post(path, chosen | forged).status_code, Member.objects.alive().count()) == (409, 2)


# --- one status for many ----------------------------------------------------------------------------


def test_bulk_status(staff, client_of, people, ann):
    bo, gone, away = MemberFactory(last_name="Berg"), MemberFactory(last_name="Gone"), MemberFactory(last_name="Stays")
    services.delete_member(gone, actor=people["staff"], reason="Left")
    ids = {"id": [ann.pk, bo.pk, gone.pk, 999_999]}
    page = staff.post("/members/status/", ids)
    assert (page.status_code, list(page.context["members"])) == (200, [ann, bo])
    assert page.text.count('type="hidden" name="id"') == 2
    wrong = staff.post("/members/status/", ids | {"status": "famous", "reason": "List"})
    assert wrong.status_code == 422
    assert errors(wrong) == {"status": ["Select a valid choice. famous is not one of the available choices."]}
    assert 'value="List"' in wrong.text
    response = staff.post("/members/status/", ids | {"status": "retired", "reason": "List of October"})
    assert (response.url, said(response)) == ("/members/", ["The status of 2 members changed."])
    assert {m.last_name: m.status for m in Member.objects.all()} == {
        "Aalto": "retired",
        "Berg": "retired",
        "Gone": "active",
        "Stays": "active",
    }
    assert events(bo) == [("changed", "List of October")]
    assert events(away) == []
    assert client_of("admin").post("/members/status/", ids).status_code == 403


@pytest.mark.parametrize("ids", [[], ["999999"], ["9223372036854775807"]])
def test_bulk_status_of_nobody_leads_back(staff, ann, ids):
    for ask in (lambda: staff.post("/members/status/", {"id": ids}), lambda: staff.get("/members/status/")):
        response = ask()
        assert (response.status_code, response.url) == (302, "/members/")
        assert said(response)[-1] == "Choose members in the list first."


@pytest.mark.parametrize("forged", ["x", "-1", "0", "1.5", "9" * 30, "9" * 5_000, "\0", "1 OR 1=1", "", "[]"])
def test_bulk_status_of_forged_ids_is_not_found(staff, ann, forged):
    response = staff.post("/members/status/", {"id": [ann.pk, forged], "status": "retired", "reason": "x"})
    ann.refresh_from_db()
    assert response.status_code == 404
    assert "We could not find that page" in response.text
    assert ann.status == "active"


def test_bulk_status_of_thousands_is_refused_as_a_whole(staff, ann):
    response = staff.post("/members/status/", {"id": [ann.pk] * 5_001, "status": "retired", "reason": "x"})
    ann.refresh_from_db()
    assert (response.status_code, ann.status) == (400, "active")


def test_bulk_status_that_one_of_them_cannot_have(staff, ann):
    other = MemberFactory(status="represented_non_member", member_number=None)
    response = staff.post("/members/status/", {"id": [ann.pk, other.pk], "status": "retired", "reason": "List"})
    ann.refresh_from_db()
    assert response.status_code == 409
    assert errors(response) == {"__all__": ["1 of them has no member number. Enter it first."]}
    assert ann.status == "active"
    assert 'value="List"' in response.text


def test_adding_somebody_alike_asks_first(client_of):
    known = MemberFactory(first_name="Anna", last_name="Muñoz", date_of_birth="1980-02-03", member_number="7")
    client = client_of("staff")
    typed = {
        "first_name": "Ana",
        "last_name": "Muñoz",
        "date_of_birth": "1980-02-03",
        "member_number": "8",
        "status": "active",
        "standing": "unknown",
    }

    asked = client.post("/members/add/", typed)
    added = client.post("/members/add/", {**typed, "why_another": "Cousins born on one day"})

    assert asked.status_code == 409
    page = asked.content.decode()
    assert "Is this somebody who is recorded already?" in page
    assert f'<a href="{known.get_absolute_url()}">Muñoz, Anna</a>, 7' in page
    assert "the same: last name, birthday" in page
    assert added.status_code == 302
    assert sorted(Member.objects.values_list("member_number", flat=True)) == ["7", "8"]
