"""The pages of payees, payments and the fund."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape
from pypdf import PdfReader
from zeal import zeal_ignore

from benevolence.factories import ApplicationFactory, PaymentFactory, PaymentRunFactory, donated
from benevolence.models import FundTransfer, Payment
from benevolence.services import applications, payments
from core.site import local_today
from unionops.testing.cast import shown_values

pytestmark = pytest.mark.django_db


@pytest.fixture
def granted():
    """`granted("40.00")`: an approved application of somebody who is nobody's relation."""

    def make(amount="40.00"):
        return ApplicationFactory(status="approved", amount_requested=Decimal(amount))

    return make


def test_a_draft_names_its_payees_row_by_row(client_of, people):
    draft = ApplicationFactory(member=people["member"].member, entered_by=people["member"])
    url, browser = f"/benevolence/applications/{draft.pk}/payees/", client_of("member")
    typed = {"payee_kind_1": "utility", "payee_name_1": "Lakeside", "asked_1": "$1,050", "version": "1"}
    half = browser.post(url, {**typed, "payee_kind_2": "landlord"})
    assert half.status_code == 422
    assert half.context["form"].errors == {
        "asked_2": ["Enter what this payee is to get."],
        "payee_name_2": ["Enter the name on the bill."],
    }
    assert 'value="Lakeside"' in half.text
    assert browser.post(url, {"version": "1"}).status_code == 422
    assert browser.post(url, typed).status_code == 302
    draft.refresh_from_db()
    assert draft.amount_requested == Decimal("1050.00")
    page = browser.get(draft.get_absolute_url()).text
    assert [word in page for word in ("Lakeside", "$1,050.00", "Who should be paid?")] == [True] * 3
    assert client_of("officer").get(url).status_code == 404


def test_an_approval_restates_the_payees(client_of, people):
    draft = ApplicationFactory(member=people["member"].member, entered_by=people["member"], amount_requested=400)
    named = [
        {"payee_kind": "utility", "payee_name": "Lakeside", "asked": Decimal(100)},
        {"payee_kind": "member", "asked": Decimal(300)},
    ]
    applications.name_payees(draft, named, actor=people["member"])
    application = applications.submit(draft, actor=people["member"])
    url, browser = f"/benevolence/applications/{application.pk}/moves/approve/", client_of("benevolence-vp")
    page = browser.get(url).text
    assert [word in page for word in ("Lakeside", "At most $100.00.", "Available")] == [True] * 3
    typed = {"amount": "250", "payee_1": "50", "version": application.version}
    assert browser.post(url, typed).status_code == 422
    assert browser.post(url, {**typed, "payee_2": "200"}).status_code == 302
    assert [line.amount for line in application.lines.all()] == [Decimal("50.00"), Decimal("200.00")]


def test_the_second_signer_is_an_officer_who_has_no_part_in_it(client_of, people, granted):
    payment = PaymentFactory(line=granted().lines.get(), paid_by=people["treasurer"], reference="77")
    url, officer = f"/benevolence/payments/{payment.pk}/", client_of("officer")
    page = officer.get(url).text
    assert [word in page for word in ("Sign the payment", "77", escape(payment.line.payee_name))] == [True] * 3
    assert payment.line.application.description not in page
    assert client_of("treasurer").post(f"{url}sign/", {"version": "1"}).status_code == 403
    assert officer.post(f"{url}sign/", {"version": "9"}).status_code == 409
    assert officer.post(f"{url}sign/", {"version": "1"}).status_code == 302
    payment.refresh_from_db()
    assert payment.second_signer == people["officer"]
    again = officer.post(f"{url}sign/", {"version": "2"})
    assert (again.status_code, "has its second signature already" in again.text) == (409, True)
    own = PaymentFactory(line=ApplicationFactory(status="approved", entered_by=people["officer"]).lines.get())
    refusal = officer.post(f"/benevolence/payments/{own.pk}/sign/", {"version": "1"})
    assert (refusal.status_code, "You entered this application." in refusal.text) == (409, True)


def test_when_the_bank_paid(client_of, people, granted):
    payment = PaymentFactory(line=granted().lines.get(), paid_by=people["treasurer"])
    url, browser = f"/benevolence/payments/{payment.pk}/cleared/", client_of("treasurer")
    early = {"cleared_on": str(local_today() - timedelta(1)), "version": "1"}
    assert browser.post(url, early).context["form"].errors == {
        "cleared_on": ["Choose the day on the bank's statement: from the day of the payment until today."]
    }
    assert browser.post(url, {"cleared_on": str(local_today()), "version": "1"}).status_code == 302
    listed = browser.get("/benevolence/payments/", {"state": "uncleared"})
    assert shown_values(listed) == []


def test_a_run_is_read_once_more_and_then_pays_all(client_of, people, granted):
    lines = [granted(amount).lines.get() for amount in ("40.00", "60.00")]
    browser, url = client_of("treasurer"), "/benevolence/payments/run/"
    typed = {
        "lines": [str(line.pk) for line in lines],
        "payment_date": str(local_today()),
        "payment_method": "check",
        "first_reference": "0501",
    }
    assert browser.post(url, {**typed, "first_reference": "A1"}).status_code == 422
    seen = browser.post(url, typed)
    assert [word in seen.text for word in ("This will be paid", "0501", "0502", "$100.00")] == [True] * 4
    assert Payment.objects.count() == 0
    with zeal_ignore():  # each payment is a step of its own
        done = browser.post(url, {**typed, "confirmed": "on"}, follow=True)
    assert [word in done.text for word in ("Check register", "0501", "0502", "$100.00")] == [True] * 4
    assert {payment.line.application.status for payment in Payment.objects.all()} == {"paid"}
    run = Payment.objects.first().run
    positive = b"".join(browser.get(f"/benevolence/runs/{run.pk}/positive-pay/").streaming_content).decode()
    numbers = [row.split(",")[::2][:2] for row in positive.strip().splitlines()[1:]]
    assert sorted(numbers) == [["0501", "40.00"], ["0502", "60.00"]]
    register = b"".join(browser.get("/benevolence/payments/export/csv/").streaming_content).decode()
    assert register.count("\n") == 3
    again = browser.post(url, {**typed, "confirmed": "on"})
    assert again.status_code == 422
    assert Payment.objects.count() == 2


def test_a_void_check_stays_when_its_application_is_withdrawn(client_of, people, granted):
    treasurer = people["treasurer"]
    payment = PaymentFactory(
        line=granted().lines.get(),
        run=PaymentRunFactory(made_by=treasurer),
        reference="0501",
        payment_method="check",
        paid_by=treasurer,
    )
    application = payments.reverse(payment.line.application, actor=treasurer, reason="Lost in the mail")
    payments.release(application, actor=treasurer, reason="The member died")
    run = f"/benevolence/runs/{payment.run.pk}/"
    for name in ("treasurer", "trustee"):
        browser = client_of(name)
        assert browser.get(application.get_absolute_url()).status_code == 404
        assert [row[0] for row in shown_values(browser.get("/benevolence/payments/"))] == [payment.voucher_number]
        page = browser.get(payment.get_absolute_url()).text
        words = (application.application_number, "Voucher (PDF)", application.get_absolute_url(), "The member died")
        assert [word in page for word in words] == [True, True, False, False]
        assert payment.voucher_number in browser.get(run).text
        positive = b"".join(browser.get(f"{run}positive-pay/").streaming_content).decode()
        assert [(row.split(",")[0], row.strip()[-1]) for row in positive.splitlines()[1:]] == [("0501", "V")]
        [voucher] = PdfReader(io.BytesIO(browser.get(f"{payment.get_absolute_url()}voucher/").content)).pages
        assert "not told: the application is not approved any more" in voucher.extract_text()
    audit = client_of("trustee").get("/benevolence/audit/").text
    assert (payment.voucher_number in audit, application.get_absolute_url() in audit) == (True, False)


def test_a_run_pays_all_or_nothing(client_of, granted):
    first, second = granted().lines.get(), granted().lines.get()
    PaymentFactory(line=granted().lines.get(), reference="502")
    typed = {"lines": [first.pk, second.pk], "payment_date": str(local_today()), "payment_method": "check"}
    with zeal_ignore():
        answer = client_of("treasurer").post(
            "/benevolence/payments/run/", {**typed, "first_reference": "501", "confirmed": "on"}
        )
    assert answer.status_code == 422
    assert "Another payment has this reference." in answer.text
    assert Payment.objects.count() == 1


def test_the_fund_page_tells_what_it_holds_and_who_may_not_see_an_application(client_of, people, granted):
    granted("40.00")
    own = ApplicationFactory(status="approved", entered_by=people["staff"], amount_requested=Decimal("30.00"))
    browser = client_of("treasurer")
    page = browser.get("/benevolence/fund/")
    assert [word in page.text for word in ("$70.00", "$0.00", own.application_number)] == [True] * 3
    gift = FundTransfer.objects.filter(kind="donation").first()
    assert "Reverse the entry" in browser.get(gift.get_absolute_url()).text
    assert "Reverse the entry" not in client_of("trustee").get(gift.get_absolute_url()).text
    donated(Decimal("5.00"))
    typed = {"kind": "dues", "amount": "1,000.50", "on": str(local_today()), "note": "October"}
    assert browser.post("/benevolence/fund/new/", typed).status_code == 302
    assert "$1,075.50" in browser.get("/benevolence/fund/").text


@pytest.mark.parametrize(("url", "count"), [("/benevolence/fund/", 8), ("/benevolence/payments/", 6)])
def test_one_row_and_three_cost_the_same_queries(client_of, granted, url, count):
    browser, found = client_of("treasurer"), []
    for _number in range(3):
        PaymentFactory(line=granted().lines.get())
        with CaptureQueriesContext(connection) as queries:
            browser.get(url)
        found.append(len(queries))
    assert found == [count] * 3
