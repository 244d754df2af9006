import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.forms.models import model_to_dict

from core import request_id
from core.audit import trail
from core.audit.check import verify
from core.enums import CoreAction, ReadKind
from core.models import AuditEvent, AuditHead, ReadEvent, SavedFilter
from core.site import change_settings, site_settings
from core.tests.sample.models import Ticket
from unionops.testing.races import run_in_processes

NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)


def row(event):
    return {**model_to_dict(event), "id": None, "mac": None, "previous_mac": None}


def test_an_event_holds_who_what_when_and_why(ticket, actor):
    token = request_id.current.set("request-7")
    changes = [{"field": "status", "old": "open", "new": "answered"}, {"field": "title"}]
    with time_machine.travel(NOON, tick=False), transaction.atomic():
        trail.record(
            ticket, "sample.answer", actor=actor, changes=changes, reason="Called back", amount=Decimal("1.50")
        )
        trail.record(ticket, "sample.close", actor=None)
    request_id.current.reset(token)
    first, second = AuditEvent.objects.order_by("seq")
    stream = f"sample.ticket:{ticket.pk}"
    common = {"id": None, "mac": None, "previous_mac": None, "stream": stream, "at": NOON, "key_id": "test1"}
    common |= {"subject_type": "sample.ticket", "subject_id": str(ticket.pk), "request_id": "request-7"}
    assert row(first) == {
        **common,
        "seq": 1,
        "actor": actor.pk,
        "actor_name": "Ada Officer",
        "action": "sample.answer",
        "reason": "Called back",
        "body": {"changes": changes, "data": {"amount": "1.50"}},
    }
    assert row(second) == {
        **common,
        "seq": 2,
        "actor": None,
        "actor_name": "",
        "action": "sample.close",
        "reason": "",
        "body": {},
    }
    assert (first.previous_mac, second.previous_mac) == ("", first.mac)
    head = AuditHead.objects.get(stream=stream)
    assert (head.seq, head.mac) == (2, second.mac)


def test_the_mac_covers_every_other_column(ticket, actor):
    with transaction.atomic():
        event = trail.record(ticket, "changed", actor=actor)
    assert {*trail.SIGNED, "mac"} == {field.attname for field in AuditEvent._meta.concrete_fields}
    stored = AuditEvent.objects.values(*trail.SIGNED).get()
    assert trail.mac_of(stored) == event.mac == AuditEvent.objects.get().mac


def test_the_mac_depends_on_the_key_outside_the_database(ticket, actor, settings):
    with transaction.atomic():
        event = trail.record(ticket, "changed", actor=actor)
    signed = AuditEvent.objects.values(*trail.SIGNED).get()
    settings.AUDIT_KEYS = {"test1": b"Z" * 32}
    assert trail.mac_of(signed) != event.mac


def test_changes_say_nothing_of_sensitive_values(ticket):
    names = ["title", "secret", "amount", "status", "number", "hidden"]
    before = trail.values(ticket, names)
    ticket.title, ticket.secret, ticket.amount, ticket.status = "Other", "other", Decimal("3.00"), "closed"
    assert trail.changes(Ticket, before, trail.values(ticket, names)) == [
        {"field": "title"},
        {"field": "secret"},
        {"field": "amount", "old": "12.50", "new": "3.00"},
        {"field": "status", "old": "open", "new": "closed"},
    ]
    assert trail.changes(Ticket, before, before) == []


@pytest.mark.parametrize("names", [(), ("title",), ["title", "number"]])
def test_values_are_read_by_name(ticket, names):
    assert trail.values(ticket, names) == {name: getattr(ticket, name) for name in names}


def test_values_of_links_are_keys(people):
    row = SavedFilter(owner=people["staff"], name="mine")
    assert trail.values(row, ["owner", "name"]) == {"owner": people["staff"].pk, "name": "mine"}


def test_plain_values_are_json(ticket, actor):
    with transaction.atomic():
        trail.record(ticket, "changed", actor=actor, day=date(2026, 1, 2), count=3, yes=True, nothing=None)
    body = AuditEvent.objects.get().body
    assert json.loads(json.dumps(body)) == {"data": {"day": "2026-01-02", "count": 3, "yes": True, "nothing": None}}


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_its_transaction_is_a_fault(actor):
    ticket = Ticket.objects.create(title="Leaking roof")
    with pytest.raises(RuntimeError):
        trail.record(ticket, "changed", actor=actor)
    assert AuditEvent.objects.count() == 0


def test_a_batch_keeps_order_and_costs_the_same(actor, django_assert_num_queries):
    tickets = [Ticket.objects.create(title=f"Ticket {number}") for number in range(20)]

    def entries(rows):
        return [trail.Entry(ticket, action) for ticket in rows for action in ("created", "changed")]

    for rows in (tickets[:1], tickets[1:]):
        with transaction.atomic(), django_assert_num_queries(5):
            trail.record_many(entries(rows), actor=actor)
    found = AuditEvent.objects.order_by("id").values_list("subject_id", "seq", "action")
    assert list(found) == [
        (str(ticket.pk), seq, action) for ticket in tickets for seq, action in ((1, "created"), (2, "changed"))
    ]


def refuse_inserts():
    table = connection.ops.quote_name(AuditEvent._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"CREATE TRIGGER no_insert BEFORE INSERT ON {table} EXECUTE FUNCTION refuse_rewrite()")
        else:
            cursor.execute(f"CREATE TRIGGER no_insert BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END")


def test_no_audit_row_no_change(people):
    admin = people["admin"]
    change_settings({"name": "Local 46"}, actor=admin)
    refuse_inserts()
    with pytest.raises(DatabaseError):
        change_settings({"name": "Local 47"}, actor=admin)
    assert site_settings().name == "Local 46"


def test_reading_is_recorded(ticket, actor):
    trail.read(ticket, ReadKind.OPENED, actor=actor)
    trail.read(Ticket, ReadKind.EXPORTED, actor=actor, rows=7, filters={"q": "roof"})
    found = ReadEvent.objects.order_by("id").values("actor", "kind", "subject_type", "subject_id", "rows", "filters")
    common = {"actor": actor.pk, "subject_type": "sample.ticket"}
    assert list(found) == [
        {**common, "kind": "opened", "subject_id": str(ticket.pk), "rows": None, "filters": {}},
        {**common, "kind": "exported", "subject_id": "", "rows": 7, "filters": {"q": "roof"}},
    ]


# --- many writers at once -------------------------------------------------------------------------

EACH = 40


def append_naively():
    """Record without the lock on the stream's end: the control of the race below."""
    last = AuditEvent.objects.filter(stream="naive").order_by("-seq").first()
    AuditEvent.objects.create(
        stream="naive", seq=last.seq + 1 if last else 1, at=NOON, action="changed", subject_type="t", key_id="test1"
    )


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_parallel_writers_leave_one_whole_chain(actor):
    from core.audit.check import verify

    subjects = [Ticket.objects.create(title=f"Ticket {number}") for number in range(3)]

    def write(number):
        for step in range(EACH):
            with transaction.atomic():
                trail.record(subjects[step % 3], CoreAction.CHANGED, actor=actor, writer=number)

    run_in_processes(write)
    verdict = verify()
    assert verdict.events == 4 * EACH
    assert verdict.streams == 3
    assert verdict.faults == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time")
def test_control_without_the_lock_writers_collide(actor):
    def write(number):
        lost = 0
        for _step in range(EACH):
            try:
                with transaction.atomic():
                    append_naively()
            except IntegrityError:
                lost += 1
        return lost

    assert sum(run_in_processes(write)) > 0


def test_events_of_one_call_may_have_actors_of_their_own(ticket, people):
    entries = [trail.Entry(ticket, "changed"), trail.Entry(ticket, "changed", actor=people["admin"])]
    with transaction.atomic():
        trail.record_many(entries, actor=people["staff"])
    events = AuditEvent.objects.filter(stream=trail.stream_of(ticket)).order_by("id")
    assert list(events.values_list("actor", "actor_name")) == [
        (people["staff"].pk, "Staff Person"),
        (people["admin"].pk, "Admin Person"),
    ]
    assert verify().faults == []
