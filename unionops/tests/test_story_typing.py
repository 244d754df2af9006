"""What is typed outlives a cut line, a refusal and the end of a session, and only who typed it sends it."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from accounts.factories import PASSWORD
from core.imports import batches
from members.factories import OrganizationFactory
from members.imports.lists import list_of
from members.models import Organization
from members.tests.import_steps import checked

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]

CUT_LINE = ("console: htmx:afterRequest", "console: htmx:sendError", "console: Failed to load resource")
ASKS_TO_STAY = "() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))"


def save_after_the_session_ended(window, name: str) -> None:
    page = window.open("/organizations/add/")
    page.get_by_label("Name", exact=True).fill(name)
    window.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.locator("main form.form-page button[type=submit]").click()
    expect(page.get_by_role("dialog")).to_contain_text("You were signed out")


def sign_in_again(page, user) -> None:
    page.locator("#signin-dialog input[name=login]").fill(user.email)
    page.locator("#signin-dialog input[name=password]").fill(PASSWORD)
    page.locator("#signin-dialog button[type=submit]").click()


def test_what_is_typed_is_kept_for_who_typed_it(visit, people):
    window = visit().known_as(people["staff"])
    page = window.open("/organizations/add/")
    save = page.locator("main form.form-page button[type=submit]")
    page.get_by_label("Name", exact=True).fill("Harbor Crane Works")
    page.get_by_label("Website").fill("no address")
    assert page.evaluate(ASKS_TO_STAY)
    page.once("dialog", lambda question: question.dismiss())
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Harbor Crane Works")
    page.route("**/organizations/add/", lambda route: route.abort(), times=1)
    save.click()
    expect(page.locator("#toasts")).to_contain_text("That did not reach us")
    assert page.evaluate(ASKS_TO_STAY)
    steps = page.evaluate("history.length")
    save.click()
    expect(page.locator(".error-summary")).to_be_visible()
    assert (page.evaluate(ASKS_TO_STAY), page.evaluate("history.length")) == (True, steps)
    window.faults[:] = [fault for fault in window.faults if not fault.startswith(CUT_LINE)]


def test_what_is_typed_is_kept_when_a_notice_refuses_it(visit, people):
    staff = people["staff"]
    OrganizationFactory(name="Alder", city="Peoria", state="IL")
    batch = checked([("Employer", "City", "State"), ("Alder", "Pekin", "IL")], actor=staff)
    window = visit().known_as(staff)
    page = window.open(f"{batch.get_absolute_url()}?show=duplicate")
    page.get_by_label("Decision for row 2").select_option("create")
    assert page.evaluate(ASKS_TO_STAY)
    batches.decide(batch, list_of(batch), {2: "skip"}, actor=people["admin"])
    page.get_by_role("button", name="Save decisions").click()
    expect(page.locator("#alerts")).to_contain_text("Somebody else changed this import meanwhile")
    assert page.get_by_label("Decision for row 2").input_value() == "create"
    assert page.evaluate(ASKS_TO_STAY)


def test_who_signs_in_again_sends_only_what_they_typed(visit, people):
    window = visit().known_as(people["staff"])
    page = window.page
    save_after_the_session_ended(window, "Typed by staff")
    sign_in_again(page, people["officer"])
    page.wait_for_url(f"{window.address}/")
    expect(page.get_by_text("officer@people.example")).to_be_attached()
    assert not Organization.objects.exists()

    window.known_as(people["staff"])
    save_after_the_session_ended(window, "Typed by staff")
    sign_in_again(page, people["staff"])
    expect(page.get_by_role("heading", level=1)).to_have_text("Typed by staff")
