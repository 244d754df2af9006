import pytest
from django.test import Client

from accounts.factories import PASSWORD, RoleAssignmentFactory, UserFactory
from accounts.models import User
from accounts.services.mailed_links import EMAIL_VERIFICATION

pytestmark = pytest.mark.django_db

CHANGE = "/accounts/password/change/"


@pytest.fixture
def newcomer():
    user = UserFactory(email="new@people.example", must_change_password=True)
    RoleAssignmentFactory(user=user, role="admin")
    return user


@pytest.fixture
def browser(newcomer):
    browser = Client()
    browser.post("/accounts/login/", {"login": "new@people.example", "password": PASSWORD})
    return browser


@pytest.mark.parametrize("path", ["/", "/users/", "/users/new/", "/admin/", "/search/?q=a", "/settings/"])
def test_a_one_time_password_opens_nothing_else(browser, path):
    response = browser.get(path)
    assert (response.status_code, response.headers["Location"]) == (302, CHANGE)


def test_a_fragment_is_sent_to_the_page_as_a_whole(browser):
    response = browser.get("/users/", headers={"HX-Request": "true"})
    assert response.status_code == 403
    assert response.headers["HX-Redirect"] == CHANGE
    assert response.content == b""


def test_nothing_is_written_before_the_password_is_changed(browser, newcomer):
    browser.post("/users/new/", {"email": "x@people.example", "first_name": "X", "last_name": "Y"})
    assert User.objects.count() == 1


def test_the_api_answers_in_json(browser):
    response = browser.get("/api/v1/members/")
    assert (response.status_code, response.json()["code"]) == (403, "password_change_needed")


def test_pages_that_stay_open(browser):
    assert [browser.get(path).status_code for path in (CHANGE, "/accounts/logout/", "/livez")] == [200, 200, 200]
    assert browser.post("/accounts/theme/", {"theme": "dark"}).headers["Location"] == "/"


CONFIRM = "/accounts/confirm-email/"


@pytest.fixture
def unproved(client):
    """Return the browser of an administrator; their address and their password wait for them."""
    user = UserFactory(email="moved@people.example")
    RoleAssignmentFactory(user=user, role="admin")
    client.force_login(user)
    assert client.get("/users/").status_code == 200
    User.objects.update(is_verified=False, must_change_password=True)
    return client


PAGES = ("/", CHANGE, "/accounts/security/", "/users/", "/users/new/", "/admin/", "/admin/accounts/user/", "/settings/")


@pytest.mark.parametrize("path", PAGES)
def test_an_address_that_nobody_has_confirmed_opens_the_page_that_says_so(unproved, path):
    page, fragment = unproved.get(path), unproved.get(path, headers={"HX-Request": "true"})
    assert (page.status_code, page.headers["Location"]) == (302, CONFIRM)
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (403, CONFIRM)


def test_an_address_that_nobody_has_confirmed_writes_nothing_and_opens_no_api(unproved):
    unproved.post("/users/new/", {"email": "x@people.example", "first_name": "X", "last_name": "Y"})
    assert User.objects.count() == 1
    for path in ("/api/v1/users/", "/api/v1/auth/me/"):
        answer = unproved.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "email_not_verified")


def test_the_portal_opens_once_the_address_is_confirmed(unproved):
    assert unproved.get(CONFIRM).status_code == 200
    mailed = EMAIL_VERIFICATION.text(User.objects.get())
    assert unproved.get(f"{CONFIRM}{mailed}/").status_code == 200
    assert unproved.post(f"{CONFIRM}{mailed}/").status_code == 302
    assert unproved.get("/users/").headers["Location"] == CHANGE


def test_the_portal_opens_after_the_change(browser, newcomer):
    new = "seven quiet herons asleep"
    browser.post(CHANGE, {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert browser.get("/users/").status_code == 200
