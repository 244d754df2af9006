"""Payments and the fund by program: each payee once, two people, numbers that stay, money that came in."""

from decimal import Decimal

import pytest

from benevolence.enums import EntryKind
from benevolence.factories import ApplicationFactory, LineFactory, PaymentFactory, donated, grant
from benevolence.models import FundTransfer, Payment
from benevolence.services import fund
from benevolence.tests.programs import APPLICATIONS, FUND, PAYMENTS, post, told
from core.site import local_today

pytestmark = pytest.mark.django_db


@pytest.fixture
def treasurer(client_of):
    return client_of("treasurer")


@pytest.fixture
def officer(client_of):
    return client_of("officer", raise_request_exception=False)


@pytest.fixture
def granted():
    """An approved application of $100 with two payees."""
    application = ApplicationFactory(status="submitted", amount_requested=Decimal(100))
    application.lines.update(amount=Decimal(60), asked=Decimal(60))
    LineFactory(application=application, position=2, payee_name="Lakeside", payee_kind="utility", asked=Decimal(40))
    approved = {"approved_amount": Decimal(100), "approved_on": local_today(), "level_due": ""}
    grant(application, {"status": "approved", **approved})
    return application


@pytest.fixture
def payment(people):
    line = ApplicationFactory(status="approved", amount_requested=Decimal(40)).lines.get()
    return PaymentFactory(line=line, paid_by=people["treasurer"], reference="77", payment_method="check")


def given(application, **fields):
    day = {"payment_date": str(local_today()), "payment_method": "direct_deposit"}
    return {"application": str(application.pk), **day, **fields}


def test_each_payee_is_paid_once(treasurer, granted):
    unnamed = post(treasurer, PAYMENTS, given(granted), version=1)
    assert told(unnamed) == (422, {"payee": ["Choose who is paid."]})
    answer = post(treasurer, PAYMENTS, given(granted, payee=2), version=1)
    made = Payment.objects.get()
    assert answer.status_code == 201, answer.content
    assert answer["Location"] == f"http://testserver{PAYMENTS}{made.pk}/"
    body = answer.json()
    assert [body.pop(name)[:4] for name in ("created_at", "updated_at")] == [str(local_today().year)] * 2
    assert body == {
        "id": str(made.pk),
        "voucher_number": made.voucher_number,
        "application": str(granted.pk),
        "application_number": granted.application_number,
        "payee": 2,
        "payee_kind": "utility",
        "payee_name": "Lakeside",
        "amount": "40.00",
        "paid_on": str(local_today()),
        "payment_method": "direct_deposit",
        "reference": "",
        "signed_at": None,
        "cleared_on": None,
        "voided_at": None,
        "void_reason": "",
        "version": 1,
    }
    assert post(treasurer, PAYMENTS, given(granted, payee=1), version=1).status_code == 412
    assert post(treasurer, PAYMENTS, given(granted, payee=1), version=2).status_code == 201
    again = post(treasurer, PAYMENTS, given(granted, payee=1), version=3)
    assert told(again) == (409, "“Record the payment” is not possible while the status is “Paid”.")
    granted.refresh_from_db()
    assert (granted.status, fund.figures().set_aside) == ("paid", Decimal("0.00"))


WRONG = [
    ({"application": "x"}, {"application": ["Name the application to which this belongs, by its id."]}),
    ({"payment_method": "check"}, {"payment_reference": ["Enter the number of the check or of the transfer."]}),
    (
        {"payment_date": "2099-01-01"},
        {"payment_date": ["This day is still to come. Record the payment when it is made."]},
    ),
    ({"bank": "x"}, {"bank": ["There is no such field here. Leave it out."]}),
]


@pytest.mark.parametrize(("fields", "faults"), WRONG)
def test_what_is_wrong_is_said_at_its_field(treasurer, granted, fields, faults):
    body = given(granted, payee=1) | fields
    assert told(post(treasurer, PAYMENTS, body, version=1)) == (422, faults)
    assert not Payment.objects.exists()


def test_the_second_signer_is_an_officer_and_nobody_else(treasurer, officer, payment):
    path = f"{PAYMENTS}{payment.pk}/moves/sign/"
    assert post(treasurer, path, version=1).status_code == 403
    assert post(officer, path, {"name": "x"}, version=1).status_code == 422
    answer = post(officer, path, version=1)
    assert (answer.status_code, answer.json()["signed_at"] is None, answer["ETag"]) == (200, False, '"2"')
    assert told(post(officer, path, version=2)) == (409, "This payment has its second signature already.")


def test_the_bank_has_paid_it_on_a_day_that_can_be(treasurer, officer, payment):
    path = f"{PAYMENTS}{payment.pk}/moves/clear/"
    sentence = "Choose the day on the bank's statement: from the day of the payment until today."
    early = post(treasurer, path, {"cleared_on": "2020-01-01"}, version=1)
    assert told(early) == (422, {"cleared_on": [sentence]})
    assert post(officer, path, {"cleared_on": str(local_today())}, version=1).status_code == 403
    answer = post(treasurer, path, {"cleared_on": str(local_today())}, version=1)
    assert (answer.status_code, answer.json()["cleared_on"]) == (200, str(local_today()))


def test_a_void_payment_says_why_and_keeps_its_numbers(treasurer, payment):
    path = f"{PAYMENTS}{payment.pk}/moves/void/"
    assert told(post(treasurer, path, version=1)) == (422, {"reason": ["Say why."]})
    assert post(treasurer, path, {"reason": "Came back"}, version=7).status_code == 412
    body = post(treasurer, path, {"reason": "Came back"}, version=1).json()
    assert {name: body[name] for name in ("reference", "void_reason", "version")} == {
        "reference": "77",
        "void_reason": "Came back",
        "version": 2,
    }
    assert fund.figures().set_aside == Decimal("40.00")
    assert told(post(treasurer, path, {"reason": "Again"}, version=2))[0] == 409
    other = ApplicationFactory(status="approved", amount_requested=Decimal(5))
    used = post(treasurer, PAYMENTS, given(other, payment_method="check", payment_reference="77"), version=1)
    sentence = "Another payment has this reference. Look at the check or the bank's list."
    assert told(used) == (422, {"payment_reference": [sentence]})


def test_who_reads_which_payments(client_of, people, payment):
    signed = PaymentFactory(line=ApplicationFactory(status="approved").lines.get(), paid_by=people["treasurer"])
    Payment.objects.filter(pk=signed.pk).update(second_signer=people["admin"], signed_at=payment.created_at)
    names = ("treasurer", "trustee", "officer", "staff", "benevolence-vp", "member")
    found = {name: client_of(name).get(PAYMENTS) for name in names}
    assert {name: answer.json().get("count", answer.status_code) for name, answer in found.items()} == {
        "treasurer": 2,
        "trustee": 2,
        "officer": 1,  # what is to be signed
        "staff": 403,
        "benevolence-vp": 403,
        "member": 403,
    }
    unsigned = client_of("treasurer").get(PAYMENTS, {"state": "unsigned"}).json()["results"]
    assert [row["id"] for row in unsigned] == [str(payment.pk)]


def test_one_payment_and_three_cost_the_same(treasurer, django_assert_num_queries, people):
    for _number in range(3):
        PaymentFactory(line=ApplicationFactory(status="approved").lines.get(), paid_by=people["treasurer"])
        with django_assert_num_queries(4):
            treasurer.get(PAYMENTS)


def test_what_comes_in_is_recorded_and_taken_back_once(treasurer, client_of):
    body = {"kind": "raffle", "amount": "$120.50", "on": str(local_today()), "note": "Picnic"}
    answer = post(treasurer, FUND, body)
    entry = FundTransfer.objects.get()
    assert (answer.status_code, answer["Location"]) == (201, f"http://testserver{FUND}{entry.pk}/")
    assert {name: answer.json()[name] for name in ("kind", "amount", "credit", "debit")} == {
        "kind": "raffle",
        "amount": "120.50",
        "credit": "outside",
        "debit": "available",
    }
    path = f"{FUND}{entry.pk}/moves/reverse/"
    assert told(post(treasurer, path)) == (422, {"reason": ["Say why."]})
    assert post(client_of("trustee"), path, {"reason": "x"}).status_code == 403
    taken = post(treasurer, path, {"reason": "Counted twice"})
    assert (taken.status_code, taken.json()["reverses"]) == (201, str(entry.pk))
    assert told(post(treasurer, path, {"reason": "Again"})) == (409, "This entry is reversed already.")
    assert fund.figures().available == Decimal("0.00")


IN_FUND = [
    ({"amount": "0"}, {"amount": ["Enter an amount above zero."]}),
    ({"kind": "payment"}, {"kind": ["Select a valid choice. payment is not one of the available choices."]}),
    ({"kind": "opening"}, {"note": ["Name the statement that shows this balance."]}),
    ({"on": "2099-01-01"}, {"on": ["This day is still to come. Record the money when it is there."]}),
    ({"debit": "x"}, {"debit": ["There is no such field here. Leave it out."]}),
]


@pytest.mark.parametrize(("fields", "faults"), IN_FUND)
def test_what_cannot_come_in_is_said_at_its_field(treasurer, fields, faults):
    body = {"kind": "dues", "amount": "10", "on": str(local_today()), **fields}
    assert told(post(treasurer, FUND, body)) == (422, faults)


def test_what_is_set_aside_is_not_reversed_and_neither_is_what_is_spent(treasurer):
    entry = donated(Decimal(50))
    application = ApplicationFactory(status="approved", amount_requested=Decimal(30))
    kept = FundTransfer.objects.get(application=application, kind=EntryKind.SET_ASIDE)
    sentence = "This entry belongs to an application. Withdraw the application, or void the payment."
    assert told(post(treasurer, f"{FUND}{kept.pk}/moves/reverse/", {"reason": "x"})) == (409, sentence)
    assert post(treasurer, f"{FUND}{entry.pk}/moves/reverse/", {"reason": "x"}).status_code == 201


def test_the_application_tells_what_was_paid(treasurer, payment):
    [line] = treasurer.get(f"{APPLICATIONS}{payment.line.application_id}/").json()["payees"]
    assert [made["voucher_number"] for made in line["payments"]] == [payment.voucher_number]
