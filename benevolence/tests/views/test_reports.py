"""The report as a page and as a file."""

import csv
import io
from datetime import date
from decimal import Decimal

import openpyxl
import pypdf
import pytest

from benevolence.factories import ApplicationFactory
from members.factories import MemberFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine("2026-11-27 15:00Z")]
PAGE = "/benevolence/reports/"
HEADER = [
    "Part",
    "Line",
    "Applications",
    "Asked",
    "Approved applications",
    "Approved",
    "Paid applications",
    "Paid",
    "Days to decision",
    "Days to payment",
]


@pytest.fixture
def eight(people):
    """Six for medical reasons and two for a disaster, in the spring of 2026."""
    member = MemberFactory()
    for number in range(8):
        ApplicationFactory(
            member=member,
            entered_by=people["staff"],
            amount_requested=Decimal("100.00"),
            application_date=date(2026, 3, 2),
            reason="medical" if number < 6 else "disaster",
            status="denied",
        )


def test_the_page_shows_chart_and_table_and_keeps_back(client_of, eight):
    page = client_of("trustee").get(PAGE)
    assert page.status_code == 200
    assert page.text.count('<svg class="bar-chart"') == 3
    assert page.text.count("$800.00") == 8  # the year, all in each table, March, the vice president; the fund twice
    assert "$600.00" not in page.text
    assert "style=" not in page.text.partition("<main")[2].partition("</main>")[0]


def test_a_year_that_there_is_not_is_named_at_the_field(client_of, eight):
    page = client_of("trustee").get(PAGE, {"year": "1999"})
    assert "There is no report of that year. Choose one of the list." in page.text
    assert "$800.00" in page.text


def test_nothing_to_show_says_when_there_will_be(client_of):
    page = client_of("trustee").get(PAGE)
    assert "A year is shown once five applications are made in it." in page.text


def rows_of_csv(answer) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode().removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text)))


def test_the_files_say_what_the_page_says(client_of, eight):
    browser = client_of("staff")
    answer = browser.get(f"{PAGE}export/csv/")
    rows = rows_of_csv(answer)
    assert answer["Content-Disposition"] == 'attachment; filename="benevolence-2026.csv"'
    assert rows[0] == HEADER
    assert rows[1] == ["Whole year", "All applications", "8", "800.00", "0", "0", "0", "0", "", ""]
    kept = "too few to tell"
    assert next(row for row in rows if row[0] == "By reason") == ["By reason", "Medical", *[kept] * 8]
    book = openpyxl.load_workbook(io.BytesIO(b"".join(browser.get(f"{PAGE}export/xlsx/").streaming_content)))
    assert [cell.value for cell in book.active[1]] == HEADER
    assert [cell.value for cell in book.active[2]][2:4] == [8, 800]
    assert browser.get(f"{PAGE}export/pdf/").status_code == 404


def test_who_sees_it(client_of):
    found = {name: client_of(name).get(PAGE).status_code for name in ("admin", "treasurer", "member", "steward")}
    assert found == {"admin": 200, "treasurer": 200, "member": 403, "steward": 403}


def test_the_report_to_the_meeting_is_one_page_of_numbers(client_of, eight):
    answer = client_of("staff").get(f"{PAGE}meeting/", {"year": "2026"})
    [page] = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    lines = page.extract_text().splitlines()
    start = lines.index("Benevolence: report to the meeting")
    kept = "kept back kept back kept back kept back"
    assert lines[start + 1 : start + 9] == [
        "Applications made from Thu 1 Jan 2026 to Thu 31 Dec 2026, as they stand on Fri 27 Nov 2026.",
        "Reason Applications Asked Approved Paid",
        *[f"{reason} {kept}" for reason in ("Medical", "Death in the family", "Disaster", "Hardship", "Other")],
        "All applications 8 $800.00 $0.00 $0.00",
    ]
    assert answer["Content-Disposition"] == 'attachment; filename="meeting-report-2026.pdf"'


def test_a_meeting_of_a_year_with_too_few_gets_the_fund_alone(client_of):
    answer = client_of("staff").get(f"{PAGE}meeting/")
    text = pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert "Fewer than five applications were made; their numbers are not shown." in text
    assert "Balance $0.00" in text
