"""What is typed outlives a cut line, a refusal and the end of a session, and only who typed it sends it."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]

CUT_LINE = ("console: htmx:afterRequest", "console: htmx:sendError", "console: Failed to load resource")
ASKS_TO_STAY = "() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))"


def test_what_is_typed_is_kept_for_who_typed_it(visit, people):
    window = visit().known_as(people["staff"])
    page = window.open("/organizations/add/")
    save = page.locator("main form.form-page button[type=submit]")
    page.get_by_label("Name", exact=True).fill("Harbor Crane Works")
    page.get_by_label("Website").fill("no address")
    assert page.evaluate(ASKS_TO_STAY)
    page.route("**/organizations/add/", lambda route: route.abort(), times=1)
    save.click()
    expect(page.locator("#toasts")).to_contain_text("That did not reach us")
    assert page.evaluate(ASKS_TO_STAY)
    steps = page.evaluate("history.length")
    save.click()
    expect(page.locator(".error-summary")).to_be_visible()
    assert (page.evaluate(ASKS_TO_STAY), page.evaluate("history.length")) == (True, steps)
    window.faults[:] = [fault for fault in window.faults if not fault.startswith(CUT_LINE)]
