"""Grave acts ask again: before the form, on sending it, and never twice for one proof."""

import time

import pytest
import time_machine
from django.test import Client, RequestFactory

from accounts.api import devices
from accounts.factories import PASSWORD, UserFactory
from accounts.models import RoleAssignment
from accounts.tests.proving import give_password

pytestmark = pytest.mark.django_db

CONFIRM = "/accounts/reauthenticate/"
TERM = {"role": "steward", "kind": "regular", "first_day": "", "last_day": "", "reason": "Elected <b>today</b>"}


@pytest.fixture
def strict(settings):
    settings.STEP_UP_MINUTES = 10


@pytest.fixture
def browser(people, strict):
    browser = Client()
    give_password(browser, people["admin"])
    return browser


@pytest.fixture
def url(people):
    return f"/users/{UserFactory().pk}/assign/"


def later(minutes):
    return time_machine.travel(time.time() + minutes * 60, tick=True)


def test_signing_in_is_a_proof_for_ten_minutes(browser, url):
    assert browser.get(url).status_code == 200
    with later(9.9):
        assert browser.post(url, TERM).status_code == 302
    with later(10.1):
        assert browser.get(url).headers["Location"] == f"{CONFIRM}?next={url.replace('/', '%2F')}"


def test_what_was_typed_comes_back_after_the_proof_and_is_sent_by_the_person(browser, url, people):
    with later(11):
        response = browser.post(url, TERM)
        page = response.content.decode()
        assert response.status_code == 422
        assert 'name="step_up-password"' in page
        assert '<input type="hidden" name="reason" value="Elected &lt;b&gt;today&lt;/b&gt;">' in page
        wrong = browser.post(url, {**TERM, "step_up-password": "not the password at all"})
        assert wrong.status_code == 422
        assert "This is not your password" in wrong.content.decode()
        before = browser.cookies["sessionid"].value
        shown = browser.post(url, {**TERM, "step_up-password": PASSWORD})
        assert (shown.status_code, shown.context["form"].data["reason"]) == (200, TERM["reason"])
        assert browser.cookies["sessionid"].value != before
        old = Client()
        old.cookies["sessionid"] = before
        assert old.get("/").status_code == 302
        assert RoleAssignment.objects.filter(role__name="steward").count() == 0
        assert browser.post(url, TERM).status_code == 302
        assert RoleAssignment.objects.get(role__name="steward").reason == TERM["reason"]


def test_errors_come_before_the_question(browser, url):
    with later(11):
        response = browser.post(url, {**TERM, "reason": ""})
        assert response.status_code == 422
        assert "step_up-password" not in response.content.decode()


def test_who_may_not_is_not_asked(strict, people, url):
    browser = Client()
    give_password(browser, people["staff"])
    with later(11):
        assert [browser.get(url).status_code, browser.post(url, TERM).status_code] == [403, 403]


@pytest.mark.parametrize("path", ["/members/export/csv/?q=smith", "/organizations/export/xlsx/"])
def test_an_export_leaves_after_a_fresh_proof(strict, people, path):
    browser = Client()
    give_password(browser, people["staff"])
    assert browser.get(path).status_code == 200
    with later(11):
        asked = browser.get(path)
        assert asked.status_code == 302
        assert asked.headers["Location"].startswith(CONFIRM)
        page = browser.get(asked.headers["Location"])
        target = page.context["next"]
        assert target == path
        answer = browser.post(CONFIRM, {"password": PASSWORD, "next": target})
        assert (answer.headers["Location"], browser.get(path).status_code) == (path, 200)


def test_a_session_without_any_proof_is_asked(strict, people, client_of, url):
    assert client_of("admin").get(url).headers["Location"].startswith(CONFIRM)


def test_a_proof_of_somebody_else_in_the_same_browser_counts_for_nothing(browser, people, url):
    browser.force_login(people["staff"])
    browser.force_login(people["admin"])
    assert browser.get(url).status_code == 302


def token_of(user):
    return {"Authorization": f"Bearer {devices.sign_in(user, request=RequestFactory().get('/')).access}"}


@pytest.mark.parametrize("by", ["session", "token"])
def test_the_api_refuses_a_grant_without_a_fresh_proof(strict, people, by):
    browser, headers = Client(), token_of(people["admin"]) if by == "token" else {}
    if by == "session":
        give_password(browser, people["admin"])
    given = {"user": UserFactory().pk, "role": "steward", "reason": "Elected"}

    def post(path, **body):
        return browser.post(path, body, content_type="application/json", headers=headers)

    path = "/api/v1/role-assignments/"
    with later(11):
        refused = post(path, **given)
        assert refused.status_code == 403
        assert refused.json() == {
            "detail": "Prove again who you are, then repeat this: sign in once more.",
            "code": "step_up_needed",
        }
        assert post(path, **{**given, "reason": ""}).status_code == 400
    term = post(path, **given)
    assert term.status_code == 201
    with later(11):
        assert post(f"{path}{term.json()['id']}/end/", reason="Resigned").json()["code"] == "step_up_needed"
    assert post(f"{path}{term.json()['id']}/end/", reason="Resigned").status_code == 200
