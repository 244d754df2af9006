"""The frame round every page is drawn once and kept; what is kept is nobody's."""

import re

import pytest

from accounts.models import RoleAssignment
from core.site import change_settings
from organizing.factories import CampaignMemberFactory

pytestmark = pytest.mark.django_db

PAGE = "/accounts/security/"
ROLES = ["admin", "officer", "staff", "organizer", "steward", "member", "treasurer", "organizing-director", "nobody"]


def menu_of(answer) -> list[str]:
    navigation = answer.text.split('class="sidebar-nav"')[1].split("</nav>")[0]
    return re.findall(r'<a class="side-link" href="([^"]*)"', navigation)


def token_of(answer) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', answer.text)[1]


def test_everybody_has_the_menu_of_their_own_permissions_whoever_asked_before(client_of):
    browsers = {name: client_of(name) for name in ROLES}
    first = {name: menu_of(browser.get(PAGE)) for name, browser in browsers.items()}
    again = {name: menu_of(browser.get(PAGE)) for name, browser in reversed(browsers.items())}
    assert again == first
    assert len({tuple(menu) for menu in first.values()}) == len(ROLES)
    assert (first["nobody"], first["organizing-director"]) == (["/"], ["/", "/organizing/oversight/"])


def test_a_role_that_ends_takes_its_places_along_at_once(client_of, people):
    browser = client_of("staff")
    assert "/members/" in menu_of(browser.get(PAGE))
    RoleAssignment.objects.filter(user=people["staff"]).delete()
    assert menu_of(browser.get(PAGE)) == ["/"]


def test_who_acts_in_a_campaign_shares_no_frame_with_who_does_not(client_of, people):
    browser = client_of("member")
    before = menu_of(browser.get(PAGE))
    CampaignMemberFactory(member=people["member"].member)
    acting = menu_of(browser.get(PAGE))
    assert (len(acting), set(acting) - set(before)) == (len(before) + 1, {"/entries/"})


def test_what_is_of_the_person_is_drawn_for_each_page(client_of, people):
    ann, bob = people["staff"], people["nobody"]
    ann.first_name, ann.last_name = "<b>Ann", "{% now 'Y' %}"
    ann.save()
    page = client_of("staff").get(PAGE)
    assert page.text.count("&lt;b&gt;Ann {% now &#x27;Y&#x27; %}") == 2
    assert "<b>Ann" not in page.text
    other = client_of("nobody").get(PAGE)
    assert "b&gt;Ann" not in other.text
    assert ann.email not in other.text
    assert other.text.count(bob.email) == page.text.count(ann.email)


def test_each_answer_has_a_token_and_the_address_of_its_own(client_of):
    browser = client_of("staff")
    first, second = browser.get(f"{PAGE}?a=1"), browser.get(f"{PAGE}?a=2")
    assert token_of(first) != token_of(second)
    hidden = [re.findall(r'name="next" value="([^"]*)"', answer.text) for answer in (first, second)]
    assert hidden == [[f"{PAGE}?a=1"], [f"{PAGE}?a=2"]]


def test_changes_of_theme_and_settings_show_at_once(client_of):
    browser = client_of("staff")
    assert 'data-theme-choice="auto">' in browser.get(PAGE).text
    browser.cookies["theme"] = "dark"
    assert 'data-theme-choice="dark" data-bs-theme="dark">' in browser.get(PAGE).text
    for name, number in (("Local & Sons", "46"), ("Local 47", "")):
        change_settings({"name": name, "number": number}, actor=None)
        foot = re.search(r'<footer class="page-foot">\s*<span>(.*?)</span>', browser.get(PAGE).text)[1]
        assert foot == {"46": "Local &amp; Sons · Local 46", "": "Local 47"}[number]
