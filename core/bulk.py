"""The one bulk writer, for imports and first data: what a service does for one row, in batches.

Each row is cleaned as its service cleans it, uniqueness is asked once a batch, and every row gets its audit event.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from core import audit, records
from core.errors import DomainError
from core.insert import insert_many

Row = TypeVar("Row", bound=models.Model)
BATCH = 2_000
MOST_FAULTS = 100


class RowsRefused(DomainError):
    """Nothing was written. `faults` are (position of the row, its ValidationError), the first hundred."""

    def __init__(self, faults: list[tuple[int, ValidationError]]) -> None:
        super().__init__(_("Some rows cannot be saved as they are, so nothing was saved. Correct them and try again."))
        self.faults = faults


def write(
    rows: Iterable[Row],
    *,
    actor: Any,
    action: str,
    recorded: Collection[str],
    prepare: Callable[[Row], None] | None = None,
    stream: Callable[[Row], str] | None = None,
    data: Mapping[str, Any] | None = None,
    written: Callable[[list[Row]], None] | None = None,
) -> int:
    """Insert new rows of one model, all of them or none; returns how many.

    `recorded` are the fields that each event names, `prepare` fills computed columns before the cleaning, `stream`
    says whose history an event belongs to when it is not the row's own, `written` is told of each batch: its rows
    have their keys by then. Rows are taken as they come, so memory does not grow with their number.
    Raises RowsRefused.
    """
    total = 0
    seen: dict[str, set[Any]] = {}
    with transaction.atomic():
        for batch in _batches(rows):
            _clean(batch, total, seen, prepare)
            insert_many(batch)
            audit.record_many(
                [
                    audit.Entry(
                        row,
                        action,
                        records.initial_changes(row, recorded),
                        data or {},
                        stream=stream(row) if stream else "",
                    )
                    for row in batch
                ],
                actor=actor,
            )
            total += len(batch)
            if written:
                written(batch)
    return total


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        yield batch


def _clean(batch: list[Row], start: int, seen: dict[str, set[Any]], prepare: Callable[[Row], None] | None) -> None:
    """Constraints of more than one column are left to the database, which refuses the whole write."""
    links = [field.name for field in batch[0]._meta.concrete_fields if field.is_relation]
    faults: list[tuple[int, ValidationError]] = []
    for position, row in enumerate(batch, start):
        if prepare:
            prepare(row)
        try:
            row.full_clean(exclude=links, validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            faults.append((position, error))
    faults += _taken(batch, start, seen)
    if faults:
        raise RowsRefused(sorted(faults, key=lambda fault: fault[0])[:MOST_FAULTS])


def _taken(batch: list[Row], start: int, seen: dict[str, set[Any]]) -> list[tuple[int, ValidationError]]:
    """Rows whose unique value is in the table already, or in an earlier row."""
    model = type(batch[0])
    faults = []
    for field in model._meta.concrete_fields:
        if not field.unique or field.primary_key:
            continue
        given = {value for row in batch if (value := getattr(row, field.attname)) is not None}
        present = set(
            model._base_manager.filter(**{f"{field.attname}__in": given}).values_list(field.attname, flat=True)
        )
        known = seen.setdefault(field.attname, set())
        for position, row in enumerate(batch, start):
            value = getattr(row, field.attname)
            if value is None:
                continue
            if value in present or value in known:
                faults.append((position, ValidationError({field.name: row.unique_error_message(model, (field.name,))})))
            known.add(value)
    return faults
