"""Lists and pickers in a real browser: filters apply themselves, people are chips, and all of it without JavaScript."""

from urllib.parse import parse_qs, urlsplit

import pytest

from grievances.models import GrievanceIntake
from members.factories import MemberFactory

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 800}


@pytest.fixture
def ann(people):
    MemberFactory(first_name="Bo", last_name="Berg", member_number="A77", status="retired")
    return MemberFactory(first_name="Ann", last_name="Aalto", member_number="104233", status="active")


def asked(page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_a_filter_applies_itself(visit, people, ann):
    window = visit().known_as(people["staff"])
    page = window.open("/members/")
    assert page.locator("button:visible", has_text="Show").count() == 0
    page.focus("select[name=status]")
    page.select_option("select[name=status]", "retired")
    page.wait_for_selector("#results >> text=Aalto", state="detached")
    assert page.locator("#results .cell-main").all_inner_texts() == ["Berg, Bo"]
    assert page.url.endswith("/members/?status=retired")
    assert page.evaluate("document.activeElement.name") == "status"
    assert page.locator("[data-results-said]").inner_text() == "1 member"
    window.accessible()
    page.emulate_media(media="print")
    chips = page.get_by_role("list", name="Filters in use")
    assert (chips.is_visible(), chips.get_by_text("Clear all").is_visible()) == (True, False)
    assert "Retired" in chips.inner_text()


def test_on_a_phone_the_filters_wait_behind_one_button(visit, people, ann):
    window = visit().known_as(people["staff"])
    window.page.set_viewport_size(PHONE)
    page = window.open("/members/")
    button, field = page.get_by_role("button", name="Filter", exact=True), page.locator("select[name=status]")
    assert (button.get_attribute("aria-expanded"), field.is_visible()) == ("false", False)
    button.click()
    assert (button.get_attribute("aria-expanded"), field.is_visible()) == ("true", True)
    field.select_option("retired")
    page.wait_for_selector("#results >> text=Aalto", state="detached")
    window.accessible()
    assert window.sideways() == 0


def test_without_javascript_a_button_applies_them(visit, people, ann):
    window = visit(javascript=False).known_as(people["staff"])
    window.page.set_viewport_size(PHONE)
    page = window.open("/members/")
    page.select_option("select[name=status]", "retired")
    page.click(".filters button[type=submit]")
    page.wait_for_url("**/members/?**")
    assert asked(page)["status"] == ["retired"]
    assert "Berg, Bo" in page.inner_text("#results")


def test_grievants_are_found_while_typing_and_stand_as_chips(visit, people, ann):
    window = visit().known_as(people["officer"])
    page = window.open("/grievances/drafts/new/")
    box = page.get_by_label("Grievants")
    for letters in ("aal", "berg"):
        box.press_sequentially(letters)
        page.wait_for_selector("#member-options option", state="attached")
        box.press("Enter")
    chips = page.locator("[data-picker] .chip")
    assert chips.all_inner_texts() == ["Ann Aalto — 104233", "Bo Berg — A77"]
    window.accessible()
    chips.nth(1).click()
    page.select_option("select[name=grievance_type]", "individual")
    page.click(".form-actions button[type=submit]")
    page.wait_for_url(lambda url: "/new/" not in url)
    assert [list(draft.members.all()) for draft in GrievanceIntake.objects.all()] == [[ann]]


def test_one_of_several_is_chosen_without_javascript(visit, people, ann):
    MemberFactory(first_name="Ann", last_name="Aalto", member_number="104234")
    page = visit(javascript=False).known_as(people["officer"]).open("/grievances/drafts/new/")
    page.fill("textarea[name=members]", "ann aalto")
    page.select_option("select[name=grievance_type]", "individual")
    page.click(".form-actions button[type=submit]")
    page.get_by_text("“ann aalto” fits several").first.wait_for()
    page.check("[data-offers] input[value='Ann Aalto — 104233']")
    page.click(".form-actions button[type=submit]")
    page.wait_for_url(lambda url: "/new/" not in url)
    assert [list(draft.members.all()) for draft in GrievanceIntake.objects.all()] == [[ann]]
