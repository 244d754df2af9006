"""A process killed while it takes files in: no row without its file, and nothing left over after the sweeper."""

import os
import random
import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from core.files import checking, sweeping
from core.files.attaching import taken_in
from core.tests.sample.models import Paper
from unionops.testing.races import forget_connections

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("sqlite" in settings.DATABASES["default"]["ENGINE"], reason="crashes are proven on PostgreSQL"),
]

KILLS = 100 if os.environ.get("BATTERY") else 12
FOLDER = Path(settings.MEDIA_ROOT) / "attachments"


def text(number):
    return f"Notice {number}. ".encode() * 20_000


def stored_first(ticket, actor, number):
    upload = SimpleUploadedFile("Notice.txt", text(number))
    with taken_in(Paper, [upload], ticket=ticket, category="notice", added_by=actor) as rows:
        rows[0].save()


def row_first(ticket, actor, number):
    """The naive order: the row is saved while its content is still on its way."""
    upload = SimpleUploadedFile("Notice.txt", text(number))
    with taken_in(Paper, [upload], ticket=ticket, category="notice", added_by=actor) as rows:
        row = rows[0]
        place = FOLDER / str(row.storage_key)
        content = place.read_bytes()
        place.unlink()
        row.save()
        place.write_bytes(content)


def killed_in_the_middle(take, ticket, actor):
    """Let a process take files in, one after the other, and kill it a moment later."""
    child = os.fork()
    if child == 0:
        forget_connections()
        try:
            for number in range(1_000):
                take(ticket, actor, number)
        finally:
            os._exit(0)
    time.sleep(0.05 + random.random() * 0.08)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def faults():
    """Rows whose content is not there, or not as it was."""
    return len(list(checking.faults()))


def crashed(take, ticket, actor, kills):
    from django.db import connections

    connections.close_all()
    for _kill in range(kills):
        killed_in_the_middle(take, ticket, actor)


def test_no_kill_leaves_a_row_without_its_file_or_a_file_for_good(ticket, actor):
    crashed(stored_first, ticket, actor, KILLS)
    rows = list(Paper.objects.all())
    assert len(rows) >= KILLS // 2  # on a busy machine some are killed before their first file
    assert faults() == 0
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        sweeping.sweep()
    assert {path.name for path in FOLDER.iterdir()} == {str(row.storage_key) for row in rows}


def test_control_saving_the_row_first_leaves_rows_without_files(ticket, actor):
    for _try in range(10):
        crashed(row_first, ticket, actor, KILLS)
        if faults():
            return
    pytest.fail("no row was left without its file")
