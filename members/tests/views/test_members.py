"""The pages of members, as people meet them."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import ReadEvent
from core.tests.pages import REQUIRED, WHY, errors, said, values_in
from core.tests.regulars import cast_with
from members.factories import EmploymentFactory, MemberFactory
from members.models import Employment, Member
from members.services import members as services
from members.tests.histories import events
from members.tests.typed import MEMBER

pytestmark = pytest.mark.django_db
regulars, people = cast_with("staff")


# --- list -------------------------------------------------------------------------------------------


def listed(response) -> list[str]:
    return [row.list_name for row in response.context["rows"]]


def test_a_form_says_in_words_that_nothing_is_chosen(client_of):
    page = client_of("staff").get("/members/add/").text
    assert "-----" not in page
    assert page.count('<option value="" selected>None chosen</option>') == 2


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
    for name, literal in (("staff", 7), ("steward", 7)):
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
    # invented telephones are few: two people may get the same one
    MemberFactory(member_number="999", first_name="Bo", last_name="Berg", email="bo@people.example", phone="")
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


def test_a_slip_tells_no_member_the_names_of_others(client_of, staff, people):
    services.create_member({"member_number": "9", "first_name": "Zoltan", "last_name": "Kovacs"}, actor=people["staff"])
    asker = client_of("member")
    own = people["member"].member
    services.update_member(own, {"last_name": "Zabel"}, actor=people["staff"], version=own.version)
    others, mine = (asker.get("/members/", {"q": slip}) for slip in ("kovasc", "zable"))
    assert ["Nothing is spelled that way" in response.text for response in (others, mine)] == [False, True]
    assert "kovacs" not in others.text
    assert "showing “zabel”" in mine.text


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


def test_what_only_one_of_two_changed_stands(staff, people, ann):
    """Each changes a field of their own, then both the same one."""
    shown = values_in(staff.get(f"/members/{ann.pk}/edit/"))
    services.update_member(ann, {"notes": "Call first", "status": "retired"}, actor=people["officer"])
    saved = staff.post(f"/members/{ann.pk}/edit/", shown | {"city": "Canton"})
    assert (saved.status_code, said(saved)) == (
        302,
        ["Changes saved.", "Somebody else changed this meanwhile: Status, Notes. Both changes stand."],
    )
    ann.refresh_from_db()
    assert (ann.city, ann.notes, ann.status) == ("Canton", "Call first", "retired")
    assert ann.version == 3

    shown = values_in(staff.get(f"/members/{ann.pk}/edit/"))
    services.update_member(ann, {"city": "Peoria", "state": "IA"}, actor=people["officer"])
    asked = staff.post(f"/members/{ann.pk}/edit/", shown | {"city": "Pekin", "zip_code": "61554"})
    assert (asked.status_code, asked.context["conflict"]) == (409, [("City", "Peoria", "Pekin")])
    again = values_in(asked)
    assert {name: again[name] for name in ("city", "state", "zip_code", "version")} == {
        "city": "Pekin",
        "state": "IA",
        "zip_code": "61554",
        "version": "4",
    }
    assert staff.post(f"/members/{ann.pk}/edit/", again).status_code == 302
    ann.refresh_from_db()
    assert (ann.city, ann.state, ann.zip_code) == ("Pekin", "IA", "61554")


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
    assert errors(staff.post(path, {"reason": " "})) == {"reason": [WHY]}
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
