"""Putting records back: created ones are soft-deleted, changed fields get their values from before."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from core.audit import trail
from core.enums import CoreAction
from core.imports import saving
from core.imports.enums import ImportAction
from core.imports.models import Batch, Row
from core.models import TimeStamped
from core.permissions import Actor

# What Row.undone holds for a row that is undone; any other text is the reason why it is not.
UNDONE = "undone"


def used_elsewhere(
    model: type[models.Model],
    keys: Sequence[int],
    *,
    but: type[models.Model] | None = None,
    since: datetime | None = None,
) -> set[int]:
    """Those of `keys` that another record names: whatever table has a foreign key to them, of any app.

    `since` leaves out what was neither made nor changed after that; a table that does not say when counts whole.
    """
    used: set[int] = set()
    for relation in model._meta.related_objects:
        if relation.related_model is but:
            continue
        column = relation.field.attname
        rows = relation.related_model._base_manager.filter(**{f"{column}__in": keys})
        if since is not None and issubclass(relation.related_model, TimeStamped):
            rows = rows.filter(updated_at__gte=since)
        used |= set(rows.values_list(column, flat=True))
    return used


def used_by_now(model: type[models.Model], rows: Sequence[Row], *, but: type[models.Model] | None = None) -> set[int]:
    """The records that these rows made and that another record names, or restored and that one has named since."""
    made = [row.record_id for row in rows if row.record_id and not row.made.get("restored")]
    restored = {row.record_id: row.made["restored"] for row in rows if row.record_id and row.made.get("restored")}
    since = restored_at(restored.values())
    return used_elsewhere(model, made, but=but) | used_elsewhere(model, list(restored), but=but, since=since)


def restored_at(deletions: Iterable[Mapping[str, Any]]) -> datetime | None:
    """When the import restored the first of these; None where one does not say it."""
    moments = [deletion.get("until") for deletion in deletions]
    return datetime.fromisoformat(min(moments)) if moments and all(moments) else None


def reason_text(reason: str) -> str:
    return (_("Import undone: %(reason)s") % {"reason": reason})[:300]


class RecordUndoer:
    """Undoes rows about records of one model, a chunk at a time."""

    def __init__(self, kind: saving.RecordKind, batch: Batch, actor: Actor | None, reason: str) -> None:
        self.kind, self.batch, self.actor, self.reason = kind, batch, actor, reason

    def begin(self) -> None:
        """Nothing is locked before the rows' own records."""

    def finish(self) -> None:
        """Nothing is left over."""

    def undo(self, chunk: Sequence[Row]) -> None:
        rows = [row for row in chunk if row.record_id and not row.undone]
        known = saving.locked(self.kind.model, [row.record_id for row in rows], self.actor)
        self._mark_kept(rows, known)
        ready = [(row, known[row.record_id]) for row in rows if not row.undone]
        self.write([(record, record_values(row), self.removal(row)) for row, record in ready])
        for row in rows:
            row.undone = row.undone or UNDONE

    def _mark_kept(self, rows: Sequence[Row], known: Mapping[int, Any]) -> None:
        used = used_by_now(self.kind.model, [row for row in rows if removes(row)])
        for row in rows:
            record = known.get(row.record_id)
            if record is None or record.version != row.record_version:
                row.undone = _("Kept: somebody changed the record after the import.")
            elif removes(row) and row.record_id in used:
                row.undone = _("Kept: other records refer to it by now.")
            else:
                row.undone = not_accepted(record, record_values(row))

    def removal(self, row: Row) -> Mapping[str, Any] | None:
        """The deletion that the row's record gets: its former one when the import had restored it; None for none."""
        return row.made.get("restored") or (self.fresh_removal() if row.made.get("created") else None)

    def fresh_removal(self) -> dict[str, Any]:
        """Bears the moment of the undo: see core.imports.judging.Undos."""
        by = self.actor.pk if self.actor is not None else None
        return {"at": self.batch.undone_at.isoformat(), "by": by, "reason": reason_text(self.reason)}

    def write(self, ready: Sequence[tuple[Any, dict[str, str], Mapping[str, Any] | None]]) -> None:
        """(record, values to put back, the deletion that it gets) of each."""
        entries, fields = [], set[str]()
        for record, values, removal in ready:
            changes = saving.set_values(record, values)
            fields |= set(values)
            if removal:
                record.deleted_at, record.deleted_by_id = datetime.fromisoformat(removal["at"]), removal["by"]
                record.deleted_reason = removal["reason"]
                fields |= {*saving.DELETION}
            action = CoreAction.DELETED if removal else ImportAction.UNDONE
            entries.append(
                trail.Entry(record, action, changes, {"batch": str(self.batch.pk)}, reason_text(self.reason))
            )
        rows = [record for record, _values, _removal in ready]
        saving.write_changed(self.kind, rows, fields)
        trail.record_many(entries, actor=self.actor)


def not_accepted(record: models.Model, values: Mapping[str, str]) -> str:
    """Why the values from before cannot be put back, or ""."""
    sentence = saving.refusal(record, values) if values else ""
    return (
        (_("Kept: a value from before is not accepted any more: %(why)s") % {"why": sentence})[:300] if sentence else ""
    )


def removes(row: Row) -> bool:
    return bool(row.made.get("created") or row.made.get("restored"))


def record_values(row: Row) -> dict[str, str]:
    """The record's own values from before; a name with a dot is a value of another record, such as `job.title`."""
    return {name: text for name, text in row.before.items() if "." not in name}
