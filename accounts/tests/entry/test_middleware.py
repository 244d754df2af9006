import pytest
from django.test import Client

from accounts.factories import PASSWORD, RoleAssignmentFactory, UserFactory
from accounts.models import User

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


def test_the_portal_opens_after_the_change(browser, newcomer):
    new = "seven quiet herons asleep"
    browser.post(CHANGE, {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert browser.get("/users/").status_code == 200
