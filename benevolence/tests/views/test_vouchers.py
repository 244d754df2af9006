"""Vouchers: what they say, who gets them, and that the reading is on record."""

import io
from datetime import date
from decimal import Decimal

import pypdf
import pytest

from benevolence.factories import ApplicationFactory, PaymentFactory, PaymentRunFactory
from core.models import ReadEvent

pytestmark = pytest.mark.django_db
HOSTILE = "Moreno #[]$*_@<`\\ Funeral Home"


@pytest.fixture
def payment(people):
    """`payment(run=…)`: of $100 to a vendor, by check 1001."""

    def make(reference="1001", **fields):
        application = ApplicationFactory(
            status="approved",
            amount_requested=Decimal("100.00"),
            application_date=date(2026, 2, 1),
            application_number=f"BN-2026-{reference}",
            entered_by=people["staff"],
            money__reviews={"vp": {"reviewer": people["benevolence-vp"], "review_date": date(2026, 3, 9)}},
            money__line={"payee_name": HOSTILE, "purpose": "Funeral", "address": "2 Oak St\nTown"},
        )
        return PaymentFactory(
            line=application.lines.get(),
            reference=reference,
            payment_method="check",
            voucher_number=f"BV-2026-{reference}",
            paid_on=date(2026, 3, 12),
            paid_by=people["treasurer"],
            **fields,
        )

    return make


def pages(answer) -> list[list[str]]:
    return [page.extract_text().splitlines() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages]


def test_what_a_voucher_says(client_of, people, payment):
    answer = client_of("treasurer").get(f"/benevolence/payments/{payment().pk}/voucher/")
    [page] = pages(answer)
    vp, treasurer = people["benevolence-vp"].full_name, people["treasurer"].full_name
    start = page.index("Payment voucher")
    assert page[start:] == [
        "Payment voucher",
        "Voucher BV-2026-1001",
        "Application BN-2026-1001",
        f"Paid to {HOSTILE}",
        "2 Oak St",
        "Town",
        "What for Funeral",
        "Amount $100.00",
        "Paid on Thu 12 Mar 2026",
        "Paid by Check",
        "Check or bank reference 1001",
        "Decisions",
        f"Vice president · Approved · $100.00 · Mon 9 Mar 2026 · {vp}",
        f"Recorded by: {treasurer}",
        "Second signer",
        "Page 1 of 1",
    ]
    assert answer["Content-Disposition"] == 'attachment; filename="voucher.pdf"'


def test_who_gets_it(client_of, payment):
    made = payment()
    names = ("treasurer", "trustee", "benevolence-vp", "officer", "staff", "member", "admin")
    url = f"/benevolence/payments/{made.pk}/voucher/"
    found = {name: client_of(name).get(url).status_code for name in names}
    assert found == dict.fromkeys(names, 403) | {"treasurer": 200, "trustee": 200}
    assert (
        list(ReadEvent.objects.values_list("kind", "subject_type", "subject_id"))
        == [("downloaded", "benevolence.payment", str(made.pk))] * 2
    )


def test_those_of_a_run_come_together(client_of, people, payment):
    run = PaymentRunFactory(made_by=people["treasurer"])
    for reference in ("1002", "1001"):
        payment(reference, run=run)
    answer = client_of("treasurer").get(f"/benevolence/runs/{run.pk}/vouchers/")
    assert [page[page.index("Payment voucher") + 1] for page in pages(answer)] == [
        "Voucher BV-2026-1001",
        "Voucher BV-2026-1002",
    ]
    assert list(ReadEvent.objects.values_list("kind", "subject_type", "rows")) == [
        ("exported", "benevolence.payment", 2)
    ]
    assert client_of("treasurer").get(f"/benevolence/runs/{payment('1003').pk}/vouchers/").status_code == 404
