"""Forgotten passwords and addresses, as a browser sees them: the same answer for everybody, links that work once."""

import re
import time
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.enums import AccountAction
from accounts.factories import PASSWORD, RoleAssignmentFactory, UserFactory
from accounts.models import DoorCount, RefreshToken, SignInThrottle, User
from accounts.services.mailed_links import PASSWORD_RESET
from accounts.services.notices import NOTICES
from accounts.tests.hashes import counted_hashes
from accounts.tests.proving import code_of, give_app, give_password, is_signed_in
from core.logs import JsonFormatter
from core.models import AuditEvent, Outbox

pytestmark = pytest.mark.django_db

NEW = "seven quiet herons asleep"
FORGOTTEN, SENT, CHOOSE = "/accounts/password/forgotten/", "/accounts/password/sent/", "/accounts/password/new/"
LINK = re.compile(r"/accounts/(?:password/link|confirm-email|change-email)/[^/\s]+/")


@pytest.fixture
def ann():
    user = UserFactory(email="ann@people.example")
    RoleAssignmentFactory(user=user, role="staff")
    return user


def ask(email, browser=None):
    return (browser or Client()).post(FORGOTTEN, {"email": email})


def mailed(template="password_reset"):
    """Return the link in the newest mail."""
    return LINK.search(Outbox.objects.filter(template=template).latest("created_at").body)[0]


def choose(link, password=NEW):
    """Follow the link and choose; return (status, where to)."""
    browser = Client()
    opened = browser.get(link)
    if opened.status_code != 302:
        return opened.status_code, ""
    answer = browser.post(CHOOSE, {"password1": password, "password2": password})
    return answer.status_code, answer.headers.get("Location", "")


# --- asking -----------------------------------------------------------------------------------------


def people_of_every_kind():
    known = UserFactory(email="known@people.example")
    inactive = UserFactory(email="inactive@people.example", is_active=False)
    without = UserFactory(email="without@people.example")
    without.set_unusable_password()
    without.save()
    old = UserFactory(email="old@people.example", password="bcrypt$$2b$12$" + "a" * 53)
    locked = UserFactory(email="locked@people.example")
    for _turn in range(5):
        give_password(Client(), locked, "not the password at all")
    return [known, inactive, without, old, locked, User(email="nobody@people.example")]


def test_asking_tells_nobody_who_has_an_account():
    """C5, C6: the same page, as many hashes and as many statements, whoever it is."""
    found = set()
    for person in people_of_every_kind():
        DoorCount.objects.all().delete()
        ask("warm@people.example")  # the row of this network
        with (
            CaptureQueriesContext(
                connection,
            ) as captured,
            counted_hashes() as hashes,
        ):
            answer = ask(person.email)
        found.add((answer.status_code, answer.headers["Location"], len(hashes), statements(captured), person.email))
    assert len({row[3] for row in found}) == 1, found
    assert {row[:3] for row in found} == {(302, SENT, 0)}
    assert {*Outbox.objects.filter(template="password_reset").values_list("template", flat=True)} == {"password_reset"}
    assert sorted(mail.address for mail in Outbox.objects.filter(template="password_reset")) == [
        f"{name}@people.example" for name in ("known", "locked", "old")
    ]


def statements(captured):
    """Count statements, but not those that set or take back a savepoint: a transaction of its own needs none."""
    return sum(not re.match("SAVEPOINT|RELEASE|ROLLBACK", query["sql"]) for query in captured)


def test_signing_in_computes_one_hash_and_says_the_same_whoever_it_is():
    """C5, for the page and for programs; views/test_sessions.py tells what a lock says."""
    pages, programs = set(), set()
    for person in people_of_every_kind():
        browser, wrong = Client(), "not the password at all"
        with counted_hashes() as hashes:
            page = give_password(browser, person, wrong)
        assert (person.email, len(hashes)) == (person.email, 1)
        given = {"email": person.email, "password": wrong}
        with counted_hashes() as hashes:
            answer = browser.post("/api/v1/auth/login/", given, content_type="application/json")
        assert (person.email, len(hashes)) == (person.email, 1)
        if not person.email.startswith("locked"):
            token = str(page.context["csrf_token"])
            pages.add((page.status_code, page.text.replace(token, "TOKEN").replace(person.email, "ADDRESS")))
            programs.add((answer.status_code, answer.content))
    assert (len(pages), len(programs)) == (1, 1)


def test_three_mails_an_hour_and_twenty_askings_a_network(ann, settings):
    assert {ask(ann.email).status_code for _turn in range(5)} == {302}
    assert Outbox.objects.filter(template="password_reset").count() == 3
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "reset": (5, 60)}
    answer = ask(ann.email)
    assert answer.status_code == 429
    assert 3500 < int(answer.headers["Retry-After"]) <= 3600


@pytest.mark.parametrize("email", ["", "x", "a@b@c", "x" * 300 + "@people.example", "a\0b@people.example"])
def test_what_is_no_address_is_refused_at_the_field(email):
    answer = ask(email)
    assert (answer.status_code, Outbox.objects.count()) == (422, 0)


# --- choosing ---------------------------------------------------------------------------------------


def test_the_link_leaves_the_address_bar_and_the_new_password_works(ann):
    ask(ann.email.upper())
    browser = Client()
    answer = browser.get(mailed())
    assert answer.status_code == 302
    assert answer.headers["Location"] == CHOOSE
    assert answer.headers["Referrer-Policy"] == "same-origin"
    short = browser.post(CHOOSE, {"password1": "k7#qz", "password2": "k7#qz"})
    differs = browser.post(CHOOSE, {"password1": NEW, "password2": f"{NEW}!"})
    assert [short.status_code, differs.status_code] == [422, 422]
    answer = browser.post(CHOOSE, {"password1": NEW, "password2": NEW})
    assert answer.headers["Location"] == "/accounts/login/"
    assert not is_signed_in(browser)
    assert [give_password(Client(), ann, word).status_code for word in (PASSWORD, NEW)] == [422, 302]
    assert AuditEvent.objects.filter(action=AccountAction.PASSWORD_RESET).count() == 1
    notice = Outbox.objects.filter(template="security").first()
    assert (notice.address, notice.subject) == (ann.email, str(NOTICES[AccountAction.PASSWORD_RESET].subject))


def test_a_link_is_told_to_no_log_and_no_other_page(ann, caplog):
    """C7: not in a log, not where the next page would send it, not in what the next page holds."""
    ask(ann.email)
    link, browser = mailed(), Client()
    token = link.rstrip("/").rpartition("/")[2]
    with caplog.at_level("DEBUG"):
        opened = browser.get(link)
        page = browser.get(opened.headers["Location"])
        lines = [JsonFormatter().format(record) for record in caplog.records]
    assert any("password/link" in line for line in lines)
    assert [text for text in (*lines, opened.headers["Location"], page.text) if token in text] == []
    assert {answer.headers["Referrer-Policy"] for answer in (opened, page)} == {"same-origin"}


@pytest.mark.parametrize("end", ["used", "late", "sign-in", "address", "password", "off", "altered", "other"])
def test_a_link_is_dead_once(ann, end):
    """C7."""
    ask(ann.email)
    link = mailed()
    acts = {
        "used": lambda: choose(link),
        "sign-in": lambda: give_password(Client(), ann),
        "address": lambda: User.objects.filter(pk=ann.pk).update(email="new@people.example"),
        "password": lambda: ann.set_password(NEW) or ann.save(),
        "off": lambda: User.objects.filter(pk=ann.pk).update(is_active=False),
    }
    if end in acts:
        acts[end]()
    if end == "altered":
        link = f"{link[:-3]}{'a' if link[-3] != 'a' else 'b'}{link[-2:]}"
    if end == "other":
        link = link.replace("link/", f"link/{UserFactory().pk}")
    with time_machine.travel(time.time() + (3601 if end == "late" else 0), tick=True):
        assert choose(link, "another heron stands awake")[0] == 410


def test_a_link_lives_for_an_hour(ann):
    ask(ann.email)
    with time_machine.travel(time.time() + 3590, tick=True):
        assert choose(mailed()) == (302, "/accounts/login/")


def test_after_the_reset_the_factor_is_asked_and_everything_else_is_over(ann):
    """C8."""
    secret = give_app(ann)
    here = Client()
    give_password(here, ann)
    here.post("/accounts/login/second/", {"code": code_of(secret)})
    assert is_signed_in(here)
    for _turn in range(5):
        give_password(Client(), ann, "not the password at all")
    soon = timezone.now() + timedelta(days=1)
    device = RefreshToken.objects.create(user=ann, token_hash="x", session_epoch=ann.session_epoch, expires_at=soon)
    ask(ann.email)
    assert choose(mailed()) == (302, "/accounts/login/")
    ann.refresh_from_db()
    device.user.refresh_from_db()
    assert not is_signed_in(here)
    assert device.is_valid is False
    assert SignInThrottle.objects.get().failures == 0
    assert give_password(Client(), ann, NEW).headers["Location"] == "/accounts/login/second/"


@pytest.mark.parametrize("token", ["x", "-", "1-2-3", "a" * 500, "1-0-%00", "zzzzzzzzzzzzz-1-1", "é-é-é"])
def test_rubbish_is_a_dead_link(ann, token):
    for door in ("password/link", "confirm-email", "change-email"):
        assert Client().get(f"/accounts/{door}/{token}/").status_code == 410


# --- addresses --------------------------------------------------------------------------------------


def test_an_unconfirmed_address_is_mailed_a_link_that_a_click_confirms(ann):
    User.objects.filter(pk=ann.pk).update(is_verified=False)
    ann.emailaddress_set.update(verified=False)
    browser = Client()
    assert give_password(browser, ann).headers["Location"] == "/accounts/confirm-email/"
    link = mailed("email_verification")
    assert browser.get(link).status_code == 200
    ann.refresh_from_db()
    assert ann.is_verified is False  # mail programs look at links too
    assert browser.post(link).headers["Location"] == "/accounts/login/"
    assert (browser.post(link).status_code, give_password(browser, ann).headers["Location"]) == (410, "/")


def test_the_owner_changes_the_address_by_a_link_in_the_new_mailbox(ann):
    browser = Client()
    browser.force_login(ann)
    reset = PASSWORD_RESET.text(ann)
    assert browser.post("/accounts/security/email/", {"email": "New@People.example"}).status_code == 302
    ann.refresh_from_db()
    assert ann.email == "ann@people.example"
    link = mailed("email_change")
    assert browser.get(link).status_code == 200
    assert browser.post(link).headers["Location"] == "/accounts/security/"
    ann.refresh_from_db()
    assert (ann.email, browser.post(link).status_code) == ("new@people.example", 410)
    assert Client().get(f"/accounts/password/link/{reset}/").status_code == 410
    told = {mail.address for mail in Outbox.objects.filter(template="security")}
    assert told == {"ann@people.example", "new@people.example"}
    assert give_password(Client(), ann).status_code == 302


@pytest.mark.parametrize("act", ["reset", "epoch"])
def test_whoever_recovers_the_account_kills_a_change_of_address_that_waits(ann, act):
    browser = Client()
    browser.force_login(ann)
    browser.post("/accounts/security/email/", {"email": "thief@people.example"})
    link = mailed("email_change")
    changed = {"password": "!"} if act == "reset" else {"session_epoch": uuid4()}
    User.objects.filter(pk=ann.pk).update(**changed)
    assert (Client().get(link).status_code, Client().post(link).status_code) == (410, 410)
    ann.refresh_from_db()
    assert ann.email == "ann@people.example"


def test_an_address_that_is_taken_gets_the_same_answer_and_a_mail_of_its_own(ann):
    other = UserFactory(email="other@people.example")
    browser = Client()
    browser.force_login(ann)
    answers = [
        browser.post("/accounts/security/email/", {"email": email}) for email in (other.email, "free@people.example")
    ]
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {(302, "/accounts/security/")}
    assert Outbox.objects.get(template="email_taken").address == other.email


def test_the_present_address_is_no_change(ann):
    browser = Client()
    browser.force_login(ann)
    answer = browser.post("/accounts/security/email/", {"email": "ANN@people.example"})
    assert (answer.status_code, Outbox.objects.count()) == (409, 0)
