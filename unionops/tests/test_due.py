"""`manage.py run_due` and `manage.py note_backup`: what they say, and that a broken piece stops no other."""

import io
import multiprocessing
import os
import socket
import time
import uuid
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, connections, transaction

from accounts.factories import RoleAssignmentFactory
from accounts.models import User
from accounts.services.terms import end_role
from benevolence.factories import DocumentFactory
from core.files import scanning, store
from core.files.models import attachment_models
from core.mail import heartbeats
from core.mail.notifications import send
from core.models import Heartbeat, Outbox
from grievances.factories import AgreementFileFactory, CaseDocumentFactory, IntakeDocumentFactory
from unionops import due
from unionops.management.commands.run_due import Command

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    """Without what other tests left in theirs."""
    folder = {"BACKEND": "core.files.folder.PrivateFolder", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "attachments": folder}


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


def test_whoever_held_a_role_is_told_once_when_the_term_is_over():
    start = datetime(2026, 12, 7, 6, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        over = RoleAssignmentFactory(role="steward", starts_at=start, expires_at=start + timedelta(hours=1)).user
        later = RoleAssignmentFactory(role="steward", starts_at=start, expires_at=start + timedelta(days=30)).user
        early = RoleAssignmentFactory(role="staff", starts_at=start, expires_at=start + timedelta(hours=1))
        end_role(early, actor=None, reason="Moved away")
        off = RoleAssignmentFactory(role="staff", starts_at=start, expires_at=start + timedelta(hours=1)).user
        User.objects.filter(pk=off.pk).update(is_active=False)
        run()
        mail.outbox.clear()
        clock.shift(timedelta(hours=30))  # nobody ran it meanwhile
        run()
        clock.shift(timedelta(minutes=5))
        run()
        assert [(message.to, message.subject) for message in mail.outbox] == [([over.email], "A role of yours ends")]
        clock.shift(timedelta(days=30))
        run()
        assert [message.to for message in mail.outbox] == [[over.email], [later.email]]


def test_whoever_holds_the_role_for_another_term_is_not_told_that_it_ends():
    start = datetime(2026, 12, 7, 6, tzinfo=UTC)
    end = start + timedelta(hours=1)
    with time_machine.travel(start, tick=False) as clock:
        extended, changed = (
            RoleAssignmentFactory(role="steward", starts_at=start, expires_at=end).user for _term in range(2)
        )
        RoleAssignmentFactory(user=extended, role="steward", starts_at=end)
        RoleAssignmentFactory(user=changed, role="staff", starts_at=end)
        run()
        mail.outbox.clear()
        clock.shift(timedelta(hours=2))
        run()
        assert [message.to for message in mail.outbox] == [[changed.email]]


def test_a_backup_is_noted():
    call_command("note_backup")
    assert heartbeats.known()["backup"].succeeded_at is not None


def _stays(pids) -> None:
    """Be a process that starts another, which repeats, and dies before it."""
    if os.fork() == 0:
        pids.put(os.getpid())
        call_command("run_due", every=1, stdout=StringIO(), stderr=StringIO())
        os._exit(0)
    time.sleep(2.5)
    os._exit(0)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(found) -> bool:
    for _turn in range(100):
        if found():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.heavy
@pytest.mark.django_db(transaction=True)
def test_it_may_stay_and_ends_with_whoever_started_it(settings, tmp_path):
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "core.tests.mail_backends.Folder", str(tmp_path)
    connections.close_all()
    context = multiprocessing.get_context("fork")
    pids = context.Queue()
    starter = context.Process(target=_stays, args=(pids,))
    starter.start()
    pid = pids.get(timeout=30)
    assert wait_for(lambda: Heartbeat.objects.filter(name="run_due").exists())
    with transaction.atomic():
        send("ann@people.example", "test", {})
    assert wait_for(lambda: Outbox.objects.get().state == "sent")
    starter.join(30)
    assert wait_for(lambda: not is_alive(pid))


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_ends_no_run_that_stays():
    place = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(NAME="/nowhere/unionops", HOST="/nowhere")
    try:
        with pytest.raises(OperationalError):
            Command()._once()
        Command()._repeated()
    finally:
        connection.settings_dict.update(place)
    Command()._repeated()
    assert heartbeats.known()["run_due"].problem == ""


def test_the_store_of_files_is_swept_four_times_a_day(tmp_path):
    start = datetime(2026, 12, 7, 6, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        CaseDocumentFactory()
        orphan = store.put(io.BytesIO(b"x"), 1, file_key=b"k" * 32)
        place = tmp_path / store.name_of(orphan)
        os.utime(place, (start.timestamp(), start.timestamp()))
        run()
        clock.shift(timedelta(hours=25))
        assert run() == "1 file without a record removed.\n"
        clock.shift(timedelta(hours=5))
        assert heartbeats.known()["sweep"].succeeded_at == start + timedelta(hours=25)
        run()
        assert heartbeats.known()["sweep"].succeeded_at == start + timedelta(hours=25)
    assert not place.exists()


def test_the_scanner_is_asked_about_every_model_of_files():
    assert {*due.HARMFUL} == {model for model in attachment_models() if not model.__module__.startswith("core.tests")}


def test_a_scanner_that_takes_files_and_says_nothing_holds_nothing_up(settings, monkeypatch):
    """One deadline for all models; what was not asked about comes first the next time."""
    monkeypatch.setattr(scanning, "SECONDS", 0.2)
    monkeypatch.setattr(scanning, "MOST_SECONDS", 0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.CLAMD = f"127.0.0.1:{silent.getsockname()[1]}"
        made = (DocumentFactory, CaseDocumentFactory, IntakeDocumentFactory, AgreementFileFactory)
        held = [make() for make in made]
        asked = []
        for _run in held:
            assert run() == "1 file could not be scanned and waits; the log says why.\n"
            asked.append(sum(type(row).objects.get(pk=row.pk).scan_tried_at is not None for row in held))
    assert asked == [1, 2, 3, 4]
    assert heartbeats.known()["run_due"].problem == ""


def test_a_file_that_cannot_be_scanned_keeps_no_other_model_and_is_told(settings):
    settings.CLAMD = "127.0.0.1:1"  # never asked, for the content of both is lost
    lost = [make() for make in (CaseDocumentFactory, IntakeDocumentFactory)]
    for row in lost:
        type(row).objects.filter(pk=row.pk).update(storage_key=uuid.uuid4())
    assert "2 files could not be scanned and wait; the log says why." in run()
    assert [type(row).objects.get(pk=row.pk).scan_tried_at is None for row in lost] == [False, False]
    assert heartbeats.known()["run_due"].problem == ""
