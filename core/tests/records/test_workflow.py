import os
import time
from contextlib import contextmanager

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from accounts.tests.serving import fails
from core.audit import trail
from core.errors import MoveDenied, TransitionRefused
from core.models import AuditEvent
from core.permissions import CHANGE_SETTINGS
from core.records.workflow import Transition, Workflow
from core.tests.sample.flow import ANSWERED, CLOSED, FLOW, OPEN
from core.tests.sample.models import Ticket, TicketStatus
from unionops.testing.races import run_in_processes


@pytest.fixture
def ticket(db):
    return Ticket.objects.create(title="Leaking roof")


def take(ticket, name, actor, **data):
    with FLOW.step(ticket, name, actor=actor, **data) as locked:
        locked.title += "!"
    return locked


def state(ticket):
    return Ticket.objects.values_list("status", "title").get(pk=ticket.pk)


def test_a_step_changes_saves_and_records(ticket, people):
    take(ticket, "answer", people["admin"], reason="Called back", minutes=5)
    assert state(ticket) == (ANSWERED, "Leaking roof!")
    event = AuditEvent.objects.get(subject_type="sample.ticket")
    assert event.action == "sample.answer"
    assert event.actor == people["admin"]
    assert event.reason == "Called back"
    assert event.body == {"changes": [{"field": "status", "old": "open", "new": "answered"}], "data": {"minutes": 5}}


@pytest.mark.parametrize("name", ["staff", "officer", "nobody", "expired", "suspended"])
def test_who_may_not_take_it_changes_nothing(ticket, people, name):
    person = people[name]
    with pytest.raises((PermissionDenied, TransitionRefused)):
        take(ticket, "answer", person)
    with pytest.raises(PermissionDenied):
        take(ticket, "answer", None)
    assert state(ticket) == (OPEN, "Leaking roof")
    assert not AuditEvent.objects.exists()


def test_only_the_clock_takes_the_moves_of_the_clock(ticket, people):
    take(ticket, "answer", people["admin"])
    with pytest.raises(PermissionDenied):
        take(ticket, "expire", people["admin"])
    take(ticket, "expire", None)
    assert state(ticket)[0] == CLOSED
    assert AuditEvent.objects.latest("id").actor is None


def test_a_row_that_they_no_longer_see_is_refused_in_a_sentence(ticket, people):
    Ticket.objects.update(hidden=True)
    with pytest.raises(TransitionRefused) as refused:
        take(ticket, "answer", people["admin"])
    assert refused.value.sentence == "This is no longer open to you. Go back to the list and look again."
    assert state(ticket)[0] == OPEN


def test_a_refusal_is_a_sentence(ticket, people):
    take(ticket, "close", people["admin"])
    with pytest.raises(TransitionRefused) as refused:
        take(ticket, "answer", people["admin"])
    assert refused.value.sentence == "“Answer” is not possible while the status is “Closed”."
    assert state(ticket) == (CLOSED, "Leaking roof!")


def test_the_guard_judges_the_row_as_it_stands_in_the_database(ticket, people):
    stale = Ticket.objects.get()
    Ticket.objects.update(title="")
    with pytest.raises(TransitionRefused, match=r"Give it a title first\."):
        take(stale, "answer", people["admin"])
    Ticket.objects.update(title="Roof", status=CLOSED)
    with pytest.raises(TransitionRefused):
        take(stale, "answer", people["admin"])
    assert state(ticket) == (CLOSED, "Roof")
    assert not AuditEvent.objects.exists()


def test_an_exception_undoes_all_of_it(ticket, people):
    with pytest.raises(ValueError, match="no"), FLOW.step(ticket, "answer", actor=people["admin"]) as locked:
        locked.title = "Half done"
        locked.save()
        raise ValueError("no")
    assert state(ticket) == (OPEN, "Leaking roof")
    assert not AuditEvent.objects.exists()


def test_an_invalid_row_is_not_saved(ticket, people):
    with pytest.raises(ValidationError), FLOW.step(ticket, "answer", actor=people["admin"]) as locked:
        locked.title = "x" * 200
    assert state(ticket) == (OPEN, "Leaking roof")
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("amount", "name", "target"), [("5.00", "admin", CLOSED), (None, "admin", ANSWERED), (None, "officer", ANSWERED)]
)
def test_target_and_permission_may_depend_on_the_row(ticket, people, amount, name, target):
    Ticket.objects.update(amount=amount)
    take(ticket, "settle", people[name])
    assert state(ticket)[0] == target


def test_permission_of_the_level_due(ticket, people):
    """Whoever could take the move when they looked is told that somebody was quicker; others may not take it at all."""
    stale = Ticket.objects.get()
    Ticket.objects.update(amount="5.00")
    quicker = r"^Somebody was quicker: this is no longer yours to do\. Look at it again\.$"
    with pytest.raises(TransitionRefused, match=quicker):
        take(stale, "settle", people["officer"])
    for person, seen in ((people["officer"], Ticket.objects.get()), (people["staff"], stale)):
        with pytest.raises(MoveDenied):
            take(seen, "settle", person)
    assert state(ticket)[0] == OPEN


def test_what_is_offered(ticket, people):
    def offered(name):
        actor = people[name] if name else None
        return [(row.name, refusal) for row, refusal in FLOW.available(ticket, actor)]

    ticket.title = ""
    assert offered("admin") == [("answer", "Give it a title first."), ("settle", ""), ("close", "")]
    assert offered("officer") == [("settle", "")]
    assert offered("nobody") == offered("expired") == []
    ticket.status = ANSWERED
    assert (offered("admin"), offered(None)) == ([("close", "")], [("expire", "")])
    ticket.status = CLOSED
    assert offered("admin") == []


def test_a_table_with_a_mistake_is_refused_when_it_is_read():
    answer = Transition("answer", (OPEN,), ANSWERED, CHANGE_SETTINGS, "Answer")
    with pytest.raises(ValueError, match="two transitions share a name"):
        Workflow("sample", TicketStatus, [answer, answer], initial=OPEN)
    with pytest.raises(ValueError, match="nothing leads to"):
        Workflow("sample", TicketStatus, [answer], initial=OPEN)


# --- several people deciding at once --------------------------------------------------------------

ROUNDS = 20 if os.environ.get("BATTERY") else 3


@contextmanager
def naive_step(ticket, name, *, actor):
    """Check, then act, on a row read without a lock: the control of the race."""
    with transaction.atomic():
        found = Ticket.objects.get(pk=ticket.pk)
        if found.status not in FLOW.rows[name].sources:
            raise TransitionRefused("too late")
        time.sleep(0.1)
        yield found
        found.status = FLOW.rows[name].target
        found.save()
        trail.record(found, f"sample.{name}", actor=actor)


def decide_at_once(step, actor):
    ticket = Ticket.objects.create(title="Contested")

    def decide(number):
        name = ("answer", "close")[number % 2]
        try:
            with step(ticket, name, actor=actor):
                pass
        except TransitionRefused:
            return ""
        return name

    winners = [name for name in run_in_processes(decide) if name]
    return winners, [event.action for event in AuditEvent.objects.filter(subject_id=str(ticket.pk)).order_by("seq")]


ONE_LEADS_TO_ANOTHER = (["answer", "close"], ["sample.answer", "sample.close"])


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_opposite_decisions_at_once_each_status_is_left_once(people):
    for _round in range(ROUNDS):
        winners, actions = decide_at_once(FLOW.step, people["admin"])
        # Closing is allowed after an answer too; nothing is allowed after closing.
        assert (sorted(winners), actions) in ((["close"], ["sample.close"]), ONE_LEADS_TO_ANOTHER)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time")
def test_control_without_the_lock_several_decisions_win(people):
    assert fails(lambda: len(decide_at_once(naive_step, people["admin"])[0]) > 2)


def test_a_replayed_move_is_the_step_without_the_database(people):
    taken = Ticket.objects.create(title="Leaking roof")
    take(taken, "answer", people["admin"], reason="Called back", minutes=5)
    row = Ticket(title="Leaking roof")
    entry = FLOW.replay(row, "answer", reason="Called back", minutes=5)
    with transaction.atomic():
        row.save()
        trail.record_many([entry], actor=people["admin"])
    events = AuditEvent.objects.filter(subject_type="sample.ticket").order_by("id")
    stepped, replayed = events.values("action", "reason", "body")
    assert replayed == stepped
    assert row.status == ANSWERED
    assert row.version == Ticket.objects.get(pk=taken.pk).version


@pytest.mark.parametrize(("name", "target"), [("expire", ""), ("settle", "nowhere"), ("close", "away")])
def test_a_replay_knows_the_flow(name, target):
    row = Ticket(title="Leaking roof")
    with pytest.raises(ValueError, match=f"sample: no {name} from open"):
        FLOW.replay(row, name, target=target)
    assert (row.status, row.version) == (OPEN, 1)
