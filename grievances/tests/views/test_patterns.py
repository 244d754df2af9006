"""The page of patterns, its files, and the profile of an employer."""

import csv
import io
import re
from datetime import date

import openpyxl
import pypdf
import pytest

from core.models import ReadEvent
from grievances.factories import AgreementFactory, GrievanceFactory
from members.factories import MemberFactory, OrganizationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine("2026-11-27 15:00Z")]
PAGE = "/grievances/patterns/"
DAY = date(2026, 3, 2)
HEADER = [
    "Part",
    "Line",
    "Cases",
    "Unresolved",
    "Won",
    "Denied",
    "Settlements",
    "Settled for",
    "Median days",
    "Longest days",
]


@pytest.fixture
def yard():
    return OrganizationFactory(name="Crane Yard", city="Gary", state="IN")


@pytest.fixture
def cases(yard):
    ann = MemberFactory(last_name="Aalto")
    return [
        GrievanceFactory(employer=yard, people=[ann], filed_date=DAY, contract_article="Art. 14"),
        GrievanceFactory(employer=yard, people=[ann], filed_date=DAY, settled=True, contract_article="Article XIV"),
    ]


def test_the_page_shows_charts_and_tables(client_of, cases):
    page = client_of("officer").get(PAGE)
    assert page.text.count('<svg class="bar-chart"') == 8
    assert page.text.count("Crane Yard, Gary") == 4  # choice, bar, its description, row
    assert "Aalto" not in page.text
    assert "style=" not in page.text.partition("<main")[2].partition("</main>")[0]
    assert ReadEvent.objects.latest("at").rows == 2


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"first": "2026-05-01", "last": "2026-04-01"}, "It ends before it begins. Check the two days."),
        ({"first": "soon"}, "Enter a valid date."),
        ({"status": "famous"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_asked_is_said_at_its_field(client_of, cases, query, said):
    page = client_of("officer").get(PAGE, query)
    assert (page.status_code, said in page.text, "bar-chart" in page.text) == (200, True, False)


def test_the_paper_says_what_it_is_narrowed_to(client_of, cases, yard):
    asked = {"first": "2026-03-01", "employer": yard.pk, "article": "14", "status": "settled"}
    page = client_of("officer").get(PAGE, asked).text
    said = re.search(r'<p class="print-only">(Counted.*?)</p>', page, re.DOTALL)[1]
    assert " ".join(said.split()) == (
        "Counted: Filed from Sun 1 Mar 2026; Employer Crane Yard, Gary; Article 14; Outcome Settled"
    )
    assert "Counted:" not in client_of("officer").get(PAGE).text


def test_nothing_to_count_says_so(client_of, cases):
    page = client_of("officer").get(PAGE, {"article": "99"})
    assert "No case to count" in page.text


def test_a_steward_sees_their_own_and_no_export(client_of, people, cases):
    cases[0].assigned_rep = people["steward"]
    cases[0].save()
    browser = client_of("steward")
    page = browser.get(PAGE)
    assert "Counted over the cases that you work." in page.text
    assert page.context["found"].total.cases == 1
    assert "export/" not in page.text
    assert browser.get(f"{PAGE}export/csv/").status_code == 403


def rows_of_csv(answer):
    text = b"".join(answer.streaming_content).decode().removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text)))


def test_the_files_say_what_the_page_says(client_of, cases):
    browser = client_of("officer")
    answer = browser.get(f"{PAGE}export/csv/", {"article": "14"})
    rows = rows_of_csv(answer)
    assert answer["Content-Disposition"] == 'attachment; filename="grievance-patterns.csv"'
    assert rows[:2] == [HEADER, ["All cases", "", "2", "1", "1", "0", "1", "318.50", "", ""]]
    assert ["By article", "Article 14", "2", "1", "1", "0", "1", "318.50", "", ""] in rows
    read = ReadEvent.objects.latest("at")
    assert (read.kind, read.rows, read.filters) == ("exported", 2, {"article": "14"})
    book = openpyxl.load_workbook(io.BytesIO(b"".join(browser.get(f"{PAGE}export/xlsx/").streaming_content)))
    assert [cell.value for cell in book.active[2]][2:8] == [2, 1, 1, 0, 1, 318.5]
    assert browser.get(f"{PAGE}export/pdf/").status_code == 404


def test_an_export_of_what_cannot_be_asked_goes_back_to_the_page(client_of, cases):
    answer = client_of("officer").get(f"{PAGE}export/csv/", {"first": "soon"})
    assert (answer.status_code, answer["Location"]) == (302, f"{PAGE}?first=soon")


def test_the_profile_of_an_employer_is_one_page_without_names(client_of, cases, yard):
    AgreementFactory(employer=yard, title="Yard agreement", effective_to=date(2027, 4, 30))
    answer = client_of("officer").get(f"/organizations/{yard.pk}/profile/")
    [page] = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    text = page.extract_text()
    assert answer["Content-Disposition"] == f'attachment; filename="employer-profile-{yard.pk}.pdf"'
    assert "Crane Yard · Gary, IN, as it stands on Fri 27 Nov 2026." in text
    assert "Yard agreement until Fri 30 Apr 2027" in text
    assert "Article 14 2 1 1 0 $318.50" in text
    assert "Won 1 (100 % of those that ended)" in text
    assert "Aalto" not in text


def test_the_page_of_an_employer_lists_unresolved_cases_first(client_of, cases, yard):
    GrievanceFactory(employer=yard, closed=True, filed_date=date(2026, 9, 1))
    AgreementFactory(employer=yard, title="Yard agreement")
    page = client_of("officer").get(yard.get_absolute_url())
    [panel] = page.context["panels"]
    assert [case.status for case, _badge, _who in panel.cases] == ["open", "closed", "settled"]
    assert "Yard agreement" in page.text
    assert f"/organizations/{yard.pk}/profile/" in page.text


def test_a_case_names_others_on_its_article(client_of, cases):
    page = client_of("officer").get(cases[0].get_absolute_url())
    assert cases[1].grievance_number in page.text
    assert "/grievances/?article=Art.+14" in page.text
    found = client_of("officer").get("/grievances/", {"article": "Art. 14"})
    assert set(found.context["rows"]) == set(cases)
