"""The one bulk writer, for imports and first data: what a service does for one row, in batches.

Each row is cleaned as its service cleans it, uniqueness is asked once a batch, and every row gets its audit event.
"""

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from core.audit import trail
from core.db.cleaning import Cleaner
from core.db.copying import check_links, sending
from core.db.insert import give_keys, insert_many, present
from core.db.update import update_values
from core.errors import DomainError
from core.models import TimeStamped
from core.permissions import Actor
from core.records import records

Row = TypeVar("Row", bound=models.Model)
BATCH = 2_000
COLLECTED_AFTER, YOUNG = 10, 1  # batches, and a generation of Python's garbage collector
MOST_FAULTS = 100


class RowsRefused(DomainError):
    """Nothing was written. `faults` are (position of the row, its ValidationError), the first hundred."""

    def __init__(self, faults: list[tuple[int, ValidationError]]) -> None:
        super().__init__(_("Some rows cannot be saved as they are, so nothing was saved. Correct them and try again."))
        self.faults = faults


def write(
    rows: Iterable[Row],
    *,
    actor: Actor | None,
    action: str,
    recorded: Collection[str],
    prepare: Callable[[Row], None] | None = None,
    stream: Callable[[Row], str] | None = None,
    data: Mapping[str, Any] | None = None,
    at: Callable[[Row], datetime] | None = None,
    further: Callable[[list[Row]], Iterable[trail.Entry]] | None = None,
    written: Callable[[list[Row]], None] | None = None,
) -> int:
    """Insert new rows of one model, all of them or none; returns how many.

    `recorded`, `prepare`, `stream`, `data` and `at` are explained at Inserter. `further` is told of each batch when its
    rows are inserted and have their keys; the events that it returns follow those of the batch, and with `at` all of a
    batch go by their moments. On the rows' own histories they cost the least there. `written` is told of each batch
    when it is recorded too.
    Rows are taken as they come, so memory does not grow with their number. Raises RowsRefused.
    """
    inserter = None
    with no_cycles(), transaction.atomic(), sending():
        for number, batch in enumerate(_batches(rows), 1):
            inserter = inserter or Inserter(
                type(batch[0]), action=action, recorded=recorded, prepare=prepare, stream=stream, data=data, at=at
            )
            entries = inserter.insert(batch)
            if further:
                entries += further(batch)
            if at:
                entries.sort(key=_moment)
            trail.record_many(entries, actor=actor, fresh=inserter.fresh)
            if at:
                _date(entries)
            if written:
                written(batch)
            if number % COLLECTED_AFTER == 0:
                collect_young()
    return inserter.count if inserter else 0


def _moment(entry: trail.Entry) -> datetime:
    if entry.at is None:
        raise ValueError("In a history that is told with its dates every event has one.")
    return entry.at


def _date(entries: Iterable[trail.Entry]) -> None:
    """Let rows of first data be made and last changed when their events, in order, say so."""
    found: dict[type[models.Model], dict[Any, tuple[Any, Any]]] = {}
    for entry in entries:
        if isinstance(entry.subject, TimeStamped):
            moments = found.setdefault(type(entry.subject), {})
            moments[entry.subject.pk] = (moments.get(entry.subject.pk, (entry.at,))[0], entry.at)
    for model, moments in found.items():
        key: Any = model._meta.pk
        fields: list[Any] = [key, *(model._meta.get_field(name) for name in ("created_at", "updated_at"))]
        rows = [(pk, *both) for pk, both in moments.items()]
        names = [field.attname for field in fields]
        update_values(model, names, [_stored(fields, row) for row in rows])


def set_dates(model: type[TimeStamped], rows: Iterable[tuple[Any, datetime]]) -> None:
    """Let rows of first data that have no event of their own be made at these moments."""
    key: Any = model._meta.pk
    fields: list[Any] = [key, *(model._meta.get_field(name) for name in ("created_at", "updated_at"))]
    names = [item.attname for item in fields]
    update_values(model, names, [_stored(fields, (pk, at, at)) for pk, at in rows])


def _stored(fields: Iterable[Any], values: Iterable[Any]) -> list[Any]:
    return [field.get_db_prep_save(value, connection) for field, value in zip(fields, values, strict=True)]


@contextmanager
def no_cycles() -> Iterator[None]:
    """Rows and events hold no cycles; to look for them all the time would take a fifth of it."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def collect_young() -> None:
    """What is in no batch any more, now and then inside `no_cycles`."""
    gc.collect(YOUNG)


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        yield batch


class Inserter(Generic[Row]):
    """Cleans and inserts new rows of one model and says what is to be recorded of them.

    Made by `write`, and by callers whose rows belong to those of a `write`: its `further` inserts them and passes
    their entries on. `recorded` are the fields that each event names, `prepare` fills computed columns before the
    cleaning, `stream` says whose history an event belongs to when it is not the row's own, `data` is kept with each,
    `at` says when a row of first data was made.
    """

    def __init__(
        self,
        model: type[Row],
        *,
        action: str,
        recorded: Collection[str],
        prepare: Callable[[Row], None] | None = None,
        stream: Callable[[Row], str] | None = None,
        data: Mapping[str, Any] | None = None,
        at: Callable[[Row], datetime] | None = None,
    ) -> None:
        self.action, self.recorded, self.prepare = str(action), tuple(recorded), prepare
        self.stream, self.data, self.at = stream, data or {}, at
        self.count, self._cleaner = 0, Cleaner(model)
        self.fresh: frozenset[str] = frozenset()

    def insert(self, rows: Sequence[Row]) -> list[trail.Entry]:
        """Raises RowsRefused, after which the transaction that the caller has begun must not commit."""
        if not rows:
            return []
        faults: list[tuple[int, ValidationError]] = []
        for position, row in enumerate(rows, self.count):
            if self.prepare:
                self.prepare(row)
            try:
                self._cleaner.clean(row)
            except ValidationError as error:
                faults.append((position, error))
        faults += _taken(rows, self.count)
        if faults:
            raise RowsRefused(sorted(faults, key=lambda fault: fault[0])[:MOST_FAULTS])
        self.fresh = frozenset() if self.stream else _fresh_streams(rows)
        insert_many(rows)
        if len(rows) >= BATCH:
            check_links()
        self.count += len(rows)
        return [self._entry(row) for row in rows]

    def _entry(self, row: Row) -> trail.Entry:
        stream = self.stream(row) if self.stream else ""
        changes, at = records.initial_changes(row, self.recorded), self.at(row) if self.at else None
        return trail.Entry(row, self.action, changes, self.data, stream=stream, at=at)


def _fresh_streams(rows: Sequence[models.Model]) -> frozenset[str]:
    """The rows' own streams, as far as nobody has begun them and, now, nobody else can."""
    keyed = [row for row in rows if row.pk is not None]
    give_keys(rows)
    # A key that the sequence has just given out has no history; another may have been a deleted row's.
    begun = trail.begun({trail.stream_of(row) for row in keyed}) if keyed else set()
    return frozenset(trail.stream_of(row) for row in rows if row.pk is not None).difference(begun)


def _taken(rows: Sequence[models.Model], start: int) -> list[tuple[int, ValidationError]]:
    """Rows whose unique value is in the table already, or in an earlier row."""
    faults: list[tuple[int, ValidationError]] = []
    model = type(rows[0])
    for field in model._meta.concrete_fields:
        if not field.unique or field.primary_key:
            continue
        given = {value for row in rows if (value := getattr(row, field.attname)) is not None}
        taken = present(model, field.attname, given)
        for position, row in enumerate(rows, start):
            value = getattr(row, field.attname)
            if value is None:
                continue
            if value in taken:
                faults.append((position, ValidationError({field.name: row.unique_error_message(model, (field.name,))})))
            taken.add(value)
    return faults
