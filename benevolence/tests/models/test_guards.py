"""What raw SQL meets: the database refuses it, whoever writes. docs/security.md says what SQLite cannot hold."""

from decimal import Decimal
from uuid import uuid4

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
    grant,
)
from benevolence.models import BenevolenceApplication, BenevolencePolicy, FundAccount, FundTransfer, Payment
from benevolence.services import fund
from core.site import local_today
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db
FOUR = Decimal("400.00")
FIELDS = BenevolenceApplication._meta.concrete_fields


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
    other = ApplicationFactory(status="submitted", amount_requested=Decimal("20.00"), money=False)
    ReviewFactory(application=other)
    said = {
        "from nothing": entry(EntryKind.SET_ASIDE, held, aside, Decimal("10.01"), application=other),
        "of another": entry(EntryKind.RELEASE, aside, held, Decimal("1.00"), application=other),
        "too much": entry(EntryKind.RELEASE, aside, held, Decimal("400.01"), application=approved),
        "for nobody": entry(EntryKind.SET_ASIDE, held, aside, Decimal("1.00")),
        "by a way that is none": entry(EntryKind.DONATION, held, aside, Decimal("1.00"), application=approved),
        "without a payment": entry(EntryKind.PAYMENT, aside, Account.PAID_OUT, application=approved),
        "nothing": entry(EntryKind.DONATION, Account.OUTSIDE, held, Decimal(0)),
        "from itself": entry(EntryKind.REVERSAL, held, held),
    }
    assert {name: bool(refusal(act)) for name, act in said.items()} == dict.fromkeys(said, True)
    assert refusal(entry(EntryKind.SET_ASIDE, held, aside, Decimal("10.00"), application=other)) == ""
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
    decided = approved.reviews.get().reviewer
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


def test_approved_is_what_is_set_aside_for_it():
    application = ApplicationFactory(status="submitted", amount_requested=FOUR)
    assert refusal(becomes(application, "approved", **GRANT)) == AT_EVERY_LEVEL
    ReviewFactory(application=application)
    assert refusal(becomes(application, "approved", **GRANT)) == "approved is what is set aside"
    paid = {**GRANT, **PAID, "paid_by": UserFactory()}
    assert refusal(becomes(application, "paid", **paid)) == "paid is what every payee of it is"
    with transaction.atomic():
        fund.set_aside(application, FOUR, actor=None)
    assert refusal(becomes(application, "approved", **GRANT)) == ""


def test_paid_is_what_every_payee_is_and_nothing_stays_set_aside():
    approved = ApplicationFactory(status="submitted", amount_requested=FOUR)
    LineFactory(application=approved, position=2, asked=Decimal("5.00"))
    ReviewFactory(application=approved)
    with transaction.atomic():
        fund.set_aside(approved, FOUR, actor=None)
    becomes(approved, "approved", **GRANT)()
    paid = {**PAID, "paid_by": UserFactory()}
    assert refusal(becomes(approved, "paid", **paid)) == "paid is what every payee of it is"
    assert refusal(becomes(approved, "withdrawn")) == "what was set aside is released first"
    PaymentFactory(line=approved.lines.get(position=1))
    assert refusal(becomes(approved, "paid", **paid)) == "paid is what every payee of it is"


AT_EVERY_LEVEL = "approved is what somebody else approved at every level"
# Dollars, and the levels that must have approved them.
NEEDED = {
    "400.00": ("vp",),
    "1900.00": ("vp", "admin"),
    "4900.00": ("vp", "admin", "manager"),
    "6000.00": ("vp", "admin", "manager", "president"),
}


def aside(application, amount):
    return entry(EntryKind.SET_ASIDE, Account.AVAILABLE, Account.SET_ASIDE, amount, application=application)


@pytest.mark.parametrize("dollars", NEEDED)
def test_neither_approved_nor_set_aside_with_fewer_levels_than_the_amount_needs(dollars):
    amount = Decimal(dollars)
    for level in NEEDED[dollars]:
        application = ApplicationFactory(status="submitted", amount_requested=amount)
        for other in NEEDED[dollars]:
            if other != level:
                ReviewFactory(application=application, review_level=other)
        grant = {"approved_amount": amount, "approved_on": "2026-01-05"}
        paid = {**grant, **PAID, "paid_by": UserFactory()}
        application.lines.all().delete()
        said = [refusal(becomes(application, status, **rest)) for status, rest in (("approved", grant), ("paid", paid))]
        assert said == [AT_EVERY_LEVEL, "paid is what every payee of it is"]
        assert refusal(aside(application, amount)) == "set aside is what every level approved"
        ReviewFactory(application=application, review_level=level, amount=amount - 1)
        assert refusal(aside(application, amount)) == "set aside is what every level approved"
        assert refusal(aside(application, amount - 1)) == ""


def test_levels_are_those_of_its_own_rules_and_of_what_was_approved_shortly_before():
    rules = {"uses_admin": False, "vp_up_to": Decimal("1000.00"), "starts_on": "2020-01-01"}
    own = BenevolencePolicy.objects.create(number=7, **rules)
    few = ApplicationFactory(status="submitted", amount_requested=Decimal("900.00"), policy=own)
    ReviewFactory(application=few)
    assert refusal(aside(few, Decimal("900.00"))) == ""
    ApplicationFactory(status="approved", amount_requested=Decimal("150.00"), member=few.member, policy=own)
    assert refusal(aside(few, Decimal("900.00"))) == "set aside is what every level approved"
    ReviewFactory(application=few, review_level="manager", amount=Decimal("900.00"))
    assert refusal(aside(few, Decimal("900.00"))) == ""


def test_nothing_begins_decided_and_nothing_that_counts_is_deleted(approved):
    for status in ("approved", "paid"):
        new = {"id": f"'{uuid4().hex}'", "application_number": "'BN-1'", "status": f"'{status}'"}
        if status == "paid":
            new |= {"payment_date": "approved_on", "payment_method": "'check'", "paid_by_id": "entered_by_id"}
        columns = [field.column for field in FIELDS]
        copied = f"SELECT {', '.join(new.get(name, name) for name in columns)} FROM benevolence_benevolenceapplication"
        insert = sql(f"INSERT INTO benevolence_benevolenceapplication ({', '.join(columns)}) {copied}")
        assert refusal(insert) == "an application begins before its decision"
    assert refusal(lambda: LineFactory(application=approved, position=2)) == "payees are named before the decision"
    assert refusal(sql("DELETE FROM benevolence_benevolenceapplication")) == "applications are kept"
    assert refusal(sql("DELETE FROM benevolence_benevolencereview")) == "decisions are kept"


def test_who_is_paid_stays_as_it_was_approved(approved):
    line = approved.lines.get()
    lines = type(line).objects.filter(pk=line.pk)
    for change in ({"amount": Decimal("1.00")}, {"asked": 2 * FOUR}, {"payee_kind": "vendor"}, {"purpose": "Rent"}):
        assert refusal(lambda change=change: lines.update(**change)) == "what was approved is what is paid"
    assert refusal(lines.delete) == "payees are named before the decision"
    assert refusal(lambda: lines.update(payee_name="Ann Smith after her wedding")) == ""
    waiting = ApplicationFactory(status="submitted", amount_requested=FOUR)
    waiting.lines.update(payee_kind="vendor")
    grant(waiting, {"status": "approved", "approved_amount": FOUR, "approved_on": local_today(), "level_due": ""})
    assert refusal(lambda: waiting.lines.update(payee_name="Somebody")) == "what was approved is what is paid"


def test_numbers_at_utilities_move_to_a_new_key_after_the_payment():
    line = ApplicationFactory(status="paid").lines.get()
    line.account_number = "0815-1"
    line.save()
    line.save()  # sealed anew
    assert type(line).objects.get(pk=line.pk).account_number == "0815-1"


def test_what_was_approved_stays_as_it_was(approved):
    review = approved.reviews.get()
    rows, reviews = type(approved).objects.filter(pk=approved.pk), type(review).objects.filter(pk=review.pk)
    stays = {"application": "what was approved stays as it was", "review": "what was decided stays as it was"}
    lower = Decimal("1.00")
    assert refusal(lambda: rows.update(approved_amount=lower)) == stays["application"]
    assert refusal(lambda: rows.update(amount_requested=2 * FOUR)) == stays["application"]
    for change in ({"reviewer": UserFactory()}, {"review_level": "admin"}, {"decision": "deferred", "amount": None}):
        assert refusal(lambda change=change: reviews.update(**change)) == stays["review"]
    assert refusal(lambda: reviews.update(amount=lower)) == stays["review"]
    assert refusal(lambda: reviews.update(voided_at="2026-01-05T00:00Z")) == "what was set aside is released first"
    with transaction.atomic():
        fund.release(approved, actor=None)
    assert refusal(lambda: rows.update(approved_amount=lower)) == stays["application"]
    by_nobody = {"payment_date": local_today(), "payment_method": "check", "paid_by": UserFactory()}
    assert refusal(lambda: rows.update(approved_amount=lower, status="paid", **by_nobody)) != ""
    reviews.update(voided_at="2026-01-05T00:00Z")
    assert refusal(lambda: reviews.update(voided_at=None)) == "what is void stays void"


def test_nobody_decides_what_they_have_a_part_in():
    application = ApplicationFactory(status="submitted", amount_requested=FOUR)
    member, relation = UserFactory(member=application.member), UserFactory()
    RelationshipFactory(user=relation, member=application.member)
    for person in (application.entered_by, member, relation):
        for decision in ("approved", "denied"):
            review = lambda p=person, d=decision: ReviewFactory(application=application, reviewer=p, decision=d)  # noqa: E731
            assert refusal(review) == "whoever decides has no part in it"
    assert refusal(lambda: ReviewFactory(application=application)) == ""


def test_money_is_set_aside_and_paid_out_once(approved):
    paid = ApplicationFactory(status="paid", amount_requested=FOUR)
    payment = Payment.objects.get(line__application=paid)
    donated(FOUR)
    assert refusal(aside(approved, Decimal("1.00"))) == "set aside is what is being approved"
    out = (EntryKind.PAYMENT, Account.SET_ASIDE, Account.PAID_OUT)
    assert refusal(entry(*out, application=approved, payment=payment)) == "paid out is what a payment says"
    assert refusal(entry(*out, FOUR - 1, application=paid, payment=payment)) == "paid out is what a payment says"
    assert refusal(entry(*out, application=paid, payment=payment)) == "a payment is paid out once"
    waiting = ApplicationFactory(status="submitted", amount_requested=FOUR)
    ReviewFactory(application=waiting)
    with transaction.atomic():
        fund.set_aside(waiting, FOUR, actor=None)
    assert refusal(aside(waiting, Decimal("1.00"))) == "what was approved is set aside once"


def test_a_member_is_the_applicant_under_their_own_record():
    member = MemberFactory()
    application = ApplicationFactory(status="approved", member=member)
    assert "no part" in refusal(pays(application, paid_by=UserFactory(member=member)))
