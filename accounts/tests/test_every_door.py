"""Wrong passwords, whichever door they come to: one count for an account, one of its own for each known browser, and
an alarm when many accounts are tried.
"""

import os
import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.enums import AccountAction
from accounts.factories import PASSWORD, RoleAssignmentFactory, UserFactory
from accounts.models import SignInThrottle, User
from accounts.services import known_browsers, limits
from accounts.services import people as services
from accounts.tests.api_calls import AUTH, login, refused
from accounts.tests.hashes import counted_hashes
from accounts.tests.mails import mails
from accounts.tests.proving import LOGIN, SECOND, code_of, give_app, give_password, is_signed_in, secret_of
from core.models import AuditEvent

pytestmark = pytest.mark.django_db

ADDRESS, WRONG = "ann@people.example", "not the password at all"
DIALOG, CONFIRM, CHANGE = "/accounts/login/dialog/", "/accounts/reauthenticate/", "/accounts/password/change/"
ASK, ENTER = "/accounts/login/code/", "/accounts/login/code/enter/"
LOCKED = "Too many wrong passwords. Try again in 30 minutes"
MANY = 1_000 if os.environ.get("BATTERY") else 60


@pytest.fixture
def ann():
    user = UserFactory(email=ADDRESS)
    RoleAssignmentFactory(user=user, role="member")
    return user


def signed_in(user) -> Client:
    """Make a browser that the account does not know: nobody has signed in from it by a page."""
    browser = Client()
    browser.force_login(user)
    return browser


def half_way(user) -> Client:
    browser = Client()
    give_app(user)
    assert give_password(browser, user).headers["Location"] == SECOND
    return browser


def with_code(user) -> Client:
    browser = Client()
    browser.post(ASK, {"email": user.email})
    return browser


def api(browser: Client, path: str, **body: str):
    return browser.post(f"{AUTH}{path}/", body, content_type="application/json")


CHANGING = {"oldpassword": WRONG, "password1": "seven quiet herons asleep", "password2": "seven quiet herons asleep"}
# How one comes to stand there, and one wrong attempt.
DOORS = {
    "page": (lambda _user: Client(), lambda browser: browser.post(LOGIN, {"login": ADDRESS, "password": WRONG})),
    "dialog": (lambda _user: Client(), lambda browser: browser.post(DIALOG, {"login": ADDRESS, "password": WRONG})),
    "token": (lambda _user: Client(), lambda browser: api(browser, "login", email=ADDRESS, password=WRONG)),
    "confirm": (signed_in, lambda browser: browser.post(CONFIRM, {"password": WRONG})),
    "change": (signed_in, lambda browser: browser.post(CHANGE, CHANGING)),
    "change by program": (
        signed_in,
        lambda browser: api(browser, "change-password", current_password=WRONG, new_password=CHANGING["password1"]),
    ),
    "second step": (half_way, lambda browser: browser.post(SECOND, {"code": "000000"})),
    "second step in the dialog": (half_way, lambda browser: browser.post(DIALOG, {"code": "000000"})),
    "second step by program": (
        lambda user: give_app(user) and Client(),
        lambda browser: api(browser, "login", email=ADDRESS, password=PASSWORD, otp="000000"),
    ),
    "mailed code": (with_code, lambda browser: browser.post(ENTER, {"code": "0000 0000"})),
}


@pytest.mark.parametrize("door", DOORS)
def test_every_door_takes_from_the_one_count(ann, settings, door):
    """C3: three wrong passwords on the page leave two at any other door, and what that door locks is locked for all."""
    settings.MAILED_CODE_ROLES = ["member"]
    arrive, attempt = DOORS[door]
    browser = arrive(ann)
    SignInThrottle.objects.all().delete()
    for _turn in range(3):
        give_password(Client(), ann, WRONG)
    answers = [attempt(browser) for _turn in range(2)]
    assert [LOCKED in answer.text for answer in answers] == [False, True]
    with counted_hashes() as hashes:
        assert LOCKED in give_password(Client(), ann).text
    assert hashes == ["hash_secret"]  # against nothing: the account's own is not looked at
    assert refused(login()) == (429, "locked")


def test_the_admin_asks_at_the_same_door(ann):
    answer = Client().post("/admin/login/?next=/admin/", {"username": ADDRESS, "password": PASSWORD})
    assert answer.headers["Location"] == f"{LOGIN}?next=/admin/"


def test_mailed_codes_share_the_count_of_a_network_too(ann, settings):
    settings.MAILED_CODE_ROLES = ["member"]
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign-in": (2, 15)}
    browser = with_code(ann)
    answers = [browser.post(ENTER, {"code": "0000 0000"}) for _turn in range(3)]
    assert [answer.status_code for answer in answers] == [422, 422, 429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 900


# --- known browsers -----------------------------------------------------------------------------------


@pytest.fixture
def home(ann):
    """Make a browser that the account knows, in which nobody is signed in."""
    browser = Client()
    give_password(browser, ann)
    browser.post("/accounts/logout/")
    return browser


def attack(user, turns: int = 5):
    for _turn in range(turns):
        answer = give_password(Client(), user, WRONG)
    return answer


def test_the_owner_signs_in_at_a_known_browser_while_the_account_is_under_attack(ann, home):
    """C4."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert LOCKED in attack(ann).text
        assert give_password(home, ann).headers["Location"] == "/"
        home.post("/accounts/logout/")
        assert LOCKED in give_password(Client(), ann).text  # elsewhere it is still locked
        clock.shift(timedelta(minutes=30))
        assert give_password(Client(), ann).status_code == 302


def test_a_second_factor_at_a_known_browser_is_not_shut_out_either(ann):
    home = Client()
    secret = give_app(ann)
    give_password(home, ann)
    home.post(SECOND, {"code": code_of(secret)})
    assert is_signed_in(home)
    home.post("/accounts/logout/")
    attack(ann)
    assert give_password(home, ann).headers["Location"] == SECOND
    assert home.post(SECOND, {"code": code_of(secret_of(ann), later=1)}).headers["Location"] == "/"


def test_a_known_browser_has_five_attempts_of_its_own_and_locks_every_door(ann, home):
    attack(ann, 4)
    with counted_hashes() as hashes:
        answers = [give_password(home, ann, WRONG) for _turn in range(6)]
    assert [LOCKED in answer.text for answer in answers] == [False] * 4 + [True] * 2
    assert hashes.count("verify") == 5
    assert [LOCKED in give_password(browser, ann).text for browser in (home, Client())] == [True, True]
    assert AuditEvent.objects.filter(action=AccountAction.LOCKED).count() == 1


def test_the_office_lifts_the_lock_of_a_known_browser_with_the_other(ann, home):
    for _turn in range(5):
        give_password(home, ann, WRONG)
    services.unlock(User.objects.get(pk=ann.pk), actor=None, reason="It was her")
    assert give_password(home, ann).status_code == 302


def test_a_mark_of_one_account_is_no_known_browser_of_another(home):
    bob = UserFactory(email="bob@people.example")
    attack(bob)
    assert LOCKED in give_password(home, bob).text


def test_what_ends_everything_forgets_the_known_browsers(ann, home):
    services.end_sessions(User.objects.get(pk=ann.pk), actor=None, reason="Lost laptop")
    attack(ann)
    assert LOCKED in give_password(home, ann).text


def test_a_browser_stays_known_after_a_change_of_password_in_it(ann):
    home, other = Client(), Client()
    for browser in (other, home):
        give_password(browser, ann)
    new = CHANGING["password1"]
    home.post(CHANGE, {**CHANGING, "oldpassword": PASSWORD})
    for browser in (home, other):
        browser.post("/accounts/logout/")
    attack(ann)
    assert [give_password(browser, ann, new).status_code for browser in (home, other)] == [302, 422]
    assert known_browsers.COOKIE in home.cookies


# --- many accounts ------------------------------------------------------------------------------------


def test_one_password_for_a_thousand_accounts_is_looked_at_thirty_times():
    """C2, from one network; the thousand are as many in `make battery` and sixty in `make test`."""
    browser, statuses = Client(), []
    with counted_hashes() as hashes:
        for number in range(MANY):
            statuses.append(browser.post(LOGIN, {"login": f"p{number}@people.example", "password": WRONG}).status_code)
    assert (statuses, len(hashes)) == ([422] * 30 + [429] * (MANY - 30), 30)


def spray(first: int, last: int) -> None:
    """Try once from each of as many networks."""
    for number in range(first, last):
        browser = Client(REMOTE_ADDR=f"10.{number // 250}.{number % 250}.1")
        browser.post(LOGIN, {"login": f"p{number}@people.example", "password": WRONG})


def test_many_accounts_from_many_networks_raise_one_alarm_a_window(people, client_of, settings):
    """C2: the event is written with the attempt that is one too many, not by a job that looks later."""
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "alarm": (20, 15)}
    admin, page = people["admin"], client_of("admin")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        page.force_login(admin)
        spray(0, 20)
        assert (mails(), limits.failures_now()) == ([], 20)
        assert re.search(r"<dd>\s*none\s*</dd>", page.get("/system/").text)
        spray(20, 40)
        event = AuditEvent.objects.get(action=AccountAction.ALARM_RAISED)
        assert (event.at, event.body["data"]) == (timezone.now(), {"limit": 20, "minutes": 15})
        ((address, subject, body),) = mails()
        assert (address, subject) == (admin.email, "Many wrong passwords in the portal")
        assert "More than 20 wrong passwords" in body
        assert "@people.example" not in body
        assert "Somebody tried many accounts" in page.get("/system/").text
        clock.shift(timedelta(minutes=15))
        spray(40, 61)
        assert AuditEvent.objects.filter(action=AccountAction.ALARM_RAISED).count() == len(mails()) == 2


def test_the_alarm_refuses_nobody(ann, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "alarm": (1, 15)}
    spray(0, 3)
    assert give_password(Client(), ann).status_code == 302
