"""The system page, its two buttons, and the banner on every page of the office."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import kept
from core.mail import heartbeats
from core.models import AuditEvent, Outbox
from core.site import change_settings
from unionops.access import ROLES

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 7, 15, tzinfo=UTC)
ILL = "The portal&#x27;s regular work has not run for two hours"
MUTE = "No mail could be delivered for two hours"
PAGES = ("/system/", "/system/test-mail/", "/system/retry/")


@pytest.fixture
def admin(client_of):
    return client_of("admin")


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def given_up(**more) -> Outbox:
    values = {"template": "security", "state": "failed", "tries": 12, "problem": "SMTPDataError 554"} | more
    return Outbox.objects.create(address="ann@people.example", subject="Secret", body="Because of Robert", **values)


def test_the_page_shows_what_waits_and_never_to_whom_or_what_it_says(admin):
    given_up()
    heartbeats.succeeded("backup")
    text = admin.get("/system/").text
    shown = ["SMTPDataError 554", "security", "Encrypted fields", "free of", "Overdue", "Not used yet", "Works"]
    assert [word for word in shown if word not in text] == []
    assert [word for word in ("ann@people.example", "Secret", "Robert") if word in text] == []


def test_the_page_costs_the_same_for_one_and_for_many(admin):
    counts = []
    for _turn in range(3):
        given_up()
        with CaptureQueriesContext(connection) as queries:
            admin.get("/system/")
        counts.append(len(queries))
    assert counts == [counts[0]] * 3


@pytest.mark.parametrize("name", ["nobody", "expired", *(role for role in ROLES if role != "admin")])
def test_it_is_the_administrators_alone(client_of, name):
    browser = client_of(name, raise_request_exception=False)
    mail_row = given_up()
    assert browser.get("/system/").status_code == 403
    assert [browser.post(path, {"mail": mail_row.pk}).status_code for path in PAGES[1:]] == [403, 403]
    mail_row.refresh_from_db()
    assert (mail_row.state, Outbox.objects.count()) == ("failed", 1)


def test_a_test_mail_goes_to_whoever_asks_and_at_once(admin, people):
    response = admin.post("/system/test-mail/", follow=True)
    assert said(response) == ["The mail server took the test mail. Look whether it arrives."]
    assert [message.to for message in mail.outbox] == [[people["admin"].email]]
    row = Outbox.objects.get()
    assert (row.state, row.body) == ("sent", "")
    event = AuditEvent.objects.get(action="mail.tested")
    assert event.subject_id == str(row.pk)
    assert event.actor == people["admin"]
    assert event.body == {}


@pytest.mark.parametrize(("server", "problem"), [("Away", "ConnectionRefusedError"), ("Refuses", "SMTPDataError 451")])
def test_a_test_mail_that_fails_says_why_and_waits(admin, settings, server, problem):
    settings.EMAIL_BACKEND = f"core.tests.mail_backends.{server}"
    response = admin.post("/system/test-mail/", follow=True)
    assert said(response) == [f"The test mail did not leave: {problem}. It waits in the outbox."]
    assert f"Failing: {problem}" in response.text
    assert Outbox.objects.get().state == "waiting"


def test_one_mail_or_all_are_tried_again(admin):
    first, second, third = (given_up() for _turn in range(3))
    assert said(admin.post("/system/retry/", {"mail": str(first.pk)}, follow=True)) == ["1 mail is back in the outbox."]
    assert set(Outbox.objects.filter(state="waiting", tries=0).values_list("pk", flat=True)) == {first.pk}
    assert said(admin.post("/system/retry/", follow=True)) == ["2 mails are back in the outbox."]
    assert AuditEvent.objects.filter(action="mail.retried").count() == 3
    assert {second.pk, third.pk} < set(Outbox.objects.filter(state="waiting").values_list("pk", flat=True))


@pytest.mark.parametrize("key", ["", "x", "\0", "0" * 5_000, "7", "00000000-0000-0000-0000-000000000000"])
def test_a_mail_that_is_not_there_is_refused_in_words(client_of, key):
    answer = client_of("admin", raise_request_exception=False).post("/system/retry/", {"mail": key})
    assert answer.status_code == 409
    assert "no longer given up" in answer.text


def test_nothing_but_a_post_sends_or_retries(admin):
    assert [admin.get(path).status_code for path in PAGES[1:]] == [405, 405]


# --- the banner ----------------------------------------------------------------------------------------


def banners(browser, path: str = "/") -> list[str]:
    text = browser.get(path).text
    return [sentence for sentence in (ILL, MUTE) if sentence in text]


def test_the_office_is_told_after_two_hours_and_no_longer_than_needed(client_of, people):
    browser = client_of("staff")
    with time_machine.travel(NOW, tick=False) as clock:
        browser.force_login(people["staff"])
        assert banners(browser) == [ILL]
        heartbeats.succeeded("run_due")
        heartbeats.failed("mail", "TimeoutError")
        assert banners(browser) == []
        clock.shift(timedelta(hours=2, seconds=1))
        assert banners(browser) == [ILL, MUTE]
        assert banners(browser, "/members/") == [ILL, MUTE]
        heartbeats.succeeded("run_due")
        heartbeats.succeeded("mail")
        assert banners(browser) == []


@pytest.mark.parametrize("name", ["member", "instructor", "nobody", "expired"])
def test_nobody_else_is_told_and_their_pages_do_not_ask(client_of, name):
    browser = client_of(name)
    with CaptureQueriesContext(connection) as queries:
        assert banners(browser) == []
    assert [query["sql"] for query in queries if "core_heartbeat" in query["sql"]] == []


@pytest.mark.parametrize("name", ["admin", "officer", "staff", "steward", "trustee", "benevolence-vp"])
def test_the_office_is_told_and_its_pages_ask_once_in_a_while(client_of, name):
    browser = client_of(name)
    kept.forget_all()
    with CaptureQueriesContext(connection) as queries:
        assert (banners(browser), banners(browser)) == ([ILL], [ILL])
    assert len([query["sql"] for query in queries if "core_heartbeat" in query["sql"]]) == 1
    assert ("See what to do" in browser.get("/").text) == (name == "admin")


def test_a_fragment_does_not_ask(client_of):
    browser = client_of("staff")
    with CaptureQueriesContext(connection) as queries:
        browser.get("/search/?q=ann", headers={"HX-Request": "true"})
    assert [query["sql"] for query in queries if "core_heartbeat" in query["sql"]] == []


def test_the_demonstration_is_told_too(client_of):
    change_settings({"is_demo": True}, actor=None)
    assert banners(client_of("staff")) == [ILL]
