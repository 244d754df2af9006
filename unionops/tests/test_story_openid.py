"""Through an OpenID Connect provider in a real browser: the strict CSP stays as it is, and nothing needs JavaScript."""

import pytest
from django.http import HttpResponseRedirect

from accounts.services import openid
from accounts.tests.openid_server import providing
from accounts.views import openid as openid_views

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def provider(settings):
    settings.SECOND_FACTOR_ROLES = ["*", "-member"]
    with providing(settings) as found:
        yield found


def forgive(visitor, provider):
    """The provider's is the one other host, and nothing but its own pages is asked of it."""
    assert set(visitor.faults) == {f"other host: {provider.issuer.removeprefix('http://')}"}
    visitor.faults.clear()
    assert set(provider.asked) <= {"/.well-known/openid-configuration", "/authorize", "/token", "/jwks"}


@pytest.mark.parametrize("javascript", [True, False])
def test_a_member_signs_in_where_a_link_led(visit, people, provider, javascript, settings):
    settings.OIDC_NAME = "Identity Service of the Federation 4127"
    provider.claims["email"] = people["member"].email
    visitor = visit(width=390, javascript=javascript)
    page = visitor.open("/me/")
    page.wait_for_url("**/accounts/login/?next=/me/")
    visitor.picture("openid-sign-in-phone")
    assert visitor.sideways() == 0
    page.get_by_role("button", name=f"Sign in with {settings.OIDC_NAME}").click()
    page.wait_for_url("**/members/*/")
    forgive(visitor, provider)


def test_the_page_between_is_one_to_read_where_it_does_not_go_on(visit, provider):
    visitor = visit(width=390)
    visitor.page.route(f"{provider.issuer}/**", lambda route: route.fulfill(status=204))
    page = visitor.open("/accounts/login/")
    page.get_by_role("button", name="Sign in with Example ID").click()
    page.get_by_role("link", name="Go to Example ID").wait_for()
    page.wait_for_timeout(300)
    visitor.accessible()
    visitor.picture("openid-leave-phone")
    assert visitor.sideways() == 0
    forgive(visitor, provider)


def test_the_control_that_redirects_is_stopped_by_the_csp(visit, provider, monkeypatch):
    monkeypatch.setattr(
        openid_views.Leave, "post", lambda view, request: HttpResponseRedirect(openid.begin(request, "/"))
    )
    visitor = visit()
    page = visitor.open("/accounts/login/")
    with page.expect_console_message(lambda message: "form-action 'self'" in message.text):
        page.get_by_role("button", name="Sign in with Example ID").click()
    assert (page.url.partition("/accounts/")[2], provider.questions) == ("login/", [])
    visitor.faults.clear()


def test_an_officer_sets_up_a_factor_of_the_portal_first(visit, people, provider):
    provider.claims["email"] = people["officer"].email
    visitor = visit()
    page = visitor.open("/accounts/login/")
    visitor.accessible()
    visitor.picture("openid-sign-in")
    page.get_by_role("button", name="Sign in with Example ID").click()
    page.wait_for_url("**/accounts/security/")
    page.get_by_text("Your role needs a second factor").wait_for()
    forgive(visitor, provider)


def test_who_is_refused_reads_what_to_do_next(visit, people, provider):
    visitor = visit()
    page = visitor.open("/accounts/login/?next=/members/")
    page.get_by_role("button", name="Sign in with Example ID").click()
    page.get_by_text("Example ID opens no account here.").wait_for()
    visitor.accessible()
    visitor.picture("openid-refused")
    page.get_by_role("link", name="Go to sign in").click()
    page.wait_for_url("**/accounts/login/?next=%2Fmembers%2F")
    forgive(visitor, provider)


def test_a_member_sees_the_link_and_removes_it(visit, people, provider):
    provider.claims["email"] = people["member"].email
    visitor = visit()
    visitor.open("/accounts/login/")
    page = visitor.page
    page.get_by_role("button", name="Sign in with Example ID").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    forgive(visitor, provider)
    visitor.open("/accounts/security/")
    visitor.accessible()
    visitor.picture("openid-security")
    page.get_by_role("link", name="Remove Example ID").click()
    page.wait_for_url("**/accounts/security/links/*/remove/")
    visitor.accessible()
    visitor.picture("openid-remove")
    page.click("main button[type=submit]")
    page.wait_for_url("**/accounts/security/")
    assert page.get_by_text("Signs in with").count() == 0
