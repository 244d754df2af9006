"""The fund: what comes in, is set aside, released and taken back, and what its books say of it."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from benevolence.enums import Account, BenevolenceAction, EntryKind, Level
from benevolence.factories import ApplicationFactory, donated
from benevolence.models import FundSettings, FundTransfer, PaymentLine
from benevolence.services import applications, fund, ledger, merging, payments, reviews
from benevolence.tests.steps import approve_up_to, faults, refused, state
from core.errors import DomainError
from core.models import AuditEvent
from core.site import local_today
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db
TODAY_S = {"kind": EntryKind.DONATION, "amount": Decimal("250.00"), "note": "Picnic"}


def came_in(**fields):
    return {**TODAY_S, "on": local_today(), **fields}


def held() -> tuple[str, str, str]:
    found = fund.figures()
    return f"{found.available}", f"{found.set_aside}", f"{found.paid_out}"


def entries() -> list[tuple[str, str]]:
    rows = FundTransfer.objects.order_by("created_at", "pk").values_list("kind", "amount")
    return [(kind, f"{amount}") for kind, amount in rows]


# --- what comes in ---------------------------------------------------------------------------------------


def test_what_comes_in_is_recorded_once_for_each_key(people):
    treasurer = people["treasurer"]
    first = fund.contribute(came_in(), actor=treasurer, key="envelope 7")
    assert fund.contribute(came_in(), actor=treasurer, key="envelope 7") == first
    fund.contribute(came_in(amount=Decimal("0.01")), actor=treasurer)
    assert held() == ("250.01", "0.00", "0.00")
    event = AuditEvent.objects.get(subject_id=str(first.pk))
    assert (event.action, event.actor) == (BenevolenceAction.CONTRIBUTED, treasurer)
    for name in ("officer", "trustee", "admin", "benevolence-vp"):
        with pytest.raises(PermissionDenied):
            fund.contribute(came_in(), actor=people[name])


def test_what_cannot_have_come_in(people):
    treasurer, to_come = people["treasurer"], local_today() + timedelta(1)
    opening = came_in(kind=EntryKind.OPENING, note="Statement of October 31")
    cases = [
        (came_in(on=to_come), {"on": ["This day is still to come. Record the money when it is there."]}),
        (came_in(kind=EntryKind.RELEASE), {"kind": ["Choose where the money comes from."]}),
        (opening | {"note": ""}, {"note": ["Name the statement that shows this balance."]}),
        (came_in(amount=Decimal(0)), {"__all__": ["Enter an amount above zero."]}),
    ]
    for values, told in cases:
        assert faults(fund.contribute, values, actor=treasurer) == told
    fund.contribute(opening, actor=treasurer)
    assert faults(fund.contribute, opening, actor=treasurer) == {
        "kind": ["The opening balance is recorded already. Reverse it first if it is wrong."]
    }
    assert entries() == [("opening", "250.00")]


def test_an_entry_is_taken_back_once_and_as_far_as_it_is_available(people, approved):
    treasurer = people["treasurer"]
    wrong = fund.contribute(came_in(), actor=treasurer)
    approved("400.00")
    assert held() == ("250.00", "400.00", "0.00")
    mirrored = fund.reverse(wrong, actor=treasurer, reason="Counted twice")
    assert (mirrored.reverses, mirrored.credit_id, mirrored.debit_id) == (wrong, Account.AVAILABLE, Account.OUTSIDE)
    assert held() == ("0.00", "400.00", "0.00")
    gift = FundTransfer.objects.get(kind=EntryKind.DONATION, amount=Decimal("400.00"))
    told = {
        wrong: "This entry is reversed already.",
        gift: "The fund has $0.00 available, and this takes $400.00. Take less, or wait for more.",
        FundTransfer.objects.get(kind=EntryKind.SET_ASIDE): (
            "This entry belongs to an application. Withdraw the application, or void the payment."
        ),
    }
    for entry, sentence in told.items():
        with pytest.raises(DomainError) as error:
            fund.reverse(entry, actor=treasurer, reason="Wrong")
        assert error.value.sentence == sentence
    with pytest.raises(PermissionDenied):
        fund.reverse(wrong, actor=people["officer"], reason="Wrong")


# --- what is given ---------------------------------------------------------------------------------------


def test_the_last_level_sets_aside_and_no_more_than_there_is(people, applied):
    first, second = applied("900.00"), applied("50.00", money=False, member=MemberFactory(), entered_by=people["staff"])
    first = approve_up_to(first, people, Level.VP)
    assert held() == ("900.00", "0.00", "0.00")
    reviews.approve(first, actor=people["benevolence-admin"], amount=Decimal("900.00"))
    assert held() == ("0.00", "900.00", "0.00")
    values = {"actor": people["benevolence-vp"], "amount": Decimal("50.00")}
    assert faults(reviews.approve, second, **values) == {
        "amount": ["The fund has $0.00 available, and this takes $50.00. Take less, or wait for more."]
    }
    assert state(second).status == "submitted"
    assert second.reviews.count() == 0


def test_what_is_withdrawn_or_void_is_released(people, approved):
    first, second = approved("300.00"), approved("200.00")
    applications.withdraw(first, actor=people["member"])
    assert held() == ("300.00", "200.00", "0.00")
    merging._void(second)
    assert held() == ("500.00", "0.00", "0.00")
    assert state(second).status == "submitted"
    reviews.approve(second, actor=people["benevolence-vp"], amount=Decimal("150.00"))
    assert held() == ("350.00", "150.00", "0.00")
    assert list(ledger.differences()) == []


def test_a_payment_disburses_and_its_void_sets_aside_again(people, approved):
    application, treasurer = approved("400.00"), people["treasurer"]
    paid = {"actor": treasurer, "payment_date": local_today(), "payment_method": "check"}
    application = payments.pay(application, payment_reference="41", **paid)
    assert held() == ("0.00", "0.00", "400.00")
    application = payments.reverse(application, actor=treasurer, reason="Lost in the mail")
    assert held() == ("0.00", "400.00", "0.00")
    assert (application.status, application.payment_date, application.payment_reference) == ("approved", None, "")
    assert refused(payments.reverse, application, actor=treasurer, reason="Again") == (
        "Nothing of it is paid, so there is nothing to void."
    )
    application = payments.pay(application, payment_reference="42", **paid)
    made = payments.payments_of(application).values_list("voucher_number", "reference", "void_reason")
    year = local_today().year
    assert list(made) == [(f"BV-{year}-0001", "41", "Lost in the mail"), (f"BV-{year}-0002", "42", "")]
    assert faults(payments.pay, approved("9.00"), payment_reference="41", **paid) == {
        "payment_reference": ["Another payment has this reference. Look at the check or the bank's list."]
    }
    assert list(ledger.differences()) == []


def test_each_payee_is_paid_once_and_the_last_one_ends_it(people, applied):
    application = applied("400.00")
    PaymentLine.objects.filter(application=application).update(asked=Decimal(300), amount=Decimal(300))
    line = application.lines.get()
    PaymentLine.objects.create(application=application, position=2, payee_name="Lakeside", asked=100, amount=100)
    approve = {"actor": people["benevolence-vp"], "amount": Decimal("350.00")}
    assert faults(reviews.approve, application, **approve) == {
        "amount": ["The payees get $400.00 together. Say what each of them gets of the $350.00."]
    }
    application = reviews.approve(application, amounts={1: Decimal(270), 2: Decimal(80)}, **approve)
    paid = {"actor": people["treasurer"], "payment_date": local_today(), "payment_method": "direct_deposit"}
    assert faults(payments.pay, application, **paid) == {"payee": ["Choose who is paid."]}
    application = payments.pay(application, payee=2, **paid)
    assert (application.status, held()) == ("approved", ("50.00", "270.00", "80.00"))
    assert faults(payments.pay, application, payee=2, **paid) == {
        "payee": ["This payee is paid already, or gets nothing. Choose another one."]
    }
    assert refused(applications.withdraw, application, actor=people["member"]) == (
        "A part of the help is paid already. Ask the treasurer to void that payment first."
    )
    application = payments.pay(application, payee=1, **paid)
    assert (application.status, held()) == ("paid", ("50.00", "0.00", "350.00"))
    assert line.payments.get().amount == Decimal("270.00")


@pytest.fixture
def for_two(people, applied):
    """Approved for the member, $300, and for a landlord, $100."""
    application = applied("400.00")
    PaymentLine.objects.filter(application=application).update(asked=Decimal(300), amount=Decimal(300))
    PaymentLine.objects.create(application=application, position=2, payee_name="Lakeside", asked=100, amount=100)
    return reviews.approve(application, actor=people["benevolence-vp"], amount=Decimal("400.00"))


def test_what_nobody_can_pay_goes_back_and_what_is_paid_stays(people, for_two):
    treasurer, row = people["treasurer"], for_two
    paid = {"actor": treasurer, "payment_method": "check"}
    row = payments.pay(row, payee=1, payment_date=local_today(), payment_reference="41", **paid)
    by_decider = {"actor": people["benevolence-vp"], "reason": "The landlord takes no money"}
    with pytest.raises(PermissionDenied):
        payments.release(row, **by_decider)
    row = payments.release(row, actor=treasurer, reason="The landlord takes no money")
    assert held() == ("100.00", "0.00", "300.00")
    assert (row.status, row.approved_amount) == ("paid", Decimal("300.00"))
    assert (row.payment_date, row.payment_reference, row.paid_by) == (local_today(), "41", treasurer)
    assert list(row.lines.values_list("asked", "amount")) == [(Decimal(300), Decimal(300)), (Decimal(100), Decimal(0))]
    assert row.reviews.get().amount == Decimal("400.00")
    assert list(ledger.differences()) == []
    assert "is not possible while the status is “Paid”" in refused(
        payments.release, row, actor=treasurer, reason="Again"
    )
    row = payments.reverse(row, actor=treasurer, reason="The check came back")
    assert (row.status, row.approved_amount, held()) == ("approved", Decimal("300.00"), ("100.00", "300.00", "0.00"))
    row = payments.pay(row, payment_date=local_today(), payment_reference="42", **paid)
    assert (row.status, held()) == ("paid", ("100.00", "0.00", "300.00"))


def test_where_nobody_was_paid_all_goes_back_and_the_application_is_withdrawn(people, for_two):
    """The applicant died, and nobody else entered it."""
    assert faults(payments.release, for_two, actor=people["treasurer"], reason=" ") == {
        "reason": ["Say why in a few words; it stays with the record."]
    }
    row = payments.release(for_two, actor=people["treasurer"], reason="The member died")
    assert (row.status, held()) == ("withdrawn", ("400.00", "0.00", "0.00"))
    assert list(ledger.differences()) == []


# --- the books -------------------------------------------------------------------------------------------


def test_the_keepers_hear_of_a_low_fund_when_it_becomes_low(people, approved):
    fund.change_settings({"notice_below": Decimal("500.00")}, actor=people["treasurer"])
    donated(Decimal("600.00"))

    def told():
        return AuditEvent.objects.filter(action=BenevolenceAction.FUND_LOW).count()

    approved("100.00", money=False)
    assert (held()[0], told()) == ("500.00", 0)
    approved("10.00", money=False)
    assert (held()[0], told()) == ("490.00", 1)
    approved("10.00", money=False)
    assert told() == 1
    assert AuditEvent.objects.get(action=BenevolenceAction.FUND_LOW).subject_id == str(FundSettings.objects.get().pk)


def checked() -> str:
    out = io.StringIO()
    call_command("check_ledger", stdout=out, stderr=out)
    return out.getvalue()


def test_the_command_names_what_differs(people, approved, paid):
    first, second = approved("400.00"), paid("100.00")
    assert checked().splitlines() == [
        "5 entries: balance $400.00, set aside $400.00, available $0.00.",
        "The ledger balances.",
    ]
    PaymentLine.objects.filter(application=first).update(version=9)
    FundTransfer.objects.create(
        kind=EntryKind.RELEASE,
        credit_id=Account.SET_ASIDE,
        debit_id=Account.AVAILABLE,
        amount=Decimal("1.00"),
        application=first,
        key="by hand",
    )
    out = io.StringIO()
    with pytest.raises(CommandError) as error:
        call_command("check_ledger", stdout=out, stderr=out)
    assert error.value.returncode == 1
    assert out.getvalue().splitlines()[1:] == [
        f"{first.application_number}: $399.00 are set aside, and it should be $400.00."
    ]
    assert second.status == "paid"


def test_factories_make_books_that_agree():
    for status in ("draft", "submitted", "approved", "paid", "denied", "withdrawn"):
        ApplicationFactory(status=status)
    assert list(ledger.differences()) == []
