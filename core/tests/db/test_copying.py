import datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from core.db import copying
from core.db.copying import sending, text_of
from core.db.insert import insert_many, reserve_keys
from core.models import AuditEvent, NumberSequence, SavedFilter
from core.tests.sample.models import Ticket

pytestmark = pytest.mark.django_db
only_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no COPY")


def sequences(count, start=0):
    return [NumberSequence(name=f"s{number:04}", value=number) for number in range(start, start + count)]


@only_postgresql
@pytest.mark.parametrize(
    ("type_name", "values"),
    [
        ("text", ["tab\tline\nreturn\r", "back\\slash \\N \\.", "", None, "é 😀 'quote' \"double\"", "%s"]),
        ("boolean", [True, None, False]),
        ("bigint", [0, -5, 2**62, None]),
        ("date", [datetime.date(1, 1, 1), datetime.date(2026, 9, 1), None]),
        ("timestamptz", [datetime.datetime(2026, 3, 8, 12, 30, 1, 7, datetime.UTC), None]),
        ("numeric", [Decimal("12.30"), Decimal("-0.01"), None]),
        ("interval", [datetime.timedelta(days=2, seconds=5), None]),
        ("int[]", [[1, 2], [], None]),
        ("bytea", [b"\x00\\n\xff", None]),
    ],
)
def test_every_value_comes_back_as_it_went_in(type_name, values):
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE kept (place int, value {type_name}) ON COMMIT DROP")
        copying.copy_in("kept (place, value)", [list(range(len(values))), values])
        cursor.execute("SELECT value FROM kept ORDER BY place")
        assert [bytes(value) if isinstance(value, memoryview) else value for (value,) in cursor.fetchall()] == values
        cursor.execute("DROP TABLE kept")


def test_a_line_is_a_row():
    assert text_of([[1, None], ["a\tb", "c"], [True, False]]) == "1\ta\\tb\tTrue\n\\N\tc\tFalse\n"


def test_a_statement_sees_what_was_sent_before_it():
    with transaction.atomic(), sending():
        insert_many(sequences(500))
        insert_many(sequences(500, start=500))
        assert NumberSequence.objects.count() == 1000
        with sending():
            insert_many(sequences(500, start=1000))
        assert NumberSequence.objects.count() == 1500


def test_a_cursor_that_is_being_read_goes_on_meanwhile():
    insert_many(sequences(5000))
    with transaction.atomic(), sending():
        for read, row in enumerate(NumberSequence.objects.order_by("name").iterator(chunk_size=1000)):
            if read % 1000 == 0:
                insert_many([NumberSequence(name=f"copy of {row.name} {number}") for number in range(300)])
    assert NumberSequence.objects.count() == 5000 + 5 * 300


def test_what_the_database_refuses_is_raised_by_the_end():
    insert_many(sequences(30))
    with pytest.raises(IntegrityError), transaction.atomic(), sending():
        insert_many(sequences(30, start=29))
        insert_many(sequences(30, start=100))
    assert NumberSequence.objects.count() == 30


def test_what_the_database_refuses_is_raised_by_the_next_statement():
    insert_many(sequences(30))
    with transaction.atomic(), pytest.raises(IntegrityError), transaction.atomic(), sending():
        insert_many(sequences(30, start=29))
        NumberSequence.objects.count()
        pytest.fail("The statement came through.")
    assert NumberSequence.objects.count() == 30


def test_what_is_on_its_way_is_undone_with_the_rest():
    with pytest.raises(ZeroDivisionError), transaction.atomic(), sending():
        insert_many(sequences(500))
        raise ZeroDivisionError
    assert NumberSequence.objects.count() == 0


@only_postgresql
def test_keys_are_reserved_ahead_only_for_what_goes_on(people, django_assert_num_queries):
    owner = people["staff"]
    with transaction.atomic(), sending():
        first = reserve_keys(SavedFilter, 10)
        with django_assert_num_queries(1):
            later = [key for _time in range(4) for key in reserve_keys(SavedFilter, 10)]
        assert sorted({*first, *later}) == list(range(first[0], first[0] + 50))
    assert SavedFilter.objects.create(owner=owner, list_name="x", name="y", query="").pk == first[0] + 50


@only_postgresql
def test_links_are_checked_when_asked():
    event = AuditEvent(
        stream="t:1", seq=1, at=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), actor_id=10**9, action="made"
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        event.save()
        copying.check_links()


def test_encrypted_rows_with_uuid_keys_can_be_sent():
    with transaction.atomic(), sending():
        insert_many([Ticket(title=f"{number}", secret=f"secret {number}") for number in range(50)])
    assert {row.secret for row in Ticket.objects.all()} == {f"secret {number}" for number in range(50)}
