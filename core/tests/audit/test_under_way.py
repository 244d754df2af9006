"""`verify_audit` while others write: they are waited for, and hindered by nothing."""

from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from core.audit import trail
from core.audit.check import StillWriting, verify
from core.models import AuditEvent
from core.tests.audit.streams import two_streams
from core.tests.sample.models import Ticket

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer: nothing is under way"),
]


@pytest.fixture(autouse=True)
def _streams(actor):
    two_streams(actor)


@contextmanager
def under_way():
    """Give a second connection with a transaction that is rolled back in the end."""
    second = connection.copy()
    try:
        second.set_autocommit(False)
        yield second
        second.rollback()
    finally:
        second.close()


def test_a_write_under_way_is_waited_for_and_hinders_nobody(actor):
    """A second connection has written and not committed; a third still writes meanwhile."""
    ticket = Ticket.objects.create(title="Under way")
    with under_way() as second:
        with second.cursor() as cursor:
            cursor.execute("INSERT INTO core_audithead (stream, seq, mac) VALUES ('under way', 0, '')")
        # Who writes no event is not waited for, however long their work takes, here or in another database.
        assert verify(patience=0).faults == []
        with second.cursor() as cursor:
            cursor.execute("LOCK TABLE core_auditevent IN ROW EXCLUSIVE MODE")  # as every INSERT does
        with pytest.raises(StillWriting):
            verify(patience=0.3)
        with transaction.atomic():
            trail.record(ticket, "changed", actor=actor)
    assert verify(patience=60).faults == []


def test_who_has_drawn_an_id_and_not_written_yet_is_waited_for(actor):
    """Ids are drawn before the INSERT takes the table's lock; the digest must not count what is still to come."""
    ticket = Ticket.objects.create(title="Under way")
    with under_way() as second:
        with second.cursor() as cursor:
            cursor.execute("SELECT nextval(pg_get_serial_sequence('core_auditevent', 'id'))")
            (drawn,) = cursor.fetchone()
        with transaction.atomic():
            trail.record(ticket, "changed", actor=actor)
        assert AuditEvent.objects.latest("id").pk > drawn
        with pytest.raises(StillWriting):
            verify(patience=0.3)
    assert verify(patience=60).faults == []
