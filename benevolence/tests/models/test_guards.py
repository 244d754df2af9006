"""What raw SQL meets: the database refuses it, whoever writes. docs/security.md says what SQLite cannot hold."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.factories import UserFactory
from benevolence.enums import Account, EntryKind
from benevolence.factories import (
    ApplicationFactory,
    LineFactory,
    PaymentFactory,
    RelationshipFactory,
    ReviewFactory,
    donated,
)
from benevolence.models import FundAccount, FundTransfer, Payment
from benevolence.services import fund
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db
FOUR = Decimal("400.00")


@pytest.fixture
def approved():
    return ApplicationFactory(status="approved", amount_requested=FOUR)


def refusal(act) -> str:
    """What the database says, or "" where it lets it pass; undone in any case."""
    try:
        with transaction.atomic():
            act()
            transaction.set_rollback(True)
    except IntegrityError as error:
        return str(error).partition("\n")[0]
    return ""


def sql(statement: str, *values):
    def run():
        with connection.cursor() as cursor:
            cursor.execute(statement, [getattr(value, "hex", value) if keyed else value for value in values])

    keyed = connection.vendor == "sqlite"
    return run


def entry(kind, credit, debit, amount=FOUR, **fields):
    return lambda: FundTransfer.objects.create(
        kind=kind, credit_id=credit, debit_id=debit, amount=amount, key="raw", **fields
    )


# --- the fund --------------------------------------------------------------------------------------------


def test_entries_move_money_by_themselves_and_never_below_zero(approved):
    before = fund.figures()
    donated(Decimal("10.00"))
    after = fund.figures()
    assert after.available - before.available == Decimal("10.00")
    held, aside = Account.AVAILABLE, Account.SET_ASIDE
    other = ApplicationFactory(status="submitted", money=False)
    said = {
        "from nothing": entry(EntryKind.SET_ASIDE, held, aside, Decimal("10.01"), application=approved),
        "of another": entry(EntryKind.RELEASE, aside, held, Decimal("1.00"), application=other),
        "too much": entry(EntryKind.RELEASE, aside, held, Decimal("400.01"), application=approved),
        "for nobody": entry(EntryKind.SET_ASIDE, held, aside, Decimal("1.00")),
        "by a way that is none": entry(EntryKind.DONATION, held, aside, Decimal("1.00"), application=approved),
        "without a payment": entry(EntryKind.PAYMENT, aside, Account.PAID_OUT, application=approved),
        "nothing": entry(EntryKind.DONATION, Account.OUTSIDE, held, Decimal(0)),
        "from itself": entry(EntryKind.REVERSAL, held, held),
    }
    assert {name: bool(refusal(act)) for name, act in said.items()} == dict.fromkeys(said, True)
    assert refusal(entry(EntryKind.SET_ASIDE, held, aside, Decimal("10.00"), application=approved)) == ""
    assert fund.figures() == after


def test_an_entry_is_never_changed_and_reversed_once_by_its_mirror(approved):
    gift = donated(Decimal("10.00"))
    mirror = {"reverses": gift}
    back = (EntryKind.REVERSAL, Account.AVAILABLE, Account.OUTSIDE)
    assert "append-only" in refusal(lambda: FundTransfer.objects.filter(pk=gift.pk).update(note="x"))
    assert "append-only" in refusal(sql("DELETE FROM benevolence_fundtransfer"))
    assert "mirrors" in refusal(entry(*back, Decimal("9.00"), **mirror))
    assert "mirrors" in refusal(entry(EntryKind.REVERSAL, Account.OUTSIDE, Account.AVAILABLE, gift.amount, **mirror))
    undone = fund.mirror(gift, actor=None)
    assert refusal(entry(*back, gift.amount, **mirror)) != ""
    assert "mirrors" in refusal(
        entry(EntryKind.REVERSAL, Account.OUTSIDE, Account.AVAILABLE, gift.amount, reverses=undone)
    )


def test_a_balance_is_counted_and_not_written(approved):
    """SQLite does not tell whether an entry counts or somebody writes: there `check_ledger` finds it."""
    grows = sql("UPDATE benevolence_fundaccount SET balance = balance + 100 WHERE kind = 'available'")
    assert bool(refusal(grows)) == (connection.vendor == "postgresql")
    assert refusal(sql("UPDATE benevolence_fundaccount SET balance = -1 WHERE kind = 'available'")) != ""
    assert refusal(sql("DELETE FROM benevolence_fundaccount WHERE kind = 'available'")) != "" or (
        connection.vendor == "sqlite"
    )
    FundAccount.objects.filter(pk="none").delete()
    assert "empty" in refusal(lambda: FundAccount.objects.create(kind="other", balance=Decimal("1.00")))


# --- payments --------------------------------------------------------------------------------------------


def pays(application, **fields):
    return lambda: PaymentFactory(line=application.lines.get(), **fields)


def test_whoever_pays_has_no_part_in_it(approved):
    member, relation = UserFactory(member=approved.member), UserFactory()
    RelationshipFactory(user=relation, member=approved.member)
    decided = ReviewFactory(application=approved).reviewer
    involved = {"entered": approved.entered_by, "applied": member, "is related": relation, "decided": decided}
    found = {name: refusal(pays(approved, paid_by=person)) for name, person in involved.items()}
    assert found == {
        **dict.fromkeys(("entered", "applied", "is related"), "whoever pays has no part in it"),
        "decided": "whoever pays decided none of it",
    }
    assert refusal(pays(approved)) == ""


def test_paid_is_once_what_was_approved_and_set_aside(approved):
    waiting = ApplicationFactory(status="submitted", amount_requested=FOUR)
    assert refusal(pays(waiting)) == "more than was set aside"
    assert refusal(pays(approved, amount=Decimal("399.00"))) == "a payee is paid what was approved"
    payment = PaymentFactory(line=approved.lines.get(), reference="41")
    assert refusal(pays(approved)) != ""
    other = ApplicationFactory(status="approved")
    assert refusal(pays(other, reference="41")) != ""
    assert refusal(pays(other, voucher_number=payment.voucher_number)) != ""


def test_a_payment_stays_as_it_was_made():
    payment = Payment.objects.get(line__application=ApplicationFactory(status="paid", amount_requested=FOUR))
    rows = Payment.objects.filter(pk=payment.pk)
    changes = (
        {"amount": Decimal("1.00")},
        {"reference": "99"},
        {"paid_on": "2020-01-01"},
        {"paid_by": UserFactory()},
        {"second_signer": payment.paid_by, "signed_at": "2026-01-05T00:00Z"},
        {"second_signer": payment.line.application.entered_by, "signed_at": "2026-01-05T00:00Z"},
        {"voided_at": "2026-01-05T00:00Z"},
    )
    assert [bool(refusal(lambda c=change: rows.update(**c))) for change in changes] == [True] * len(changes)
    assert refusal(sql("DELETE FROM benevolence_payment")) != ""
    line = payment.line
    assert "stays" in refusal(lambda: type(line).objects.filter(pk=line.pk).update(payee_name="Somebody"))
    rows.update(second_signer=UserFactory(), signed_at="2026-01-05T00:00Z")
    assert "stays" in refusal(lambda: rows.update(second_signer=None, signed_at=None))


# --- applications ----------------------------------------------------------------------------------------


def becomes(application, status, **fields):
    values = {"status": status, "level_due": "", **fields}
    return lambda: type(application).objects.filter(pk=application.pk).update(**values)


GRANT = {"approved_amount": FOUR, "approved_on": "2026-01-05"}
PAID = {"payment_date": "2026-01-05", "payment_method": "check"}


def test_approved_is_what_somebody_else_approved_and_what_is_set_aside():
    application = ApplicationFactory(status="submitted", amount_requested=FOUR)
    assert refusal(becomes(application, "approved", **GRANT)) == "approved is what somebody else approved"
    own = ReviewFactory(application=application, reviewer=application.entered_by)
    assert refusal(becomes(application, "approved", **GRANT)) == "approved is what somebody else approved"
    type(own).objects.filter(pk=own.pk).update(voided_at="2026-01-05T00:00Z")
    ReviewFactory(application=application)
    assert refusal(becomes(application, "approved", **GRANT)) == "approved is what is set aside"
    paid = {**GRANT, **PAID, "paid_by": UserFactory()}
    assert refusal(becomes(application, "paid", **paid)) == "paid is what every payee of it is"
    with transaction.atomic():
        fund.set_aside(application, FOUR, actor=None)
    assert refusal(becomes(application, "approved", **GRANT)) == ""


def test_paid_is_what_every_payee_is_and_nothing_stays_set_aside(approved):
    paid = {**PAID, "paid_by": UserFactory()}
    assert refusal(becomes(approved, "paid", **paid)) == "paid is what every payee of it is"
    assert refusal(becomes(approved, "withdrawn")) == "what was set aside is released first"
    LineFactory(application=approved, position=2, asked=Decimal("5.00"))
    PaymentFactory(line=approved.lines.get(position=1))
    assert refusal(becomes(approved, "paid", **paid)) == "paid is what every payee of it is"


def test_a_member_is_the_applicant_under_their_own_record():
    member = MemberFactory()
    application = ApplicationFactory(status="approved", member=member)
    assert "no part" in refusal(pays(application, paid_by=UserFactory(member=member)))
