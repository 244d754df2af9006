"""What the papers of an application say, and to whom."""

import io
from datetime import date
from decimal import Decimal

import pypdf
import pytest

from benevolence.factories import ApplicationFactory, ReviewFactory
from benevolence.models import BenevolenceApplication
from benevolence.services import papers
from core.errors import DomainError
from core.papers.typeset import pdf_of
from core.site import change_settings
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db
HOSTILE = "#[]$*_@<`\\"


@pytest.fixture
def ann(db):
    change_settings({"name": "Trades", "number": "46", "address": ""}, actor=None)
    return MemberFactory(
        first_name="Ann",
        middle_name="",
        last_name=f"O'Neill {HOSTILE}",
        address="1 Main St",
        city="Springfield",
        state="IL",
        zip_code="62701",
    )


@pytest.fixture
def made(ann, people):
    """`made("paid")`: Ann's application of March for $1,200, of which $900 are approved."""

    def make(status, **fields):
        granted = {"approved_amount": Decimal("900.00"), "approved_on": date(2026, 3, 9)}
        return ApplicationFactory(
            member=ann,
            entered_by=people["staff"],
            application_date=date(2026, 3, 2),
            amount_requested=Decimal("1200.00"),
            status=status,
            **(granted if status in ("approved", "paid") else {}),
            **{"application_number": "BN-2026-0007", **fields},
        )

    return make


def seen(application, user):
    return BenevolenceApplication.objects.for_person(user).select_related("member").get(pk=application.pk)


def text_of(application, user, name) -> list[str]:
    paper = papers.paper_of(seen(application, user), papers.KINDS[name])
    [page] = pypdf.PdfReader(io.BytesIO(pdf_of(paper))).pages
    return page.extract_text().splitlines()


HEAD = ["Trades 46", f"Ann O'Neill {HOSTILE}", "1 Main St", "Springfield, IL 62701"]
ASKED = [
    "On Mon 2 Mar 2026 you asked the benevolence fund for $1,200.00; your application has the number ",
    "BN-2026-0007.",
]


def test_the_letter_of_an_approval(people, made):
    assert text_of(made("approved"), people["treasurer"], "decision-letter") == [
        *HEAD,
        "Mon 9 Mar 2026",
        "Decision letter",
        f"Dear Ann O'Neill {HOSTILE},",
        *ASKED,
        "It is approved for $900.00.",
        "The payment is made next. There is nothing that you need to do.",
        "For the benevolence committee",
        "Page 1 of 1",
    ]


def test_the_letter_of_a_denial_says_why_and_what_to_do(people, made):
    denied = made("denied")
    ReviewFactory(
        application=denied, decision="denied", amount=None, comments="Not covered.", review_date=date(2026, 3, 11)
    )
    found = text_of(denied, people["trustee"], "decision-letter")
    assert found[4:6] == ["Wed 11 Mar 2026", "Decision letter"]
    assert found[9:11] == ["We are sorry: it was not approved.", "Not covered."]
    assert found[11].startswith("You may ask for another decision")


PAID = {"payment_date": date(2026, 3, 12), "payment_method": "check", "payment_reference": "1042"}


def test_the_receipt_names_whoever_was_paid(people, made):
    application = made("paid", money__line={"payee_name": "Lakeside Power"}, **PAID)
    found = text_of(application, people["treasurer"], "receipt")
    assert found[4:] == [
        "Thu 12 Mar 2026",
        "Receipt",
        "The benevolence fund paid this help:",
        "Application BN-2026-0007",
        "Paid to Lakeside Power",
        "Amount $900.00",
        "Paid on Thu 12 Mar 2026",
        "Paid by Direct deposit",
        "Received by, and day",
        "Page 1 of 1",
    ]


def test_which_papers_there_are(people, made):
    found = {}
    for number, status in enumerate(("submitted", "approved", "paid", "denied"), 1):
        application = made(status, application_number=f"BN-2026-000{number}", **(PAID if status == "paid" else {}))
        found[status] = [kind.name for kind in papers.offered(seen(application, people["trustee"]))]
    assert found == {
        "submitted": [],
        "approved": ["decision-letter"],
        "paid": ["decision-letter", "receipt"],
        "denied": ["decision-letter"],
    }


def test_the_office_has_none(people, made):
    assert papers.offered(seen(made("paid", **PAID), people["staff"])) == []


def test_before_the_decision_a_sentence_says_when(people, made):
    with pytest.raises(DomainError, match="once the application is decided"):
        papers.paper_of(seen(made("submitted"), people["benevolence-vp"]), papers.KINDS["decision-letter"])
