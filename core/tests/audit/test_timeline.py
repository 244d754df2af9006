from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core.audit import timeline, trail
from core.audit.timeline import action_label, entry_of, history
from core.models import AuditEvent
from core.tests.sample.models import Ticket

pytestmark = pytest.mark.django_db


def record(ticket: Ticket, action: str, actor=None, **more) -> AuditEvent:
    with transaction.atomic():
        return trail.record(ticket, action, actor=actor, **more)


def test_a_change_in_words(ticket, actor):
    before, after = (
        {"status": "open", "hidden": False, "amount": None, "title": "A", "secret": "x"},
        {"status": "closed", "hidden": True, "amount": "12.50", "title": "B", "secret": "y"},
    )
    event = record(ticket, "changed", actor, changes=trail.changes(Ticket, before, after), reason="Fixed")
    entry = entry_of(event)
    assert entry.at == event.at
    assert entry.actor_name == "Ada Officer"
    assert entry.text == "Changed: title, secret"
    assert entry.reason == "Fixed"
    assert entry.icon == "pencil"
    assert entry.changes == [
        ("Status", "Open", "Closed"),
        ("Hidden", "no", "yes"),
        ("Amount", "empty", Decimal("12.50")),
    ]


def test_a_new_record_lists_no_fields(ticket, actor):
    entry = entry_of(
        record(ticket, "created", actor, changes=trail.changes(Ticket, {}, {"status": "open", "title": "A"}))
    )
    assert entry.text == "Created"
    assert entry.changes == []
    assert entry.icon == "plus"


def test_the_portal_itself_and_acts_and_fields_that_nobody_knows_any_more(ticket):
    entry = entry_of(record(ticket, "sample.forgotten", changes=[{"field": "old_column", "old": 1, "new": 2}]))
    assert entry.actor_name == "The portal"
    assert entry.text == "sample.forgotten"
    assert entry.changes == [("Old column", "1", "2")]
    assert entry.icon == "history"
    assert action_label("restored") == "Restored"


def test_an_amount_that_is_none_stays_as_it_was_written(ticket):
    entry = entry_of(record(ticket, "changed", changes=[{"field": "amount", "old": "about 12", "new": "12.50"}]))
    assert entry.changes == [("Amount", "about 12", Decimal("12.50"))]


def test_several_streams_newest_first_in_one_query(ticket, actor):
    other, stranger = Ticket.objects.create(title="Other"), Ticket.objects.create(title="Stranger")
    for turn, subject in enumerate((ticket, other, stranger, ticket)):
        record(subject, "changed", actor, reason=str(turn))
    with CaptureQueriesContext(connection) as queries:
        assert [entry.reason for entry in history([ticket, other])] == ["3", "1", "0"]
    assert len(queries) == 1
    assert history([]) == []


@pytest.fixture
def two_shown(monkeypatch):
    """The SQL is kept with the number in it, from whichever test came first."""
    monkeypatch.setattr(timeline, "SHOWN", 2)
    timeline._newest.statement.cache_clear()
    yield
    timeline._newest.statement.cache_clear()


def test_a_long_history_is_cut(ticket, actor, two_shown):
    for turn in range(4):
        record(ticket, "changed", actor, reason=str(turn))
    assert [entry.reason for entry in history([ticket])] == ["3", "2"]
