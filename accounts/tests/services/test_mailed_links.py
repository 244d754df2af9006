"""Forgotten passwords and unconfirmed addresses: what is mailed to whom, and how a mailed token dies."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.enums import AccountAction
from accounts.factories import PASSWORD, RoleAssignmentFactory, UserFactory
from accounts.models import DoorCount, User
from accounts.services import mailed_links, people
from accounts.tests.api_calls import ADDRESS, AUTH, DEAD, NEW, WRONG, get, login, post, refused, trail, works
from core.models import Outbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return UserFactory(email=ADDRESS)


def mails():
    """Return the mails that were asked for; the others tell of what was done."""
    return Outbox.objects.exclude(template="security")


def token_of(mail: Outbox) -> str:
    return re.search(r"^\w+-\w+-\w+$", mail.body, re.MULTILINE)[0]


def mailed(path: str = "forgot-password") -> str:
    assert post(path, {"email": ADDRESS}).status_code == 202
    return token_of(mails().latest("created_at"))


def reset(token: str, password: str = NEW):
    return post("reset-password", {"token": token, "password": password})


# --- asking --------------------------------------------------------------------------------------------


def test_only_the_person_concerned_gets_a_mail_and_everybody_the_same_answer(ann):
    UserFactory(email="off@people.example", is_active=False)
    UserFactory(email="nopassword@people.example", password="!")
    answers = [
        post("forgot-password", {"email": email})
        for email in (ADDRESS.upper(), "nobody@people.example", "off@people.example", "nopassword@people.example", "x")
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (202, b'{"detail":"If there is an account with this address, a mail is on its way."}')
    }
    assert [(mail.address, mail.template) for mail in Outbox.objects.all()] == [(ADDRESS, "password_reset")]
    assert re.findall("https?://[^/]*/[a-z/]+/", Outbox.objects.get().body.split("-- ")[0]) == [
        f"{settings.PORTAL_URL}/accounts/password/link/"
    ]


def work(path: str, email: str) -> list[str]:
    """Return the statements that a question costs, without their values."""
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert post(path, {"email": email}).status_code == 202
    return [re.sub(r"'[^']*'|\d+", "?", query["sql"])[:40] for query in seen if "SAVEPOINT" not in query["sql"]]


@pytest.mark.parametrize("path", ["forgot-password", "resend-verification"])
def test_the_same_work_for_every_address(ann, path, hash_calls):
    UserFactory(email="new@people.example", is_verified=False)
    UserFactory(email="off@people.example", is_active=False)
    post(path, {"email": "first@people.example"})  # makes the row of this network
    hash_calls.clear()
    found = {email: work(path, f"{email}@people.example") for email in ("ann", "nobody", "off", "new")}
    assert {tuple(statements) for statements in found.values()} == {tuple(found["ann"])}
    assert any("outbox" in statement for statement in found["nobody"])
    assert hash_calls == []


@pytest.fixture
def hash_calls(monkeypatch):
    from accounts.entry.hashers import Argon2id

    calls, original = [], Argon2id.encode
    monkeypatch.setattr(Argon2id, "encode", lambda *given: calls.append("encode") or original(*given))
    return calls


def test_three_mails_an_hour_for_one_address(ann):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert [post("forgot-password", {"email": ADDRESS}).status_code for _turn in range(5)] == [202] * 5
        assert mails().count() == 3
        clock.shift(timedelta(hours=1))
        post("forgot-password", {"email": ADDRESS})
        assert mails().count() == 4


def test_twenty_questions_an_hour_for_one_network(ann):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        statuses = [post("forgot-password", {"email": f"p{number}@x.example"}).status_code for number in range(21)]
        assert statuses == [202] * 20 + [429]
        clock.shift(timedelta(minutes=20))
        answer = post("forgot-password", {"email": ADDRESS})
        assert (refused(answer), answer["Retry-After"]) == ((429, "too_many"), "2400")
        assert refused(reset("x-y-z")) == (429, "too_many")  # the same door
        assert post("resend-verification", {"email": ADDRESS}).status_code == 202
        clock.shift(timedelta(minutes=40))
        assert post("forgot-password", {"email": ADDRESS}).status_code == 202
    assert mails().count() == 1


# --- resetting -------------------------------------------------------------------------------------------


def test_reset_ends_everything_lifts_the_lock_and_works_once(ann):
    pair, browser = login().json(), Client()
    browser.force_login(ann)
    for _turn in range(5):
        login(password=WRONG)
    assert login().status_code == 429
    token = mailed()
    assert reset(token).status_code == 204
    assert works(pair) == DEAD
    assert browser.get("/").status_code == 302
    assert (login(password=PASSWORD).status_code, login(password=NEW).status_code) == (401, 200)
    assert refused(reset(token)) == (409, "link_dead")
    assert trail(ann).count(AccountAction.PASSWORD_RESET) == 1


def test_a_password_that_will_not_do_leaves_the_token_alive(ann):
    token = mailed()
    answer = reset(token, "passwordpassword")
    assert (refused(answer), list(answer.json()["fields"])) == ((400, "invalid"), ["password"])
    assert token not in answer.text
    assert reset(token).status_code == 204


def test_a_token_lives_for_an_hour(ann):
    with time_machine.travel(timezone.now().replace(microsecond=0), tick=False) as clock:
        token = mailed()
        clock.shift(timedelta(minutes=60))
        assert mailed_links.PASSWORD_RESET.owner(token) == ann
        clock.shift(timedelta(seconds=1))
        assert refused(reset(token)) == (409, "link_dead")


@pytest.mark.parametrize(
    "act",
    [
        lambda user, admin: login(),
        lambda user, admin: Client().post("/accounts/login/", {"login": ADDRESS, "password": PASSWORD}),
        lambda user, admin: people.change_user(user, {"email": "new@people.example"}, actor=admin),
        lambda user, admin: people.change_own_password(user, "four other words together"),
        lambda user, admin: people.end_sessions(user, actor=admin, reason="Lost laptop"),
        lambda user, admin: people.deactivate(user, actor=admin, reason="Left"),
        lambda user, admin: people.issue_password(user, actor=admin, reason="Asked by telephone"),
    ],
    ids=["api", "page", "email", "password", "sessions", "deactivate", "issue"],
)
def test_whatever_changes_the_account_kills_the_token(ann, act):
    admin = UserFactory(email="admin@people.example")
    RoleAssignmentFactory(user=admin, role="admin")
    token = mailed()
    act(User.objects.get(pk=ann.pk), User.objects.get(pk=admin.pk))
    before = User.objects.get(pk=ann.pk).password
    assert refused(reset(token)) == (409, "link_dead")
    assert User.objects.get(pk=ann.pk).password == before


def test_rubbish_is_no_token(ann, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "reset": (1_000, 60)}
    token, other = mailed(), UserFactory(email="bea@people.example")
    key, stamp, seal = token.split("-")
    mine = mailed_links.PASSWORD_RESET.text(other).partition("-")[0]
    rubbish = [
        "x",
        "-",
        "--",
        "a-b-c",
        token[:-1],
        f"{token}0",
        f"{mine}-{stamp}-{seal}",
        f"{key}-zzzzzz-{seal}",
        f"{'z' * 90}-{stamp}-{seal}",
        f"{key}-{stamp}-",
        "-1-2-3",
        "é-é-é",
        f" {key}- {stamp}-{seal}",
        "0" * 2_000,
        mailed_links.EMAIL_VERIFICATION.text(ann),
        f"{key}-{'z' * 60}-{seal}",
    ]
    assert {text: reset(text).status_code for text in rubbish} == dict.fromkeys(rubbish, 409)
    assert [reset(text).status_code for text in ("", "\0", "0" * 2_001)] == [400] * 3
    assert reset(f"\n{token} ").status_code == 204


# --- confirming an address -------------------------------------------------------------------------------


def test_an_address_is_confirmed_once(ann):
    User.objects.filter(pk=ann.pk).update(is_verified=False)
    ann.emailaddress_set.all().delete()
    token = mailed("resend-verification")
    assert refused(reset(token)) == (409, "link_dead")
    assert post("verify-email", {"token": token}).status_code == 204
    assert refused(post("verify-email", {"token": token})) == (409, "link_dead")
    user = User.objects.get(pk=ann.pk)
    assert user.is_verified is True
    assert list(user.emailaddress_set.values_list("email", "verified", "primary")) == [(ADDRESS, True, True)]
    assert trail(ann) == [AccountAction.EMAIL_VERIFIED]
    pair = login().json()
    assert get(f"{AUTH}sessions/", pair["access"]).status_code == 200


def test_a_token_confirms_only_the_address_it_was_sent_to(ann):
    User.objects.filter(pk=ann.pk).update(is_verified=False)
    token = mailed("resend-verification")
    User.objects.filter(pk=ann.pk).update(email="other@people.example")
    assert refused(post("verify-email", {"token": token})) == (409, "link_dead")
    assert User.objects.get(pk=ann.pk).is_verified is False


def test_nobody_is_asked_twice_to_confirm(ann):
    assert post("resend-verification", {"email": ADDRESS}).status_code == 202
    assert mails().count() == 0


def test_counts_name_nobody(ann):
    mailed()
    assert all(re.fullmatch("[0-9a-f]{64}", row.key) for row in DoorCount.objects.all())
