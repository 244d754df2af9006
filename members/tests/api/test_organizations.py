"""Organizations and contacts by the API: as on the pages, by the same services."""

import pytest

from core.models import AuditEvent, ReadEvent
from members.factories import ContactFactory, EmploymentFactory, OrganizationFactory
from members.models import Organization, OrganizationContact
from members.tests.api.writing import CONTACTS, ORGANIZATIONS, move, patch, post, refusal

pytestmark = pytest.mark.django_db
YARD = {"name": "Crane Yard", "org_type": "employer", "city": "Peoria", "state": "IL", "phone": "309 555 0142"}


@pytest.fixture
def staff(client_of):
    return client_of("staff", raise_request_exception=False)


@pytest.fixture
def yard():
    return OrganizationFactory(name="Yard", city="Peoria", phone="")


def path_of(organization) -> str:
    return f"{ORGANIZATIONS}{organization.pk}/"


def actions(row) -> list[str]:
    return list(AuditEvent.objects.filter(stream=f"{row._meta.label_lower}:{row.pk}").values_list("action", flat=True))


def test_a_new_organization_is_answered_with_its_address_and_version(staff, people):
    answer = post(staff, ORGANIZATIONS, YARD)
    made = Organization.objects.get()
    assert (answer.status_code, answer["ETag"]) == (201, '"1"')
    assert answer["Location"] == f"http://testserver{path_of(made)}"
    assert answer.json() == staff.get(path_of(made)).json()
    assert {name: answer.json()[name] for name in YARD} == YARD | {"phone": "+13095550142"}
    assert actions(made) == ["created"]
    assert set(ReadEvent.objects.values_list("actor", "kind", "subject_id")) == {
        (people["staff"].pk, "opened", str(made.pk))
    }


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"name": ["Fill this in."]}),
        (YARD | {"phone": "555"}, {"phone": ["Enter a phone number with area code, such as 312 555 0123."]}),
        (YARD | {"name": ["a"]}, {"name": ["Send a single value here."]}),
        (YARD | {"name": True}, {"name": ["Send a text here."]}),
        (YARD | {"sort_name": "a"}, {"sort_name": ["There is no such field here. Leave it out."]}),
        ([], {"__all__": ["Send one object of plain values."]}),
    ],
)
def test_what_an_organization_cannot_have_is_told_by_field(staff, body, fields):
    answer = post(staff, ORGANIZATIONS, body)
    assert refusal(answer) == (422, fields)
    assert (answer.json()["code"], Organization.objects.count()) == ("invalid", 0)


def test_a_change_names_what_changes_and_the_version_that_was_read(staff, yard):
    answer = patch(staff, path_of(yard), {"city": "Pekin"})
    assert (answer.status_code, answer["ETag"], answer.json()["version"]) == (200, '"2"', 2)
    assert staff.get(path_of(yard))["ETag"] == '"2"'
    assert (answer.json()["city"], answer.json()["name"]) == ("Pekin", "Yard")
    stale = patch(staff, path_of(yard), {"city": "Morton"})
    assert refusal(stale) == (412, "Somebody else saved this record while you were editing it.")
    assert stale.json()["code"] == "edit_conflict"
    assert actions(yard) == ["changed"]


@pytest.mark.parametrize("header", [None, "", "*", "1", '"one"', 'W/"1"', '"1", "2"', '"' + "1" * 40 + '"'])
def test_without_a_version_nothing_changes(staff, yard, header):
    headers = {} if header is None else {"If-Match": header}
    changed = staff.patch(path_of(yard), {"city": "Pekin"}, content_type="application/json", headers=headers)
    moved = post(staff, f"{path_of(yard)}moves/delete/", {"reason": "Twice"}, **headers)
    sentence = (
        "Say which version of the record you read: send its ETag as If-Match. Nobody changes what they did not see."
    )
    assert [refusal(answer) for answer in (changed, moved)] == [(428, sentence)] * 2
    yard.refresh_from_db()
    assert (yard.city, yard.deleted_at) == ("Peoria", None)


def test_deleting_and_restoring_are_moves(staff, yard):
    deleted = move(staff, path_of(yard), "delete", {"reason": "Twice"})
    assert (deleted.status_code, deleted.json()) == (200, {"id": yard.pk, "version": 2, "deleted": True})
    assert staff.get(path_of(yard)).status_code == 404
    changed = patch(staff, path_of(yard), {"city": "Pekin"}, 2)
    assert refusal(changed) == (409, "This record is deleted. Restore it before you change it.")
    restored = move(staff, path_of(yard), "restore", {"reason": "It was not"}, 2)
    assert (restored.status_code, restored.json()) == (200, {"id": yard.pk, "version": 3, "deleted": False})
    again = move(staff, path_of(yard), "restore", {"reason": "It was not"}, 3)
    assert refusal(again) == (409, "This record is not deleted, so there is nothing to restore.")
    assert actions(yard) == ["deleted", "restored"]


def test_a_move_is_refused_as_on_its_page(staff, yard):
    EmploymentFactory(organization=yard)
    assert refusal(move(staff, path_of(yard), "delete", {})) == (422, {"reason": ["Say why."]})
    working = move(staff, path_of(yard), "delete", {"reason": "Twice"})
    assert working.status_code == 409
    assert working.json()["detail"].startswith("1 member works here now.")
    assert move(staff, path_of(yard), "delete", {"reason": "Twice"}, 7).status_code == 412
    assert move(staff, path_of(yard), "sell", {"reason": "Twice"}).status_code == 404
    assert actions(yard) == []


def test_who_may_only_look_changes_nothing(client_of, yard):
    steward, member, nobody = (client_of(name) for name in ("steward", "member", "nobody"))
    contact = ContactFactory(organization=yard)
    for browser in (steward, member, nobody):
        answers = [
            post(browser, ORGANIZATIONS, YARD),
            patch(browser, path_of(yard), {"city": "Pekin"}),
            move(browser, path_of(yard), "delete", {"reason": "Twice"}),
            post(browser, CONTACTS, {"organization": yard.pk, "first_name": "Mia", "last_name": "Ng"}),
            patch(browser, f"{CONTACTS}{contact.pk}/", {"title": "Boss"}),
            move(browser, f"{CONTACTS}{contact.pk}/", "remove", {"reason": "Twice"}),
        ]
        assert [answer.status_code for answer in answers] == [403] * 6
    assert AuditEvent.objects.count() == 0


def test_the_administrator_restores_and_merges_and_changes_nothing(client_of, yard):
    admin = client_of("admin")
    assert patch(admin, path_of(yard), {"city": "Pekin"}).status_code == 403
    assert move(admin, path_of(yard), "delete", {"reason": "Twice"}).status_code == 403
    assert move(client_of("staff"), path_of(yard), "delete", {"reason": "Twice"}).status_code == 200
    assert move(admin, path_of(yard), "restore", {"reason": "Not so"}, 2).status_code == 200


def test_merging_takes_the_chosen_values_and_names_both_versions(staff, yard):
    twin = OrganizationFactory(name="The Yard", city="Pekin", phone="+13095550142")
    contact = ContactFactory(organization=twin)
    body = {"duplicate": twin.pk, "duplicate_version": 1, "reason": "One place", "city": "duplicate"}
    assert refusal(move(staff, path_of(yard), "merge", {"reason": "One"})) == (
        422,
        {
            "duplicate": ["Name the other record, by its id."],
            "duplicate_version": ["Say which version of the other record you read."],
        },
    )
    assert refusal(move(staff, path_of(yard), "merge", body | {"name": "longest"}))[0] == 422
    assert refusal(move(staff, path_of(yard), "merge", body | {"duplicate": 999_999}))[0] == 422
    assert refusal(move(staff, path_of(yard), "merge", body | {"duplicate": yard.pk})) == (
        409,
        "Choose two different records to merge.",
    )
    assert [
        move(staff, path_of(yard), "merge", body, 7).status_code,
        move(staff, path_of(yard), "merge", body | {"duplicate_version": 2}).status_code,
    ] == [412, 412]
    merged = move(staff, path_of(yard), "merge", body)
    assert (merged.status_code, merged.json()) == (200, {"id": yard.pk, "version": 2, "deleted": False})
    yard.refresh_from_db()
    twin.refresh_from_db()
    contact.refresh_from_db()
    # what the body leaves out is chosen as the page proposes it: the only telephone is taken over
    assert (yard.name, yard.city, yard.phone) == ("Yard", "Pekin", "+13095550142")
    assert (twin.merged_into, contact.organization) == (yard, yard)


# --- contacts -----------------------------------------------------------------------------------------


def test_a_new_main_contact_takes_the_place_of_the_former_one(staff, yard):
    former = ContactFactory(organization=yard, is_primary=True)
    body = {"organization": yard.pk, "first_name": "Mia", "last_name": "Ng", "is_primary": True}
    answer = post(staff, CONTACTS, body)
    made = OrganizationContact.objects.get(last_name="Ng")
    former.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (201, f"http://testserver{CONTACTS}{made.pk}/")
    assert answer.json() == staff.get(f"{CONTACTS}{made.pk}/").json()
    assert {name: answer.json()[name] for name in body} == body
    assert (made.is_primary, former.is_primary) == (True, False)
    assert [row["id"] for row in staff.get(f"{CONTACTS}?organization={yard.pk}").json()["results"]] == [
        former.pk,
        made.pk,
    ]


@pytest.mark.parametrize("key", [None, "", "1", 0, -1, 999_999, 2**70, True, 1.5])
def test_a_contact_belongs_to_an_organization_that_is_there(staff, yard, key):
    answer = post(staff, CONTACTS, {"organization": key, "first_name": "Mia", "last_name": "Ng"})
    sentence = "Name the record to which this belongs, by its id."
    assert refusal(answer) == (422, {"organization": [sentence]})
    assert OrganizationContact.objects.exists() is False


def test_a_contact_is_changed_and_removed(staff, yard):
    contact = ContactFactory(organization=yard, notes="Ask for her by name")
    path = f"{CONTACTS}{contact.pk}/"
    changed = patch(staff, path, {"title": "Payroll"})
    assert (changed.status_code, changed.json()["title"]) == (200, "Payroll")
    contact.refresh_from_db()
    assert contact.notes == "Ask for her by name"
    assert refusal(patch(staff, path, {"is_primary": "no"}, 2)) == (422, {"is_primary": ["Send true or false."]})
    moved = refusal(patch(staff, path, {"organization": OrganizationFactory().pk}, 2))
    assert moved == (
        422,
        {"organization": ["This stays with the record to which it belongs. Leave it out."]},
    )
    removed = move(staff, path, "remove", {"reason": "Left"}, 2)
    assert (removed.status_code, removed.json()) == (200, {"id": contact.pk, "version": 2, "deleted": True})
    assert staff.get(path).status_code == 404


def test_notes_of_a_contact_are_neither_told_nor_taken(staff, yard):
    contact = ContactFactory(organization=yard, notes="Ask for her by name")
    path = f"{CONTACTS}{contact.pk}/"
    assert "Ask for her" not in staff.get(path).text
    assert refusal(patch(staff, path, {"notes": "x"})) == (
        422,
        {"notes": ["There is no such field here. Leave it out."]},
    )
