"""What the preview says of each row. Nothing but the preview is written."""

import io
import threading

import pytest

from core.errors import DomainError
from core.imports import applying, batches, checking
from core.imports.enums import ImportAction, RowDecision
from core.models import AuditEvent
from members.factories import EmploymentFactory, MemberFactory, OrganizationFactory
from members.imports.lists import LISTS, list_of
from members.models import Employment, ImportRow, Member, Organization
from members.tests.import_steps import checked, contents, csv_file, outcomes

pytestmark = pytest.mark.django_db

PLACE = ("Employer", "City", "State", "Phone")
LEFT_OUT = "left out: row 2 is about the same record, and what it says counts."


def test_organizations_are_matched_by_name_and_place():
    known = OrganizationFactory(name="Alder Works, Inc.", city="Peoria", state="IL", phone="+13095550100")
    OrganizationFactory(name="Birch", city="Pekin", state="IL", phone="+13095550101", deleted_at="2026-01-01T00:00Z")
    before = contents()

    batch = checked(
        [
            PLACE,
            ("ALDER  WORKS INC", "PEORIA", "Illinois", ""),
            ("Alder Works", "Peoria", "IL", "309 555 0100"),
            ("Alder Works", "Galesburg", "IL", ""),
            ("Birch LLC", "Pekin", "IL", ""),
            ("Cedar", "Pekin", "IL", "309 555 0102"),
            ("Cedar Co.", "Peoria", "IL", ""),
            ("", "Peoria", "IL", ""),
            ("Dogwood", "Peoria", "ZZ", "1"),
            ("?!", "Peoria", "IL", ""),
        ]
    )

    assert outcomes(batch) == [
        (2, "unchanged", []),
        (3, "repeated", ["The same employer and place as row 2.", LEFT_OUT]),
        (
            4,
            "duplicate",
            ["The same name is already recorded in another place (Peoria, IL). Is this another worksite?"],
        ),
        (5, "duplicate", ["A deleted record matches this row. Restore it?"]),
        (6, "new", []),
        (7, "duplicate", ["Row 6 has the same name in another place. Is this another worksite?"]),
        (8, "error", ["This cell is empty; a name is needed."]),
        (
            9,
            "error",
            [
                "This is not a state of the United States. Write it like IL or Illinois.",
                "left out: Enter a phone number with area code, such as 312 555 0123.",
            ],
        ),
        (10, "error", ["A name needs at least one letter or digit."]),
    ]
    assert batch.counts == {"unchanged": 1, "repeated": 1, "duplicate": 3, "new": 1, "error": 3, "left_out": 2}
    assert contents() == before
    assert batch.rows.get(number=2).record_id == known.pk


def test_a_change_is_shown_field_by_field_and_empty_cells_erase_nothing():
    OrganizationFactory(name="Alder", city="Peoria", state="IL", phone="+13095550100", website="")

    batch = checked([(*PLACE, "Website"), ("Alder", "Peoria", "IL", "", "www.alder.example")])

    row = batch.rows.get()
    assert row.outcome == "changed"
    assert row.before == {"website": ""}
    assert row.after == {"website": "https://www.alder.example"}


def test_a_merged_organization_stands_for_the_one_it_went_into():
    kept = OrganizationFactory(name="Alder", city="Peoria", state="IL")
    OrganizationFactory(
        name="Alder",
        city="Pekin",
        state="IL",
        merged_into=kept,
        deleted_at="2026-01-01T00:00Z",
        deleted_reason="merged",
    )

    batch = checked([PLACE, ("Alder", "Pekin", "IL", ""), ("Alder", "Peoria", "IL", "309 555 0102")])

    row = batch.rows.get(number=2)
    assert row.outcome == "unchanged"
    assert row.record_id == kept.pk
    assert row.after == {}
    assert outcomes(batch)[1:] == [(3, "repeated", ["The same record as row 2.", LEFT_OUT])]


PERSON = ("Member No", "Name", "DOB", "Phone", "Status")


def test_members_are_matched_by_number_then_by_name_and_birthday():
    MemberFactory(
        member_number="1", first_name="Ann", last_name="Lee", date_of_birth="1958-02-03", phone="+13095550100"
    )
    MemberFactory(member_number="2", first_name="Bob", last_name="Day", deleted_at="2026-01-01T00:00Z")
    MemberFactory(
        member_number=None,
        first_name="Cy",
        last_name="Fox",
        date_of_birth="1970-01-01",
        status="represented_non_member",
    )
    before = contents()

    batch = checked(
        [
            PERSON,
            ("1", "Lee, Ann", "2/3/58", "", ""),
            ("1.0", "Lee, Ann", "", "", ""),
            ("1", "Poe, Zed", "", "", ""),
            ("2", "Day, Bob", "", "", ""),
            ("", "Fox, Cy", "1/1/1970", "", ""),
            ("", "Fox, Cy", "1/1/1971", "", "non-member"),
            ("7", "Lee, Ann", "2/3/1958", "", ""),
            ("8", "Lee, Ann", "", "", ""),
            ("9", "Lee, Ann", "", "309-555-0100", ""),
            ("", "Roe, Jo", "", "", "Active"),
            ("", "Roe, Jo", "", "", "non-member"),
        ],
        kind="members",
    )

    assert outcomes(batch) == [
        (2, "unchanged", []),
        (3, "repeated", ["The same person as row 2."]),
        (4, "error", ["Row 2 has the same member number with another name."]),
        (5, "duplicate", ["A deleted record matches this row. Restore it?"]),
        (6, "unchanged", []),
        (7, "new", []),
        (
            8,
            "duplicate",
            ["This may be Ann Lee, number 1 (the same: name, birthday). A second person?"],
        ),
        (9, "new", []),
        (
            10,
            "duplicate",
            [
                "This may be Ann Lee, number 1 (the same: name, phone). A second person?",
                "Row 8 may be about this record too. Of the two only the first is applied to it.",
            ],
        ),
        (11, "error", ["The member number is missing. Only a represented non-member may have none."]),
        (12, "new", []),
    ]
    assert contents() == before


def test_a_new_person_is_compared_with_every_earlier_row():
    MemberFactory(member_number="1", first_name="Ann", last_name="Lee", date_of_birth="1958-02-03")

    batch = checked(
        [
            PERSON,
            ("7", "Lee, Ann", "2/3/1958", "309-555-0199", ""),
            ("8", "Lee, Ann", "", "309-555-0199", ""),
            ("9", "Fox, Tim", "5/6/1970", "", ""),
            ("10", "Fox, Ana", "5/6/1970", "", ""),
            ("11", "Fox, Anna", "5/6/1970", "", ""),
        ],
        kind="members",
    )

    said = "Row %s has the same name, birthday, phone or e-mail (two of them). A second person?"
    assert outcomes(batch) == [
        (2, "duplicate", ["This may be Ann Lee, number 1 (the same: name, birthday). A second person?"]),
        (3, "duplicate", [said % 2]),
        (4, "new", []),
        (5, "new", []),
        (6, "duplicate", [said % 5]),
    ]


def test_a_number_of_another_person_is_an_error():
    MemberFactory(member_number="1", first_name="Ann", last_name="Lee", date_of_birth="1958-02-03")

    batch = checked([PERSON, ("1", "Kim, Ann", "", "", ""), ("1", "Kim, Bo", "", "", "")], kind="members")
    other = checked([PERSON, ("1", "Kim, Bo", "", "", "")], kind="members")
    married = checked([PERSON, ("1", "Kim, Bo", "2/3/1958", "", "")], kind="members")

    assert batch.rows.get(number=2).after == {"last_name": "Kim"}
    assert outcomes(other) == [
        (2, "error", ["This number belongs to a member of another name. Correct the number or the name."])
    ]
    assert married.rows.get().after == {"first_name": "Bo", "last_name": "Kim"}


def test_a_number_with_another_last_name_and_birthday_is_asked():
    MemberFactory(member_number="100", first_name="John", last_name="Smith", date_of_birth="1950-02-03")

    batch = checked(
        [
            (*PERSON, "Email"),
            ("100", "Brown, John", "4/5/1990", "", "", "brown@example.org"),
        ],
        kind="members",
    )

    question = "Number 100 belongs to John Smith: another last name and birthday. The same person?"
    assert outcomes(batch) == [(2, "duplicate", [question])]


NAMESAKE = ("Last", "First", "Middle", "DOB", "Phone", "Employer", "Status")
SECOND = "Row 2 has the same name, and this row says something else. A second person?"
REPEATED = "The same person as row 2."
WITHOUT_NUMBER = {
    "other phones and employers": (
        ("Smith", "John", "A", "", "309 555 0101", "Alder"),
        ("Smith", "John", "B", "", "309 555 0102", "Birch"),
        ("duplicate", SECOND),
    ),
    "another middle name": (
        ("Smith", "John", "A", "", "", ""),
        ("Smith", "John", "B", "", "", ""),
        ("duplicate", SECOND),
    ),
    "another employer": (
        ("Smith", "John", "", "", "", "Alder"),
        ("Smith", "John", "", "", "", "Birch"),
        ("duplicate", SECOND),
    ),
    "a phone more": (
        ("Smith", "John", "", "", "", ""),
        ("Smith", "John", "", "", "309 555 0102", ""),
        ("duplicate", SECOND),
    ),
    "nothing else": (
        ("Smith", "John", "A", "", "309 555 0101", ""),
        ("SMITH", "John", "A", "", "", ""),
        ("repeated", REPEATED),
    ),
    "a second job of one person": (
        ("Smith", "John", "", "2/3/1950", "", "Alder"),
        ("Smith", "John", "", "2/3/1950", "", "Birch"),
        ("repeated", REPEATED),
    ),
}


@pytest.mark.parametrize("name", WITHOUT_NUMBER)
def test_without_a_number_a_row_repeats_another_only_if_it_says_nothing_else(name):
    OrganizationFactory(name="Alder")
    OrganizationFactory(name="Birch")
    first, second, said = WITHOUT_NUMBER[name]

    batch = checked([NAMESAKE, (*first, "non-member"), (*second, "non-member")], kind="members")

    found = [(outcome, *sentences) for _row, outcome, sentences in outcomes(batch)]
    assert found == [("new",), said]


def test_a_second_person_of_one_name_has_their_own_job_and_the_file_again_changes_nothing():
    for name in ("Alder", "Birch"):
        OrganizationFactory(name=name)
    people = [(*row, "non-member") for row in WITHOUT_NUMBER["other phones and employers"][:2]]
    batch = checked([NAMESAKE, *people], kind="members")
    batches.decide(batch, list_of(batch), {3: "create"}, actor=None)
    applying.start_apply(batch, list_of(batch), actor=None, in_background=False)

    jobs = Employment.objects.order_by("member__middle_name")
    assert list(jobs.values_list("member__middle_name", "organization__name")) == [("A", "Alder"), ("B", "Birch")]
    assert checked([NAMESAKE, *people], kind="members").counts == {"unchanged": 2}


def test_what_repeats_a_row_in_error_is_judged_by_itself():
    MemberFactory(member_number="1", first_name="Ann", last_name="Lee")

    batch = checked([PERSON, ("1", "Kim, Bo", "", "", ""), ("1", "Lee, Ann", "", "", "")], kind="members")

    assert [row[1] for row in outcomes(batch)] == ["error", "unchanged"]


@pytest.mark.parametrize(
    ("status", "asked", "decision", "phones"),
    [
        ("", "The same person?", RowDecision.SAME, {"1": "+13095550199"}),
        ("Non-member", "A second person?", RowDecision.CREATE, {"1": "+13095550100", None: "+13095550199"}),
    ],
)
def test_a_row_of_another_kind_about_a_record_that_an_earlier_row_has_is_asked(status, asked, decision, phones):
    """Only what can be made of the row is offered: a record without a number is a represented non-member's."""
    MemberFactory(
        member_number="1", first_name="Ann", last_name="Lee", date_of_birth="1958-02-03", phone="+13095550100"
    )

    rows = [("1", "Lee, Ann", "", "", ""), ("", "Lee, Ann", "2/3/1958", "309 555 0199", status)]
    batch = checked([PERSON, *rows], kind="members")

    question = f"Row 2 is about the same record, and this row says something else. {asked}"
    assert outcomes(batch) == [(2, "unchanged", []), (3, "duplicate", [question])]
    assert (RowDecision.CREATE in batches.possible_decisions(batch.rows.get(number=3))) is bool(status)
    batches.decide(batch, list_of(batch), {3: decision}, actor=None)
    applying.start_apply(batch, list_of(batch), actor=None, in_background=False)
    assert dict(Member.objects.values_list("member_number", "phone")) == phones


@pytest.mark.parametrize("chunk", [1, 1_000])
def test_what_a_repeated_row_says_otherwise_is_named(monkeypatch, chunk):
    """Cell by cell, before the import and in its result; what both rows say alike is not lost."""
    monkeypatch.setattr(checking, "CHUNK", chunk)
    header = ("Member No", "Name", "City", "Phone", "Employer")
    first = ("1", "Lee, Ann", "Pekin", "", "Alder Works")
    second, third = ("1", "Lee, Ann", "PEKIN", "", "Birch"), ("1", "Lee, Ann", "", "309 555 0100", "")
    batch = checked([header, first, second, third], kind="members")

    assert [kind for _row, kind, _told in outcomes(batch)] == ["new", "repeated", "repeated"]
    told = {row.number: [item for item in row.problems if item["kind"] == "left_out"] for row in batch.rows.all()}
    assert told == {2: [], 3: [], 4: [{"kind": "left_out", "column": "Phone", "text": LEFT_OUT}]}
    applying.start_apply(batch, list_of(batch), actor=None, in_background=False)
    assert (batch.counts["left_out"], Member.objects.get().phone) == (1, "")


@pytest.mark.parametrize("chunk", [1, 1_000])
def test_what_a_second_row_says_otherwise_of_a_job_is_named(monkeypatch, chunk):
    """By the row that named the employer first; another employer is another job."""
    monkeypatch.setattr(checking, "CHUNK", chunk)
    rows = [
        ("2", "Day, Bob", "Birch", "40", "Rigger"),
        ("2", "Day, Bob", "Cedar", "45", ""),
        ("2", "Day, Bob", "birch", "50", "RIGGER"),
        ("2", "Day, Bob", "Cedar", "45", "Foreman"),
    ]
    batch = checked([("Member No", "Name", "Employer", "Rate", "Job Title"), *rows], kind="members")

    told = {row.number: [item for item in row.problems if item["kind"] == "left_out"] for row in batch.rows.all()}
    by_cedar = LEFT_OUT.replace("row 2", "row 3")
    assert told == {
        2: [],
        3: [],
        4: [{"kind": "left_out", "column": "Rate", "text": LEFT_OUT}],
        5: [{"kind": "left_out", "column": "Job Title", "text": by_cedar}],
    }
    applying.start_apply(batch, list_of(batch), actor=None, in_background=False)
    jobs = Employment.objects.order_by("organization__name").values_list("hourly_rate", "job_title")
    assert [(str(rate), title) for rate, title in jobs] == [("40.00", "Rigger"), ("45.00", "")]


HIRED = ("Member No", "Name", "Hired")


def test_a_slip_does_not_turn_the_dates_of_a_column_and_is_listed():
    rows = [HIRED, *((str(number), f"Lee, Ann {number}", "03/01/2024") for number in range(1, 60))]

    batch = checked([*rows, ("60", "Fox, Cy", "13/01/2024")], kind="members")

    assert batch.rows.get(number=2).values["hire_date"] == "2024-03-01"
    left_out = [item["text"] for item in batch.rows.get(number=61).problems]
    assert left_out == ["left out: Not a date. Write it like 12/31/2024 or 2024-12-31."]


def test_the_order_of_dates_is_seen_in_what_programs_put_round_them():
    rows = [
        HIRED,
        ("1", "Lee, Ann", '="13/04/2019"'),
        ("2", "Fox, Cy", '="03/04/2019"'),
        ("3", "Roe, Jo", "'03/04/2019"),
    ]

    batch = checked(rows, kind="members")

    assert [row.values["hire_date"] for row in batch.rows.order_by("number")] == [
        "2019-04-13",
        "2019-04-03",
        "2019-04-03",
    ]


JOB = ("Member No", "Name", "Employer", "Employer City", "Employer State", "Rate")


def test_the_employer_column_makes_and_changes_jobs():
    member = MemberFactory(member_number="1", first_name="Ann", last_name="Lee")
    alder = OrganizationFactory(name="Alder, Inc.", city="Peoria", state="IL")
    OrganizationFactory(name="Birch", city="Peoria", state="IL")
    OrganizationFactory(name="Birch", city="Pekin", state="IL")
    EmploymentFactory(member=member, organization=alder, hourly_rate="30.00", job_title="Welder", start_date=None)

    batch = checked(
        [
            JOB,
            ("1", "Lee, Ann", "ALDER INC", "", "", "31.5"),
            ("2", "Day, Bob", "Alder", "Pekin", "IL", ""),
            ("3", "Fox, Cy", "Birch", "", "", ""),
            ("4", "Roe, Jo", "Cedar", "", "", ""),
            ("5", "Poe, Al", "", "", "", "20"),
        ],
        kind="members",
    )

    assert outcomes(batch) == [
        (2, "changed", []),
        (
            3,
            "new",
            [
                "A new worksite: the same name is recorded in Peoria, IL.",
                "The employer is not recorded yet; it is made as well.",
            ],
        ),
        (
            4,
            "new",
            [
                "Several employers have this name (Peoria, IL; Pekin, IL)."
                " Add columns with the employer’s city and state. The job was left out."
            ],
        ),
        (5, "new", ["The employer is not recorded yet; it is made as well."]),
        (6, "new", ["Job details without an employer were left out."]),
    ]
    changed = batch.rows.get(number=2)
    assert changed.before == {"employment.hourly_rate": "30.00"}
    assert changed.after == {"employment.hourly_rate": "31.50"}
    assert Member.objects.count() == 1
    assert Organization.objects.count() == 3
    assert Employment.objects.count() == 1


def test_a_file_that_stops_in_the_middle_leaves_the_batch_to_be_matched(people):
    rows = [PLACE, *((f"Works {number}", "Peoria", "IL", "") for number in range(600))]
    content = csv_file(rows).getvalue() + b"Broken\0,Peoria,IL,\n"
    batch = batches.upload(io.BytesIO(content), LISTS["organizations"], file_name="x.csv", actor=None)
    batches.match_columns(batch, list_of(batch), batch.mapping, actor=people["staff"])

    with pytest.raises(DomainError, match="Row 602 holds a NUL character"):
        checking.start_check(batch, list_of(batch), actor=people["staff"], in_background=False)

    batch.refresh_from_db()
    assert batch.status == "uploaded"
    assert batch.problem.startswith("Row 602 holds a NUL character")


def test_a_file_without_rows_is_told(people):
    batch = batches.upload(csv_file([PLACE]), LISTS["organizations"], file_name="x.csv", actor=None)
    batches.match_columns(batch, list_of(batch), batch.mapping, actor=people["staff"])

    with pytest.raises(DomainError, match="There is no row below the header"):
        checking.start_check(batch, list_of(batch), actor=people["staff"])

    assert not ImportRow.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("rows", "end"), [(1, ImportAction.CHECKED), (0, ImportAction.STOPPED)])
def test_the_end_of_a_check_beside_the_request_is_an_event(people, rows, end):
    staff, file = people["staff"], csv_file([["Name", "City"], *[["Crane Yard", "Pekin"]] * rows])
    batch = batches.upload(file, LISTS["organizations"], file_name="list.csv", actor=staff)
    batches.match_columns(batch, list_of(batch), {"Name": "name", "City": "city"}, actor=staff)
    checking.start_check(batch, list_of(batch), actor=staff, in_background=True)
    for thread in threading.enumerate():
        if thread.name == f"job-{batch.pk}":
            thread.join(30)
    ends = AuditEvent.objects.filter(action__in=(ImportAction.CHECKED, ImportAction.STOPPED))
    assert list(ends.values_list("action", "subject_id", "actor_id")) == [(end, str(batch.pk), staff.pk)]
