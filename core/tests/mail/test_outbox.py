"""Delivery: once, later, or never, and nothing of it stays."""

import json
import multiprocessing
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connections, transaction
from django.utils import timezone

from core.errors import DomainError
from core.logs import JsonFormatter
from core.mail import heartbeats, outbox
from core.mail.notifications import send
from core.mail.outbox import Outcome
from core.models import AuditEvent, Heartbeat, Outbox
from core.site import change_settings
from core.tests import mail_backends
from unionops.testing.races import forget_connections

BACKENDS = "core.tests.mail_backends"
NOW = datetime(2026, 12, 7, 15, tzinfo=UTC)


def put(*addresses: str) -> list[Outbox]:
    with transaction.atomic():
        for address in addresses:
            send(address, "test", {"person": "Ann"})
    return list(Outbox.objects.order_by("created_at", "id"))


def server(settings, name: str) -> None:
    settings.EMAIL_BACKEND = f"{BACKENDS}.{name}"


def state_of(row: Outbox) -> tuple[str, int, str]:
    row.refresh_from_db()
    return row.state, row.tries, row.problem


def test_a_mail_is_delivered_once_and_emptied(db, settings):
    settings.PORTAL_URL = "https://portal.example:8443"
    (row,) = put("ann@people.example")
    assert (outbox.deliver_due(), outbox.deliver_due()) == (Outcome(delivered=1), Outcome())
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["ann@people.example"], "Test mail from the portal")
    assert message.extra_headers == {
        "Message-ID": f"<{row.pk}@portal.example>",
        "Auto-Submitted": "auto-generated",
    }
    row.refresh_from_db()
    assert row.state == "sent"
    assert row.tries == 1
    assert row.address == ""
    assert row.subject == ""
    assert row.body == ""
    assert row.claim is None
    assert heartbeats.known()["mail"].succeeded_at is not None


def test_more_than_a_batch_is_delivered_in_one_run(db, monkeypatch):
    monkeypatch.setattr(outbox, "BATCH", 2)
    put(*(f"p{n}@people.example" for n in range(5)))
    assert outbox.deliver_due() == Outcome(delivered=5)


def test_pauses_double_up_to_six_hours():
    minutes = [outbox.pause_after(tries) // timedelta(minutes=1) for tries in (1, 2, 3, 4, 9, 10, 11, 12, 400)]
    assert minutes == [1, 2, 4, 8, 256, 360, 360, 360, 360]


def test_a_refused_mail_waits_longer_each_time_and_is_given_up_in_the_end(db, settings):
    server(settings, "Refuses")
    settings.OUTBOX_TRIES = 3
    with time_machine.travel(NOW, tick=False) as clock:
        (row,) = put("ann@people.example")
        for tries, minutes in ((1, 1), (2, 2)):
            assert outbox.deliver_due() == Outcome(postponed=1, problem="SMTPDataError 451")
            assert state_of(row) == ("waiting", tries, "SMTPDataError 451")
            assert row.due_at == timezone.now() + timedelta(minutes=minutes)
            clock.shift(timedelta(minutes=minutes, seconds=-1))
            assert outbox.deliver_due() == Outcome()
            clock.shift(timedelta(seconds=1))
        assert outbox.deliver_due() == Outcome(given_up=1, problem="SMTPDataError 451")
        assert state_of(row) == ("failed", 3, "SMTPDataError 451")
        clock.shift(timedelta(days=1))
        assert outbox.deliver_due() == Outcome()


def test_a_mailbox_that_does_not_exist_is_given_up_at_once_and_is_no_trouble_of_the_server(db, settings):
    server(settings, "NoSuchMailbox")
    rows = put("gone@people.example", "full@people.example", "ann@people.example")
    assert outbox.deliver_due() == Outcome(delivered=1, postponed=1, given_up=1)
    assert {state_of(row) for row in rows} == {
        ("failed", 1, "SMTPRecipientsRefused 550"),
        ("waiting", 1, "SMTPRecipientsRefused 452"),
        ("sent", 1, ""),
    }
    assert heartbeats.known()["mail"].failing_since is None


@pytest.mark.parametrize(
    ("code", "words", "ours"),
    [
        (550, b"5.1.1 User unknown", False),
        (501, b"5.1.7 Bad sender address syntax", True),
        (550, b"5.1.8 Sender address rejected: Domain not found", True),
        (556, b"5.1.10 Recipient address has null MX", False),
        (450, b"4.1.8 Sender address rejected: Domain not found", False),
        (550, b"no such mailbox", False),
        (552, b"5.2.2 Mailbox full", False),
        (554, b"5.7.1 Relay access denied", True),
        (550, b"5.7.54 Unable to relay", True),
        (554, b"Relay access denied", True),
        (452, b"4.2.2 Mailbox full", False),
    ],
)
def test_which_refusal_says_that_the_server_does_not_take_our_mail(code, words, ours):
    assert outbox.is_of_ours(code, words) is ours


def test_a_server_that_relays_nothing_is_trouble_of_the_server_and_costs_no_mail(db, settings):
    server(settings, "RelaysNothing")
    (row,) = put("ann@people.example")
    assert outbox.deliver_due() == Outcome(postponed=1, problem="SMTPRecipientsRefused 554")
    assert state_of(row) == ("waiting", 1, "SMTPRecipientsRefused 554")
    assert heartbeats.known()["mail"].failing_since is not None


@pytest.mark.parametrize("name", ["Refuses", "NoSuchMailbox"])
def test_the_log_names_the_mail_and_the_problem_and_nobody(db, settings, caplog, name):
    server(settings, name)
    (row,) = put("gone@people.example")
    with caplog.at_level("INFO"):
        outbox.deliver_due()
    (line,) = [JsonFormatter().format(record) for record in caplog.records if record.name == "unionops.outbox"]
    assert "people.example" not in line
    found = json.loads(line)
    assert (found["mail"], found["problem"]) == (str(row.pk), state_of(row)[2])


def test_a_server_that_is_away_costs_no_mail_a_try(db, settings):
    server(settings, "Away")
    (row,) = put("ann@people.example")
    assert outbox.deliver_due() == Outcome(problem="ConnectionRefusedError")
    assert state_of(row) == ("waiting", 0, "")
    assert heartbeats.known()["mail"].problem == "ConnectionRefusedError"
    server(settings, "NoSuchMailbox")
    assert outbox.deliver_due() == Outcome(delivered=1)
    assert heartbeats.known()["mail"].problem == ""


def test_a_mail_that_cannot_be_read_stops_no_other(db, settings):
    put("ann@people.example")
    settings.FIELD_KEYS = {"new": b"n" * 32}
    put("bob@people.example")
    assert outbox.deliver_due() == Outcome(delivered=1, postponed=1, problem="DecryptionError")
    assert [message.to for message in mail.outbox] == [["bob@people.example"]]


def test_a_demonstration_prints_its_mails(db, capsys):
    change_settings({"is_demo": True}, actor=None)
    put("ann@people.example")
    assert outbox.deliver_due() == Outcome(delivered=1)
    assert mail.outbox == []
    assert "To: ann@people.example" in capsys.readouterr().out


@pytest.mark.parametrize(("connections", "delivered"), [(99, 5), (2, 4)])
def test_a_server_that_ends_the_connection_costs_no_mail_a_try(db, settings, monkeypatch, connections, delivered):
    rows = put(*(f"p{n}@people.example" for n in range(5)))
    server(settings, "HangsUp")
    monkeypatch.setattr(mail_backends.HangsUp, "opened", 0)
    monkeypatch.setattr(mail_backends.HangsUp, "CONNECTIONS", connections)
    problem = "" if delivered == 5 else "ConnectionRefusedError"
    assert outbox.deliver_due() == Outcome(delivered=delivered, problem=problem)
    found = [state_of(row) for row in rows]
    assert found == [("sent", 1, "")] * delivered + [("waiting", 0, "")] * (5 - delivered)
    monkeypatch.setattr(mail_backends.HangsUp, "CONNECTIONS", 99)
    assert outbox.deliver_due() == Outcome(delivered=5 - delivered)
    assert [message.to for message in mail.outbox] == [[f"p{n}@people.example"] for n in range(5)]


# --- a process that dies -------------------------------------------------------------------------------


def deliver_and_die():
    forget_connections()
    outbox.deliver_due()


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_between_claim_and_delivery_leaves_the_mail_to_the_next_after_the_lease(settings):
    server(settings, "Dies")
    (row,) = put("ann@people.example")
    connections.close_all()
    process = multiprocessing.get_context("fork").Process(target=deliver_and_die)
    process.start()
    process.join(60)
    assert process.exitcode == -9
    assert state_of(row) == ("waiting", 1, "")
    assert row.claim is not None
    server(settings, "NoSuchMailbox")
    assert outbox.deliver_due() == Outcome()
    with time_machine.travel(timezone.now() + timedelta(minutes=settings.OUTBOX_LEASE_MINUTES, seconds=1)):
        assert outbox.deliver_due() == Outcome(delivered=1)
    assert [message.to for message in mail.outbox] == [["ann@people.example"]]


def test_a_mail_that_kills_every_process_is_given_up(db, settings):
    settings.OUTBOX_TRIES = 2
    (row,) = put("ann@people.example")
    with time_machine.travel(NOW, tick=False) as clock:
        Outbox.objects.update(due_at=NOW)
        for _turn in range(2):
            assert outbox.claim(row.pk) is not None
            assert outbox.claim(row.pk) is None
            clock.shift(timedelta(minutes=settings.OUTBOX_LEASE_MINUTES))
        assert outbox.deliver_due() == Outcome(given_up=1)
    assert state_of(row) == ("failed", 2, "lost")


def test_whoever_lost_the_lease_changes_nothing_any_more(db, settings):
    (row,) = put("ann@people.example")
    slow = outbox.claim(row.pk)
    Outbox.objects.update(due_at=timezone.now())
    fast, outcome = outbox.claim(row.pk), Outcome()
    assert fast.claim != slow.claim
    server(settings, "Refuses")
    outbox.deliver(slow, outbox.mail_connection(), outcome)
    assert state_of(row) == ("waiting", 2, "")


# --- afterwards ----------------------------------------------------------------------------------------


def test_old_mails_are_forgotten_and_waiting_ones_never(db, settings):
    rows = put(*(f"{name}@people.example" for name in ("a", "b", "c", "d")))
    long_ago = timezone.now() - timedelta(days=settings.OUTBOX_KEEP_DAYS, seconds=1)
    for row, state, due_at in zip(
        rows, ("sent", "failed", "waiting", "sent"), (long_ago, long_ago, long_ago, timezone.now()), strict=True
    ):
        Outbox.objects.filter(pk=row.pk).update(state=state, due_at=due_at)
    assert outbox.forget_old() == 2
    assert set(Outbox.objects.values_list("pk", flat=True)) == {rows[2].pk, rows[3].pk}


def test_given_up_mails_are_retried_by_the_installer_alone(people, settings):
    rows = put("gone@people.example", "ann@people.example")
    server(settings, "NoSuchMailbox")
    outbox.deliver_due()
    with pytest.raises(PermissionDenied):
        outbox.retry(rows, actor=people["officer"])
    assert outbox.retry(rows, actor=people["admin"]) == 1
    with pytest.raises(DomainError, match="no longer given up"):
        outbox.retry(rows, actor=people["admin"])
    event = AuditEvent.objects.get(action="mail.retried")
    assert event.subject_type == "core.outbox"
    assert event.subject_id == str(rows[0].pk)
    assert event.actor == people["admin"]
    server(settings, "Folder")
    assert state_of(rows[0]) == ("waiting", 0, "")


# --- heartbeats ----------------------------------------------------------------------------------------


def test_alarms_come_after_two_hours_and_go_with_the_first_success(db):
    ill = "The portal's regular work has not run for two hours: reminders and mails wait."
    mute = "No mail could be delivered for two hours: links, codes and reminders reach nobody."
    with time_machine.travel(NOW, tick=False) as clock:
        assert heartbeats.alarms() == [ill]
        heartbeats.succeeded("run_due")
        heartbeats.failed("mail", "SMTPDataError 451")
        clock.shift(timedelta(hours=2))
        heartbeats.failed("mail", "TimeoutError")
        assert heartbeats.alarms() == []
        clock.shift(timedelta(seconds=1))
        assert heartbeats.alarms() == [ill, mute]
        heartbeats.succeeded("run_due")
        heartbeats.succeeded("mail")
        assert heartbeats.alarms() == []
    assert Heartbeat.objects.get(name="mail").failing_since is None
