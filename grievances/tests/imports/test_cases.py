"""Cases come from an earlier file by a list: checked, asked about, applied, numbered, dated, taken out again."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from accounts.factories import RoleAssignmentFactory
from core.errors import DomainError
from core.imports import applying, batches, checking, results, undoing
from core.search import search
from core.web.imports import shown
from grievances.factories import FILED, DeadlineFactory, IntakeFactory
from grievances.imports.applying import side_of
from grievances.imports.lists import CASES_LIST
from grievances.imports.people import name_of, numbers_of, parts_of
from grievances.models import Deadline, Grievance, Grievant, Resolution
from grievances.services import cases, feeds, intakes, moves
from grievances.tests.case_setup import ENDING, told_of
from grievances.views.imports import Imports
from members.factories import EmploymentFactory, MemberFactory, OrganizationFactory

pytestmark = pytest.mark.django_db
HEADERS = (
    *("Case No", "Member No", "Grievant", "Company", "Type", "Status", "Step", "Rep", "Date Filed", "Incident Date"),
    *("Article", "Description", "Remedy", "Next Due", "What is due", "Date Closed", "Resolution", "Settlement Amount"),
)
USUAL = {"Case No": "G-1", "Member No": "101", "Company": "Crane Yard", "Date Filed": "3/14/2025", "Article": "Art. 9"}


@pytest.fixture(autouse=True)
def on_a_day():
    with time_machine.travel("2026-11-27 12:00:00", tick=False):
        yield


@pytest.fixture
def yard():
    return OrganizationFactory(name="Crane Yard", city="Gary", state="IN")


@pytest.fixture
def ann(yard):
    ann = MemberFactory(member_number="101", first_name="Ann", middle_name="Q", last_name="Lee")
    EmploymentFactory(member=ann, organization=yard)
    return ann


@pytest.fixture
def rosa():
    term = RoleAssignmentFactory(role="representative", user__first_name="Rosa", user__last_name="Delgado")
    return term.user


def row(**said):
    """Return a usual row, other where `said` says so: `Step="2"`, `Date_Filed="…"`."""
    known = USUAL | {name.replace("_", " "): text for name, text in said.items()}
    return [known.get(header, "") for header in HEADERS]


def checked(*rows, headers=HEADERS, actor=None):
    text = io.StringIO()
    csv.writer(text).writerows([headers, *rows])
    file = io.BytesIO(text.getvalue().encode())
    batch = batches.upload(file, CASES_LIST, file_name="cases.csv", actor=actor)
    batches.match_columns(batch, CASES_LIST, batch.mapping, actor=actor)
    checking.start_check(batch, CASES_LIST, actor=actor, in_background=False)
    return batch


def applied(*rows, actor=None, **decisions):
    batch = checked(*rows, actor=actor)
    if decisions:
        chosen = {int(name.removeprefix("row_")): choice for name, choice in decisions.items()}
        batches.decide(batch, CASES_LIST, chosen, actor=actor)
    applying.start_apply(batch, CASES_LIST, actor=actor, in_background=False)
    return batch


def undone(batch):
    undoing.start_undo(batch, CASES_LIST, actor=None, reason="Wrong file", in_background=False)
    return [row.undone for row in batch.rows.order_by("number")]


def outcomes(batch):
    return [(row.outcome, *(item["text"] for item in row.problems)) for row in batch.rows.order_by("number")]


def on_record():
    rows = Grievance.objects.alive().order_by("grievance_number")
    return list(rows.values_list("grievance_number", "former_number"))


# --- reading ----------------------------------------------------------------------------------------------


def test_people_of_one_cell():
    assert parts_of("Lee, Ann;  Moe, Ben\nRay Poe;") == ["Lee, Ann", "Moe, Ben", "Ray Poe"]
    assert numbers_of("101; a102, 103.0") == ["101", "A102", "103"]
    assert [name_of(text) for text in ("Lee, Ann", "Ann Q. Lee", "Lee")] == ["lee ann", "lee ann", ""]


@pytest.mark.parametrize(
    ("what", "side"),
    [
        ("Step 2 answer due", "employer"),
        ("Company’s 2nd step response", "employer"),
        ("Step 4 answer due", "employer"),
        ("Reply to company", "union"),
        ("Answer employer", "union"),
        ("Advance to step 3 after answer", "union"),
        ("Answer to union appeal", "union"),
        ("Appeal to step 3", "union"),
        ("Step 2", "union"),
    ],
)
def test_whose_a_date_is(what, side):
    assert side_of(what) == side


@pytest.mark.parametrize("header", ["Dept.", "Supervisor's Department", "Work area"])
def test_the_department_comes_in_under_the_names_that_offices_give_it(ann, header):
    batch = checked([*row(), "Paint shop"], headers=(*HEADERS, header))
    applying.start_apply(batch, CASES_LIST, actor=None, in_background=False)
    assert Grievance.objects.values_list("department", "department_key").get() == ("Paint shop", "paint shop")


@pytest.mark.parametrize(
    ("said", "status", "step"),
    [
        ({}, "open", "step_1"),
        ({"Step": "Step 2"}, "open", "step_2"),
        ({"Step": "II", "Status": "Pending"}, "open", "step_2"),
        ({"Step": "3rd step", "Status": "Hearing"}, "hearing", "step_3"),
        ({"Step": "Arb."}, "arbitration", "arbitration"),
        ({"Status": "ARB"}, "arbitration", "arbitration"),
        ({"Status": "Won", "Step": "2", "Date_Closed": "4/1/2025"}, "settled", "step_2"),
        ({"Status": "Denied", "Step": "Arb", "Date_Closed": "4/1/2025"}, "closed", "arbitration"),
        ({"Status": "Dropped", "Date_Closed": "4/1/2025"}, "withdrawn", "step_1"),
    ],
)
def test_status_and_step_as_offices_write_them(ann, said, status, step):
    [found] = checked(row(**said)).rows.all()
    assert (found.outcome, found.values["status"], found.values["current_step"]) == ("new", status, step)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"Member_No": "999"}, "No member has the number 999. Correct it, or import the member first."),
        (
            {"Member_No": "", "Grievant": "Poe, Ray"},
            "No member is called Poe, Ray. Write the member number, or import the member first.",
        ),
        (
            {"Member_No": "", "Grievant": "Moe, Ben"},
            "Several members of this employer are called Moe, Ben. Write the member number.",
        ),
        (
            {"Member_No": "", "Grievant": "Moe, Bo"},
            "Several members are called Moe, Bo, and none works at this employer. Write the member number.",
        ),
        (
            {"Grievant": "Ray Poe"},
            "This number belongs to a member of another name. Correct the number or the name.",
        ),
        ({"Company": "Mill"}, "No employer of this name is on record. Add it, or import the employers first."),
        ({"Company": ""}, "The employer is missing."),
        ({"Date_Filed": ""}, "The day it was filed is missing."),
        ({"Date_Filed": "12/1/2026"}, "This day is still to come. Check the year."),
        ({"Incident_Date": "3/15/2025"}, "It was filed before it happened. Check the two days."),
        ({"Next_Due": "3/13/2025"}, "What is due is due before it was filed. Check the two days."),
        ({"Next_Due": "soon"}, "Not a date. Write it like 12/31/2024 or 2024-12-31."),
        ({"Status": "Settled"}, "This case is over. Write the day on which it ended."),
        (
            {"Date_Closed": "4/1/2025"},
            "It has a day on which it ended, and no status. Write settled, withdrawn or closed.",
        ),
        (
            {"Status": "Open", "Date_Closed": "4/1/2025"},
            "It has a day on which it ended, but its status says that it goes on. Correct one of them.",
        ),
        (
            {"Status": "Settled", "Date_Closed": "3/1/2025"},
            "It ended before it was filed. Check the two days.",
        ),
        ({"Type": "Policy"}, "A policy grievance has no grievants. Take the name out, or write another type."),
        (
            {"Member_No": ""},
            "Nobody can tell whom this case is for. Write the grievant, or the type Policy.",
        ),
    ],
)
def test_what_cannot_be_brought_in_says_what_to_do(ann, yard, said, sentence):
    for _number in range(2):
        EmploymentFactory(member__first_name="Ben", member__last_name="Moe", organization=yard)
        MemberFactory(first_name="Bo", last_name="Moe")
    assert outcomes(checked(row(**said))) == [("error", sentence)]


# --- making -----------------------------------------------------------------------------------------------


def test_a_case_keeps_what_the_list_says(ann, rosa, yard):
    applied(
        row(
            Grievant="Lee, Ann",
            Step="Step 2",
            Rep=rosa.email.upper(),
            Incident_Date="3/1/2025",
            Description="Skipped in the rotation.",
            Remedy="Pay.",
            Next_Due="12/4/2026",
            What_is_due="Step 2 answer due",
        )
    )
    case = Grievance.objects.get()
    facts = ("grievance_number", "former_number", "grievance_type", "status", "current_step", "contract_article")
    assert [getattr(case, name) for name in facts] == ["GR-2025-0001", "G-1", "individual", "open", "step_2", "Art. 9"]
    assert (case.member, case.employer, case.assigned_rep) == (ann, yard, rosa)
    assert (case.filed_date, case.incident_date, case.filed_by) == (date(2025, 3, 14), date(2025, 3, 1), None)
    assert list(Grievant.objects.values_list("grievance", "member")) == [(case.pk, ann.pk)]
    due = Deadline.objects.get()
    assert (due.clock, due.side) == ("carried", "employer")
    assert (due.started_by, due.source) == ("", "cases.csv, row 2")
    assert (due.due, due.stage_name, due.is_running) == (date(2026, 12, 4), "Step 2 answer due", True)
    assert list(search(Grievance.objects.all(), "G-1")) == [case]


def test_the_date_shows_where_all_dates_show_and_what_the_file_says_of_it_in_its_case_alone(ann, rosa, client_of):
    applied(row(Rep="Delgado", Next_Due="11/27/2026", What_is_due="Press the foreman"))
    case, browser = Grievance.objects.get(), client_of("officer")
    deadline = Deadline.objects.get()
    pages = [browser.get(page).text for page in ("/grievances/deadlines/", deadline.get_absolute_url())]
    for text in (*pages, feeds.calendar_of(rosa)):
        assert ("Press the foreman" in text, "Date carried over" in text) == (False, True)
    assert f"{case}: Date carried over" in feeds.calendar_of(rosa).replace("\r\n ", "")
    assert str(deadline) == "Carried over from an earlier file"
    page = browser.get(f"{case.get_absolute_url()}?tab=deadlines").text
    words = ("Press the foreman, carried over", "cases.csv, row 2", "formerly G-1")
    assert [said for said in words if said not in page] == []
    assert browser.get(f"/api/v1/grievances/{case.pk}/").json()["deadlines"][0]["stage_name"] == "Press the foreman"


@pytest.mark.parametrize(("day", "end"), [(date(2026, 11, 20), "met"), (date(2026, 11, 26), "late")])
def test_the_employers_answer_ends_the_date_that_was_theirs(ann, rosa, day, end):
    applied(row(Rep="Delgado", Next_Due="11/25/2026", What_is_due="Step 1 answer due"))
    case = Grievance.objects.get()
    other = {"side": "employer", "clock": "carried", "stage": 2, "stage_name": "Company pays", "started_on": None}
    other = DeadlineFactory(grievance=case, started_by="", **other)
    moves.hold_meeting(case, actor=rosa, meeting_date=date(2026, 11, 19))
    moves.record_answer(case, actor=rosa, received_on=day, how="mail", answer="denied")
    assert list(Deadline.objects.order_by("stage").values_list("end", "ended_on")) == [(end, day), ("", None)]


def test_a_case_that_is_over_has_its_day_and_its_reason(ann):
    applied(
        row(Status="Settled", Date_Closed="6/1/2025", Resolution="Paid in full.", Settlement_Amount="$1,200"),
        row(Case_No="G-2", Status="Withdrawn", Date_Closed="2025-06-02", Next_Due="7/1/2025"),
    )
    rows = Resolution.objects.order_by("day").values_list("outcome", "day", "reason", "amount", "with_prejudice")
    assert list(rows) == [
        ("settled", date(2025, 6, 1), "Paid in full.", Decimal("1200.00"), None),
        ("withdrawn", date(2025, 6, 2), "The earlier file does not say how it ended.", None, False),
    ]
    assert not Deadline.objects.exists()


def test_numbers_follow_the_days_of_filing_and_new_filings_follow_them(ann, people):
    earlier = intakes.file_grievance(IntakeFactory(), actor=None, filed_date=FILED)
    assert earlier.grievance_number == "GR-2026-0001"
    applied(
        row(Case_No="G-3", Date_Filed="2/2/2026"),
        row(Case_No="G-1", Date_Filed="12/31/2025"),
        row(Case_No="G-2", Date_Filed="1/5/2026"),
    )
    assert on_record() == [
        ("GR-2025-0001", "G-1"),
        ("GR-2026-0001", ""),
        ("GR-2026-0002", "G-2"),
        ("GR-2026-0003", "G-3"),
    ]
    later = intakes.file_grievance(IntakeFactory(), actor=None, filed_date=FILED)
    assert later.grievance_number == "GR-2026-0004"


def test_people_by_name_at_their_employer_and_in_groups(ann, yard):
    other = MemberFactory(first_name="Ann", last_name="Lee", member_number="102")
    batch = applied(
        row(Member_No="", Grievant="Ann Lee"),
        row(Case_No="G-2", Member_No="101; 102"),
        row(Case_No="G-3", Member_No="", Type="Policy"),
    )
    found = {case.former_number: case for case in Grievance.objects.all()}
    assert [(case.grievance_type, case.grievants.count()) for _number, case in sorted(found.items())] == [
        ("individual", 1),
        ("group", 2),
        ("policy", 0),
    ]
    assert (found["G-1"].member, found["G-2"].grievants.filter(member=other).exists()) == (ann, True)
    assert outcomes(batch)[1] == ("new",)


SHORTENED = "This is no member number; Excel may have shortened it. Format the column as text, then upload again."
GROUPED = "“%s” may be one number or several. Write it without a comma, or several with semicolons."
NUMBERS = {
    "1.04233E+11": SHORTENED,
    "1E+05": SHORTENED,
    "101.5": SHORTENED,
    "1.101": SHORTENED,
    "104,233": GROUPED % "104,233",
    "1,104,233.00": GROUPED % "1,104,233.00",
    "101, 104,233,": GROUPED % "104,233",
}


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_that_a_spreadsheet_altered_files_for_no_stranger(ann, number):
    for stranger in ("1", "104", "233"):
        MemberFactory(member_number=stranger)
    assert outcomes(checked(row(Member_No=number))) == [("error", NUMBERS[number])]


@pytest.mark.parametrize(
    ("numbers", "names", "found"),
    [
        ("101, 102", "Lee, Ann; Moe, Ben", ("new",)),
        ("102 101", "Lee, Ann; Moe, Ben", ("new",)),
        ("101.0/102.00", "", ("new",)),
        ("101, 102", "Lee, Ann", ("new",)),
        (
            "101",
            "Lee, Ann; Moe, Ben",
            ("error", "None of these numbers belongs to Moe, Ben. Correct the numbers or the names."),
        ),
        (
            "101, 102",
            "Moe, Cy",
            ("new",),
        ),
        (
            "101, 102",
            "Poe, Ray",
            ("error", "None of these numbers belongs to Poe, Ray. Correct the numbers or the names."),
        ),
        (
            "101, 102",
            "Lee, Ann; Lee, Cy",
            ("error", "Number 102 belongs to none of these names. Correct the numbers or the names."),
        ),
    ],
)
def test_names_are_compared_with_all_numbers(ann, numbers, names, found):
    MemberFactory(member_number="102", first_name="Ben", last_name="Moe")
    assert outcomes(checked(row(Member_No=numbers, Grievant=names))) == [found]


def test_whoever_does_not_work_cases_is_not_assigned(ann):
    batch = applied(row(Rep="J. Nobody"))
    sentence = "Nobody who works cases is called “J. Nobody”. Nobody is assigned; assign the case here."
    assert outcomes(batch) == [("new", sentence)]
    assert Grievance.objects.get().assigned_rep is None


# --- twice, and out again ---------------------------------------------------------------------------------


def test_the_same_list_makes_nothing_twice(ann):
    applied(row(Next_Due="12/4/2026"), row(Case_No="", Date_Filed="5/5/2025"))
    batch = applied(row(Next_Due="12/5/2026"), row(Case_No="", Date_Filed="5/5/2025"), row(), row())
    known = "This case is on record already, so nothing is changed. Correct it on its own page."
    again = "Row 2 has the same former number. Correct one of the two."
    assert outcomes(batch) == [("unchanged", known), ("unchanged", known), ("error", again), ("error", again)]
    assert (Grievance.objects.count(), Deadline.objects.get().due) == (2, date(2026, 12, 4))


def test_a_list_without_former_numbers_is_applied_once(ann):
    batch = checked(row(Case_No=""))
    applied(row(Case_No=""))
    with pytest.raises(DomainError, match="changed since the check"):
        applying.start_apply(batch, CASES_LIST, actor=None, in_background=False)
    assert Grievance.objects.count() == 1


def test_the_rows_of_a_case_tell_whoever_does_not_see_it_nothing(ann, people):
    batch = applied(row(Description="Zqhidden"), row(Case_No="G-2", Description="Zqopen"))
    named, other = people["officer"], people["grievance-chair"]
    case = Grievance.objects.get(former_number="G-1")
    cases.restrict(case, [named], actor=named, reason="Asked for")
    found = {}
    for person in (named, other):
        page = shown.preview(Imports.area, batch, QueryDict(), person)["rows"]
        lines, rows = list(results.table(batch, CASES_LIST, person)), batch.rows.visible_to(person).values_list("raw")
        parts = [str(part) for part in (lines, page, list(rows))]
        found[person] = [[word in part for word in ("Zqhidden", "G-1", "Zqopen")] for part in parts]
    assert found == {named: [[True] * 3] * 3, other: [[False, False, True]] * 3}
    assert (lines[0][0], lines[0][-1], set(lines[0][1:-2])) == (2, "A case that you do not see", {""})


def test_whoever_does_not_see_the_case_of_a_row_learns_that_its_number_is_kept_and_no_more(ann, people):
    applied(row(), row(Case_No="", Date_Filed="5/5/2025"))
    Grievance.objects.update(is_restricted=True)
    again = row(), row(), row(Case_No="", Date_Filed="5/5/2025")
    by_number = "A case of this former number is kept already. An officer has to look."
    by_day = "A case of this employer and day of filing is kept already. An officer has to look."
    batch = checked(*again, actor=people["officer"])
    assert outcomes(batch) == [("error", by_number), ("error", by_number), ("error", by_day)]
    page = shown.preview(Imports.area, batch, QueryDict(), people["officer"])["rows"]
    assert page == [{"number": number, "name": why} for number, why in enumerate((by_number, by_number, by_day), 2)]


def test_a_second_case_of_one_day_is_asked_about(ann):
    rows = row(Case_No=""), row(Case_No="", Article="Art. 10")
    batch = checked(*rows)
    question = "Row 2 has the same grievant, employer and day of filing. A second case?"
    assert outcomes(batch) == [("new",), ("duplicate", question)]
    applied(*rows, row_3="create")
    assert Grievance.objects.count() == 2


def test_an_undo_takes_out_what_was_made_and_the_list_may_come_again(ann, people):
    batch = applied(row(Next_Due="12/4/2026"), row(Case_No="G-2", Status="Settled", Date_Closed="6/1/2025"))
    assert undone(batch) == ["undone", "undone"]
    assert on_record() == []
    assert not Grievance.objects.visible_to(people["officer"]).exists()
    assert not Deadline.objects.running().exists()

    again = applied(row(Next_Due="12/9/2026", Step="2"), row(Case_No="G-2", Status="Settled", Date_Closed="6/1/2025"))
    restored = "An import that was undone had made this record; it is restored."
    assert outcomes(again) == [("new", restored), ("new", restored)]
    assert on_record() == [("GR-2025-0001", "G-1"), ("GR-2025-0002", "G-2")]
    assert Grievance.objects.get(former_number="G-1").current_step == "step_2"
    assert [due.due for due in Deadline.objects.running()] == [date(2026, 12, 9)]
    assert Resolution.objects.live().count() == Grievant.objects.count() - 1 == 1
    assert undone(again) == ["undone", "undone"]


def test_no_date_of_an_import_that_was_undone_comes_back_when_the_case_is_reopened(ann, people):
    undone(applied(row(Next_Due="12/4/2026", Status="Open")))
    applied(row())
    case = Grievance.objects.get()
    moves.settle(case, actor=people["officer"], told=told_of(case), **ENDING)
    moves.reopen(case, actor=people["officer"], reason="Not paid")
    assert not case.deadlines.running().exists()


def test_an_undo_keeps_a_case_with_which_something_was_done(ann, people, rosa):
    batch = applied(row(), row(Case_No="G-2"), row(Case_No="G-3"))
    first, second, _third = Grievance.objects.order_by("former_number")
    cases.assign_representative(first, rosa, actor=people["officer"])
    second.tasks.create(kind="todo", what="Call", asked_on=date(2026, 11, 27), person=rosa)
    assert undone(batch) == [
        "Kept: somebody changed the case after the import.",
        "Kept: something was done with the case after the import.",
        "undone",
    ]
    assert [former for _number, former in on_record()] == ["G-1", "G-2"]


def test_what_was_changed_since_the_check_stops_the_whole_list(ann):
    batch = checked(row(Case_No="G-2"), row())
    applied(row())
    with pytest.raises(DomainError) as caught:
        applying.start_apply(batch, CASES_LIST, actor=None, in_background=False)
    assert "changed since the check" in caught.value.sentence
    assert on_record() == [("GR-2025-0001", "G-1")]


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        (("Grievant", "Date Filed", "X"), "Say which columns hold the employer and the day of filing."),
        (("Company", "Date Filed", "X"), "Say which column holds the grievant: the member number or the name."),
    ],
)
def test_columns_that_are_needed(headers, sentence):
    with pytest.raises(DomainError) as caught:
        checked(("a", "b", "c"), headers=headers)
    assert caught.value.sentence == sentence


@pytest.mark.heavy
def test_each_thousand_rows_cost_the_same_statements(ann):
    """On PostgreSQL, where rows are copied; SQLite inserts some twenty in one statement."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite takes a statement for some twenty rows.")
    counts = []
    for size in (1_000, 3_000):
        rows = [row(Case_No=f"{size}-{number}", Next_Due="12/4/2026") for number in range(size)]
        with CaptureQueriesContext(connection) as checking_them:
            batch = checked(*rows)
        with CaptureQueriesContext(connection) as applying_them:
            applying.start_apply(batch, CASES_LIST, actor=None, in_background=False)
        with CaptureQueriesContext(connection) as undoing_them:
            assert set(undone(batch)) == {"undone"}
        counts.append([len(found) for found in (checking_them, applying_them, undoing_them)])
    assert Grievance.objects.count() == 4_000
    assert counts == [[43, 30, 62], [52, 45, 154]]  # a check and an apply take a thousand at a time, an undo 500


def test_the_command_imports_and_tells(ann, tmp_path):
    path, told = tmp_path / "cases.csv", io.StringIO()
    path.write_text("Case,Grievant,Company,Filed\nG-1,101,Crane Yard,3/14/2025\nG-2,999,Crane Yard,3/14/2025\n")
    call_command("import_grievances", str(path), stdout=told)
    assert on_record() == [("GR-2025-0001", "G-1")]
    assert "New: 1\n" in told.getvalue()
    assert "Error: 1\n" in told.getvalue()
