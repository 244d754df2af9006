"""Undo: everything back as it was, except what somebody changed or used since."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from core.audit import trail
from core.errors import DomainError
from core.imports import undoing
from core.models import AuditEvent
from members.factories import ContactFactory, EmploymentFactory, MemberFactory, OrganizationFactory
from members.imports.lists import list_of
from members.models import Employment, ImportBatch, Member, Organization
from members.services import employments
from members.services import members as services
from members.services import organizations as organization_services
from members.tests.import_steps import applied, contents

pytestmark = pytest.mark.django_db

PLACE = ("Employer", "City", "State", "Website")
JOB = ("Number", "Name", "City", "Employer", "Employer City", "Employer State", "Rate")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
CHANGED = "Kept: somebody changed the record after the import."


def undo(batch, actor, reason="Wrong file"):
    undoing.start_undo(batch, list_of(batch), actor=actor, reason=reason, in_background=False)
    return {row.number: row.undone for row in batch.rows.order_by("number")}


def last_event(record):
    event = AuditEvent.objects.filter(stream=trail.stream_of(record)).order_by("seq").last()
    return event.action, event.reason, event.body["data"]


@pytest.fixture
def records():
    """Make what a local had before: two members, one at Alder. The lists below change their rate and city."""
    alder = OrganizationFactory(name="Alder", city="Peoria", state="IL", website="")
    ann = MemberFactory(member_number="1", first_name="Ann", last_name="Lee", city="Pekin")
    MemberFactory(member_number="9", first_name="Zoe", last_name="Poe")
    EmploymentFactory(member=ann, organization=alder, hourly_rate="30.00")
    return alder, ann


MEMBERS = [
    JOB,
    ("1", "Lee, Ann", "Peoria", "Alder", "", "", "31"),
    ("1", "Lee, Ann", "", "Birch", "Pekin", "IL", "20"),
    ("2", "Day, Bob", "Pekin", "Birch", "Pekin", "IL", "20"),
    ("3", "Fox, Cy", "Pekin", "", "", "", ""),
]


def test_a_member_has_changed_with_the_job_that_a_list_or_its_undo_changed(people, records):
    """Programs that keep in step by `updated_since` are told a job with its member."""
    _alder, ann = records

    def changed():
        return list(Member.objects.filter(updated_at__gt=LONG_AGO))

    Member.objects.update(updated_at=LONG_AGO)
    batch = applied([JOB, ("1", "Lee, Ann", "Pekin", "Alder", "", "", "31")], kind="members", actor=people["staff"])
    assert (ann.employments.get().hourly_rate, changed()) == (31, [ann])
    Member.objects.update(updated_at=LONG_AGO)
    undo(batch, people["staff"])
    assert (ann.employments.get().hourly_rate, changed()) == (30, [ann])


def test_undo_is_exact(people, records):
    before = contents()
    members = applied(MEMBERS, kind="members", actor=people["staff"])
    organizations = applied(
        [PLACE, ("Alder", "Peoria", "IL", "alder.example"), ("Cedar", "", "", "")], actor=people["staff"]
    )
    assert contents() != before

    assert undo(organizations, people["staff"]) == {2: "undone", 3: "undone"}
    assert undo(members, people["staff"]) == {2: "undone", 3: "undone", 4: "undone", 5: "undone"}

    assert contents() == before
    assert members.status == "undone"
    assert members.undone_by == people["staff"]
    assert members.counts["undone"] == 4
    bob = Member.objects.get(member_number="2")
    assert (bob.deleted_by, bob.deleted_reason) == (people["staff"], "Import undone: Wrong file")
    assert last_event(bob) == ("deleted", "Import undone: Wrong file", {"batch": str(members.pk)})
    assert last_event(members) == ("import.undone", "Wrong file", {"undone": 4, "kept": 0})
    assert Organization.objects.get(name="Birch").is_deleted


def test_after_an_undo_the_import_works_again(people, records):
    first = applied(MEMBERS, kind="members", actor=people["staff"])
    imported = contents()
    undo(first, people["staff"])

    again = applied(MEMBERS, kind="members", actor=people["staff"])

    assert again.counts == {"new": 2, "changed": 1, "repeated": 1, "applied": {"new": 2, "changed": 1, "repeated": 1}}
    assert without_keys(contents()) == without_keys(imported)
    assert Member.objects.count() == 4
    assert Organization.objects.filter(name="Birch").count() == 1

    undo(again, people["staff"])
    assert set(Member.objects.alive().values_list("member_number", flat=True)) == {"1", "9"}
    assert Organization.objects.alive().count() == 1


def without_keys(tables):
    """Leave the keys of jobs out: a removed job comes back under another one, everything else as the same row."""
    return [[{name: value for name, value in row.items() if name != "id"} for row in table] for table in tables]


def test_rows_changed_since_stay_and_say_why(people, records):
    alder, ann = records
    staff = people["staff"]
    batch = applied(MEMBERS, kind="members", actor=staff)
    services.update_member(Member.objects.get(member_number="3"), {"city": "Canton"}, actor=staff)
    services.update_member(Member.objects.get(pk=ann.pk), {"phone": "+13095550147"}, actor=staff)

    assert undo(batch, staff) == {2: CHANGED, 3: "undone", 4: "undone", 5: CHANGED}

    assert batch.status == "undone"
    assert batch.counts["undone"] == 2
    assert batch.counts["kept"] == 2
    ann.refresh_from_db()
    assert (ann.city, ann.phone) == ("Peoria", "+13095550147")
    assert Employment.objects.get(organization=alder).hourly_rate == 31
    assert not Member.objects.get(member_number="3").is_deleted
    assert Member.objects.get(member_number="2").is_deleted


def test_records_that_others_use_stay(people, records):
    staff = people["staff"]
    batch = applied([PLACE, ("Birch", "Pekin", "IL", ""), ("Cedar", "", "", ""), ("Dogwood", "", "", "")], actor=staff)
    ContactFactory(organization=Organization.objects.get(name="Birch"))
    EmploymentFactory(organization=Organization.objects.get(name="Cedar"))

    used = "Kept: other records refer to it by now."
    assert undo(batch, staff) == {2: used, 3: used, 4: "undone"}
    assert set(Organization.objects.alive().values_list("name", flat=True)) == {"Alder", "Birch", "Cedar"}


def test_members_and_employers_that_others_use_stay(people, records):
    staff = people["staff"]
    batch = applied(MEMBERS, kind="members", actor=staff)
    bob, birch = Member.objects.get(member_number="2"), Organization.objects.get(name="Birch")
    employments.add_employment(bob, {"organization": records[0], "job_title": "Rigger"}, actor=staff)

    found = undo(batch, staff)

    assert found[4] == "Kept: other records refer to it by now."
    assert found[3] == "The employer that this row made is kept: it was changed or is used by now."
    assert not Member.objects.get(pk=bob.pk).is_deleted
    assert not Organization.objects.get(pk=birch.pk).is_deleted
    assert Employment.objects.filter(member=bob).count() == 2


def test_a_job_that_somebody_changed_stays(people, records):
    staff = people["staff"]
    batch = applied(MEMBERS, kind="members", actor=staff)
    job = Employment.objects.get(member__member_number="2")
    employments.change_employment(job, {"job_title": "Foreman"}, actor=staff)

    assert undo(batch, staff)[4] == "Kept: somebody changed the job after the import."

    job.refresh_from_db()
    assert job.job_title == "Foreman"


def test_undo_happens_once_and_only_after_an_apply(people, records):
    staff = people["staff"]
    batch = applied([PLACE, ("Cedar", "", "", "")], actor=staff)
    other = ImportBatch.objects.get(pk=batch.pk)
    with pytest.raises(ValidationError):
        undo(batch, staff, reason=" ")
    undo(batch, staff)
    cedar = Organization.objects.get(name="Cedar")
    organization_services.restore_organization(cedar, actor=staff)

    with pytest.raises(DomainError, match="Only an applied import can be undone"):
        undo(batch, staff)
    with pytest.raises(DomainError, match="Somebody else changed this import meanwhile"):
        undo(other, staff)

    cedar.refresh_from_db()
    assert not cedar.is_deleted
