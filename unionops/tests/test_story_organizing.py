"""A day in every domain: a grievance against a real employer, help for a member, an activity that nobody else finds."""

import csv
import io
import re
from pathlib import Path

import openpyxl
import pytest
from django.db import transaction
from playwright.sync_api import expect

from benevolence.factories import donated
from core.audit.check import verify
from core.imports import applying, batches, checking
from core.models import AuditEvent
from members.factories import EmploymentFactory, MemberFactory
from members.imports.lists import LISTS, list_of
from members.models import Organization
from organizing.factories import AssignmentFactory, CampaignMemberFactory
from unionops.tests.browser import press

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "nlrb-election-tallies-2017-2021.xlsx"
ROWS = 40
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]


def import_real_employers(actor) -> Organization:
    """Import the first rows of the labour board's list; return one of them."""
    sheet = openpyxl.load_workbook(REAL, read_only=True, data_only=True).active
    rows = [[cell.value or "" for cell in row[1:4]] for row in sheet.iter_rows(min_row=4, max_row=4 + ROWS)]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    batch = batches.upload(
        io.BytesIO(text.getvalue().encode()), LISTS["organizations"], file_name="list.csv", actor=actor
    )
    batches.match_columns(batch, list_of(batch), batch.mapping, actor=actor)
    checking.start_check(batch, list_of(batch), actor=actor, in_background=False)
    batch.refresh_from_db()
    applying.start_apply(batch, list_of(batch), actor=actor, in_background=False)
    return Organization.objects.order_by("pk").first()


@pytest.mark.skipif(not REAL.exists(), reason=f"the real employers are not beside the project ({REAL.name})")
def test_staff_file_a_grievance_against_a_real_employer_and_advance_it(visit, people):
    with transaction.atomic():
        employer = import_real_employers(people["staff"])
        job = EmploymentFactory(
            member=MemberFactory(member_number="104233", first_name="Ada", last_name="Reyes"), organization=employer
        )
    window = visit(**WIDE).known_as(people["staff"])
    page = window.open("/grievances/drafts/new/")
    page.get_by_label("Type").select_option("individual")
    page.get_by_label("Grievants").fill(job.member.member_number)
    page.get_by_label("Employer").fill("No Such Works")
    page.get_by_label(re.compile("What happened")).fill("The foreman gave the overtime to a temporary worker.")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("alert")).to_contain_text("No organization of this name. Add it under Employers first.")
    expect(page.get_by_label(re.compile("What happened"))).to_have_value(re.compile("temporary worker"))
    window.picture("grievance-1-draft-refused")
    page.get_by_label("Employer").fill(f"{employer.name} — {employer.city}, {employer.state}")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Before it can be filed")).to_be_visible()

    press(page, "Complete the draft")
    page.get_by_label(re.compile("Date of the incident")).fill("2026-01-05")
    page.get_by_label(re.compile("Contract article")).fill("Article 14, Section 2")
    page.get_by_label(re.compile("Remedy sought")).fill("Pay for eight hours at the overtime rate.")
    page.get_by_role("button", name="Save draft").click()
    press(page, "File grievance")
    page.get_by_role("button", name="File grievance").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"GR-\d{4}-0001"))
    window.picture("grievance-2-filed")

    press(page, "Record the step meeting")
    page.get_by_label(re.compile("For the union")).fill("Steward, grievant")
    page.get_by_role("button", name="Record the step meeting").click()
    press(page, "Move to the next step")
    page.get_by_role("button", name="Move to the next step").click()
    expect(page.locator(".step[aria-current=step]")).to_contain_text("Step 2")
    expect(page.locator(".key-facts").first).to_contain_text(employer.name)
    trail = page.locator(".trail")
    for words in ("Staff Person Filed the grievance", "Held a step meeting", "Moved the case to the next step"):
        expect(trail).to_contain_text(words)
    window.accessible()
    window.picture("grievance-3-advanced")


def test_a_member_asks_for_help_on_a_phone_and_officers_decide(visit, people):
    person = people["member"]
    donated(1_200)
    phone = visit(**PHONE).known_as(person)
    page = phone.open("/benevolence/applications/")
    page.get_by_role("link", name="Apply for help").first.click()
    page.get_by_label("Reason").select_option("hardship")
    page.get_by_label(re.compile("What happened")).fill(
        "The plant was closed for seven weeks and the power bill is due."
    )
    page.get_by_label(re.compile("Amount you ask for")).fill("12oo")
    page.get_by_role("button", name="Save and read it once more").click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.get_by_label(re.compile("Amount you ask for"))).to_have_value("12oo")
    page.get_by_label(re.compile("Amount you ask for")).fill("1,200")
    phone.picture("help-1-applying-phone")
    page.get_by_role("button", name="Save and read it once more").click()
    press(page, "Submit application")
    page.get_by_role("button", name="Submit application").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"BN-\d{4}-0001"))
    number = page.get_by_role("heading", level=1).inner_text()
    phone.accessible()
    phone.picture("help-2-submitted-phone")

    desk = visit(**WIDE).known_as(people["benevolence-vp"])
    page = desk.open("/benevolence/queue/")
    page.get_by_role("link", name=number).click()
    desk.picture("help-3-review")
    press(page, "Approve")
    page.get_by_label("Amount to approve").fill("1300")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("alert").first).to_contain_text("At most $1,200.00")
    page.get_by_label("Amount to approve").fill("1000")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".trail")).to_contain_text("Approved at their level")

    office = visit(**WIDE).known_as(people["benevolence-admin"])
    page = office.open("/admin/benevolence/benevolenceapplication/")
    page.get_by_role("link", name=number).click()
    office.picture("help-4-admin")
    page.get_by_role("link", name="Approve", exact=True).click()
    expect(page.get_by_label("Amount to approve")).to_have_value("1000.00")
    office.picture("help-5-admin-approve")
    page.get_by_role("button", name="Approve").click()
    page.wait_for_url(lambda url: "approve" not in url)
    expect(page.get_by_text("Approved").first).to_be_visible()

    page = phone.open("/benevolence/applications/")
    page.get_by_role("link", name=number).click()
    expect(page.locator(".record-title")).to_contain_text("Approved")
    expect(page.locator("main")).to_contain_text("$1,000.00")
    expect(page.locator("main")).not_to_contain_text("Benevolence-Vp Person")
    phone.picture("help-6-approved-phone")

    cashier = visit(**WIDE).known_as(people["treasurer"])
    page = cashier.open("/benevolence/queue/")
    page.get_by_role("link", name=number).click()
    press(page, "Record the payment")
    page.get_by_label("Check", exact=True).check()
    page.get_by_label(re.compile("Check or bank reference")).fill("2041")
    page.get_by_role("button", name="Record the payment").click()
    expect(page.locator(".record-title")).to_contain_text("Paid")
    for words in ("Treasurer Person Recorded the payment", "Benevolence-Admin Person Approved at their level"):
        expect(page.locator(".trail")).to_contain_text(words)
    cashier.picture("help-7-paid")
    assert verify().faults == []


def test_an_organizer_logs_an_activity_that_nobody_else_finds(visit, people):
    with transaction.atomic():
        campaign = AssignmentFactory(user=people["organizer"], duty="lead", campaign__code_name="Blue Heron").campaign
        salt = CampaignMemberFactory(campaign=campaign)
    phone = visit(**PHONE).known_as(people["organizer"])
    page = phone.open("/organizing/")
    page.get_by_role("link", name="Blue Heron").click()
    page.get_by_role("link", name="Enter an activity").click()
    page.get_by_label("Type").select_option("one_on_one")
    page.get_by_label(re.compile("Acting salt")).select_option(label=salt.pseudonym)
    page.get_by_label(re.compile("Workers contacted")).fill("1")
    page.get_by_label(re.compile("Cards signed")).fill("2")
    page.get_by_label(re.compile("What happened")).fill("Talked about the shift plan behind the paint hall.")
    page.get_by_role("button", name="Enter activity").click()
    expect(page.get_by_role("alert").first).to_contain_text("More cards than workers contacted")
    page.get_by_label(re.compile("Cards signed")).fill("1")
    phone.picture("activity-1-entry-phone")
    page.get_by_role("button", name="Enter activity").click()
    expect(page.locator("#toasts")).to_contain_text("Activity entered.")
    expect(page.locator("main")).to_contain_text("paint hall")
    activity = page.url.partition(phone.address)[2]
    assert re.fullmatch(r"/organizing/activities/[0-9a-f-]{36}/", activity)
    phone.accessible()
    phone.picture("activity-2-entered-phone")

    for name in ("admin", "officer", "staff", "organizing-director", "member", "steward"):
        window = visit(**WIDE).sign_in(people[name])
        page = window.open(activity)
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("We could not find that|This is not open"))
        page = window.open("/search/?q=heron")
        expect(page.get_by_text("Nothing found").first).to_be_visible()
        if name == "admin":
            for path in ("/audit/", "/audit/reads/", "/admin/core/auditevent/"):
                page = window.open(path)
                told = page.locator("#results, #result_list")
                expect(told).not_to_contain_text(re.compile("campaign|SALT|heron", re.IGNORECASE))
        window.context.close()
    assert AuditEvent.objects.filter(subject_type="organizing.saltingactivity").count() == 1
