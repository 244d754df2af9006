from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from core.audit import trail
from core.audit.check import verify
from core.audit.trail import stream_of
from core.enums import CoreAction
from core.models import AuditEvent, AuditHead, NumberSequence, SavedFilter
from core.records import bulk
from core.tests.sample.models import Ticket

pytestmark = pytest.mark.django_db
RECORDED = ("number", "title", "status", "amount")


def tickets(count, start=1):
    return [Ticket(number=number, title=f"Title {number}") for number in range(start, start + count)]


def write(rows, actor=None, **options):
    return bulk.write(rows, actor=actor, action=CoreAction.CREATED, recorded=RECORDED, **options)


def test_write_stores_and_records_every_row(people):
    rows = [
        Ticket(number=1, title="Leak", secret="the boiler room", amount=Decimal("12.30")),
        Ticket(title="Noise", status="answered"),
    ]
    assert write(rows, people["staff"], data={"source": "list"}) == 2

    stored = {row.title: row for row in Ticket.objects.all()}
    assert [
        (row.number, row.title, row.secret, row.amount, row.status, row.version)
        for row in (stored["Leak"], stored["Noise"])
    ] == [(1, "Leak", "the boiler room", Decimal("12.30"), "open", 1), (None, "Noise", "", None, "answered", 1)]
    assert [row._state.adding for row in rows] == [False, False]
    events = AuditEvent.objects.order_by("id").values_list("stream", "action", "actor_name", "body")
    assert list(events) == [
        (
            stream_of(rows[0]),
            "created",
            "Staff Person",
            {
                "changes": [
                    {"field": "number", "old": None, "new": 1},
                    {"field": "title"},
                    {"field": "status", "old": None, "new": "open"},
                    {"field": "amount", "old": None, "new": "12.30"},
                ],
                "data": {"source": "list"},
            },
        ),
        (
            stream_of(rows[1]),
            "created",
            "Staff Person",
            {
                "changes": [{"field": "title"}, {"field": "status", "old": None, "new": "answered"}],
                "data": {"source": "list"},
            },
        ),
    ]
    assert verify().faults == []


def test_first_data_tells_its_events_in_the_order_of_their_moments():
    day = [datetime(2026, 3, number, tzinfo=UTC) for number in (1, 2, 3)]
    rows = tickets(2)

    def later(batch):
        return [trail.Entry(batch[0], "changed", at=day[2])]

    write(rows, at=lambda row: day[2 - row.number], further=later)
    told = AuditEvent.objects.order_by("id").values_list("subject_id", "action", "at")
    first, second = (str(row.pk) for row in rows)
    assert list(told) == [(second, "created", day[0]), (first, "created", day[1]), (first, "changed", day[2])]
    dates = Ticket.objects.order_by("number").values_list("created_at", "updated_at")
    assert list(dates) == [(day[1], day[2]), (day[0], day[0])]
    assert verify().faults == []
    with pytest.raises(ValueError, match="every event has one"):
        write(tickets(1, start=3), at=lambda row: day[0], further=lambda batch: [trail.Entry(batch[0], "changed")])


def test_many_rows_come_lazily_and_the_trail_stays_whole(monkeypatch):
    monkeypatch.setattr(bulk, "BATCH", 30)
    drawn, sizes = [], []

    def source():
        for ticket in tickets(70):
            drawn.append(ticket.number)
            yield ticket

    def written(batch):
        assert all(Ticket.objects.filter(pk=row.pk).exists() for row in batch)
        sizes.append((len(batch), len(drawn)))

    assert write(source(), written=written) == 70
    assert sizes == [(30, 30), (30, 60), (10, 70)]
    assert list(Ticket.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 71))
    verdict = verify()
    assert verdict.events == 70
    assert verdict.streams == 70
    assert verdict.faults == []


def test_events_can_be_told_on_another_history(people):
    parent = Ticket.objects.create(title="Parent")
    write(tickets(25), people["staff"], stream=lambda row: stream_of(parent))
    events = AuditEvent.objects.filter(stream=stream_of(parent)).order_by("seq")
    assert list(events.values_list("seq", flat=True)) == list(range(1, 26))
    assert verify().faults == []


def test_prepare_fills_before_the_cleaning():
    def fill(row):
        row.title = row.title.strip().upper()

    write([Ticket(number=1, title=" leak ")], prepare=fill)
    assert Ticket.objects.get().title == "LEAK"


def test_one_bad_row_refuses_all_and_every_fault_is_named(monkeypatch):
    monkeypatch.setattr(bulk, "BATCH", 3)
    rows = tickets(3)
    rows[1].title, rows[2].status = "", "famous"
    with pytest.raises(bulk.RowsRefused) as refusal:
        write([*rows, *tickets(3, start=9)])
    assert [(position, error.message_dict) for position, error in refusal.value.faults] == [
        (1, {"title": ["This field cannot be blank."]}),
        (2, {"status": ["Value 'famous' is not a valid choice."]}),
    ]
    assert refusal.value.sentence == (
        "Some rows cannot be saved as they are, so nothing was saved. Correct them and try again."
    )
    assert (Ticket.objects.count(), AuditEvent.objects.count()) == (0, 0)


def test_a_taken_value_is_found_in_the_table_in_the_batch_and_in_an_earlier_batch(monkeypatch):
    monkeypatch.setattr(bulk, "BATCH", 2)
    Ticket.objects.create(number=5, title="First")
    taken = {"number": ["Ticket with this Number already exists."]}

    def faults(numbers):
        with pytest.raises(bulk.RowsRefused) as refusal:
            write([Ticket(number=number, title="x") for number in numbers])
        return [(position, error.message_dict) for position, error in refusal.value.faults]

    assert faults([4, 5]) == [(1, taken)]
    assert faults([6, 6]) == [(1, taken)]
    assert faults([6, 7, 8, 6]) == [(3, taken)]
    assert write([Ticket(title="x"), Ticket(title="y"), Ticket(number=6, title="z")]) == 3
    assert Ticket.objects.count() == 4


def test_what_only_the_database_can_see_undoes_everything():
    ticket = Ticket.objects.create(title="First")
    with pytest.raises(IntegrityError):
        write([*tickets(25), Ticket(pk=ticket.pk, title="Same key")])
    if not connection.needs_rollback:
        assert list(Ticket.objects.all()) == [ticket]


def test_statements_grow_with_batches_and_not_with_rows(django_assert_max_num_queries):
    write(tickets(25))
    with django_assert_max_num_queries(12 if connection.vendor == "postgresql" else 30):
        write(tickets(400, start=100))


def test_nothing_is_written_for_nothing():
    assert write([]) == 0
    assert AuditEvent.objects.count() == 0


def test_faults_are_kept_to_a_readable_number():
    with pytest.raises(bulk.RowsRefused) as refusal:
        write(Ticket(number=number) for number in range(250))
    assert [position for position, _error in refusal.value.faults] == list(range(100))
    assert all(isinstance(error, ValidationError) for _position, error in refusal.value.faults)


def test_further_events_of_new_rows_follow_theirs_in_one_chain(people):
    def moves(batch):
        return [trail.Entry(row, action) for action in ("answered", "closed") for row in batch]

    assert write(tickets(25), people["staff"], further=moves) == 25
    ticket = Ticket.objects.get(number=7)
    events = AuditEvent.objects.filter(stream=stream_of(ticket)).order_by("id")
    assert list(events.values_list("seq", "action")) == [(1, "created"), (2, "answered"), (3, "closed")]
    head = AuditHead.objects.get(stream=stream_of(ticket))
    assert (head.seq, head.mac) == (3, events.last().mac)
    verdict = verify()
    assert verdict.events == 75
    assert verdict.streams == 25
    assert verdict.faults == []


def test_a_chain_longer_than_a_piece_of_it_stays_whole(monkeypatch):
    monkeypatch.setattr(trail, "BATCH", 30)
    write(tickets(25), actor=None, further=lambda batch: [trail.Entry(row, "answered") for row in batch * 3])
    assert AuditHead.objects.filter(seq=4).count() == 25
    assert verify().faults == []


@pytest.mark.parametrize("count", [3, 25])
def test_a_history_that_exists_already_goes_on(count):
    """A row that was deleted for good comes back under its key."""
    rows = tickets(count)
    write(rows, actor=None)
    kept = [row.pk for row in rows[::2]]
    Ticket.objects.all().delete()
    again = [Ticket(pk=pk, title="Again") for pk in kept] + tickets(count, start=100)
    write(again, actor=None)
    assert sorted(AuditHead.objects.filter(stream__in=map(stream_of, again)).values_list("seq", flat=True)) == (
        [1] * count + [2] * len(kept)
    )
    assert verify().faults == []


def test_what_written_records_continues_the_chain():
    def record(batch):
        trail.record_many([trail.Entry(row, "answered") for row in batch], actor=None)
        trail.record(batch[0], "closed", actor=None)

    write(tickets(25), actor=None, written=record)
    assert AuditEvent.objects.filter(action="closed").get().seq == 3
    assert verify().faults == []


def test_rows_that_belong_to_those_of_a_batch_are_told_on_their_history(people, monkeypatch):
    monkeypatch.setattr(bulk, "BATCH", 30)
    inner = bulk.Inserter(Ticket, action="added", recorded=("number",), stream=lambda row: row.parent)

    def children(batch):
        rows = tickets(len(batch), start=1000 + inner.count)
        for child, parent in zip(rows, batch, strict=True):
            child.parent = stream_of(parent)
        return inner.insert(rows)

    assert write(tickets(70), people["staff"], further=children) == 70
    assert (inner.count, Ticket.objects.count()) == (70, 140)
    assert list(AuditHead.objects.values_list("seq", flat=True).distinct()) == [2]
    assert verify().faults == []


def test_rows_whose_keys_the_database_gives_have_a_chain_too(people):
    owner = people["staff"]
    rows = [SavedFilter(owner=owner, list_name="x", name=str(number), query="q") for number in range(30)]
    before = AuditHead.objects.count()
    assert bulk.write(rows, actor=owner, action=CoreAction.CREATED, recorded=("name",)) == 30
    assert AuditHead.objects.filter(stream__in=map(stream_of, rows), seq=1).count() == 30
    assert AuditHead.objects.count() == before + 30
    assert verify().faults == []


def test_a_write_inside_a_write_is_undone_alone_or_with_it():
    def refused(batch):
        with pytest.raises(bulk.RowsRefused):
            write([*tickets(30, start=500), Ticket(number=500, title="Taken")])

    assert write(tickets(30), actor=None, written=refused) == 30
    assert Ticket.objects.count() == 30
    assert verify().faults == []


def test_rows_can_be_drawn_from_a_cursor_while_others_are_written(monkeypatch):
    monkeypatch.setattr(bulk, "BATCH", 30)
    NumberSequence.objects.bulk_create([NumberSequence(name=f"s{number}") for number in range(200)])
    names = NumberSequence.objects.order_by("name").iterator(chunk_size=20)
    assert write(Ticket(title=row.name) for row in names) == 200
    assert verify().faults == []
