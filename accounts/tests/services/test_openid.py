"""Signing in with an OpenID Connect provider: who gets in, and everything that does not."""

import re
import time
from html import unescape

import pytest
import requests
import time_machine
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import Client

from accounts.factories import PASSWORD, RoleAssignmentFactory, UserFactory
from accounts.models import Session, SessionRecord, User
from accounts.services import factors, openid
from accounts.tests.mails import mails
from accounts.tests.openid_server import CLIENT, NAME, providing, question
from accounts.tests.proving import code_of, give_app, is_signed_in
from core.models import AuditEvent

pytestmark = pytest.mark.django_db

LOGIN, LEAVE, RETURN = "/accounts/login/", "/accounts/login/openid/", "/accounts/login/openid/return/"
SECURITY = "/accounts/security/"
NOT_OPENED = (
    "Example ID opens no account here. Sign in with your password, or ask the office whether your account is in order"
    " and has the address that Example ID knows."
)
FAILED = "Signing in with Example ID did not work, or it was broken off. Try again, or sign in with your password."
AWAY = "Example ID does not answer now. Try again in a few minutes, or sign in with your password."
LINKED = "Another way to sign in to your account"


@pytest.fixture
def provider(settings):
    with providing(settings) as found:
        yield found


@pytest.fixture
def ann():
    user = UserFactory(email="ann@people.example")
    RoleAssignmentFactory(user=user, role="staff")
    return user


def leave(browser: Client, target: str = "") -> str:
    """Press the button; return the provider's address that the browser goes to."""
    page = browser.post(LEAVE, {"next": target})
    assert page.status_code == 200, said(page)
    return unescape(re.search(r'<meta http-equiv="refresh" content="0; url=([^"]+)">', page.content.decode())[1])


def back(url: str) -> str:
    """Visit the provider; return the portal's address that it sends the browser to."""
    return requests.get(url, allow_redirects=False, timeout=10).headers["Location"].removeprefix("http://testserver")


def sign_in(browser: Client, target: str = ""):
    return browser.get(back(leave(browser, target)))


def said(page) -> str:
    return unescape(re.search(r'<p role="alert">([^<]+)</p>', page.content.decode())[1])


def refused(browser: Client, page) -> tuple[int, str]:
    assert not is_signed_in(browser)
    assert not SocialAccount.objects.exists()
    return page.status_code, said(page)


# --- in -----------------------------------------------------------------------------------------------


def test_the_first_sign_in_makes_the_link_and_later_ones_use_it(provider, ann):
    browser = Client()
    assert f"Sign in with {NAME}" in browser.get(f"{LOGIN}?next=/members/").content.decode()
    answer = sign_in(browser, "/members/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/members/"
    assert is_signed_in(browser)
    link = SocialAccount.objects.get()
    assert link.user == ann
    assert link.uid == provider.subject
    assert link.provider == openid.provider_id()
    assert link.extra_data == {}
    assert not SocialToken.objects.exists()
    assert [(address, subject) for address, subject, _text in mails()] == [(ann.email, LINKED)]
    assert "linked with Example ID" in mails()[0][2]
    assert [event.action for event in AuditEvent.objects.order_by("id")] == ["user.provider_linked", "user.signed_in"]
    assert not any(word in str(list(AuditEvent.objects.values())) for word in (provider.subject, ann.email))
    assert SessionRecord.objects.get().user == ann

    provider.claims = {"email": "changed@people.example", "email_verified": False}
    other = Client()
    assert sign_in(other).headers["Location"] == "/"
    assert is_signed_in(other)
    assert SocialAccount.objects.get().pk == link.pk
    assert [subject for _address, subject, _text in mails()] == [LINKED, "New sign-in to your account"]


def test_what_is_asked_of_the_provider(provider, ann):
    browser = Client()
    asked = question(leave(browser))
    assert {name: asked[name] for name in ("client_id", "redirect_uri", "response_type", "code_challenge_method")} == {
        "client_id": CLIENT,
        "redirect_uri": f"http://testserver{RETURN}",
        "response_type": "code",
        "code_challenge_method": "S256",
    }
    assert set(asked["scope"].split()) == {"openid", "email"}
    assert min(len(asked[name]) for name in ("nonce", "code_challenge")) >= 43
    again = question(leave(browser))
    assert all(asked[name] != again[name] for name in ("state", "nonce", "code_challenge"))


@pytest.mark.parametrize("address", ["ANN@People.Example", "ann@people.example"])
def test_the_address_is_compared_without_case(provider, ann, address):
    provider.claims["email"] = address
    browser = Client()
    sign_in(browser)
    assert is_signed_in(browser)


def test_a_thin_token_is_completed_by_the_user_info(provider, ann):
    provider.claims, provider.userinfo = {}, {"email": ann.email, "email_verified": True}
    browser = Client()
    sign_in(browser)
    assert is_signed_in(browser)
    assert provider.asked[-1] == "/userinfo"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_only_a_path_of_the_portal_comes_after_it(provider, ann, target):
    assert sign_in(Client(), target).headers["Location"] == "/"
    browser = Client()
    url = back(leave(browser))
    assert browser.get(f"{url}&next=https://evil.example/").headers["Location"] == "/"


# --- nobody -------------------------------------------------------------------------------------------

UNVERIFIED = {"email_verified": False}


@pytest.mark.parametrize(
    ("account", "claims"),
    [
        ({}, UNVERIFIED),
        ({}, {"email_verified": None}),
        ({}, {"email_verified": "true"}),
        ({}, {"email_verified": 1}),
        ({}, {"email": None}),
        ({}, {"email": "nobody@people.example"}),
        ({}, {"email": "ann\0@people.example"}),
        ({}, {"email": ["ann@people.example"]}),
        ({"email": "k@people.example"}, {"email": "\u212a@people.example"}),
        ({"is_active": False}, {}),
        ({"is_verified": False}, {}),
    ],
)
def test_who_has_no_account_in_order_reads_the_same_sentence(provider, account, claims):
    user = UserFactory(**{"email": "ann@people.example", **account})
    provider.claims |= claims
    browser = Client()
    assert refused(browser, sign_in(browser)) == (403, NOT_OPENED)
    assert mails() == []
    assert User.objects.count() == 1
    assert AuditEvent.objects.count() == 0
    # the same person in order
    User.objects.filter(pk=user.pk).update(email="ann@people.example", is_active=True, is_verified=True)
    EmailAddress.objects.update_or_create(user=user, defaults={"email": "ann@people.example", "verified": True})
    provider.claims = {"email": "ann@people.example", "email_verified": True}
    sign_in(browser)
    assert is_signed_in(browser)


def test_an_address_that_the_account_has_not_confirmed_is_none(provider, ann):
    EmailAddress.objects.update(verified=False)
    browser = Client()
    assert refused(browser, sign_in(browser)) == (403, NOT_OPENED)


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_verified": False}])
def test_a_linked_account_that_is_not_in_order_stays_shut(provider, ann, change):
    sign_in(Client())
    User.objects.filter(pk=ann.pk).update(**change)
    browser = Client()
    page = sign_in(browser)
    assert page.status_code == 403
    assert said(page) == NOT_OPENED
    assert not is_signed_in(browser)


def test_a_link_does_not_move_and_an_account_has_one(provider, ann):
    bob = UserFactory(email="bob@people.example")
    sign_in(Client())
    provider.claims["email"] = bob.email
    browser = Client()
    sign_in(browser)
    assert SocialAccount.objects.get().user == ann
    assert SessionRecord.objects.latest("pk").user == ann
    provider.subject, provider.claims["email"] = "a successor with this address", ann.email
    browser = Client()
    page = sign_in(browser)
    assert page.status_code == 403
    assert said(page) == NOT_OPENED
    assert not is_signed_in(browser)


def test_a_subject_of_another_issuer_is_somebody_else(provider, ann):
    SocialAccount.objects.create(user=UserFactory(), provider="oidc-of-another-issuer", uid=provider.subject)
    browser = Client()
    sign_in(browser)
    assert SocialAccount.objects.get(provider=openid.provider_id()).user == ann


# --- not believed -------------------------------------------------------------------------------------


def tell(**changes):
    return lambda provider: provider.claims.update(changes)


def be(**changes):
    return lambda provider: provider.__dict__.update(changes)


@pytest.mark.heavy
@pytest.mark.parametrize(
    "disturb",
    [
        tell(nonce="of another sign-in"),
        tell(nonce=None),
        tell(nonce=["x"]),
        tell(aud="another-client"),
        tell(aud=None),
        tell(azp="another-client"),
        tell(iss="https://evil.example"),
        tell(iss=None),
        tell(exp=int(time.time()) - 120),
        tell(exp=None),
        tell(exp="soon"),
        tell(iat=None),
        tell(iat=int(time.time()) + 3600),
        tell(sub=None),
        tell(sub=""),
        tell(sub=17),
        tell(sub="x" * 192),
        tell(sub="a\0b"),
        be(signer="wrong"),
        be(kid="unknown"),
        be(algorithm="none"),
        be(algorithm="HS256"),
        be(error="access_denied"),
        be(error="server_error"),
        be(failing=["/token"], status=400),
        be(failing=["/token"], status=503),
        be(failing=["/token"], status=200),
        be(failing=["/jwks"], status=200),
        be(claims={}, userinfo={"sub": "bob", "email": "ann@people.example", "email_verified": True}),
    ],
)
def test_what_proves_nothing_signs_nobody_in(provider, ann, disturb):
    browser = Client()
    disturb(provider)
    assert refused(browser, sign_in(browser)) == (403, FAILED)
    provider.__dict__.update(type(provider)(int(provider.issuer.rsplit(":")[-1])).__dict__)
    sign_in(browser)
    assert is_signed_in(browser)


def test_clocks_may_differ_by_a_minute(provider, ann):
    provider.claims |= {"iat": int(time.time()) + 30, "exp": int(time.time()) - 30}
    browser = Client()
    sign_in(browser)
    assert is_signed_in(browser)


def test_a_return_works_once_in_the_browser_that_left_within_ten_minutes(provider, ann):
    victim, browser = Client(), Client()
    url = back(leave(browser))
    assert refused(victim, victim.get(url)) == (403, FAILED)
    assert browser.get(url).status_code == 302
    browser.post("/accounts/logout/")
    page = browser.get(url)
    assert page.status_code == 403
    assert said(page) == FAILED
    assert not is_signed_in(browser)
    for bad in (RETURN, f"{RETURN}?code=x", f"{RETURN}?state=x&code=y", f"{RETURN}?state=%00&code={'x' * 5000}"):
        page = Client().get(bad)
        assert (page.status_code, said(page)) == (403, FAILED)
    browser = Client()
    with time_machine.travel(time.time(), tick=False) as clock:
        url = back(leave(browser))
        clock.shift(601)
        assert browser.get(url).status_code == 403
        assert not is_signed_in(browser)


def test_a_code_of_somebody_else_does_not_fit_the_verifier(provider, ann):
    browser, thief = Client(), Client()
    url, own = back(leave(browser)), back(leave(thief))
    code = re.search(r"code=([^&]+)", url)[1]
    assert refused(thief, thief.get(re.sub(r"code=[^&]+", f"code={code}", own))) == (403, FAILED)


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks", "/userinfo"])
def test_a_provider_that_is_away_is_a_sentence(provider, ann, path, settings):
    browser = Client()
    url = back(leave(browser))
    provider.claims, provider.failing = {}, [path]
    assert refused(browser, browser.get(url)) == (503, AWAY)
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    page = browser.post(LEAVE)
    assert (page.status_code, said(page)) == (503, AWAY)


@pytest.mark.parametrize(
    "disturb", [be(stated_issuer="https://evil.example"), be(failing=["/.well-known/openid-configuration"], status=200)]
)
def test_nobody_is_sent_to_a_provider_that_is_not_the_one(provider, disturb):
    disturb(provider)
    page = Client().post(LEAVE)
    assert (page.status_code, said(page)) == (503, FAILED)


# --- as for a password --------------------------------------------------------------------------------


def test_the_own_second_factor_is_asked(provider, ann):
    secret = give_app(ann)
    browser = Client()
    assert sign_in(browser, "/members/").headers["Location"] == "/accounts/login/second/"
    assert not is_signed_in(browser)
    answer = browser.post("/accounts/login/second/", {"code": code_of(secret)})
    assert answer.headers["Location"] == "/members/"
    assert is_signed_in(browser)


def test_a_role_that_needs_a_factor_sets_one_up_first(provider, ann, settings):
    settings.SECOND_FACTOR_ROLES = ["*", "-member"]
    browser = Client()
    sign_in(browser)
    assert factors.is_missing(ann)
    assert browser.get("/members/").headers["Location"] == SECURITY


def test_a_one_time_password_opens_only_its_page(provider, ann):
    User.objects.filter(pk=ann.pk).update(must_change_password=True)
    browser = Client()
    sign_in(browser)
    assert browser.get("/members/").headers["Location"] == "/accounts/password/change/"


def test_it_is_no_proof_for_a_grave_act(provider, ann, settings):
    settings.STEP_UP_MINUTES = 10
    browser = Client()
    sign_in(browser)
    asked = f"{SECURITY}links/{SocialAccount.objects.get().pk}/remove/"
    assert browser.get(asked).headers["Location"].startswith("/accounts/reauthenticate/")


def test_the_network_has_the_same_places_as_for_passwords(provider, ann, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign-in": (2, 15)}
    for _turn in range(3):
        assert sign_in(Client()).status_code == 302
    assert [Client().post(LEAVE).status_code for _turn in range(3)] == [200, 200, 429]
    page = Client().post(LEAVE)
    assert said(page) == "Too many attempts from your network. Try again in 15 minutes."
    assert 0 < int(page.headers["Retry-After"]) <= 900
    assert Client().post(LOGIN, {"login": ann.email, "password": PASSWORD}).status_code == 429


def test_it_begins_with_our_own_form_only(provider):
    assert Client().get(LEAVE).status_code == 405
    assert Client(enforce_csrf_checks=True).post(LEAVE).status_code == 403
    assert (provider.asked, Session.objects.count()) == ([], 0)


def test_who_is_signed_in_stays_who_they_are(provider, ann):
    bob, browser = UserFactory(), Client()
    url = back(leave(browser))
    browser.force_login(bob)
    assert [answer.headers["Location"] for answer in (browser.get(url), browser.post(LEAVE))] == ["/", "/"]
    assert not SocialAccount.objects.exists()
    assert browser.session["_auth_user_id"] == str(bob.pk)


# --- the own link -------------------------------------------------------------------------------------


def test_the_link_is_shown_and_removed(provider, ann):
    browser, stranger = Client(), Client()
    sign_in(browser)
    link = SocialAccount.objects.get()
    path = f"{SECURITY}links/{link.pk}/remove/"
    assert path in browser.get(SECURITY).content.decode()
    stranger.force_login(UserFactory())
    assert path not in stranger.get(SECURITY).content.decode()
    assert stranger.post(path).status_code == 404
    page = browser.get(path)
    assert "Remove the link with Example ID" in page.content.decode()
    assert browser.post(path).headers["Location"] == SECURITY
    assert not SocialAccount.objects.exists()
    assert mails()[-1][1] == "A way to sign in to your account was removed"
    assert AuditEvent.objects.latest("id").action == "user.provider_unlinked"
    assert browser.get(path).status_code == 404


def test_without_the_settings_there_is_no_door(ann):
    link = SocialAccount.objects.create(user=ann, provider=openid.provider_id(), uid="x")
    browser = Client()
    assert LEAVE not in browser.get(LOGIN).content.decode()
    paths = [LEAVE, RETURN]
    assert [browser.get(path).status_code for path in paths] + [browser.post(path).status_code for path in paths] == (
        [404] * 4
    )
    browser.force_login(ann)
    assert browser.get(f"{SECURITY}links/{link.pk}/remove/").status_code == 404
    assert "Signs in with" not in browser.get(SECURITY).content.decode()
