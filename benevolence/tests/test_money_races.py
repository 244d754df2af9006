"""Money under many hands at once: one payment, never more than there is; each beside a naive control that must fail."""

import os
import time
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from benevolence.enums import Account, EntryKind
from benevolence.factories import ApplicationFactory, LineFactory, donated
from benevolence.models import BenevolenceApplication, FundAccount, FundTransfer, Payment
from benevolence.services import fund, ledger, payments, reviews
from core.errors import DomainError
from core.site import local_today
from unionops.testing.races import run_in_processes

WHOLE = bool(os.environ.get("BATTERY"))
ROUNDS, AT_ONCE = (20, 50) if WHOLE else (2, 8)
ONE = Decimal("100.00")
PAID = 4  # what the controls write in place of a payment or of money set aside, which the database would refuse

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
only_postgresql = pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time")


def told(act):
    """What one of many reads: "" where it was done."""
    try:
        act()
    except (DomainError, ValidationError) as refused:
        return str(getattr(refused, "sentence", refused))
    except OperationalError:
        return "busy"
    return ""


def pay(application, treasurer):
    payments.pay(application, actor=treasurer, payment_date=local_today(), payment_method="direct_deposit")


def naive_payment(application):
    """Look, then pay, without a lock and without the constraints of payments."""
    with transaction.atomic():
        if BenevolenceApplication.objects.get(pk=application.pk).level_reached == PAID:
            return False
        time.sleep(0.3)
        BenevolenceApplication.objects.filter(pk=application.pk).update(level_reached=PAID)
    return True


def test_of_many_payments_at_once_one_is_made(people):
    """Battery E1."""
    treasurer = people["treasurer"]
    for _round in range(ROUNDS):
        application = ApplicationFactory(status="approved", amount_requested=ONE)
        answers = run_in_processes(
            lambda number, row=application: told(partial(pay, row, treasurer)), processes=AT_ONCE
        )
        made = Payment.objects.filter(line__application=application)
        assert (answers.count(""), made.count()) == (1, 1)
        assert FundTransfer.objects.filter(application=application, kind=EntryKind.PAYMENT).count() == 1
    assert list(ledger.differences()) == []


@only_postgresql
def test_control_who_only_looks_pays_several_times(people):
    for _round in range(ROUNDS):
        application = ApplicationFactory(status="approved", amount_requested=ONE)
        done = run_in_processes(lambda number, row=application: naive_payment(row))
        assert done.count(True) > 1


VOID = "This payment is void, so there is nothing to sign."
GONE = "This record is no longer there. Go back to the list and look again."
TAKEN = "This payment has its second signature already."


def paid_once(treasurer):
    application = ApplicationFactory(status="approved", amount_requested=ONE)
    pay(application, treasurer)
    return Payment.objects.get(line__application=application)


def sign_or_void(sign, void, payment, signers, treasurer):
    """Return what two signers and two who void the payment at the same moment were told, and how it stands then."""

    def act(number):
        if number % 2:
            return told(partial(sign, payment, actor=signers[number // 2]))
        return told(partial(void, payment.line.application, actor=treasurer, reason="Lost"))

    answers = run_in_processes(act)
    payment.refresh_from_db()
    return answers[1::2], answers[0::2]


@only_postgresql
def test_a_second_signature_and_a_void_at_once_lose_neither(people, person_with):
    treasurer, signers = people["treasurer"], [person_with("officer") for _one in range(2)]
    for _round in range(ROUNDS):
        payment = paid_once(treasurer)
        signed, voided = sign_or_void(payments.sign, payments.reverse, payment, signers, treasurer)
        assert voided.count("") == 1
        assert payment.voided_at is not None
        assert ("" in signed) == (payment.second_signer is not None)
        assert set(signed) <= {"", VOID, GONE, TAKEN}
    assert list(ledger.differences()) == []


def naive_sign(payment, *, actor):
    """Read, look, write the whole row; what the database refuses is a fault."""
    row = Payment.objects.get(pk=payment.pk)
    if row.voided_at is None and row.second_signer is None:
        time.sleep(0.3)
        row.second_signer, row.signed_at = actor, timezone.now()
        row.save()


def naive_void(application, *, actor, reason):
    row = Payment.objects.get(line__application=application)
    time.sleep(0.3)
    row.voided_at, row.voided_by, row.void_reason = timezone.now(), actor, reason
    row.save()


@only_postgresql
def test_control_without_the_lock_on_the_payment_one_of_them_is_lost_or_a_fault(people, person_with):
    treasurer, signers = people["treasurer"], [person_with("officer") for _one in range(2)]
    for _round in range(ROUNDS):
        with pytest.raises(AssertionError, match="IntegrityError"):
            sign_or_void(naive_sign, naive_void, paid_once(treasurer), signers, treasurer)


def waiting(count):
    """So many applications of $100, with nothing of it in the fund."""
    rows = [ApplicationFactory(status="submitted", amount_requested=ONE, money=False) for _number in range(count)]
    for row in rows:
        LineFactory(application=row)
    return rows


def test_of_more_than_the_fund_holds_as_much_is_approved_as_it_holds(people):
    """Battery E2: 40 applications of $100 and $1,000 in the fund; never below zero, as somebody sees who looks on."""
    vp, rows = people["benevolence-vp"], waiting(40 if WHOLE else 16)
    donated(Decimal("1000.00") if WHOLE else Decimal("400.00"))
    seen = []

    def work(number):
        if number == 0:
            return [fund.figures().available for _look in range(50)]
        act = lambda row: told(lambda: reviews.approve(row, actor=vp, amount=ONE))  # noqa: E731
        return [act(row) for row in rows[number - 1 :: AT_ONCE - 1]]

    looks, *answers = run_in_processes(work, processes=AT_ONCE)
    seen += looks
    approved = BenevolenceApplication.objects.filter(status="approved").count()
    assert approved == (10 if WHOLE else 4)
    assert sum(part.count("") for part in answers) == approved
    assert min(seen) >= 0
    held = fund.figures()
    assert (held.available, held.set_aside) == (Decimal("0.00"), approved * ONE)
    assert list(ledger.differences()) == []


def naive_set_aside(application, amount=ONE):
    """Compare with what was read, then write; the books of this control are a column."""
    with transaction.atomic():
        taken = BenevolenceApplication.objects.filter(level_reached=PAID).count()
        if taken * ONE + amount > ONE:
            return False
        time.sleep(0.3)
        BenevolenceApplication.objects.filter(pk=application.pk).update(level_reached=PAID)
    return True


@only_postgresql
def test_control_who_only_compares_gives_more_than_there_is():
    for _round in range(ROUNDS):
        BenevolenceApplication.objects.update(level_reached=1)
        rows = waiting(4)
        done = run_in_processes(lambda number, rows=rows: naive_set_aside(rows[number]))
        assert done.count(True) > 1


def test_one_key_enters_once_however_often_and_whenever_it_comes(people):
    """Battery E3: in a row, at once, and after an answer that never arrived."""
    treasurer = people["treasurer"]
    values = {"kind": EntryKind.RAFFLE, "amount": ONE, "on": local_today(), "note": "Picnic"}
    first = fund.contribute(values, actor=treasurer, key="one")
    assert fund.contribute(values, actor=treasurer, key="one") == first

    def lost(number):
        """The first dies between commit and answer; it comes again with the others."""
        key = "two"
        if number == 0 and (child := os.fork()) == 0:
            connection.close()
            fund.contribute(values, actor=treasurer, key=key)
            os.kill(os.getpid(), 9)
        if number == 0:
            os.waitpid(child, 0)
        return str(fund.contribute(values, actor=treasurer, key=key).pk)

    keys = run_in_processes(lost)
    assert len(set(keys)) == 1
    assert fund.figures().available == 2 * ONE


OPENED = "The opening balance is recorded already. Reverse it first if it is wrong."


def naive_opening(values, *, actor):
    """Look whether there is one, then write."""
    fund.check_contribution(values)
    time.sleep(0.3)
    with transaction.atomic():
        fund.lock()
        fund.enter(EntryKind.OPENING, Account.OUTSIDE, Account.AVAILABLE, ONE, key=f"in:{uuid4()}", recorded_by=actor)


def open_at_once(act, treasurer):
    """Return what each of many was told who record the opening balance at the same moment."""
    values = {"kind": EntryKind.OPENING, "amount": ONE, "on": local_today(), "note": "Statement of May"}

    def opening(number):
        try:
            act(values, actor=treasurer)
        except ValidationError as refused:
            return refused.messages[0]
        return ""

    return sorted(run_in_processes(opening))


@only_postgresql
def test_of_many_opening_balances_at_once_one_is_recorded(people):
    assert open_at_once(fund.contribute, people["treasurer"]) == ["", *[OPENED] * 3]
    assert fund.figures().available == ONE


@only_postgresql
def test_control_who_only_looks_opens_the_fund_several_times(people):
    assert open_at_once(naive_opening, people["treasurer"]).count("") > 1


def test_balances_are_counted_under_many_hands(people):
    run_in_processes(lambda number: [donated(ONE) for _time in range(5)] and None, processes=AT_ONCE)
    assert fund.figures().available == AT_ONCE * 5 * ONE
    assert FundAccount.objects.get(pk=Account.OUTSIDE).balance == -AT_ONCE * 5 * ONE
    assert list(ledger.differences()) == []
