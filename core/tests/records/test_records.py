import time

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from core.audit.trail import stream_of
from core.enums import CoreAction
from core.errors import DomainError, EditConflict
from core.models import AuditEvent
from core.records import records
from core.tests.sample.models import Ticket
from unionops.testing.races import run_in_processes

pytestmark = pytest.mark.django_db
EDITABLE = ("number", "title", "status")


def events(row):
    found = AuditEvent.objects.filter(stream=stream_of(row)).order_by("seq")
    return list(found.values_list("action", "reason", "body"))


def test_lock_gives_the_row_as_it_stands(people):
    ticket = Ticket.objects.create(title="Old")
    Ticket.objects.update(title="New", version=2)
    with transaction.atomic():
        assert records.lock(ticket, actor=people["staff"], version=2).title == "New"
        with pytest.raises(EditConflict) as conflict:
            records.lock(ticket, actor=people["staff"], version=1)
    assert conflict.value.current.title == "New"


def test_lock_does_not_see_what_the_actor_may_not_see(people):
    ticket = Ticket.objects.create(title="Secret", hidden=True)
    with transaction.atomic():
        assert records.lock(ticket, actor=None) == ticket
        with pytest.raises(DomainError) as refusal:
            records.lock(ticket, actor=people["staff"])
    assert refusal.value.sentence == "This record is no longer there. Go back to the list and look again."


def test_lock_pair_keeps_the_order_of_the_caller(people):
    first, second = Ticket.objects.create(title="1"), Ticket.objects.create(title="2")
    with transaction.atomic():
        assert records.lock_pair(first, second, actor=None) == (first, second)
        assert records.lock_pair(second, first, actor=None) == (second, first)
        with pytest.raises(DomainError, match="Choose two different records"):
            records.lock_pair(first, first, actor=None)


def test_create_change_delete_restore_leave_one_event_each(people):
    staff = people["staff"]
    with transaction.atomic():
        ticket = records.create(Ticket(), {"number": 1, "title": "Leak"}, editable=EDITABLE, actor=staff)
        changed = records.change(ticket, {"number": 2, "title": "Leak"}, editable=EDITABLE, actor=staff)
        nothing = records.change(ticket, {"number": 2}, editable=EDITABLE, actor=staff)
        records.soft_delete(ticket, actor=staff, reason="Twice")
        with pytest.raises(DomainError, match="This record is deleted"):
            records.lock_alive(ticket, actor=staff)
        records.restore(ticket, actor=staff, reason="Wanted")
    assert (changed, nothing) == ([{"field": "number", "old": 1, "new": 2}], [])
    stored = Ticket.objects.get()
    assert stored.number == 2
    assert stored.version == 4
    assert stored.deleted_at is None
    assert stored.deleted_by is None
    assert stored.deleted_reason == ""
    created = [{"field": "number", "old": None, "new": 1}, {"field": "title"}]
    assert events(ticket) == [
        ("created", "", {"changes": [*created, {"field": "status", "old": None, "new": "open"}]}),
        ("changed", "", {"changes": changed}),
        ("deleted", "Twice", {}),
        ("restored", "Wanted", {}),
    ]


def test_assign_takes_editable_fields_only():
    with pytest.raises(ValueError, match=r"sample\.Ticket takes no hidden, version from an edit"):
        records.assign(Ticket(), {"title": "x", "version": 9, "hidden": True}, EDITABLE)


def test_an_event_can_have_another_action_and_history(people):
    parent = Ticket.objects.create(title="Parent")
    with transaction.atomic():
        records.create(
            Ticket(),
            {"title": "Child"},
            editable=EDITABLE,
            actor=None,
            action=CoreAction.RESTORED,
            stream=stream_of(parent),
        )
    assert [action for action, _reason, _body in events(parent)] == ["restored"]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time")
def test_control_cleaning_alone_lets_two_take_one_unique_value():
    def work(number):
        ticket = Ticket(number=7, title=f"Ticket {number}")
        ticket.full_clean()
        time.sleep(0.5)
        try:
            ticket.save()
        except IntegrityError:
            return "fault"
        return "saved"

    assert sorted(run_in_processes(work, processes=4)) == ["fault", "fault", "fault", "saved"]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_unique_value_the_second_hears_it_at_the_field():
    def work(number):
        try:
            with transaction.atomic():
                records.save(Ticket(number=7, title=f"Ticket {number}"))
        except ValidationError as error:
            return error.message_dict
        return "saved"

    results = run_in_processes(work, processes=4)
    taken = {"number": ["Ticket with this Number already exists."]}
    assert sorted(results, key=str) == ["saved", taken, taken, taken]


def edits_at_once(lock):
    """Let four people save the version that all of them saw; return what each heard, and the version afterwards."""
    ticket = Ticket.objects.create(title="Leaking roof")

    def work(number):
        try:
            with transaction.atomic():
                current = lock(ticket, actor=None, version=1)
                time.sleep(0.2)
                records.change(current, {"title": f"Ticket {number}"}, editable=EDITABLE, actor=None)
        except EditConflict:
            return "conflict"
        return "saved"

    return sorted(run_in_processes(work, processes=4)), Ticket.objects.get(pk=ticket.pk).version


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_four_edits_of_one_version_at_once_one_is_saved():
    assert edits_at_once(records.lock) == (["conflict", "conflict", "conflict", "saved"], 2)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time")
def test_control_without_the_lock_edits_overwrite_each_other():
    def look(row, *, actor, version):
        current = Ticket.objects.get(pk=row.pk)
        if current.version != version:
            raise EditConflict("Somebody else saved this record.", current)
        return current

    assert max(edits_at_once(look)[0].count("saved") for _round in range(3)) > 1


def test_save_still_raises_what_no_field_explains():
    ticket = Ticket.objects.create(number=1, title="x")
    with pytest.raises((IntegrityError, ValidationError)):
        records.save(Ticket(pk=ticket.pk, number=2, title="y", version=-1))
