"""A day of an organizer: an activity that nobody else finds."""

import re

import pytest
from django.db import transaction
from playwright.sync_api import expect

from core.models import AuditEvent
from organizing.factories import AssignmentFactory, CampaignMemberFactory

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]


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
