"""The import commands: the engine of the pages from a shell."""

from io import StringIO

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from core.models import AuditEvent
from members.models import Employment, ImportBatch, Member, Organization

pytestmark = pytest.mark.django_db

EMPLOYERS = "List of 2026\n\nShop;Town;ST\nAlder;Peoria;IL\nAlder;Pekin;IL\nBirch;Pekin;XX\n"


@pytest.fixture
def employers(tmp_path):
    path = tmp_path / "employers.csv"
    path.write_text(EMPLOYERS)
    return path


def run(command, path, *options):
    told = StringIO()
    call_command(command, str(path), *options, stdout=told)
    return told.getvalue()


def test_import_organizations_tells_its_counts_and_where_the_result_is(employers):
    told = run("import_organizations", employers, "--type", "union")

    batch = ImportBatch.objects.get()
    assert told == (
        "The file was read as UTF-8. Header in row 3.\n"
        "  Shop → Name\n"
        "  Town → City\n"
        "  ST → State\n"
        "6 lines in all: 3 rows, 3 lines to the header.\n"
        "New: 1\n"
        "Changed: 0\n"
        "Unchanged: 0\n"
        "Possible duplicate: 1\n"
        "Error: 1\n"
        "Repeats an earlier row: 0\n"
        "Not a record: 0\n"
        f"Every row with its outcome: {reverse('import_detail', args=[batch.pk])}\n"
    )
    assert [(item.name, item.city, item.org_type) for item in Organization.objects.all()] == [
        ("Alder", "Peoria", "union")
    ]
    assert batch.status == "applied"
    assert batch.uploaded_by is None
    assert batch.applied_by is None
    assert set(AuditEvent.objects.values_list("actor", flat=True)) == {None}


def test_duplicates_may_be_accepted_and_columns_matched(employers):
    run("import_organizations", employers, "--accept-duplicates", "create", "--map", "ST=")

    assert sorted(Organization.objects.values_list("name", "city", "state")) == [
        ("Alder", "Pekin", ""),
        ("Alder", "Peoria", ""),
        ("Birch", "Pekin", ""),
    ]


def test_a_dry_run_only_checks(employers):
    told = run("import_organizations", employers, "--dry-run")

    assert "New: 1\n" in told
    assert ImportBatch.objects.get().status == "checked"
    assert not Organization.objects.exists()


def test_import_members_makes_jobs(tmp_path):
    path = tmp_path / "members.csv"
    path.write_text('Who,No,Works for\n"Lee, Ann",7,Alder\n')

    run("import_members", path, "--map", "Who=full_name", "--map", "No=member_number")

    member = Member.objects.get()
    assert (member.full_name, member.member_number) == ("Ann Lee", "7")
    assert Employment.objects.get().organization.name == "Alder"


def test_sheets_that_are_not_read_are_told(tmp_path):
    path, book = tmp_path / "members.xlsx", openpyxl.Workbook()
    book.active.title = "A–M"
    for sheet, name in ((book.active, "Lee, Ann"), (book.create_sheet("N–Z"), "Poe, Ray")):
        for cells in (["Member No", "Name"], [7, name]):
            sheet.append(cells)
    book.save(path)

    told = run("import_members", path)

    assert "Another sheet was not read: N–Z. To import it too, upload the file again and choose that sheet.\n" in told


@pytest.mark.parametrize(
    ("content", "options", "sentence"),
    [
        ("", (), "The file is empty. Choose the file that holds the list."),
        ("A,B\nx,y\n", (), "Say which column holds the name; without it no row can be imported."),
        ("Name\nx\n", ("--map", "nonsense"), "--map takes COLUMN=FIELD, not “nonsense”."),
        ("Name\nx\n", ("--map", "Other=city"), "The file has no column “Other”."),
        ("Name\nx\n", ("--header-row", "5"), "Row 5 is empty, so it cannot be the header."),
        ("Name\n", (), "There is no row below the header. Choose another header row or another file."),
        ("Name\nx\0\n", (), "Row 2 holds a NUL character, so this is not a clean text file."),
    ],
)
def test_errors_are_sentences(tmp_path, content, options, sentence):
    path = tmp_path / "list.csv"
    path.write_text(content)

    with pytest.raises(CommandError) as caught:
        run("import_organizations", path, *options)

    assert str(caught.value).startswith(sentence)
    assert not Organization.objects.exists()


def test_a_missing_file(tmp_path):
    with pytest.raises(CommandError, match="cannot be opened"):
        run("import_members", tmp_path / "nowhere.csv")
