"""From a shut-off notice photographed with a phone to a payment with two signatures, and what is read of it then."""

import io
import re

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from benevolence.factories import donated
from benevolence.models import BenevolenceApplication
from benevolence.services import ledger
from core.audit.check import verify
from core.models import Outbox
from core.tests.files.samples import photo
from unionops import due, telling
from unionops.tests.browser import press

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
TOLD = "There is something new about an application in the portal."
pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]


def a_photo(name: str) -> dict:
    return {"name": name, "mimeType": "image/jpeg", "buffer": photo()}


def draft_on_a_phone(phone) -> str:
    """Apply with a payee and a photo, after a call that interrupted the typing; return the number."""
    page = phone.open("/benevolence/applications/new/")
    page.get_by_label("Reason").select_option("hardship")
    page.get_by_label(re.compile("What happened")).fill("Seven weeks without work; power and rent are due.")
    expect(page.locator("[data-kept]")).to_contain_text("Kept:")
    page = phone.open("/benevolence/applications/new/")
    expect(page.get_by_label(re.compile("What happened"))).to_have_value(re.compile("Seven weeks"))
    phone.picture("fund-01-kept-phone")
    page.get_by_label(re.compile("Amount you ask for")).fill("6ooo")
    page.get_by_role("button", name="Save and read it once more").click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.get_by_label(re.compile("Amount you ask for"))).to_have_value("6ooo")
    page.get_by_label(re.compile("Amount you ask for")).fill("$6,000")
    page.get_by_role("button", name="Save and read it once more").click()

    page.get_by_role("link", name="Who should be paid?").click()
    for label, words in (("Name", "Prairie Power"), ("What for", "Shut-off notice"), ("Amount", "1,800.00")):
        page.get_by_label(re.compile(rf"^{label}")).first.fill(words)
    page.get_by_label(re.compile("Who is paid")).first.select_option("utility")
    page.get_by_text("Payee 2: add somebody else").click()
    second = page.locator("details.form-more[open]")
    second.get_by_label(re.compile("Who is paid")).select_option("landlord")
    second.get_by_label(re.compile("^Name")).fill("Elm Street Homes")
    second.get_by_label(re.compile("^Amount")).fill("4200")
    phone.picture("fund-02-payees-phone")
    page.get_by_role("button", name="Save payees").click()

    page.get_by_role("link", name="Add documents").click()
    page.get_by_label("Notice (shut-off, eviction, layoff)").check()
    page.get_by_label("Choose files").set_input_files([a_photo("notice.jpg")])
    phone.picture("fund-03-photo-phone")
    page.get_by_role("button", name="Send documents").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Draft application")
    expect(page.locator("main")).to_contain_text("notice.jpg")
    phone.accessible()
    press(page, "Submit application")
    page.get_by_role("button", name="Submit application").click()
    number = page.get_by_role("heading", level=1)
    expect(number).to_have_text(re.compile(r"BN-\d{4}-0001"))
    phone.picture("fund-04-submitted-phone")
    return number.inner_text()


def ask_and_answer(visit, people, phone, number: str) -> None:
    desk = visit(**WIDE).known_as(people["benevolence-vp"])
    page = desk.open("/benevolence/queue/")
    page.get_by_role("link", name=number).click()
    expect(page.locator("main")).to_contain_text("notice.jpg")
    desk.picture("fund-05-first-level")
    press(page, "Ask the applicant")
    page.get_by_label(re.compile("question", re.IGNORECASE)).last.fill("Since when is the power off?")
    page.get_by_role("button", name="Ask the applicant").click()
    expect(page.locator("main")).to_contain_text("We have a question")

    page = phone.open("/benevolence/applications/")
    page.get_by_role("link", name=number).click()
    expect(page.locator("main")).to_contain_text("Since when is the power off?")
    press(page, "Answer the question")
    page.get_by_label(re.compile("Your answer")).fill("It will be cut on Friday, see the notice.")
    page.get_by_role("button", name="Answer the question").click()
    expect(page.locator("#toasts")).to_contain_text("Answer sent")
    phone.picture("fund-06-answered-phone")


def approve_at_four_levels(visit, people, number: str) -> None:
    """The third of them in the admin; the second lowers what the landlord gets."""
    for name in ("benevolence-vp", "benevolence-admin", "benevolence-manager", "benevolence-president"):
        desk = visit(**WIDE).known_as(people[name])
        if name == "benevolence-manager":
            page = desk.open("/admin/")
            desk.picture("fund-07-admin-queue")
            page.get_by_role("link", name=number).click()
            page.get_by_role("link", name="Approve", exact=True).click()
            expect(page.get_by_label("Amount to approve")).to_have_value("5500.00")
        else:
            page = desk.open("/benevolence/queue/")
            page.get_by_role("link", name=number).click()
            press(page, "Approve")
        if name == "benevolence-admin":
            page.get_by_label("Amount to approve").fill("5500")
            page.get_by_label(re.compile("Elm Street Homes")).fill("3700")
            desk.picture("fund-08-lowered")
        page.get_by_role("button", name="Approve").click()
        page.wait_for_url(lambda url: "approve" not in url)
        expect(page.locator("body")).to_contain_text("Approved")
        desk.context.close()


def pay_and_sign(visit, people, number: str) -> None:
    cashier = visit(**WIDE).known_as(people["treasurer"])
    for payee, reference in (("Prairie Power", "2041"), ("Elm Street Homes", "2042")):
        page = cashier.open("/benevolence/queue/")
        page.get_by_role("link", name=number).click()
        press(page, "Record the payment")
        expect(page.get_by_label(re.compile("Payee|Who is paid")).first).to_contain_text(payee)
        page.locator("select[name=payee]").select_option(label=page.locator("option", has_text=payee).inner_text())
        page.get_by_label("Check", exact=True).check()
        page.get_by_label(re.compile("Check or bank reference")).fill(reference)
        cashier.picture(f"fund-09-pay-{reference}")
        page.get_by_role("button", name="Record the payment").click()
        expect(page.locator("main")).to_contain_text(reference)
    expect(page.locator(".record-title")).to_contain_text("Paid")
    cashier.picture("fund-10-paid")

    officer = visit(**WIDE).known_as(people["officer"])
    page = officer.open("/benevolence/payments/")
    officer.picture("fund-11-register")
    page.get_by_role("link", name=re.compile(r"BV-\d{4}-0001")).click()
    officer.picture("fund-12-payment")
    page.get_by_role("link", name=re.compile("[Ss]ign")).first.click()
    page.get_by_role("button", name=re.compile("[Ss]ign")).click()
    expect(page.locator("main")).to_contain_text("Officer Person")


def read_of_it(visit, people) -> None:
    cashier = visit(**WIDE).known_as(people["treasurer"])
    page = cashier.open("/benevolence/fund/")
    for figure in ("$3,500.00", "$0.00"):
        expect(page.locator("main")).to_contain_text(figure)
    cashier.picture("fund-13-ledger")
    trustee = visit(**WIDE).known_as(people["trustee"])
    page = trustee.open("/benevolence/reports/")
    expect(page.get_by_role("link", name="Report to the meeting (PDF)")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("$5,500.00")
    trustee.picture("fund-14-report")


def papers_of(visit, people, application) -> str:
    """The words of the decision letter, as the applicant gets it."""
    answer = visit(**PHONE).known_as(people["member"])
    address = f"{answer.address}{application.get_absolute_url()}papers/decision-letter/"
    body = answer.context.request.get(address).body()
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)


def test_a_shut_off_notice_becomes_two_payments_with_two_signatures(visit, people):
    donated(9_000)
    telling.tell()
    person = people["member"]
    phone = visit(**PHONE).known_as(person)
    number = draft_on_a_phone(phone)
    ask_and_answer(visit, people, phone, number)
    approve_at_four_levels(visit, people, number)
    pay_and_sign(visit, people, number)
    read_of_it(visit, people)
    application = BenevolenceApplication.objects.get()
    assert "$5,500.00" in papers_of(visit, people, application)
    list(due.run([due.tell_of_events]))
    mails = {mail.body.partition("\n")[0] for mail in Outbox.objects.all() if mail.address == person.email}
    assert any(body.startswith(TOLD) for body in mails)
    assert number not in " ".join(mails)
    assert list(ledger.differences()) == []
    assert verify().faults == []
