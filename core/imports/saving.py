"""How an import writes records: new ones by core.records.bulk, changes by the services' rules."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import trail
from core.db.one_of import Among
from core.db.rows import new
from core.db.update import update_many
from core.errors import DomainError
from core.imports.cells import plain_values, typed
from core.imports.enums import ImportAction, RowOutcome
from core.imports.judging import differing
from core.imports.models import Batch, Row
from core.permissions import Actor
from core.records import bulk, records

DELETION = ("deleted_at", "deleted_by", "deleted_reason")


def nothing_more(rows: Sequence[Any]) -> None:
    """For records without computed columns, or that nobody needs to hear of."""


@dataclass(frozen=True, slots=True)
class RecordKind:
    """How records of one model are written.

    `fields` are those that its service takes and its history names. `fill` fills the `computed` columns of changed
    rows before they are written; `written` is told of rows afterwards.
    """

    model: type[models.Model]
    fields: tuple[str, ...]
    computed: tuple[str, ...] = ()
    fill: Callable[[Sequence[Any]], None] = nothing_more
    written: Callable[[Sequence[Any]], None] = nothing_more


def changed_since_check() -> str:
    return _("The record was changed since the check, so this row was not applied. Import the file again.")


def leave_out(row: Row, sentence: str = "") -> None:
    row.applied = RowOutcome.ERROR
    row.problems = [*row.problems, {"kind": "error", "column": "", "text": sentence or changed_since_check()}]


def refusal(row: models.Model, values: Mapping[str, str]) -> str:
    """Why `row` cannot take these plain values, or "". An older value in another field is not looked at."""
    probe = copy.copy(row)
    others = {field.name for field in row._meta.concrete_fields} - values.keys()
    try:
        for name, text in values.items():
            setattr(probe, name, typed(row._meta.get_field(name), text))
        probe.clean_fields(exclude=others)
        probe.clean()
    except ValidationError as error:
        return "; ".join(error.messages)
    return ""


def filled(model: type[models.Model], values: Mapping[str, str]) -> Any:
    """A new unsaved record of the row's values."""
    return new(model, **{name: typed(model._meta.get_field(name), text) for name, text in values.items()})


class Ledger:
    """What an import writes into histories: gathered, and recorded by the applier at the end of each chunk.

    `fresh` are the streams of records that the chunk has made; see core.audit.trail.record_many.
    """

    def __init__(self, batch: Batch, actor: Actor | None) -> None:
        self.actor, self.data = actor, {"batch": str(batch.pk)}
        self.entries: list[trail.Entry] = []
        self.fresh: frozenset[str] = frozenset()

    def record(self) -> None:
        trail.record_many(self.entries, actor=self.actor, fresh=self.fresh)
        self.entries, self.fresh = [], frozenset()


class Creator:
    """Inserts new records of one kind. `stream` is explained at core.records.bulk.Inserter."""

    def __init__(
        self,
        kind: RecordKind,
        ledger: Ledger,
        *,
        action: str = ImportAction.IMPORTED,
        stream: Callable[[Any], str] | None = None,
    ) -> None:
        self.kind, self.ledger = kind, ledger
        self.inserter = bulk.Inserter(
            kind.model,
            action=action,
            recorded=kind.fields,
            stream=stream,
            data=ledger.data,
        )

    def create(self, rows: Sequence[Any]) -> None:
        """The rows' computed columns are filled. Raises DomainError, after which the transaction must not commit."""
        if not rows:
            return
        try:
            self.ledger.entries += self.inserter.insert(rows)
        except bulk.RowsRefused as error:
            sentence = "; ".join(error.faults[0][1].messages)
            raise DomainError(
                _("The records changed since the check (%(sentence)s). Check the file again.") % {"sentence": sentence}
            ) from error
        self.ledger.fresh |= self.inserter.fresh
        self.kind.written(rows)


def locked(model: type[models.Model], keys: Sequence[int], actor: Actor | None) -> dict[int, Any]:
    rows = records.visible(model, actor).filter(Among("pk", keys)).order_by("pk")
    return {row.pk: row for row in rows.select_for_update(of=("self",))}


def set_values(row: models.Model, values: Mapping[str, str]) -> list[dict[str, Any]]:
    """Set plain values on a locked row and count its version up; returns what the audit says of it."""
    before = trail.values(row, values)
    for name, text in values.items():
        setattr(row, name, typed(row._meta.get_field(name), text))
    row.version += 1
    return trail.changes(type(row), before, trail.values(row, values))


def write_changed(kind: RecordKind, rows: Sequence[Any], fields: set[str]) -> None:
    """Write rows that `set_values` changed; `refusal` has allowed their values."""
    if not rows:
        return
    kind.fill(rows)
    now = timezone.now()
    for row in rows:
        row.updated_at = now
    update_many(rows, {*fields, *kind.computed, "version", "updated_at"})


def deletion(record: Any) -> dict[str, Any]:
    """When, by whom and why a record was deleted, as JSON keeps it until an undo; and `until` when it was."""
    until = timezone.now().isoformat()
    reason = record.deleted_reason
    return {"at": record.deleted_at.isoformat(), "by": record.deleted_by_id, "reason": reason, "until": until}


class Changer:
    """Changes and restores existing records, a chunk at a time. A row whose values are refused is left out.

    `exactly` as core.imports.judging.differing.
    """

    def __init__(self, kind: RecordKind, ledger: Ledger, *, exactly: bool = False) -> None:
        self.kind, self.ledger, self.exactly = kind, ledger, exactly
        self.changed: list[tuple[Row, Any]] = []
        self.fields: set[str] = set()

    def change(self, row: Row, record: Any, values: Mapping[str, str]) -> None:
        """`values` are what the row says of the record; restores it when it is deleted. Fills row.before and after."""
        before = plain_values(record, list(values))
        after = differing(before, values, exactly=self.exactly)
        if sentence := refusal(record, after):
            leave_out(row, sentence)
            return
        row.before = row.before | {name: before[name] for name in after}
        row.after = row.after | after
        if record.is_deleted:
            row.made["restored"] = deletion(record)
            record.deleted_at, record.deleted_by, record.deleted_reason = None, None, ""
            self.fields |= {*DELETION}
        elif not after:
            return
        changes = set_values(record, after)
        action = ImportAction.IMPORTED if row.made.get("restored") else ImportAction.CHANGED
        self.ledger.entries.append(trail.Entry(record, action, changes, self.ledger.data))
        self.changed.append((row, record))
        self.fields |= set(after)

    def write(self) -> None:
        rows = [record for _row, record in self.changed]
        write_changed(self.kind, rows, self.fields)
        self.kind.written(rows)
        for row, record in self.changed:
            row.record_version = record.version
