"""The office's first day, in a browser: real employers in, out and in again; one is found, changed and restored."""

import os
import re
from pathlib import Path

import openpyxl
import pytest
from django.db import transaction
from playwright.sync_api import expect

from core.audit.check import verify
from members.factories import EmploymentFactory, MemberFactory
from members.models import ImportBatch, Organization

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "nlrb-election-tallies-2017-2021.xlsx"
WHOLE = bool(os.environ.get("BATTERY"))
ROWS = 400  # of the list on each commit, from its top
HEADER_ROWS, NAME_COLUMN = 4, 2
LONG = 120_000  # milliseconds that a long import may take on a busy machine

pytestmark = [
    pytest.mark.story,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not REAL.exists(), reason=f"the real employers are not beside the project ({REAL.name})"),
]


@pytest.fixture(scope="module")
def employers(tmp_path_factory) -> Path:
    """The real list; on each commit its first rows and the employer who is searched for."""
    if WHOLE:
        return REAL
    book = openpyxl.load_workbook(REAL)
    sheet = book.active
    rows = range(HEADER_ROWS + 1, sheet.max_row + 1)
    wanted = next(row for row in rows if str(sheet.cell(row, NAME_COLUMN).value).startswith("Freshbev"))
    for column in range(1, sheet.max_column + 1):
        sheet.cell(HEADER_ROWS + 1, column).value = sheet.cell(wanted, column).value
    sheet.delete_rows(HEADER_ROWS + 1 + ROWS, sheet.max_row)
    path = tmp_path_factory.mktemp("employers") / REAL.name
    book.save(path)
    return path


def import_employers(window, employers) -> None:
    """Upload, match and check; leaves the window on the page that shows every row."""
    page = window.open("/imports/new/")
    page.get_by_label("Employers and other organizations").check()
    page.set_input_files("input[type=file]", employers)
    page.get_by_role("button", name="Upload").click()
    window.picture("import-2-match")
    page.get_by_role("button", name="Check every row").click()
    expect(page.get_by_text("Ready to apply")).to_be_visible(timeout=LONG)


def apply(window) -> None:
    window.page.get_by_role("button", name="Apply the import").click()
    expect(window.page.locator(".record-title")).to_contain_text("Applied", timeout=LONG)


def counts() -> tuple[int, int]:
    return Organization.objects.alive().count(), Organization.objects.deleted().count()


def test_real_employers_twice_undone_and_imported_again(visit, people, employers):
    window = visit().known_as(people["staff"])
    page = window.page

    import_employers(window, employers)
    window.picture("import-3-check")
    apply(window)
    window.picture("import-4-applied")
    first = ImportBatch.objects.get()
    imported = counts()[0]
    assert imported == first.counts["new"] > (4_000 if WHOLE else 200)

    import_employers(window, employers)
    expect(page.get_by_role("button", name="Apply the import")).to_be_disabled()
    expect(page.get_by_text("No row changes anything, so there is nothing to apply.")).to_be_visible()
    window.picture("import-5-second-run")
    assert counts() == (imported, 0)

    window.open(first.get_absolute_url())
    page.get_by_role("link", name="Undo").click()
    page.get_by_label("Reason").fill("Wrong year")
    page.get_by_role("button", name="Undo the import").click()
    expect(page.locator(".record-title")).to_contain_text("Undone", timeout=LONG)
    window.picture("import-6-undone")
    assert counts() == (0, imported)

    import_employers(window, employers)
    apply(window)
    assert counts() == (imported, 0)

    find_change_delete_restore(window)
    assert verify().faults == []


def find_change_delete_restore(window) -> None:
    page = window.open("/organizations/")
    page.get_by_label("Name, city, phone or e-mail").fill("Freshbve Craft Juicery")
    expect(page.locator("#results")).to_contain_text("showing “freshbev”")
    window.picture("employer-1-found-with-a-slip")
    page.get_by_role("link", name="Freshbev Craft Juicery, LLC").click()

    page.get_by_role("link", name="Edit").click()
    page.get_by_label(re.compile("Phone")).fill("12")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter a phone number with area code")
    expect(page.get_by_label(re.compile("Phone"))).to_have_value("12")
    window.picture("employer-2-wrong-phone")
    page.get_by_label(re.compile("Phone")).fill("(203) 555-0148")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator(".key-facts").first).to_contain_text("(203) 555-0148")

    page.locator(".record-moves summary", has_text="More").click()
    page.get_by_role("link", name="Delete organization").click()
    page.get_by_role("button", name="Delete organization").click()
    expect(page.get_by_role("alert")).to_contain_text("Reason")
    page.get_by_label("Reason").fill("Closed its doors")
    page.get_by_role("button", name="Delete organization").click()
    expect(page.locator("#toasts")).to_contain_text("Organization deleted")

    window.open("/organizations/?records=deleted")
    page.get_by_role("link", name="Freshbev Craft Juicery, LLC").click()
    page.get_by_role("link", name="Restore").click()
    page.get_by_label("Reason").fill("It moved, it did not close")
    page.get_by_role("button", name="Restore organization").click()

    trail = page.locator(".trail")
    for words in ("Created by an import", "Changed", "Phone", "Deleted", "Closed its doors", "Restored"):
        expect(trail).to_contain_text(words)
    window.accessible()
    window.picture("employer-3-timeline")


def test_steward_sees_and_changes_nothing(visit, people):
    with transaction.atomic():
        job = EmploymentFactory(member=MemberFactory(first_name="Ada", last_name="Reyes"))
    window = visit(width=390, height=844).known_as(people["steward"])
    page = window.open(job.organization.get_absolute_url())
    expect(page.get_by_role("heading", level=1)).to_have_text(job.organization.name)
    expect(page.get_by_role("link", name="Edit")).to_have_count(0)
    expect(page.locator(".trail")).to_have_count(0)
    window.picture("steward-employer-phone")

    page = window.open("/members/")
    expect(page.get_by_role("link", name="Reyes, Ada")).to_be_visible()
    expect(page.get_by_text("Export")).to_have_count(0)
    entries = page.locator("nav[aria-label='Main menu'] a").all_inner_texts()
    assert [entry.strip() for entry in entries] == [
        "Home",
        "Members",
        "Employers",
        "Cases",
        "Deadlines",
        "Dockets",
        "Drafts",
        "Agreements",
        "Patterns",
    ]

    for path in ("/imports/", "/users/", "/audit/", "/settings/", f"{job.member.get_absolute_url()}edit/", "/admin/"):
        page = window.open(path)
        expect(page.get_by_role("heading", level=1)).to_have_text("This is not open to you")
    window.picture("steward-refused-phone")
