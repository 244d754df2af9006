"""What others do between the check and the apply, or the apply and the undo, is never written over."""

import time
from decimal import Decimal

import psycopg
import pytest
from django.db import connection

from core.errors import DomainError
from core.imports import applying, batches, undoing
from members.factories import EmploymentFactory, MemberFactory, OrganizationFactory
from members.imports.lists import list_of
from members.models import Employment, ImportBatch, Member, Organization
from members.services import employments, merging, organizations
from members.services import members as services
from members.tests.import_steps import applied, checked, outcomes
from unionops.testing.races import run_in_processes

pytestmark = pytest.mark.django_db

PLACE = ("Employer", "City", "State", "Website")
JOB = ("Number", "Name", "Employer", "Rate")
EMPLOYER = (
    "The employer that the check found was deleted, merged or recorded a second time since, so this row was not"
    " applied. Look at the employer’s record, then import the file again."
)
CHANGED = "The record was changed since the check, so this row was not applied. Import the file again."


def apply(batch, actor):
    applying.start_apply(batch, list_of(batch), actor=actor, in_background=False)
    return [(row.number, row.applied, [item["text"] for item in row.problems]) for row in batch.rows.order_by("number")]


def undo(batch, actor, reason="Wrong file"):
    undoing.start_undo(batch, list_of(batch), actor=actor, reason=reason, in_background=False)


def deletion(record):
    record.refresh_from_db()
    return record.deleted_at, record.deleted_by, record.deleted_reason


def test_an_undo_gives_a_restored_record_its_own_deletion_back(people):
    alder = OrganizationFactory(name="Alder", city="Peoria", state="IL")
    organizations.delete_organization(alder, actor=people["staff"], reason="Closed its doors")
    before = deletion(alder)
    batch = checked([PLACE, ("Alder", "Peoria", "IL", "")], actor=None)
    batches.decide_all(batch, list_of(batch), "restore", actor=None)
    applying.start_apply(batch, list_of(batch), actor=None, in_background=False)
    assert deletion(alder) == (None, None, "")

    undo(batch, None)

    assert deletion(alder) == before
    again = checked([PLACE, ("Alder", "Peoria", "IL", "")], actor=None)
    assert outcomes(again) == [(2, "duplicate", ["A deleted record matches this row. Restore it?"])]


def test_a_reason_in_the_words_of_an_undo_is_a_reason(people):
    alder = OrganizationFactory(name="Alder", city="Peoria", state="IL")
    organizations.delete_organization(alder, actor=people["staff"], reason="Import undone: it is closed")

    batch = checked([PLACE, ("Alder", "Peoria", "IL", "")], actor=people["staff"])

    assert [(number, outcome) for number, outcome, _why in outcomes(batch)] == [(2, "duplicate")]


def test_what_an_undo_removed_comes_back_twice_and_until_the_office_deletes_it(people):
    staff, rows = people["staff"], [PLACE, ("Alder", "Peoria", "IL", "")]
    undo(applied(rows, actor=staff), staff)
    first = deletion(Organization.objects.get())
    undo(applied(rows, actor=staff), staff)
    alder = Organization.objects.get()
    assert deletion(alder) == first

    again = applied(rows, actor=staff)
    assert (again.counts["applied"], deletion(alder)) == ({"new": 1}, (None, None, ""))

    organizations.delete_organization(alder, actor=staff, reason="Closed")
    assert checked(rows, actor=staff).counts == {"duplicate": 1}


def test_an_employer_that_a_member_list_restored_gets_its_deletion_back(people):
    staff = people["staff"]
    undo(applied([PLACE, ("Alder", "", "", "")], actor=staff), staff)
    alder = Organization.objects.get()
    before = deletion(alder)
    batch = applied([JOB, ("1", "Lee, Ann", "Alder", "20")], kind="members", actor=staff)
    assert deletion(alder) == (None, None, "")

    undo(batch, staff, reason="Other file")

    assert deletion(alder) == before


@pytest.fixture
def alder():
    return OrganizationFactory(name="Alder", city="Peoria", state="IL")


def delete(alder, actor):
    organizations.delete_organization(alder, actor=actor, reason="Closed")


def merge(alder, actor):
    other = OrganizationFactory(name="Alder Works", city="Pekin", state="IL")
    merging.merge_organizations(other, alder, {}, actor=actor, reason="The same")


@pytest.mark.parametrize("happens", [delete, merge])
def test_no_job_at_an_employer_that_went_away(people, alder, happens):
    staff = people["staff"]
    batch = checked([JOB, ("1", "Lee, Ann", "Alder", "20"), ("2", "Day, Bob", "", "")], kind="members", actor=staff)
    happens(alder, people["staff"])

    assert apply(batch, staff) == [(2, "error", [EMPLOYER]), (3, "new", [])]

    assert not Employment.objects.exists()
    assert list(Member.objects.values_list("member_number", flat=True)) == ["2"]


def test_a_job_at_an_employer_that_stayed(people, alder):
    batch = checked([JOB, ("1", "Lee, Ann", "Alder", "20")], kind="members", actor=people["staff"])

    assert apply(batch, people["staff"]) == [(2, "new", [])]

    assert Employment.objects.get().organization == alder
    assert batch.rows.get().made.keys() == {"created", "job", "job_version"}


@pytest.mark.parametrize("gone", [True, False])
def test_a_repeated_row_adds_no_job_to_a_member_who_was_deleted(people, alder, gone):
    ann = MemberFactory(member_number="1", first_name="Ann", last_name="Lee")
    EmploymentFactory(member=ann, organization=alder, hourly_rate="20.00")
    rows = [JOB, ("1", "Lee, Ann", "Alder", "20"), ("1", "Lee, Ann", "Birch", "30")]
    batch = checked(rows, kind="members", actor=people["staff"])
    assert batch.counts == {"unchanged": 1, "repeated": 1}
    if gone:
        services.delete_member(ann, actor=people["staff"], reason="Entered twice")

    told = apply(batch, people["staff"])

    outcome = ("error", CHANGED) if gone else ("repeated", told[1][2][-1])
    assert [(told[1][1], told[1][2][-1])] == [outcome]
    assert Employment.objects.filter(member=ann).count() == (1 if gone else 2)


@pytest.mark.parametrize(("changed", "rates"), [("Alder", ["35.00", "25.00"]), ("Birch", ["31.00", "35.00"])])
def test_a_job_that_somebody_changed_since_the_check_stays(people, alder, changed, rates):
    """Of a member with two, the other one changes."""
    staff, ann = people["staff"], MemberFactory(member_number="1", first_name="Ann", last_name="Lee")
    for employer in (alder, OrganizationFactory(name="Birch")):
        EmploymentFactory(member=ann, organization=employer, hourly_rate="20.00")
    rows = [JOB, ("1", "Lee, Ann", "Alder", "31"), ("1", "Lee, Ann", "Birch", "25")]
    batch = checked(rows, kind="members", actor=staff)
    employments.change_employment(
        ann.employments.get(organization__name=changed), {"hourly_rate": Decimal("35.00")}, actor=staff
    )

    told = apply(batch, staff)

    stays = "The job was changed since the check, so it stays as it is. Import the file again."
    repeated = "The same person as row 2."
    assert (
        told
        == {
            "Alder": [(2, "error", [stays]), (3, "repeated", [repeated])],
            "Birch": [(2, "changed", []), (3, "repeated", [repeated, stays])],
        }[changed]
    )
    assert [str(job.hourly_rate) for job in ann.employments.order_by("pk")] == rates


PERSON = ("Name", "Birthday", "Status")


def test_two_lists_do_not_make_the_same_person_without_a_number_twice(people):
    staff = people["staff"]
    fox, roe = ("Fox, Cy", "1/1/1970", "non-member"), ("Roe, Jo", "", "non-member")
    first = checked([PERSON, fox, roe], kind="members", actor=staff)
    second = checked([PERSON, ("Fox, Cy", "1/1/1971", "non-member"), fox, roe], kind="members", actor=staff)
    assert apply(first, staff) == [(2, "new", []), (3, "new", [])]

    assert apply(second, staff) == [(2, "new", []), (3, "error", [CHANGED]), (4, "error", [CHANGED])]

    assert Member.objects.count() == 3


def test_persons_of_the_same_list_are_no_hits(people, monkeypatch):
    """Also not when they are written in an earlier piece."""
    monkeypatch.setattr(applying, "CHUNK", 1)
    monkeypatch.setattr(applying.in_chunks, "__defaults__", (1,))
    rows = [("Number", *PERSON), ("7", "Roe, Jo", "", ""), ("", "Roe, Jo", "", "non-member")]
    batch = checked(rows, kind="members", actor=people["staff"])

    assert [item[:2] for item in apply(batch, people["staff"])] == [(2, "new"), (3, "new")]


def test_old_values_that_todays_rules_refuse_do_not_stop_the_rest(people, alder):
    """Neither the apply nor the undo looks at fields that the row does not set."""
    staff = people["staff"]
    Organization.objects.filter(pk=alder.pk).update(phone="none", website="")
    ann = MemberFactory(member_number="1", first_name="Ann", last_name="Lee", city="Pekin")
    Member.objects.filter(pk=ann.pk).update(zip_code="?")

    places = applied([PLACE, ("Alder", "Peoria", "IL", "alder.example")], actor=staff)
    members = applied([("Number", "Name", "City"), ("1", "Lee, Ann", "Peoria")], kind="members", actor=staff)

    alder.refresh_from_db()
    ann.refresh_from_db()
    assert (alder.phone, alder.website) == ("none", "https://alder.example")
    assert (ann.zip_code, ann.city) == ("?", "Peoria")
    undo(places, staff)
    undo(members, staff)
    ann.refresh_from_db()
    alder.refresh_from_db()
    assert ann.zip_code == "?"
    assert ann.city == "Pekin"
    assert alder.website == ""


def test_a_value_that_is_refused_leaves_only_its_row_out(people, alder):
    staff = people["staff"]
    OrganizationFactory(name="Birch", city="Pekin", state="IL", website="")
    rows = [(*PLACE, "Phone"), ("Alder", "Peoria", "IL", "", "3095550147"), ("Birch", "Pekin", "IL", "b.example", "")]
    batch = checked(rows, actor=staff)
    row = batch.rows.get(number=2)
    row.values |= {"phone": "12"}  # as a rule that is newer than the check would find it
    row.save()

    told = apply(batch, staff)

    sentence = "Enter a phone number with area code, such as 312 555 0123."
    assert told == [(2, "error", [sentence]), (3, "changed", [])]


def test_a_value_from_before_that_is_refused_keeps_its_row(people, alder):
    staff = people["staff"]
    Organization.objects.filter(pk=alder.pk).update(phone="none")
    OrganizationFactory(name="Birch", city="Pekin", state="IL", phone="")
    rows = [(*PLACE, "Phone"), ("Alder", "Peoria", "IL", "", "3095550147"), ("Birch", "Pekin", "IL", "", "3095550148")]
    batch = applied(rows, actor=staff)

    undo(batch, staff)

    sentence = "Kept: a value from before is not accepted any more: Enter a phone number with area code"
    kept, undone = batch.rows.order_by("number").values_list("undone", flat=True)
    assert kept.startswith(sentence)
    assert undone == "undone"
    alder.refresh_from_db()
    assert alder.phone == "+13095550147"


def test_a_worker_that_was_thought_dead_does_not_give_back_what_another_has_begun(people):
    batch = checked([PLACE, ("Alder", "", "", "")], actor=people["staff"])
    batches.claim(batch, ("checked",), "applying")
    slow = ImportBatch.objects.get(pk=batch.pk)
    batches.claim(batch, ("applying",), "applying")

    applying._give_back(slow, slow.version, "It stopped.")

    batch.refresh_from_db()
    assert (batch.status, batch.problem) == ("applying", "")
    applying._give_back(batch, batch.version, "It stopped.")
    batch.refresh_from_db()
    assert (batch.status, batch.problem) == ("checked", "It stopped.")


FOX = [PERSON, ("Fox, Cy", "1/1/1970", "non-member")]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_four_lists_applied_at_once_one_makes_the_person(people):
    staff = people["staff"]
    keys = [checked(FOX, kind="members", actor=staff).pk for _number in range(4)]

    def press(number):
        batch = ImportBatch.objects.get(pk=keys[number])
        return [applied for _number, applied, _why in apply(batch, staff)]

    assert sorted(run_in_processes(press)) == [["error"], ["error"], ["error"], ["new"]]
    assert Member.objects.count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_race_is_real():
    """Look, then write: several find nobody, so the test above would see it."""

    def press(_number):
        if Member.objects.filter(first_name="Cy", last_name="Fox").exists():
            return "error"
        time.sleep(0.2)
        MemberFactory(member_number=None, first_name="Cy", last_name="Fox", status="represented_non_member")
        return "new"

    assert run_in_processes(press).count("new") > 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite waits as long as the other list takes")
def test_a_list_that_waits_too_long_for_another_says_so_and_can_be_applied_then(people, database_url):
    first, second = (checked([PLACE, (name, "Peoria", "IL", "")], actor=people["staff"]) for name in ("Alder", "Birch"))
    ImportBatch.objects.filter(pk=first.pk).update(status="applying")
    with psycopg.connect(database_url) as other, connection.cursor() as cursor:
        other.execute("SELECT 1 FROM members_importbatch WHERE id = %s FOR UPDATE", [first.pk])
        cursor.execute("SET lock_timeout = '100ms'")
        try:
            with pytest.raises(DomainError, match="Another list is being applied"):
                apply(second, people["staff"])
        finally:
            cursor.execute("RESET lock_timeout")
    second.refresh_from_db()
    assert (second.status, Organization.objects.count()) == ("checked", 0)
    apply(second, people["staff"])
    assert Organization.objects.get().name == "Birch"
