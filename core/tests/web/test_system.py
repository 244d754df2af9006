"""What the system page is told: each piece of work in each of its states, disks, keys, versions."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from core.mail import heartbeats
from core.models import Outbox
from core.web import system

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 7, 15, tzinfo=UTC)


def states() -> list[tuple[str, str]]:
    return [(work.state, work.tone) for work in system.regular_work()]


def test_regular_work_in_all_its_states():
    with time_machine.travel(NOW, tick=False) as clock:
        assert states() == [("Overdue", "red"), ("Not used yet", "grey"), ("Not used yet", "grey"), ("Overdue", "red")]
        for name in ("run_due", "mail", "telling", "backup"):
            heartbeats.succeeded(name)
        assert states() == [("Works", "green")] * 4
        assert [work.advice for work in system.regular_work()] == ["", "", "", ""]
        heartbeats.failed("mail", "SMTPAuthenticationError 535")
        heartbeats.failed("run_due", "deliver_mail")
        heartbeats.failed("telling", "ValueError")
        failing = [("Failing: SMTPAuthenticationError 535", "red"), ("Failing: ValueError", "red")]
        assert states() == [("Works", "green"), *failing, ("Works", "green")]
        clock.shift(timedelta(hours=26))
        assert states()[0] == ("Failing: deliver_mail", "red")
        assert states()[3] == ("Works", "green")
        clock.shift(timedelta(seconds=1))
        assert states()[3] == ("Overdue", "red")
        assert all(work.advice for work in system.regular_work())
        assert [work.at for work in system.regular_work()] == [NOW] * 4


def test_mails_are_counted_and_the_given_up_ones_listed_newest_first():
    for number in range(system.SHOWN + 2):
        due_at = NOW + timedelta(minutes=number)
        Outbox.objects.create(template=f"t{number}", state="failed", due_at=due_at, address="a@people.example")
    first = Outbox.objects.create(template="w", due_at=NOW)
    Outbox.objects.create(template="w", due_at=NOW + timedelta(minutes=1))
    Outbox.objects.create(template="s", state="sent")
    found = system.mails()
    assert found.waiting == "2"
    assert found.oldest == first.created_at
    assert found.given_up == "22"
    assert [mail.template for mail in found.failed] == [f"t{number}" for number in range(21, 1, -1)]


def test_each_disk_is_named_once_even_before_its_folders_exist(settings, tmp_path):
    settings.MEDIA_ROOT, settings.VAR_DIR = tmp_path / "files" / "deep", tmp_path
    (disk,) = system.disks()
    assert (disk.label, disk.is_low) == ("Uploaded files", disk.is_low)
    assert not (tmp_path / "files").exists()


def test_a_disk_is_low_below_a_tenth_or_a_gigabyte(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = settings.VAR_DIR = tmp_path
    found = {}
    for total, free in ((2**40, 2**37), (2**40, 2**36), (2**31, 2**30), (2**31, 2**30 - 1)):
        monkeypatch.setattr(system.shutil, "disk_usage", lambda _place, t=total, f=free: Usage(t, f))
        found[total, free] = [disk.is_low for disk in system.disks()]
    assert list(found.values()) == [[False], [True], [False], [True]]


class Usage:
    def __init__(self, total: int, free: int) -> None:
        self.total, self.free = total, free


def test_keys_go_by_their_ids_and_the_newest_first(settings):
    settings.FIELD_KEYS = {"f1": b"a" * 32, "f2": b"b" * 32, "f3": b"c" * 32}
    settings.AUDIT_KEYS = {"a1": b"d" * 32}
    assert system.keys() == [("Encrypted fields", "f3 (still read: f1, f2)"), ("Audit trail", "a1")]


def test_the_database_says_what_it_is():
    (label, text), *_rest = system.versions()
    assert label == "Database"
    assert text.startswith(("PostgreSQL 1", "SQLite 3"))
    assert text.endswith(("MB", "KB"))
