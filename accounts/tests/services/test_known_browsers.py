"""New devices: the very first sign-in is no news, a known browser neither; every other one is mailed."""

import pytest
from django.test import Client

from accounts.factories import PASSWORD, UserFactory
from accounts.services import known_browsers
from accounts.services.browser_names import describe
from accounts.tests.mails import mails
from core.models import AuditEvent

pytestmark = pytest.mark.django_db

LOGIN, DIALOG = "/accounts/login/", "/accounts/login/dialog/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
SUBJECT = "New sign-in to your account"


@pytest.fixture
def ann():
    return UserFactory(email="ann@people.example")


def sign_in(browser: Client, email: str = "ann@people.example", door: str = LOGIN):
    return browser.post(door, {"login": email, "password": PASSWORD}, headers={"User-Agent": FIREFOX})


def told() -> list[tuple[str, str]]:
    return [(address, subject) for address, subject, _body in mails() if subject == SUBJECT]


@pytest.mark.parametrize("door", [LOGIN, DIALOG])
def test_the_first_browser_is_no_news_and_the_second_is(ann, door):
    home = Client()
    assert sign_in(home, door=door).status_code in (302, 204)
    home.post("/accounts/logout/")
    sign_in(home, door=door)
    assert told() == []
    hall = Client()
    sign_in(hall, door=door)
    assert told() == [("ann@people.example", SUBJECT)]
    hall.post("/accounts/logout/")
    sign_in(hall, door=door)
    assert len(told()) == 1
    event = AuditEvent.objects.get(action="user.new_device")
    assert event.actor == ann
    assert event.subject_id == str(ann.pk)
    assert event.body == {}
    (body,) = [body for _address, subject, body in mails() if subject == SUBJECT]
    assert "in a browser that has not been used for it before." in body
    assert "Device: Firefox on Windows" in body


def test_a_wrong_password_makes_no_browser_known(ann):
    sign_in(Client())
    other = Client()
    other.post(LOGIN, {"login": "ann@people.example", "password": "not the password at all"})
    assert known_browsers.COOKIE not in other.cookies
    sign_in(other)
    assert len(told()) == 1


def test_the_cookie_opens_nothing_and_cannot_be_read_by_scripts(ann):
    browser = Client()
    cookie = sign_in(browser, door=LOGIN).cookies[known_browsers.COOKIE]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 34560000
    assert cookie["path"] == "/"
    assert str(ann.pk) not in cookie.value.split(".")
    stranger = Client()
    stranger.cookies[known_browsers.COOKIE] = cookie.value
    assert stranger.get("/").status_code == 302


def test_several_people_share_a_browser_and_the_oldest_is_forgotten(ann, monkeypatch):
    people = [ann, *(UserFactory(email=f"p{n}@people.example") for n in range(known_browsers.ACCOUNTS))]
    for person in people:
        sign_in(Client(), person.email)
    hall = Client()
    for person in people:
        sign_in(hall, person.email)
        hall.post("/accounts/logout/")
    assert len(told()) == len(people)
    sign_in(hall, people[-1].email)
    hall.post("/accounts/logout/")
    assert len(told()) == len(people)
    sign_in(hall, ann.email)
    assert len(told()) == len(people) + 1


@pytest.mark.parametrize(
    "value", ["", "x", "a" * 22, "a" * 22 + "." + "0" * 32, "\0", "ü" * 22, "a." * 10_000, "a b;c"]
)
def test_a_cookie_not_of_our_making_makes_nobody_known(ann, value):
    sign_in(Client())
    browser = Client()
    browser.cookies[known_browsers.COOKIE] = value
    assert sign_in(browser).status_code == 302
    assert len(told()) == 1


def test_a_mark_of_one_account_says_nothing_of_another(ann):
    bob = UserFactory(email="bob@people.example")
    for email in (ann.email, bob.email):
        sign_in(Client(), email)
    browser = Client()
    sign_in(browser, bob.email)
    browser.post("/accounts/logout/")
    sign_in(browser, ann.email)
    assert told() == [("bob@people.example", SUBJECT), ("ann@people.example", SUBJECT)]


def test_a_browser_stays_known_when_the_secret_key_is_replaced(ann, settings):
    browser = Client()
    sign_in(browser)
    browser.post("/accounts/logout/")
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another-" + "y" * 50
    settings.SECRET_KEY_FALLBACKS = [old]
    sign_in(browser)
    settings.SECRET_KEY_FALLBACKS = []
    browser.post("/accounts/logout/")
    sign_in(browser)
    assert told() == []


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "Edge on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Safari/537.36", "Chrome on Android"),
        ("curl/8.5.0", "Unknown device"),
        ("", "Unknown device"),
        ("Firefox/<script>alert(1)</script>\r\nBcc: all@people.example", "Firefox"),
    ],
)
def test_browsers_go_by_the_names_that_people_know(agent, name):
    assert describe(agent) == name
