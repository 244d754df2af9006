"""What a row would do to a record that is known already."""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from core.imports.cells import plain_values, same_text
from core.imports.enums import RowOutcome
from core.imports.models import Batch
from core.imports.readings import Reading


class Undos:
    """The undos of imports. What one removed bears its moment, and comes back when the list is imported again.

    A record that an import had only restored gets its own deletion back, so it is not among them.
    """

    def __init__(self, batches: type[Batch]) -> None:
        undone = batches._default_manager.exclude(undone_at=None)
        self.moments = set(undone.values_list("undone_at", flat=True))

    def removed(self, record: Any) -> bool:
        return record.deleted_at in self.moments


def judge_known(
    reading: Reading, record: Any, undos: Undos, *, comparable: tuple[str, ...], exactly: bool = False
) -> None:
    """The row is about `record`: restored, asked about, changed or unchanged. Empty cells erase nothing.

    `exactly`: capital letters and Unicode forms alone are a change too.
    """
    reading.record_id, reading.record_version = record.pk, record.version
    if undos.removed(record):
        reading.outcome = RowOutcome.NEW
        reading.made["restore"] = True
        reading.note(_("An import that was undone had made this record; it is restored."))
    elif record.is_deleted:
        reading.made["restore"] = True
        reading.ask(_("A deleted record matches this row. Restore it?"))
    before = plain_values(record, comparable)
    reading.after = differing(before, {name: reading.values[name] for name in comparable}, exactly=exactly)
    reading.before = {name: before[name] for name in reading.after}
    if not reading.outcome:
        reading.outcome = RowOutcome.CHANGED if reading.after else RowOutcome.UNCHANGED


def tell_of_repeated(batch: Batch, chunk: Sequence[Reading], names: Callable[[Reading], Iterable[str]]) -> None:
    """Name the cells of repeated rows, by the fields in `names`, that say what the row they repeat does not."""
    repeated = [reading for reading in chunk if reading.outcome == RowOutcome.REPEATED]
    if not repeated:
        return
    stored = batch.rows.filter(number__in={reading.made["row"] for reading in repeated})
    values = dict(stored.values_list("number", "values")) | {reading.number: reading.values for reading in chunk}
    header_of = {name: header for header, name in batch.mapping.items()}
    for reading in repeated:
        row = reading.made["row"]
        leave_out_differing(reading, names(reading), row, values[row], header_of)


def leave_out_differing(
    reading: Reading, names: Iterable[str], row: int, earlier: Mapping[str, str], header_of: Mapping[str, str]
) -> None:
    """Name the cells of a row, by the fields `names`, that say what the `earlier` values of row number `row` do not."""
    stated = {name: reading.values[name] for name in names}
    for name in differing({name: earlier.get(name, "") for name in stated}, stated):
        sentence = _("left out: row %(row)s is about the same record, and what it says counts.") % {"row": row}
        reading.leave_out(sentence, column=header_of.get(name, ""))


def differing(before: Mapping[str, str], after: Mapping[str, str], *, exactly: bool = False) -> dict[str, str]:
    """The values of `after` that say something else; capital letters and Unicode forms alone only `exactly`."""
    same = operator.eq if exactly else same_text
    return {name: text for name, text in after.items() if not same(before[name], text)}
