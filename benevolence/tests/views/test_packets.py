"""The audit of a fiscal year as a page, as papers and as files, and the bank's statements."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from benevolence.factories import ApplicationFactory, PaymentFactory
from benevolence.models import BankStatement
from core.models import ReadEvent
from core.site import change_settings

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(datetime(2026, 4, 20, 15, tzinfo=UTC))]
PAGE = "/benevolence/audit/"
STATEMENTS = "/benevolence/fund/statements/"


@pytest.fixture
def check(people):
    application = ApplicationFactory(
        status="approved",
        amount_requested=Decimal("100.00"),
        application_date=date(2026, 2, 1),
        entered_by=people["staff"],
    )
    line = application.lines.get()
    type(line).objects.filter(pk=line.pk).update(payee_name="=HYPERLINK(1)")
    return PaymentFactory(
        line=line, reference="1001", payment_method="check", paid_on=date(2026, 3, 12), paid_by=people["treasurer"]
    )


def test_the_page_has_register_sample_and_statements(client_of, check):
    page = client_of("trustee").get(PAGE, {"year": "2026", "way": "random", "number": "1", "seed": "Hall"})
    assert page.status_code == 200
    assert page.text.count(check.voucher_number) == 2  # in the sample and in the register
    assert "The voucher with the lowest SHA-256 of “Hall:voucher number”" in page.text
    assert "no statement yet" in page.text
    assert list(ReadEvent.objects.values_list("kind", "subject_type", "rows", "filters")) == [
        ("listed", "benevolence.payment", 1, {"year": "2026"})
    ]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"way": "every"}, "Say how many."),
        ({"way": "random", "number": "2"}, "Choose a seed: any word will do."),
        ({"year": "1999"}, "There is no report of that year. Choose one of the list."),
        ({"way": "every", "number": "0"}, "Ensure this value is greater than or equal to 1."),
    ],
)
def test_what_makes_no_sample_is_said_at_the_field(client_of, check, query, sentence):
    page = client_of("trustee").get(PAGE, query)
    assert sentence in page.text
    assert page.text.count(check.voucher_number) == 1


def test_the_papers_and_the_file(client_of, check):
    browser = client_of("trustee")
    for place, name in (("packet", "audit-packet"), ("register", "check-register")):
        answer = browser.get(f"{PAGE}{place}/", {"year": "2026"})
        assert answer["Content-Disposition"] == f'attachment; filename="{name}-2026.pdf"'
        assert answer.content.startswith(b"%PDF")
    text = b"".join(browser.get(f"{PAGE}register/csv/").streaming_content).decode().removeprefix("\ufeff")
    [_heads, row] = csv.reader(io.StringIO(text))
    assert row[:7] == [
        "1001",
        "2026-03-12",
        check.voucher_number,
        check.line.application.application_number,
        "'=HYPERLINK(1)",
        "100.00",
        "Check",
    ]
    assert browser.get(f"{PAGE}register/pdf/").status_code == 404
    assert list(ReadEvent.objects.values_list("kind", flat=True).order_by("id")) == ["exported"] * 3


def test_a_statement_is_typed_in_and_compared(client_of, check):
    browser = client_of("treasurer")
    answer = browser.post(f"{STATEMENTS}new/", {"month": "2026-03-01", "balance": "$1,000.00", "note": "Fees"})
    assert answer.status_code == 302
    assert BankStatement.objects.get().balance == Decimal("1000.00")
    page = client_of("trustee").get(answer["Location"])
    assert page.text.count("$1,000.00") == 4  # the statement and its difference, by month and as typed
    assert "Fees" in page.text
    assert "Type in a statement" not in page.text
    assert browser.post(f"{STATEMENTS}new/", {"month": "2026-04-01", "balance": "1"}).status_code == 422


@pytest.mark.parametrize(("first_month", "year", "words"), [(7, 2025, "2025–2026"), (3, 2026, "2026–2027")])
def test_a_statement_is_shown_in_its_fiscal_year(client_of, first_month, year, words):
    change_settings({"fiscal_year_start": first_month}, actor=None)
    browser = client_of("treasurer")
    answer = browser.post(f"{STATEMENTS}new/", {"month": "2026-03-01", "balance": "$1,000.00"})
    assert answer["Location"] == f"{STATEMENTS}?year={year}"
    page = browser.get(answer["Location"])
    assert (page.context["form"].errors, str(page.context["year"])) == ({}, words)
