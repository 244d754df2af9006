"""Sessions: in the database under a digest, listed, ended one by one, over after a while, never revived."""

import time
from hashlib import sha256

import pytest
import time_machine
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.test import Client

from accounts.entry.session_store import SessionStore
from accounts.factories import PASSWORD, RoleAssignmentFactory, UserFactory
from accounts.models import RoleAssignment, Session, SessionRecord
from accounts.services import people, terms
from accounts.tests.proving import give_password, is_signed_in
from core.models import AuditEvent

pytestmark = pytest.mark.django_db

PLACES = "/accounts/security/sessions/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.fixture
def ann():
    user = UserFactory(email="ann@people.example")
    RoleAssignmentFactory(user=user, role="staff")
    return user


@pytest.fixture
def signed_in(ann):
    def sign_in(**extra):
        browser = Client(**extra)
        give_password(browser, ann)
        return browser

    return sign_in


def later(minutes):
    return time_machine.travel(time.time() + minutes * 60, tick=False)


def test_the_table_holds_no_cookie(signed_in):
    browser = signed_in()
    cookie = browser.cookies["sessionid"].value
    digest = sha256(cookie.encode()).hexdigest()
    assert list(Session.objects.values_list("session_key", flat=True)) == [digest]
    assert SessionRecord.objects.get().key == digest
    thief = Client()
    for key in (digest, digest[:40]):
        thief.cookies["sessionid"] = key
        assert not is_signed_in(thief)


def test_the_key_of_before_signing_in_is_dead(ann):
    browser = Client()
    browser.post("/accounts/passkey/options/", {"for": "get"})
    before = browser.cookies["sessionid"].value
    give_password(browser, ann)
    old = Client()
    old.cookies["sessionid"] = before
    assert is_signed_in(browser)
    assert not is_signed_in(old)
    assert browser.cookies["sessionid"].value != before


def test_a_session_that_was_ended_while_a_request_runs_stays_ended(signed_in):
    browser = signed_in()
    running = SessionStore(browser.cookies["sessionid"].value)
    running["typed"] = "something"
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        running.save()
    with pytest.raises(SessionInterrupted):  # a proof or a changed password would give it another key
        running.cycle_key()
    assert Session.objects.count() == 0
    assert not is_signed_in(browser)


def test_the_list_names_browser_and_network_and_ends_one(signed_in):
    here, there = signed_in(headers={"user-agent": FIREFOX}, REMOTE_ADDR="203.0.113.77"), signed_in()
    places = here.get(PLACES).context["places"]
    assert [(place.device, place.network, place.is_current) for place in places] == [
        ("Firefox on Linux", "203.0.113.0/24", True),
        ("Unknown device", "127.0.0.0/24", False),
    ]
    here.post(f"{PLACES}{places[1].pk}/end/")
    assert ([is_signed_in(here), is_signed_in(there)], len(here.get(PLACES).context["places"])) == ([True, False], 1)
    assert AuditEvent.objects.filter(action="user.session_ended").count() == 1


def test_sessions_of_others_cannot_be_ended(signed_in):
    here, other = signed_in(), Client()
    other.force_login(UserFactory())
    other.post(f"{PLACES}{SessionRecord.objects.get().pk}/end/")
    assert is_signed_in(here)


def test_everywhere_else_ends_at_once(signed_in):
    here, there = signed_in(), signed_in()
    here.post(f"{PLACES}end/")
    assert is_signed_in(here)
    assert not is_signed_in(there)
    assert len(here.get(PLACES).context["places"]) == 1


def test_signing_out_takes_the_record_with_it(signed_in):
    browser = signed_in()
    browser.post("/accounts/logout/")
    assert SessionRecord.objects.count() == 0
    assert not is_signed_in(browser)


def test_the_record_follows_a_new_session_key(signed_in):
    browser = signed_in()
    new = "seven quiet herons asleep"
    browser.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert SessionRecord.objects.get().key == sha256(browser.cookies["sessionid"].value.encode()).hexdigest()
    assert [place.is_current for place in browser.get(PLACES).context["places"]] == [True]


def test_old_sessions_do_not_pile_up(signed_in, ann):
    for _turn in range(3):
        signed_in()
    people.end_sessions(ann, actor=None, reason="Lost laptop")
    ann.refresh_from_db()
    signed_in()
    assert (SessionRecord.objects.count(), Session.objects.count()) == (1, 1)


@pytest.mark.parametrize(("seconds", "alive"), [(3599, True), (3600, False)])
def test_a_session_nobody_uses_is_over_after_an_hour(signed_in, seconds, alive):
    with time_machine.travel(int(time.time()), tick=False) as clock:
        browser = signed_in()
        clock.shift(seconds)
        assert is_signed_in(browser) is alive
        assert browser.get("/").status_code == (200 if alive else 302)


def test_a_session_in_use_is_over_after_twelve_hours(signed_in):
    with time_machine.travel(int(time.time()), tick=False) as clock:
        browser = signed_in()
        for _half_hour in range(23):
            clock.shift(1_800)
            assert is_signed_in(browser)
        clock.shift(1_799)
        assert is_signed_in(browser)
        clock.shift(1)
        assert not is_signed_in(browser)


def test_use_is_written_once_a_minute(signed_in, django_assert_num_queries):
    browser = signed_in()
    first = SessionRecord.objects.get().last_used_at
    browser.get("/")
    assert SessionRecord.objects.get().last_used_at == first
    with later(2):
        browser.get("/")
        assert SessionRecord.objects.get().last_used_at > first


@pytest.mark.parametrize("act", ["role", "switched off", "password", "issued"])
def test_what_ends_all_sessions_ends_them_on_the_next_request(signed_in, ann, act):
    """B2: role removal closes what it opened; the others sign the person out everywhere."""
    browser = signed_in()
    assert browser.get("/members/").status_code == 200
    if act == "role":
        terms.end_role(RoleAssignment.objects.get(user=ann), actor=None, reason="Over")
        assert browser.get("/members/").status_code == 403
        assert is_signed_in(browser)
        return
    acts = {
        "switched off": lambda: people.deactivate(ann, actor=None, reason="Left"),
        "password": lambda: people.change_own_password(ann, "seven quiet herons asleep"),
        "issued": lambda: people.issue_password(ann, actor=None, reason="Forgotten"),
    }
    acts[act]()
    assert browser.get("/members/").headers["Location"].startswith("/accounts/login/")
