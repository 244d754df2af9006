"""What is never stored does not get in, is not shown, not handed out, and does not stay behind in the file."""

from pathlib import Path

import pytest

from core.audit import trail
from core.errors import DomainError
from core.imports import applying, batches, results
from core.imports.mapping import propose, remember
from core.imports.never_stored import is_withheld, refuse, what_it_holds
from members.imports.lists import LISTS, list_of
from members.models import ImportBatch, Member
from members.tests.import_steps import applied, checked, csv_file, outcomes

HELD = {
    "SSN": "social security numbers",
    "S.S.N.": "social security numbers",
    "SS#": "social security numbers",
    "Social Security No.": "social security numbers",
    "SOC_SEC": "social security numbers",
    "Bank Account": "bank accounts",
    "Routing #": "bank accounts",
    "Acct No": "bank accounts",
    "IBAN": "bank accounts",
    "Driver's License": "driver licences",
    "DL #": "driver licences",
    "Passport No": "passports",
    "Diagnosis": "diagnoses",
}


@pytest.mark.parametrize("header", HELD)
def test_columns_are_known_by_their_name(header):
    assert what_it_holds(header, ["x"]) == HELD[header]
    assert what_it_holds(header, []) == HELD[header]


@pytest.mark.parametrize(
    "header",
    ["Member No", "Account Manager", "Bank Street", "License plate", "Class", "Address", "SS", "Assn", "ID", "Lesson"],
)
def test_other_columns_are_not(header):
    assert what_it_holds(header, ["12345", "Peoria"]) == ""


@pytest.mark.parametrize(
    ("header", "values", "held", "withheld"),
    [
        ("Code", ["078-05-1120", "219 09 9999"], "social security numbers", True),
        ("Code", ["078-05-1120", "x", "y"], "", True),
        ("SS", ["078051120", "219099999"], "social security numbers", True),
        ("Tax ID", ["078051120", ""], "social security numbers", True),
        ("Member No", ["078051120", "219099999"], "", False),
        ("Zip", ["61602-1234", "616021234"], "", False),
        ("Phone", ["309-555-0147"], "", False),
    ],
)
def test_columns_are_known_by_their_values(header, values, held, withheld):
    assert (what_it_holds(header, values), is_withheld(header, values)) == (held, withheld)


@pytest.mark.django_db
def test_they_are_never_proposed_and_never_matched():
    samples = {"Name": ["Lee, Ann"], "SS": ["078051120"], "Member No": ["7"]}
    remember(LISTS["members"], list(samples), {"Name": "full_name", "SS": "member_number"})

    assert propose(LISTS["members"], samples) == {"Name": "full_name"}
    with pytest.raises(DomainError, match="“SS” looks like a column of social security numbers"):
        refuse(samples, {"Name": "full_name", "SS": "member_number"})


LIST = [
    ("No", "Name", "SSN", "Notes"),
    ("7", "Lee, Ann", "078051120", "Steward"),
    ("8", "Day, Bob", "", "219-09-9999"),
    ("9", "Fox, Cy", "", "Steward"),
]


@pytest.mark.django_db
def test_the_command_cannot_match_them_either(people):
    batch = batches.upload(csv_file(LIST), LISTS["members"], file_name="x.csv", actor=None)
    with pytest.raises(DomainError, match="“SSN” looks like a column"):
        batches.match_columns(batch, list_of(batch), {"Name": "full_name", "SSN": "member_number"}, actor=None)


@pytest.mark.django_db
def test_a_single_number_in_another_column_is_an_error_and_is_not_kept(people):
    batch = checked(LIST, kind="members", mapping={"No": "member_number", "Name": "full_name", "Notes": "notes"})

    sentence = "This looks like a social security number, which is never stored. Correct the cell."
    assert outcomes(batch) == [(2, "new", []), (3, "error", [sentence]), (4, "new", [])]
    assert list(batch.rows.order_by("number").values_list("raw", flat=True)) == [
        {"No": "7", "Name": "Lee, Ann", "Notes": "Steward"},
        {"No": "8", "Name": "Day, Bob", "Notes": ""},
        {"No": "9", "Name": "Fox, Cy", "Notes": "Steward"},
    ]
    applying.start_apply(batch, list_of(batch), actor=None, in_background=False)
    told = [results.header(batch), *results.table(batch, list_of(batch), None)]
    assert told == [
        ["Row", "No", "Name", "Notes", "Outcome", "Why"],
        [2, "7", "Lee, Ann", "Steward", "Created", ""],
        [3, "8", "Day, Bob", "", "Not applied", f"Notes: {sentence}"],
        [4, "9", "Fox, Cy", "Steward", "Created", ""],
    ]
    assert list(Member.objects.values_list("notes", flat=True)) == ["Steward", "Steward"]


@pytest.mark.django_db
def test_the_file_goes_when_the_import_is_applied(people):
    batch = checked(LIST[:2], kind="members", actor=people["staff"])
    assert Path(batch.file.path).exists()

    applying.start_apply(batch, list_of(batch), actor=people["staff"], in_background=False)

    assert not Path(batch.file.path).exists()


@pytest.mark.django_db
def test_the_file_goes_when_the_upload_fails(people, monkeypatch, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path

    def broken(*_args, **_options):
        raise RuntimeError("the trail is full")

    monkeypatch.setattr(trail, "record", broken)
    with pytest.raises(RuntimeError):
        batches.upload(csv_file(LIST), LISTS["members"], file_name="x.csv", actor=people["staff"])

    assert not ImportBatch.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.django_db
def test_the_file_stays_while_it_is_needed(people):
    batch = checked([("Name",), ("Alder",)], actor=people["staff"])
    batch.rows.update(values={"name": "x" * 300})

    with pytest.raises(DomainError):
        applying.start_apply(batch, list_of(batch), actor=people["staff"], in_background=False)

    assert Path(batch.file.path).exists()


@pytest.mark.django_db
def test_a_note_is_in_the_result_as_long_as_it_is(people):
    batch = applied([("No", "Name", "Notes"), ("7", "Lee, Ann", "x" * 3_000)], kind="members", actor=people["staff"])

    assert next(results.table(batch, list_of(batch), None))[3] == "x" * 3_000
