"""Several run_due at once: every mail leaves exactly once."""

import os
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from core.enums import MailState
from core.mail import outbox
from core.mail.notifications import send
from core.mail.outbox import Outcome
from core.models import Heartbeat, Outbox
from unionops.testing.races import run_in_processes

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("sqlite" in settings.DATABASES["default"]["ENGINE"], reason="races are proven on PostgreSQL"),
]

ROUNDS = 20 if os.environ.get("BATTERY") else 2
MAILS = 60


@pytest.fixture
def folder(settings, tmp_path) -> Path:
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "core.tests.mail_backends.Folder", str(tmp_path)
    with transaction.atomic():
        for number in range(MAILS):
            send(f"p{number}@people.example", "test", {})
    return tmp_path


def deliveries(folder: Path) -> Counter:
    return Counter(path.name.partition(".")[0] for path in folder.iterdir())


def deliver_what_looks_due(process: int) -> None:
    """Deliver what was read as waiting, then mark it: the naive worker."""
    for mail in Outbox.objects.filter(state=MailState.WAITING, due_at__lte=timezone.now()):
        outbox.deliver(mail, outbox.mail_connection(), Outcome())
        Outbox.objects.filter(pk=mail.pk).update(state=MailState.SENT)


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_four_at_once_deliver_each_mail_once(folder, turn):
    run_in_processes(lambda process: call_command("run_due", verbosity=0))
    assert deliveries(folder) == Counter({str(pk): 1 for pk in Outbox.objects.values_list("pk", flat=True)})
    assert set(Outbox.objects.values_list("state", "tries")) == {("sent", 1)}
    assert Heartbeat.objects.get(name="run_due").succeeded_at is not None


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_control_without_the_claim_mails_leave_twice(folder, turn):
    run_in_processes(deliver_what_looks_due)
    assert sum(deliveries(folder).values()) > MAILS
