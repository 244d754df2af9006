"""Several run_due at once: each event is told once."""

import os
import time

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.factories import UserFactory
from core.audit import trail
from core.mail import heartbeats, notices
from core.mail.notices import Told
from core.models import Heartbeat, Notice, NoticedEvent, Outbox
from unionops.testing.races import run_in_processes

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("sqlite" in settings.DATABASES["default"]["ENGINE"], reason="races are proven on PostgreSQL"),
]

ROUNDS = 20 if os.environ.get("BATTERY") else 2
ACT, EVENTS = "ticket.moved", 30
SENTENCES = {"ticket": "There is something new about a ticket."}


def to_its_subject(event):
    user = UserFactory._meta.model.objects.get(pk=event.subject_id)
    yield Told(user, event, "ticket", user, "")


@pytest.fixture
def people():
    """Make people who are each to be told of one event, in a portal that has looked before."""
    notices.look([ACT], to_its_subject, SENTENCES)
    found = [UserFactory() for _number in range(EVENTS)]
    with transaction.atomic():
        for user in found:
            trail.record(user, ACT, actor=None)
    return {user.pk for user in found}


def look_without_the_lock(process: int) -> bool:
    """Look as one would who is alone: the naive worker. Return whether the database had to stop it."""
    until = Heartbeat.objects.get(name=heartbeats.NOTICES).succeeded_at

    def slowly(event):
        time.sleep(0.005)  # long enough that no one is through before the others look
        yield from to_its_subject(event)

    try:
        with transaction.atomic():
            notices.look_at_some(until, [ACT], slowly, SENTENCES)
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_four_at_once_tell_of_each_event_once(people, turn):
    run_in_processes(lambda process: notices.look([ACT], to_its_subject, SENTENCES))
    assert sorted(Notice.objects.values_list("user", flat=True)) == sorted(people)
    assert Outbox.objects.count() == NoticedEvent.objects.count() == EVENTS
    assert Heartbeat.objects.get(name=heartbeats.NOTICES).succeeded_at < timezone.now()


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_control_without_the_lock_they_look_at_the_same_events(people, turn):
    assert any(run_in_processes(look_without_the_lock))
