"""A grievance from a phone in the yard to an award: a default, an extension, two meetings at a step, a binder."""

import datetime
import io
import re

import pytest
from django.db import transaction
from playwright.sync_api import expect
from pypdf import PdfReader

from core.audit.check import verify
from core.site import local_today
from grievances.factories import AgreementFactory
from grievances.models import Grievance
from grievances.services import reminders
from members.factories import EmploymentFactory, MemberFactory
from unionops.tests.browser import press

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]


def ago(days: int) -> str:
    return (local_today() - datetime.timedelta(days)).isoformat()


@pytest.fixture
def job(people):
    """Ada Reyes at a plant where the contract moves a case on when the employer does not answer."""
    with transaction.atomic():
        agreement = AgreementFactory(silence="advances", lateness="waived")
        member = MemberFactory(member_number="104233", first_name="Ada", last_name="Reyes")
        return EmploymentFactory(member=member, organization=agreement.employer)


def draft_and_file_on_a_phone(phone, job) -> str:
    """Begin from the member's page with a wrong employer, complete it, see by when to file, file; return the number."""
    page = phone.open(f"/grievances/drafts/new/?member={job.member.pk}")
    known = page.get_by_label("Employer").input_value()
    page.get_by_label("Employer").fill("No Such Works")
    page.get_by_label(re.compile("What happened")).fill("The foreman gave the overtime to a temporary worker.")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("alert")).to_contain_text("No organization of this name.")
    expect(page.get_by_label(re.compile("What happened"))).to_have_value(re.compile("temporary worker"))
    page.get_by_label("Employer").fill(known)
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Before it can be filed")).to_be_visible()
    press(page, "Complete the draft")
    page.get_by_label(re.compile("Date of the incident")).fill(ago(60))
    page.get_by_label(re.compile("Contract article")).fill("Article 14, Section 2")
    page.get_by_label(re.compile("Remedy sought")).fill("Pay for eight hours at the overtime rate.")
    phone.picture("case-01-draft-phone")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator("main")).to_contain_text("To be filed by")
    phone.picture("case-02-filing-date-phone")
    phone.accessible()
    press(page, "File grievance")
    page.get_by_label("Filed on").fill(ago(50))
    page.get_by_role("button", name="File grievance").click()
    number = page.get_by_role("heading", level=1)
    expect(number).to_have_text(re.compile(r"GR-\d{4}-0001"))
    expect(page.locator(".key-facts").first).to_contain_text(job.organization.name)
    phone.picture("case-03-filed-phone")
    return number.inner_text()


def meet(page, days: int, words: str, move: str) -> None:
    press(page, move)
    page.get_by_label(re.compile("Day of the meeting")).fill(ago(days))
    page.get_by_label(re.compile("For the union")).fill("Representative, grievant")
    page.get_by_label(re.compile("What was said")).fill(words)
    page.get_by_role("button", name=re.compile("^Record (the step|a) meeting")).click()
    expect(page.locator("#toasts")).to_contain_text("Meeting recorded")


def meet_twice_and_extend(desk, case) -> None:
    page = desk.open(case.get_absolute_url())
    meet(page, 40, "They ask for the overtime list.", "Record the step meeting")
    meet(page, 38, "They read the list and think it over.", "Record a further meeting")
    page = desk.open(f"{case.get_absolute_url()}?tab=steps")
    for words in ("They ask for the overtime list.", "They read the list and think it over."):
        expect(page.locator("main")).to_contain_text(words)
    desk.picture("case-04-two-meetings")

    page = desk.open(f"{case.get_absolute_url()}?tab=deadlines")
    page.get_by_role("link", name=re.compile("answer due", re.IGNORECASE)).first.click()
    desk.picture("case-05-why-this-date")
    page.get_by_role("link", name="Record an extension").click()
    page.get_by_label("The new date").fill(ago(20))
    page.get_by_label("Agreed for the union").fill("D. Reyes")
    page.get_by_label("Agreed for the employer").fill("M. Stone")
    page.get_by_label("Agreed on").fill(ago(32))
    page.get_by_label(re.compile("The document that confirms it")).fill("Letter signed by both")
    page.get_by_role("button", name="Record extension").click()
    expect(page.locator("main")).to_contain_text("Letter signed by both")
    desk.accessible()
    desk.picture("case-06-extended")


def silence_moves_it_on(desk, case) -> None:
    """The agreed day has passed without an answer, and the contract moves the case on by itself."""
    reminders.look()
    page = desk.open(case.get_absolute_url())
    expect(page.locator(".step[aria-current=step]")).to_contain_text("Stage 2")
    expect(page.locator(".trail")).to_contain_text("did not answer")
    desk.picture("case-07-default")


def answered_and_delivered(desk, case) -> None:
    """Met and denied at step 2; the appeal is delivered, then the case moves on and is denied once more."""
    page = desk.open(case.get_absolute_url())
    meet(page, 10, "They say the list was followed.", "Record the step meeting")
    deny(page, 8)
    press(page, "Move to the next step")
    page.get_by_role("button", name="Move to the next step").click()
    expect(page.locator(".trail")).to_contain_text("Moved the case to the next step")
    page = desk.open(f"{case.get_absolute_url()}?tab=deadlines")
    page.get_by_role("link", name="Record a delivery").click()
    appeal = page.locator("option", has_text=re.compile("move on from Stage 2", re.IGNORECASE))
    page.get_by_label("It meets").select_option(label=appeal.inner_text())
    page.get_by_label(re.compile("What was delivered")).fill("Appeal to step 3")
    page.get_by_label("How", exact=True).select_option("certified")
    page.get_by_label("To whom").fill("M. Stone, plant manager")
    page.get_by_label("On", exact=True).fill(ago(6))
    page.get_by_label(re.compile("^At")).fill("09:00")
    page.get_by_role("textbox", name="Proof").fill("Receipt 7019 0140 0000 1234")
    desk.picture("case-08-delivery")
    page.get_by_role("button", name="Record delivery").click()
    expect(page.locator("main")).to_contain_text("Receipt 7019 0140 0000 1234")
    page = desk.open(case.get_absolute_url())
    meet(page, 4, "The plant manager does not move.", "Record the step meeting")
    deny(page, 2)


def deny(page, days: int) -> None:
    press(page, "Record the employer’s answer")
    page.get_by_label("Denied", exact=True).check()
    page.get_by_label(re.compile("Received on")).fill(ago(days))
    page.get_by_label("How it came").select_option("mail")
    page.get_by_role("button", name="Record the employer’s answer").click()
    expect(page.locator("#toasts")).to_contain_text("Answer recorded")


def demand(chair, case) -> None:
    page = chair.open("/waiting/")
    expect(page.locator("main")).to_contain_text(case.grievance_number)
    chair.picture("case-09-waits-for-the-chair")
    page = chair.open(case.get_absolute_url())
    press(page, "Demand arbitration")
    page.get_by_role("button", name="Demand arbitration").click()
    expect(page.locator(".record-title")).to_contain_text("At arbitration")
    chair.picture("case-10-arbitration")


def arbitrate(chair, case) -> None:
    """Three names, each side strikes one, a hearing day, the award, and the settlement that carries it out."""
    page = chair.open(f"{case.get_absolute_url()}?tab=arbitration")
    page.get_by_role("link", name="Ask for arbitrators").click()
    page.get_by_label(re.compile("Names on the panel")).fill("3")
    page.get_by_label("Asked for on").fill(ago(1))
    page.get_by_role("button", name="Ask for arbitrators").click()
    page.get_by_role("link", name="Record the names").click()
    page.get_by_label(re.compile("The names")).fill("Ada Stone\nBea Reed\nCole Marsh")
    page.get_by_label(re.compile("Who strikes first")).select_option("union")
    page.get_by_role("button", name="Record the names").click()
    for name in ("Bea Reed", "Ada Stone"):
        page.get_by_role("button", name=f"Strike {name}").click()
    expect(page.locator("main")).to_contain_text("Cole Marsh Serves")
    page.get_by_role("link", name="Add a hearing day").click()
    page.get_by_label("Day of the hearing").fill(ago(-14))
    page.get_by_role("button", name="Add a hearing day").click()
    page.get_by_role("link", name="Record the award").click()
    page.get_by_label("Sustained", exact=True).check()
    page.get_by_label("Day of the award").fill(ago(0))
    page.get_by_label(re.compile("^Amount")).fill("$318.50")
    page.get_by_label(re.compile("What it says")).fill("Eight hours at the overtime rate.")
    page.get_by_role("button", name="Record the award").click()
    chair.accessible()
    chair.picture("case-11-award")
    page.get_by_role("link", name="Settle", exact=True).last.click()
    expect(page.get_by_label(re.compile("Amount"))).to_have_value("318.50")
    page.get_by_label(re.compile("Decided by")).fill("The arbitrator, Cole Marsh")
    page.get_by_label(re.compile("was told on")).fill(ago(0))
    page.get_by_label("How", exact=True).select_option("phone")
    chair.picture("case-12-settle")
    page.get_by_role("button", name="Settle").click()
    expect(page.locator(".record-title")).to_contain_text("Settled")
    chair.picture("case-13-settled")


def binder_of(chair, case) -> str:
    address = f"{chair.address}{case.get_absolute_url()}binder/hearing/"
    body = chair.context.request.get(address).body()
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)


def test_from_a_phone_in_the_yard_to_an_award(visit, people, job):
    phone = visit(**PHONE).known_as(people["representative"])
    number = draft_and_file_on_a_phone(phone, job)
    case = Grievance.objects.get(grievance_number=number)
    desk = visit(**WIDE).known_as(people["representative"])
    meet_twice_and_extend(desk, case)
    silence_moves_it_on(desk, case)
    answered_and_delivered(desk, case)
    chair = visit(**WIDE).known_as(people["grievance-chair"])
    demand(chair, case)
    arbitrate(chair, case)
    said = binder_of(chair, case)
    assert "Ada" in said
    assert "The foreman gave the overtime to a temporary worker." in said
    assert "Award" in said
    assert "They ask for the overtime list." not in said
    assert verify().faults == []
