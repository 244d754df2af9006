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


def test_months_of_ones_own_choice_say_what_is_withheld_on_every_way_out(client_of, eight):
    browser, months = client_of("staff"), {"first": "2026-02", "last": "2026-04"}
    sentence = "Reasons and levels are told of whole periods only: of single months they tell of too few."
    page = browser.get(PAGE, months)
    assert page.text.count('<svg class="bar-chart"') == 1
    assert page.text.count(sentence) == 1
    answer = browser.get(f"{PAGE}export/csv/", months)
    rows = rows_of_csv(answer)
    assert answer["Content-Disposition"] == 'attachment; filename="benevolence-2026-02-to-2026-04.csv"'
    assert rows[1][:4] == ["Feb 2026 – Apr 2026", "All applications", "8", "800.00"]
    assert [row for row in rows if row[0] == "Note"] == [["Note", sentence]]
    book = openpyxl.load_workbook(io.BytesIO(b"".join(browser.get(f"{PAGE}export/xlsx/", months).streaming_content)))
    assert [cell.value for cell in list(book.active.rows)[-1]][:2] == ["Note", sentence]
    printed = browser.get(f"{PAGE}meeting/", months)
    text = " ".join(pypdf.PdfReader(io.BytesIO(printed.content)).pages[0].extract_text().split())
    assert "Applications made from Sun 1 Feb 2026 to Thu 30 Apr 2026" in text
    assert "All applications 8 $800.00 $0.00 $0.00" in text
    assert sentence in text


WRONG = [
    ("2026-05", "2026-02", "The last month is before the first. Choose a later one."),
    ("1999-01", "2026-02", "There is no report of that month. Choose one of the list."),
    ("2022-01", "2026-02", "Choose at most 36 months."),
]


@pytest.mark.parametrize(("first", "last", "sentence"), WRONG)
def test_months_that_make_no_report_are_refused_at_their_field(client_of, people, eight, first, last, sentence):
    ApplicationFactory(entered_by=people["staff"], application_date=date(2022, 3, 2), status="denied")
    page = client_of("staff").get(PAGE, {"first": first, "last": last})
    assert sentence in page.text
    assert f'<option value="{last}" selected>' in page.text
