"""A member sends photos from a phone: one gets lost on the way and is sent again; one cannot be kept, and says why."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from accounts.factories import PASSWORD
from benevolence.factories import ApplicationFactory
from benevolence.models import ApplicationDocument
from core.tests.files.samples import photo, picture
from grievances.factories import GrievanceFactory, IntakeFactory

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]


def file(name, content, kind="image/jpeg"):
    return {"name": name, "mimeType": kind, "buffer": content}


@pytest.fixture
def draft(people):
    return ApplicationFactory(member=people["member"].member, entered_by=people["member"], reason="hardship")


def names():
    return sorted(document.name for document in ApplicationDocument.objects.current())


def test_photos_are_sent_one_by_one_and_what_got_lost_is_sent_again(visit, people, draft):
    window = visit(width=390, height=844).known_as(people["member"])
    page, asked = window.open(draft.get_absolute_url()), []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="Add documents").click()
    camera, folder = page.get_by_label("Take a photo"), page.get_by_label("Choose files")
    assert (camera.get_attribute("capture"), camera.get_attribute("accept")) == ("environment", "image/*")
    camera.set_input_files(file("Notice.jpg", photo()))
    folder.set_input_files([file("Meter.jpg", picture()), file("Page.html", b"<html>", "text/html")])
    window.picture("documents-1-chosen")
    items = page.locator(".upload-item")
    page.get_by_role("button", name="Send documents").click()
    expect(page.get_by_role("group", name="What is it?")).to_contain_text("Choose what it is.")
    expect(items).to_contain_text(["Waiting"] * 3)
    window.accessible()
    page.get_by_label("Notice (shut-off, eviction, layoff)").check()
    expect(page.locator(".field-error")).to_have_count(0)
    lost = iter([True])
    page.route("**/documents/", lambda route: route.abort() if next(lost, False) else route.fallback())
    page.get_by_role("button", name="Send documents").dblclick()

    expect(items.nth(0)).to_contain_text("It did not get through. Check your connection and try again.")
    expect(items.nth(1)).to_contain_text("Sent")
    expect(items.nth(2)).to_contain_text("This is a web page or a program, which is not kept here.")
    expect(page.get_by_label("Notice (shut-off, eviction, layoff)")).to_be_checked()
    window.picture("documents-2-lost")
    assert names() == ["Meter.jpg"]

    page.get_by_role("button", name="Try again Notice.jpg").click()
    expect(items.nth(0)).to_contain_text("Sent")
    page.get_by_role("button", name="Remove Page.html").click()
    page.wait_for_url(f"**{draft.get_absolute_url()}")
    assert asked == []
    assert names() == ["Meter.jpg", "Notice.jpg"]
    expect(page.get_by_role("link", name="Notice.jpg", exact=True)).to_be_visible()
    page.wait_for_function("() => [...document.images].every((image) => image.complete && image.naturalWidth > 0)")
    window.picture("documents-3-there")
    window.accessible()
    assert window.sideways() <= 0
    window.faults[:] = [fault for fault in window.faults if "ERR_FAILED" not in fault]  # the line that was cut


def test_a_case_takes_documents_too(visit, people):
    window = visit().known_as(people["grievance-chair"])
    case = GrievanceFactory()
    page = window.open(f"/grievances/{case.pk}/documents/")
    page.get_by_label("Choose files").set_input_files(file("Answer.jpg", picture()))
    page.get_by_role("button", name="Send documents").click()
    expect(page.locator(".field-invalid")).to_contain_text("Choose what it is.")
    page.get_by_label("What is it?").select_option(label="Photo")
    page.get_by_label("Choose files").set_input_files([file("Card.jpg", photo()), file("Slip.jpg", picture())])

    def remove_the_last(route):
        """Take one back while another is on its way."""
        page.get_by_role("button", name="Remove Slip.jpg").click()
        route.fallback()

    page.route("**/documents/", remove_the_last, times=1)
    page.get_by_role("button", name="Send documents").click()
    page.wait_for_url(f"**{case.get_absolute_url()}?tab=documents")
    assert sorted(document.name for document in case.documents.all()) == ["Answer.jpg", "Card.jpg"]


def send_after_the_session_ended(window, draft, name: str, content: bytes) -> None:
    page = window.open(f"{draft.get_absolute_url()}documents/")
    page.get_by_label("Choose files").set_input_files(file(name, content))
    window.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_role("button", name="Send documents").click()
    expect(page.locator(".upload-item")).to_contain_text("Your session has ended.")


def sign_in_elsewhere(window, user) -> None:
    page = window.context.new_page()
    page.goto(f"{window.address}/accounts/login/")
    page.fill("input[name=login]", user.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form:first-of-type button[type=submit]")
    page.wait_for_url(lambda url: "/login/" not in url)


def test_files_wait_for_who_chose_them_to_sign_in_again(visit, people):
    window = visit().known_as(people["grievance-chair"])
    draft = IntakeFactory(drafted_by=people["grievance-chair"])
    again = window.page.get_by_role("button", name="Try again")
    send_after_the_session_ended(window, draft, "Sheet.jpg", picture())
    sign_in_elsewhere(window, people["grievance-chair"])
    again.click()
    window.page.wait_for_url(f"**{draft.get_absolute_url()}")

    send_after_the_session_ended(window, draft, "Card.jpg", photo())
    sign_in_elsewhere(window, people["officer"])
    again.click()
    window.page.wait_for_url(f"{window.address}/")
    assert [document.name for document in draft.documents.all()] == ["Sheet.jpg"]


def test_without_the_script_the_form_sends_all_at_once(visit, people, draft):
    page = visit(javascript=False).known_as(people["member"]).open(draft.get_absolute_url())
    page.get_by_role("link", name="Add documents").click()
    page.get_by_label("Bill or invoice").check()
    page.get_by_label("Choose files").set_input_files([file("Meter.jpg", picture()), file("Page.html", b"<html>")])
    page.get_by_role("button", name="Send documents").click()
    expect(page.get_by_text("Page.html: This is a web page or a program")).to_be_visible()
    assert names() == ["Meter.jpg"]
