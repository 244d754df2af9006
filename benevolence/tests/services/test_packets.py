"""The audit packet: the register by check number, what led to each payment, and samples that can be drawn again."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pypdf
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benevolence.enums import Voters
from benevolence.factories import (
    ApplicationFactory,
    DocumentFactory,
    PaymentFactory,
    RelationshipFactory,
)
from benevolence.models import Vote, kind_label
from benevolence.services import packet_papers, packets, payments, statements
from benevolence.services.packets import Entry, Sample, missing_numbers
from benevolence.services.periods import FiscalYear
from core.papers.typeset import pdf_of
from members.factories import MemberFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(datetime(2026, 4, 20, 15, tzinfo=UTC))]
YEAR = FiscalYear(2026, 1)


@pytest.fixture
def check(people):
    """`check("1042", day)`: the payment of an application over $100 by this check."""

    def make(reference, day=date(2026, 3, 12), **fields):
        application = ApplicationFactory(
            status="approved",
            amount_requested=Decimal("100.00"),
            application_date=date(2026, 2, 1),
            entered_by=people["staff"],
            **fields,
        )
        method = "check" if reference else "direct_deposit"
        return PaymentFactory(
            line=application.lines.get(),
            reference=reference,
            payment_method=method,
            paid_on=day,
            paid_by=people["treasurer"],
        )

    return make


def read_by(user) -> packets.Packet:
    return packets.packet_of(YEAR, user)


def test_the_register_goes_by_check_number(people, check):
    for reference in ("1003", "", "WIRE-7", "999", "1001"):
        check(reference)
    check("1000", date(2025, 12, 30))
    found = read_by(people["trustee"])
    assert [entry.number for entry in found.entries] == ["999", "1001", "1003", "WIRE-7", "—"]
    assert (found.missing, found.left_out, found.total) == ([1000, 1002], 0, Decimal("500.00"))


@pytest.mark.parametrize(
    ("references", "missing"),
    [
        (["7", "9", "x", ""], [8]),
        (["7", "8"], []),
        ([], []),
        (["1", "999999999999999999999"], list(range(2, 23))),
    ],
)
def test_numbers_that_are_missing(references, missing):
    assert missing_numbers(references) == missing


def test_each_payment_comes_with_decisions_proof_and_relations(people, check):
    member = MemberFactory()
    decided = {"reviewer": people["benevolence-vp"], "review_date": date(2026, 3, 9)}
    payment = check("1001", member=member, money__reviews={"vp": decided})
    review = payment.line.application.reviews.get()
    RelationshipFactory(
        user=people["officer"], member=member, kind="family", declared_at=datetime(2026, 3, 1, 15, tzinfo=UTC)
    )
    Vote.objects.create(
        review=review,
        voters="board",
        motion="To help",
        present=7,
        votes_for=5,
        votes_against=1,
        minute_number="12-B",
    )
    RelationshipFactory()
    proof = DocumentFactory(
        application=payment.line.application, category="notice", added_at=datetime(2026, 2, 1, 15, tzinfo=UTC)
    )
    [entry] = read_by(people["trustee"]).entries
    names = {name: people[name].full_name for name in ("benevolence-vp", "officer")}
    vote = f"{Voters.BOARD.label}: 5 for, 1 against, 7 present, minutes 12-B"
    assert entry.decisions == [
        f"Vice president · Approved · $100.00 · Mon 9 Mar 2026 · {names['benevolence-vp']} · {vote}"
    ]
    kind, who = kind_label("notice"), people["staff"].full_name
    assert entry.proofs == [f"{kind} · Sun 1 Feb 2026 · {who} · SHA-256 {proof.sha256[:16]}"]
    assert entry.relations == [f"{names['officer']}: Family, Sun 1 Mar 2026"]


def test_what_is_the_trustees_own_is_left_out_and_said(people, check):
    trustee = people["trustee"]
    related = MemberFactory()
    RelationshipFactory(user=trustee, member=related)
    check("1001", member=related)
    check("1002")
    found = read_by(trustee)
    assert [entry.number for entry in found.entries] == ["1002"]
    assert found.left_out == 1
    assert packet_papers.remarks(found)[0].startswith("1 payment is left out")


def test_a_void_check_stays_in_the_register_when_its_application_is_withdrawn(people, check):
    treasurer, member = people["treasurer"], MemberFactory()
    payment = check("1001", member=member)
    RelationshipFactory(user=people["officer"], member=member)
    DocumentFactory(application=payment.line.application)
    application = payments.reverse(payment.line.application, actor=treasurer, reason="Lost in the mail")
    assert read_by(people["trustee"]).entries[0].relations != []
    payments.release(application, actor=treasurer, reason="The member died")
    found = read_by(people["trustee"])
    assert (found.entries, found.left_out, found.total) == ([Entry(payment, [], [], [])], 0, Decimal("0.00"))
    money = statements.year_of_fund(YEAR)
    *_others, told = packet_papers.audit_packet(found, months=[], money=money, sample=None).data["sections"]
    [block] = told["blocks"]
    assert block["facts"][-2:] == [
        ("Amount", "$100.00"),
        ("Decisions", "not told: the application is not approved any more"),
    ]


def test_one_payment_and_three_cost_the_same_statements(people, check):
    counts = []
    read_by(people["trustee"])
    for number in range(3):
        check(str(1001 + number))
        with CaptureQueriesContext(connection) as queries:
            read_by(people["trustee"])
        counts.append(len(queries))
    assert counts == [counts[0]] * 3


def entries(count) -> list[Entry]:
    return [Entry(SimpleNamespace(voucher_number=f"BV-2026-{at:04d}"), [], []) for at in range(1, count + 1)]


def vouchers(drawn) -> list[int]:
    return [int(entry.payment.voucher_number[-4:]) for entry in drawn]


def test_every_third_payment():
    assert vouchers(Sample(every=3).drawn(entries(10))) == [1, 4, 7, 10]
    assert str(Sample(every=3)) == "One payment in 3 of the register, beginning with number 1"


def test_a_sample_by_its_seed_can_be_drawn_again():
    drawn = vouchers(Sample(count=3, seed="Hall 46").drawn(entries(20)))
    assert drawn == [4, 18, 19]  # as sha256sum orders them
    assert drawn == vouchers(Sample(count=3, seed="Hall 46").drawn(list(entries(20))))
    assert vouchers(Sample(count=3, seed="Hall 47").drawn(entries(20))) != drawn
    assert vouchers(Sample(count=9, seed="x").drawn(entries(2))) == [1, 2]


def test_the_packet_on_paper(people, check):
    statements.enter({"month": date(2026, 3, 1), "balance": Decimal("90.00")}, actor=people["treasurer"])
    check("1001")
    check("1003")
    found = read_by(people["trustee"])
    months, money = statements.months_of(YEAR), statements.year_of_fund(YEAR)
    paper = packet_papers.audit_packet(found, months=months, money=money, sample=Sample(count=1, seed="Hall"))
    pages = pypdf.PdfReader(io.BytesIO(pdf_of(paper))).pages
    text = "\n".join(page.extract_text() for page in pages)
    words = (
        "Audit packet",
        "Check numbers between these that are not in the register: 1002.",
        "March 2026",
        "1003",
        "so that anybody can draw the same",
        "Their sum $200.00",
    )
    assert [word for word in words if word not in text] == []
    assert (pages[0].mediabox.width, pages[0].mediabox.height) == (792, 612)
