"""Three ways through the front door: an authenticator app, a passkey, and a forgotten password."""

import re

import pytest

from accounts.tests.proving import code_of
from core.models import Outbox

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]

NEW = "seven quiet herons asleep"


@pytest.fixture
def strict(settings):
    settings.SECOND_FACTOR_ROLES = ["*", "-member"]
    settings.STEP_UP_MINUTES = 10


def test_staff_set_up_an_app_before_anything_opens_and_sign_in_with_it(visit, people, strict):
    visitor = visit()
    page = visitor.give_password(people["staff"])
    page.wait_for_url("**/accounts/security/")
    page.get_by_text("Your role needs a second factor").wait_for()
    visitor.accessible()
    visitor.picture("security-missing")
    visitor.open("/members/").wait_for_url("**/accounts/security/")
    page.get_by_role("link", name="Set up an app").click()
    page.wait_for_url("**/accounts/security/app/")
    visitor.accessible()
    visitor.picture("security-app")
    secret = page.inner_text("#totp-key").replace(" ", "")
    page.fill("input[name=code]", "000000")
    page.click("main button[type=submit]")
    page.get_by_text("This code is not right").first.wait_for()
    assert page.inner_text("#totp-key").replace(" ", "") == secret
    page.fill("input[name=code]", code_of(secret))
    page.click("main button[type=submit]")
    page.wait_for_selector("#recovery-codes")
    visitor.accessible()
    visitor.picture("security-codes")
    recovery = page.inner_text("#recovery-codes").split()
    assert len(recovery) == 10
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url("**/accounts/security/")
    visitor.accessible()
    visitor.picture("security")
    assert "/members/" in visitor.open("/members/").url
    visitor.open("/accounts/security/sessions/")
    visitor.accessible()
    visitor.picture("security-sessions")

    other = visit(width=390)
    page = other.give_password(people["staff"])
    page.wait_for_url("**/accounts/login/second/")
    other.accessible()
    other.picture("second-step")
    page.fill("input[name=code]", code_of(secret, later=1))
    page.click("main form:first-of-type button[type=submit]")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)
    other.open("/accounts/security/")
    assert other.sideways() == 0
    other.picture("security-phone")
    other.theme("dark").picture("security-phone-dark")
    other.open("/accounts/security/sessions/")
    assert (other.sideways(), page.get_by_text("This browser").count()) == (0, 1)
    other.picture("security-sessions-phone")

    lost = visit()
    page = lost.give_password(people["staff"])
    page.wait_for_url("**/accounts/login/second/")
    page.fill("input[name=code]", recovery[0])
    page.click("main form:first-of-type button[type=submit]")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


def give_authenticator(visitor):
    """Give a virtual one. It goes, with its keys, when another debugging session of the page ends, as axe's does."""
    session = visitor.context.new_cdp_session(visitor.page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_made_and_signs_in_alone(visit, people, strict):
    visitor = visit()
    page = visitor.give_password(people["officer"])
    page.wait_for_url("**/accounts/security/")
    page.get_by_role("link", name="Add a passkey").click()
    page.wait_for_url("**/accounts/security/passkey/")
    visitor.accessible()
    visitor.picture("security-passkey")
    give_authenticator(visitor)
    page.fill("input[name=name]", "My phone")
    page.click("button[data-passkey=new]")
    page.wait_for_selector("#recovery-codes")
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url("**/accounts/security/")
    page.get_by_text("My phone").first.wait_for()
    visitor.open("/accounts/logout/")
    page.click("main button[type=submit]")
    page.wait_for_url("**/accounts/login/**")
    page.click("button[data-passkey=get]")
    page.wait_for_url(lambda url: "/accounts/" not in url)
    assert "/members/" in visitor.open("/members/").url
    visitor.open("/accounts/reauthenticate/?next=/members/")
    page.click("button[data-passkey=get]")
    page.wait_for_url(lambda url: "/accounts/" not in url)
    visitor.open("/accounts/reauthenticate/?next=/members/")
    visitor.accessible()
    visitor.picture("confirm")
    stranger = visit(width=390)
    stranger.open("/accounts/login/")
    stranger.accessible()
    stranger.picture("sign-in-phone")
    assert stranger.sideways() == 0


def test_a_forgotten_password_is_chosen_anew_by_the_mailed_link(visit, people):
    user = people["member"]
    visitor = visit()
    visitor.open("/accounts/login/")
    page = visitor.page
    page.get_by_role("link", name="Password forgotten?").click()
    page.wait_for_url("**/accounts/password/forgotten/")
    visitor.accessible()
    page.fill("input[name=email]", user.email.upper())
    page.click("main button[type=submit]")
    page.wait_for_url("**/accounts/password/sent/")
    visitor.accessible()
    link = re.search(r"/accounts/password/link/[^/\s]+/", Outbox.objects.get(template="password_reset").body)[0]
    visitor.open(link)
    page.wait_for_url("**/accounts/password/new/")
    visitor.accessible()
    visitor.picture("password-new")
    page.fill("input[name=password1]", NEW)
    page.fill("input[name=password2]", NEW)
    page.click("main button[type=submit]")
    page.wait_for_url("**/accounts/login/")
    visitor.sign_in(user, NEW)
    visitor.open(link)
    page.get_by_role("heading", name="This link does not work any more").wait_for()
