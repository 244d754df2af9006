"""`manage.py run_due` and `manage.py note_backup`: what they say, and that a broken piece stops no other."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from core import heartbeats
from core.notifications import send
from unionops import due

pytestmark = pytest.mark.django_db


def run() -> str:
    out = StringIO()
    call_command("run_due", stdout=out)
    return out.getvalue()


def test_it_says_what_it_did_and_records_its_success(settings):
    settings.EMAIL_BACKEND = "core.tests.mail_backends.NoSuchMailbox"
    with transaction.atomic():
        for name in ("ann", "bob", "full", "gone"):
            send(f"{name}@people.example", "test", {})
    assert run() == "2 mails delivered.\n1 mail postponed.\n1 mail given up; the system page lists it.\n"
    assert run() == ""
    assert heartbeats.known()["run_due"].succeeded_at is not None


def test_a_mail_server_that_is_away_is_said_and_is_no_failure_of_the_run(settings):
    settings.EMAIL_BACKEND = "core.tests.mail_backends.Away"
    with transaction.atomic():
        send("ann@people.example", "test", {})
    assert run() == "The mail server: ConnectionRefusedError.\n"
    assert heartbeats.known()["run_due"].failing_since is None


def test_a_broken_piece_stops_no_other_and_the_run_does_not_count(monkeypatch):
    def broken():
        raise ZeroDivisionError

    def works():
        yield "Done."

    said = []
    with pytest.raises(RuntimeError, match="broken"):
        said += due.run([broken, works])
    assert said == ["Done."]
    beat = heartbeats.known()["run_due"]
    assert (beat.succeeded_at, beat.problem) == (None, "broken")
    monkeypatch.setattr(due, "WORK", [broken])
    with pytest.raises(CommandError, match="Failed: broken"):
        run()


def test_a_backup_is_noted():
    call_command("note_backup")
    assert heartbeats.known()["backup"].succeeded_at is not None
