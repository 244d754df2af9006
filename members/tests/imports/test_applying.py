"""Applying: all or nothing, once, and never over what somebody did since the check."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied

from core.audit import trail
from core.errors import DomainError
from core.imports import applying, batches, checking, undoing
from core.imports.enums import RowDecision
from core.models import AuditEvent
from members.factories import EmploymentFactory, MemberFactory, OrganizationFactory
from members.imports.lists import list_of
from members.models import Employment, ImportBatch, Member, Organization, SearchWord
from members.tests.import_steps import applied, checked, contents, outcomes, told

pytestmark = pytest.mark.django_db

PLACE = ("Employer", "City", "State", "Website")
ALDER = ("Alder", "Peoria", "IL", "")


def actions_of(record):
    events = AuditEvent.objects.filter(stream=trail.stream_of(record)).order_by("seq")
    return [(event.action, event.actor_name, event.body) for event in events]


def test_new_organizations_are_recorded_with_their_import(people):
    batch = applied([PLACE, ALDER], actor=people["staff"])

    alder = Organization.objects.get()
    row = batch.rows.get()
    assert alder.name == "Alder"
    assert alder.org_type == "employer"
    assert alder.name_key == "alder"
    assert alder.place_key == "peoria/il"
    assert alder.search_text == " alder peoria illinois il"
    assert row.applied == "new"
    assert row.record_id == alder.pk
    assert row.record_version == 1
    assert row.made == {"created": True}
    assert actions_of(alder) == [
        (
            "imported",
            "Staff Person",
            {
                "changes": [
                    {"field": "name", "old": None, "new": "Alder"},
                    {"field": "org_type", "old": None, "new": "employer"},
                    {"field": "city", "old": None, "new": "Peoria"},
                    {"field": "state", "old": None, "new": "IL"},
                ],
                "data": {"batch": str(batch.pk)},
            },
        )
    ]
    assert [action for action, _name, _body in actions_of(batch)] == [
        "import.uploaded",
        "import.matched",
        "import.applied",
    ]
    assert set(SearchWord.objects.values_list("word", flat=True)) == {"alder", "peoria"}


def test_changes_are_versioned_and_recorded(people):
    alder = OrganizationFactory(name="Alder", city="Peoria", state="IL", website="")
    batch = applied([PLACE, ("ALDER INC", "Peoria", "IL", "alder.example")], actor=people["staff"])

    before = alder.updated_at
    alder.refresh_from_db()
    assert alder.name == "Alder"
    assert alder.website == "https://alder.example"
    assert alder.version == 2
    assert alder.updated_at > before
    assert actions_of(alder) == [
        (
            "import.changed",
            "Staff Person",
            {
                "changes": [{"field": "website", "old": "", "new": "https://alder.example"}],
                "data": {"batch": str(batch.pk)},
            },
        )
    ]
    assert batch.counts == {"changed": 1, "applied": {"changed": 1}}


def test_the_same_file_again_changes_nothing(people):
    rows = [PLACE, ALDER, ("Birch", "Pekin", "IL", ""), ("birch llc", "Pekin", "il", "")]
    applied(rows, actor=people["staff"])
    before, events = contents(), AuditEvent.objects.exclude(subject_type="members.importbatch").count()

    again = applied(rows, actor=people["staff"])

    assert again.counts == {"unchanged": 2, "repeated": 1, "applied": {"unchanged": 2, "repeated": 1}}
    assert contents() == before
    assert AuditEvent.objects.exclude(subject_type="members.importbatch").count() == events


def test_possible_duplicates_wait_for_a_person(people):
    staff = people["staff"]
    OrganizationFactory(name="Alder", city="Peoria", state="IL")
    rows = [PLACE, ("Alder", "Pekin", "IL", ""), ("Alder", "Galesburg", "IL", ""), ("Alder", "Canton", "IL", "")]
    batch = checked(rows, actor=staff)

    assert batches.decide(batch, list_of(batch), {2: RowDecision.CREATE, 3: RowDecision.SKIP}, actor=staff) == 2
    with pytest.raises(DomainError, match="Row 4 cannot be decided like this"):
        batches.decide(batch, list_of(batch), {4: RowDecision.RESTORE}, actor=staff)
    applying.start_apply(batch, list_of(batch), actor=staff, in_background=False)

    assert sorted(Organization.objects.values_list("name", "city")) == [("Alder", "Pekin"), ("Alder", "Peoria")]
    assert list(batch.rows.order_by("number").values_list("number", "applied")) == [
        (2, "new"),
        (3, "duplicate"),
        (4, "duplicate"),
    ]
    with pytest.raises(DomainError, match="Decisions are possible while the import is ready to apply"):
        batches.decide_all(batch, list_of(batch), RowDecision.CREATE, actor=staff)


def test_a_deleted_record_is_restored_when_somebody_says_so(people):
    member = MemberFactory(member_number="7", first_name="Ann", last_name="Lee", city="Pekin", phone="")
    Member.objects.filter(pk=member.pk).update(deleted_at="2026-01-01T00:00Z", deleted_reason="left", version=2)
    batch = checked([("Number", "Name", "City"), ("7", "Lee, Ann", "Peoria")], kind="members", actor=people["staff"])

    batches.decide_all(batch, list_of(batch), RowDecision.RESTORE, actor=people["staff"])
    applying.start_apply(batch, list_of(batch), actor=people["staff"], in_background=False)

    member.refresh_from_db()
    assert member.deleted_at is None
    assert member.deleted_reason == ""
    assert member.city == "Peoria"
    assert member.version == 3
    assert [action for action, _name, _body in actions_of(member)] == ["imported"]


def test_a_record_that_changed_since_the_check_is_left_alone(people):
    alder = OrganizationFactory(name="Alder", city="Peoria", state="IL", website="")
    rows = [PLACE, ("Alder", "Peoria", "IL", "alder.example"), ("Birch", "Pekin", "IL", ""), ("Cedar", "", "", "")]
    batch = checked(rows, actor=people["staff"])
    Organization.objects.filter(pk=alder.pk).update(phone="+13095550100", version=2)
    OrganizationFactory(name="Birch Inc.", city="Pekin", state="IL")

    applying.start_apply(batch, list_of(batch), actor=people["staff"], in_background=False)

    sentence = "The record was changed since the check, so this row was not applied. Import the file again."
    found = [
        (row.number, row.applied, [item["text"] for item in row.problems]) for row in batch.rows.order_by("number")
    ]
    assert found == [(2, "error", [sentence]), (3, "error", [sentence]), (4, "new", [])]
    alder.refresh_from_db()
    assert (alder.website, alder.version) == ("", 2)
    assert batch.counts["applied"] == {"error": 2, "new": 1}


def test_an_error_in_the_middle_undoes_everything(people):
    batch = checked([PLACE, ALDER, ("Birch", "Pekin", "IL", "")], actor=people["staff"])
    # A broken row in the preview itself, as a wrong hand in the database would leave it.
    batch.rows.filter(number=3).update(values={"name": "x" * 300})

    with pytest.raises(DomainError):
        applying.start_apply(batch, list_of(batch), actor=people["staff"], in_background=False)

    batch.refresh_from_db()
    assert batch.status == "checked"
    assert batch.problem
    assert not Organization.objects.exists()
    assert not batch.rows.exclude(applied="").exists()


def test_two_people_cannot_apply_twice(people):
    batch = checked([PLACE, ALDER], actor=people["staff"])
    other = ImportBatch.objects.get(pk=batch.pk)
    applying.start_apply(batch, list_of(batch), actor=people["staff"], in_background=False)

    with pytest.raises(DomainError, match="Somebody else changed this import meanwhile"):
        applying.start_apply(other, list_of(other), actor=people["admin"], in_background=False)

    assert Organization.objects.count() == 1


def test_only_those_who_may_run_imports_do(people):
    batch = checked([PLACE, ALDER], actor=people["staff"])

    with pytest.raises(PermissionDenied):
        applying.start_apply(batch, list_of(batch), actor=people["officer"])

    batch.refresh_from_db()
    assert batch.status == "checked"


JOB = ("Number", "Name", "Employer", "Employer City", "Employer State", "Rate", "Job Title")


def test_a_name_without_a_place_is_the_employer_into_which_the_one_of_this_name_went(people):
    kept = OrganizationFactory(name="ABC Contractors", city="Peoria", state="IL")
    gone = {"city": "Peoria", "state": "IL", "deleted_at": "2026-01-01T00:00Z"}
    OrganizationFactory(name="ABC Electric", merged_into=kept, **gone)
    OrganizationFactory(name="Dover Foundry", **gone)
    rows = [("Number", "Name", "Employer"), ("1", "Lee, Ann", "ABC Electric"), ("2", "Day, Bob", "Dover Foundry")]
    batch = applied(rows, kind="members", actor=people["staff"])
    assert list(Employment.objects.values_list("organization__name", flat=True)) == ["ABC Contractors"]
    assert [item["text"] for item in batch.rows.get(number=3).problems] == [
        "This employer’s record was deleted. Restore it, then check the file again. The job was left out."
    ]


def test_the_job_of_a_third_row_about_one_member_is_made(people):
    """Although the first row names them in another way than the second and the third."""
    MemberFactory(member_number="00123", first_name="Ann", last_name="Lee")
    rows = [("123", "Lee, Ann", "Alder"), ("00123", "Lee, Ann", "Birch"), ("00123", "Lee, Ann", "Cedar")]
    batch = applied([("Number", "Name", "Employer"), *rows], kind="members", actor=people["staff"])
    assert [row.made.get("row") for row in batch.rows.order_by("number")] == [None, 2, 2]
    jobs = Employment.objects.order_by("organization__name").values_list("organization__name", "member__member_number")
    assert list(jobs) == [("Alder", "00123"), ("Birch", "00123"), ("Cedar", "00123")]


def test_jobs_of_members(people):
    ann = MemberFactory(member_number="1", first_name="Ann", last_name="Lee")
    alder = OrganizationFactory(name="Alder, Inc.", city="Peoria", state="IL")
    old = EmploymentFactory(member=ann, organization=alder, hourly_rate="30.00", job_title="Welder")

    batch = applied(
        [
            JOB,
            ("1", "Lee, Ann", "ALDER INC", "", "", "31.5", ""),
            ("1", "Lee, Ann", "Birch LLC", "Pekin", "IL", "", "Rigger"),
            ("2", "Day, Bob", "birch", "Pekin", "IL", "40", "Rigger"),
            ("2", "Day, Bob", "Birch", "", "", "50", "Foreman"),
        ],
        kind="members",
        actor=people["staff"],
    )

    birch = Organization.objects.get(name="Birch LLC")
    bob = Member.objects.get(member_number="2")
    jobs = Employment.objects.order_by("pk").values_list(
        "member", "organization", "hourly_rate", "job_title", "version"
    )
    assert [(m, o, str(r) if r is not None else "", j, v) for m, o, r, j, v in jobs] == [
        (ann.pk, alder.pk, "31.50", "Welder", 2),
        (ann.pk, birch.pk, "", "Rigger", 1),
        (bob.pk, birch.pk, "40.00", "Rigger", 1),
    ]
    ann.refresh_from_db()
    assert "birch" in ann.search_text.split()
    assert "birch" in bob.search_text.split()
    assert batch.counts["applied"] == {"changed": 1, "new": 1, "repeated": 2}
    assert [action for action, _name, _body in actions_of(ann)] == ["employment.started", "employment.changed"]
    assert batch.rows.get(number=2).made == {"changed_job": old.pk, "changed_job_version": 2}
    assert told("members.organization", "imported") == 1


@pytest.mark.parametrize("size", [1, 1_000])
def test_each_row_of_a_member_with_two_jobs_changes_its_own(people, monkeypatch, size):
    """The preview and the result say so, and an undo gives both back."""
    monkeypatch.setattr(checking, "CHUNK", size)
    monkeypatch.setattr(applying.in_chunks, "__defaults__", (size,))
    staff, ann = people["staff"], MemberFactory(member_number="1", first_name="Ann", last_name="Lee")
    for name, rate in (("Alder", "30.00"), ("Birch", "20.00")):
        EmploymentFactory(member=ann, organization=OrganizationFactory(name=name), hourly_rate=rate)
    before = contents()
    rows = [("1", "Lee, Ann", "Alder", "31"), ("1", "Lee, Ann", "Birch", "25"), ("1", "Lee, Ann", "Birch", "25")]
    batch = checked([("Number", "Name", "Employer", "Rate"), *rows], kind="members", actor=staff)

    def said():
        found = batch.rows.order_by("number").values_list("number", "outcome", "applied", "before", "after")
        return [(*row, old.get(rate, ""), new.get(rate, "")) for *row, old, new in found]

    rate = "employment.hourly_rate"
    told = [("changed", "30.00", "31.00"), ("repeated", "20.00", "25.00"), ("repeated", "", "")]
    assert said() == [(number, outcome, "", *change) for number, (outcome, *change) in enumerate(told, 2)]
    applying.start_apply(batch, list_of(batch), actor=staff, in_background=False)
    assert said() == [(number, outcome, outcome, *change) for number, (outcome, *change) in enumerate(told, 2)]
    assert [str(job.hourly_rate) for job in ann.employments.order_by("pk")] == ["31.00", "25.00"]

    undoing.start_undo(batch, list_of(batch), actor=staff, reason="Rehearsal", in_background=False)
    assert list(batch.rows.order_by("number").values_list("undone", flat=True)) == ["undone", "undone", ""]
    assert contents() == before


def test_queries_do_not_grow_with_the_rows(people, django_assert_max_num_queries):
    batch = checked([PLACE, *((f"Works {number}", "Pekin", "IL", "") for number in range(300))], actor=people["staff"])

    with django_assert_max_num_queries(60):
        applying.start_apply(batch, list_of(batch), actor=people["staff"], in_background=False)

    assert Organization.objects.count() == 300


PERSON = ("Member No", "First Name", "Last Name", "DOB", "City")


@pytest.mark.parametrize(("spelling", "city"), [("keep", "Peoria"), ("take", "PEORIA")])
@pytest.mark.parametrize("kind", ["members", "organizations"])
def test_whose_capital_letters_count_is_a_choice(people, kind, spelling, city):
    staff = people["staff"]
    MemberFactory(member_number="1", first_name="Ann", last_name="Lee", city="Peoria")
    OrganizationFactory(name="Alder", city="Peoria", state="IL", email="office@alder.example")
    rows = {
        "members": [("Member No", "First Name", "Last Name", "City"), ("1", "Ann", "Lee", "PEORIA")],
        "organizations": [(*PLACE[:3], "Email"), ("Alder", "Peoria", "IL", "OFFICE@alder.example")],
    }
    batch = checked(rows[kind], kind=kind, actor=staff, options={"spelling": spelling})
    assert [outcome for _number, outcome, _problems in outcomes(batch)] == [
        "unchanged" if spelling == "keep" else "changed"
    ]
    applying.start_apply(batch, list_of(batch), actor=staff, in_background=False)
    found = Member.objects.get().city if kind == "members" else Organization.objects.get().email
    assert found == (city if kind == "members" else {"keep": "office@", "take": "OFFICE@"}[spelling] + "alder.example")
    with pytest.raises(DomainError, match="Choose which spelling counts"):
        checked(rows[kind], kind=kind, actor=staff, options={"spelling": "odd"})


def test_a_row_that_is_the_same_person_changes_the_record_and_keeps_its_number(people):
    staff = people["staff"]
    born = {1: datetime.date(1990, 3, 4), 2: datetime.date(1980, 2, 3)}
    ana = MemberFactory(member_number="1", first_name="Ana", last_name="Lopez", date_of_birth=born[1])
    tim = MemberFactory(member_number="2", first_name="Timothy", last_name="Fox", date_of_birth=born[2])
    before = contents()
    rows = [PERSON, ("1", "Eva", "Lopez", "7/8/1985", "Peoria"), ("9", "Tim", "Fox", "2/3/1980", "Peoria")]
    batch = checked(rows, kind="members", actor=staff)

    assert outcomes(batch) == [
        (2, "duplicate", ["Number 1 belongs to Ana Lopez: another first name and birthday. The same person?"]),
        (3, "duplicate", ["This may be Timothy Fox, number 2 (the same: last name, birthday). A second person?"]),
    ]
    with pytest.raises(DomainError, match="Row 2 cannot be decided like this"):
        batches.decide(batch, list_of(batch), {2: RowDecision.CREATE}, actor=staff)
    batches.decide(batch, list_of(batch), {2: RowDecision.SAME, 3: RowDecision.SAME}, actor=staff)
    applying.start_apply(batch, list_of(batch), actor=staff, in_background=False)

    ana.refresh_from_db()
    tim.refresh_from_db()
    assert (ana.first_name, str(ana.date_of_birth), ana.city) == ("Eva", "1985-07-08", "Peoria")
    assert (tim.member_number, tim.first_name, tim.city) == ("2", "Tim", "Peoria")
    undoing.start_undo(batch, list_of(batch), actor=staff, reason="Rehearsal", in_background=False)
    assert contents() == before


def test_a_row_without_a_number_makes_no_second_member(people):
    """Only a represented non-member may have no number, so nothing else is offered than the person who is recorded."""
    staff, day = people["staff"], datetime.date(1980, 2, 3)
    tim = MemberFactory(member_number="2", first_name="Timothy", last_name="Fox", date_of_birth=day)
    MemberFactory(member_number="3", first_name="Ann", last_name="Lee", email="ann@people.example")
    for number in ("4", "5"):
        MemberFactory(member_number=number, first_name="Bo", last_name="Day", email="bo@people.example")
    MemberFactory(
        member_number=None, status="represented_non_member", first_name="Joseph", last_name="Ray", date_of_birth=day
    )
    header = ("Member No", "First Name", "Last Name", "DOB", "Email", "Status")
    rows = [
        ("", "Tim", "Fox", "2/3/1980", "", ""),
        ("", "Ann", "Lee", "", "ann@people.example", "Retired"),
        ("", "Bo", "Day", "", "bo@people.example", "Retired"),
        ("", "Joe", "Ray", "2/3/1980", "", "Active"),
        ("", "Timmy", "Fox", "2/3/1980", "", "Represented non-member"),
    ]
    batch = checked([header, *rows], kind="members", actor=staff)

    assert outcomes(batch) == [
        (2, "duplicate", ["This may be Timothy Fox, number 2 (the same: last name, birthday). The same person?"]),
        (3, "duplicate", ["This may be Ann Lee, number 3 (the same: name, e-mail address). The same person?"]),
        (4, "error", ["Several members have this name. Enter the number of the one who is meant."]),
        (
            5,
            "error",
            [
                "This may be Joseph Ray, recorded without a number (the same: last name, birthday). The same person?",
                "The member number is missing. Only a represented non-member may have none.",
            ],
        ),
        (
            6,
            "duplicate",
            [
                "This may be Timothy Fox, number 2 (the same: last name, birthday). A second person?",
                "Row 2 may be about this record too. Of the two only the first is applied to it.",
            ],
        ),
    ]
    for number in (2, 3):
        with pytest.raises(DomainError, match=f"Row {number} cannot be decided like this"):
            batches.decide(batch, list_of(batch), {number: RowDecision.CREATE}, actor=staff)
    assert batches.decide_all(batch, list_of(batch), RowDecision.CREATE, actor=staff) == 1
    batches.decide_all(batch, list_of(batch), RowDecision.SAME, actor=staff, only_open=True)
    applying.start_apply(batch, list_of(batch), actor=staff, in_background=False)

    tim.refresh_from_db()
    assert (tim.first_name, tim.member_number) == ("Tim", "2")
    assert Member.objects.filter(member_number=None).count() == 2


@pytest.mark.parametrize("earlier", ["changed", "restored"])
@pytest.mark.parametrize(("status", "outcome"), [("", "error"), ("Represented non-member", "duplicate")])
def test_a_record_that_an_earlier_row_changes_is_no_longer_what_a_later_row_is(people, earlier, status, outcome):
    """Nothing is offered that applying would leave out. A second person is one all the same."""
    staff, day = people["staff"], datetime.date(1958, 2, 3)
    header = ("Member No", "First Name", "Last Name", "DOB", "City", "Phone", "Status")
    born = ("", "Ann", "Lee", "2/3/1958", "", "309 555 0199", status)
    if earlier == "changed":
        MemberFactory(member_number="1", first_name="Ann", last_name="Lee", date_of_birth=day, city="Pekin", phone="")
        rows = [header, ("1", "Ann", "Lee", "", "Peoria", "", ""), born]
    else:
        rows = [header, ("", "Ann", "Lee", "2/3/1958", "Peoria", "", "Represented non-member"), born]
        batch = applied(rows[:2], kind="members", actor=staff)
        undoing.start_undo(batch, list_of(batch), actor=staff, reason="Rehearsal", in_background=False)
    batch = checked(rows, kind="members", actor=staff)

    told = "Row 2 changes this record too. Put both into one row, or import this row afterwards."
    row = batch.rows.get(number=3)
    assert (row.outcome, [item["text"] for item in row.problems][-1]) == (outcome, told)
    possible = (RowDecision.CREATE, RowDecision.SKIP)
    if outcome == "duplicate":
        assert batches.possible_decisions(row) == possible
        assert [batches.decide_all(batch, list_of(batch), item, actor=staff) for item in RowDecision] == [1, 1, 0, 0]
        batches.decide(batch, list_of(batch), {3: RowDecision.CREATE}, actor=staff)
    applying.start_apply(batch, list_of(batch), actor=staff, in_background=False)

    living = Member.objects.alive().order_by("pk").values_list("city", "phone")
    assert list(living) == [("Peoria", ""), ("", "+13095550199")][: 2 if outcome == "duplicate" else 1]


def test_a_row_alike_to_a_record_that_an_earlier_row_changes_is_at_most_a_second_person(people):
    """Whichever way it is alike; a number makes it clear that nobody else is meant."""
    staff = people["staff"]
    MemberFactory(
        member_number="1", first_name="Tim", last_name="Fox", date_of_birth=datetime.date(1980, 2, 3), city="Pekin"
    )
    rows = [PERSON, ("1", "Tim", "Fox", "2/3/1980", "Peoria"), ("9", "Timothy", "Fox", "2/3/1980", "Peoria")]
    batch = checked(rows, kind="members", actor=staff)

    told = "Row 2 changes this record too. Put both into one row, or import this row afterwards."
    asked = "This may be Tim Fox, number 1 (the same: last name, birthday). A second person?"
    assert outcomes(batch) == [(2, "changed", []), (3, "duplicate", [asked, told])]
    with pytest.raises(DomainError, match="Row 3 cannot be decided like this"):
        batches.decide(batch, list_of(batch), {3: RowDecision.SAME}, actor=staff)
    batches.decide(batch, list_of(batch), {3: RowDecision.CREATE}, actor=staff)
    applying.start_apply(batch, list_of(batch), actor=staff, in_background=False)
    found = Member.objects.order_by("pk").values_list("member_number", "first_name", "city")
    assert list(found) == [("1", "Tim", "Peoria"), ("9", "Timothy", "Peoria")]


@pytest.mark.parametrize("last", ["asked", "certain"])
def test_of_two_rows_about_one_record_the_later_says_which_went_before(people, last):
    """Before the import as a warning, in its result as the reason."""
    staff = people["staff"]
    MemberFactory(
        member_number="1", first_name="Tim", last_name="Fox", date_of_birth=datetime.date(1980, 2, 3), city=""
    )
    later = {"asked": ("8", "Timmy", "Fox", "2/3/1980", "Pekin"), "certain": ("1", "Tim", "Fox", "", "Pekin")}[last]
    rows = [PERSON, ("9", "Timothy", "Fox", "2/3/1980", "Peoria"), later]
    batch = checked(rows, kind="members", actor=staff)

    told = "Row 2 may be about this record too. Of the two only the first is applied to it."
    assert told in outcomes(batch)[1][2]
    batches.decide_all(batch, list_of(batch), RowDecision.SAME, actor=staff)
    applying.start_apply(batch, list_of(batch), actor=staff, in_background=False)

    reason = "Row 2 was applied to this record, so this row was not. Import the file again to compare it."
    row = batch.rows.get(number=3)
    assert (row.applied, row.problems[-1]["text"]) == ("error", reason)
    assert Member.objects.get().city == "Peoria"
    again = checked([PERSON, later], kind="members", actor=staff)
    assert again.rows.get().after["city"] == "Pekin"


def test_a_row_that_is_a_second_person_makes_a_record(people):
    staff = people["staff"]
    MemberFactory(member_number="2", first_name="Timothy", last_name="Fox", date_of_birth=datetime.date(1980, 2, 3))
    batch = checked([PERSON, ("9", "Tim", "Fox", "2/3/1980", "Peoria")], kind="members", actor=staff)

    assert batches.decide_all(batch, list_of(batch), RowDecision.CREATE, actor=staff) == 1
    applying.start_apply(batch, list_of(batch), actor=staff, in_background=False)

    assert sorted(Member.objects.values_list("member_number", "first_name")) == [("2", "Timothy"), ("9", "Tim")]
    again = checked([PERSON, ("9", "Tim", "Fox", "2/3/1980", "Peoria")], kind="members", actor=staff)
    assert again.counts == {"unchanged": 1}
