"""What became of every row, in words, for the page and for the download."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from members.enums import ImportStatus, RowDecision, RowOutcome
from members.imports import batches
from members.imports.layout import data_rows
from members.imports.undo_records import UNDONE
from members.models import ImportBatch, ImportRow

CHUNK = 1_000


def outcome_label(row: ImportRow, *, applied: bool) -> str:
    """One or two words: what the row would do, or what it did."""
    if row.undone == UNDONE:
        return _("Undone")
    if not applied:
        return str(RowOutcome(row.outcome).label)
    done = {
        RowOutcome.NEW: _("Created"),
        RowOutcome.CHANGED: _("Changed"),
        RowOutcome.DUPLICATE: _("Left out"),
        RowOutcome.ERROR: _("Not applied"),
    }
    outcome = RowOutcome(row.applied or row.outcome)
    return done.get(outcome) or str(outcome.label)


def sentences(row: ImportRow, *, applied: bool) -> list[str]:
    """Why: the problems with their columns, then what was decided and undone."""
    found = [
        _("%(column)s: %(sentence)s") % {"column": item["column"], "sentence": item["text"]}
        if item["column"]
        else item["text"]
        for item in row.problems
    ]
    if applied and row.applied == RowOutcome.DUPLICATE:
        decided = row.decision == RowDecision.SKIP
        found.append(_("Left out as decided.") if decided else _("Left out: nobody decided what to do with it."))
    if row.undone and row.undone != UNDONE:
        found.append(row.undone)
    return found


def was_applied(batch: ImportBatch) -> bool:
    return batch.status in (ImportStatus.APPLIED, ImportStatus.UNDONE)


def header(batch: ImportBatch) -> list[str]:
    return [_("Row"), *batches.layout_of(batch).headers, _("Outcome"), _("Why")]


def table(batch: ImportBatch) -> Iterator[list[Any]]:
    """Every row of the file with all its columns, and what became of it. Raises FileRefused."""
    layout, applied = batches.layout_of(batch), was_applied(batch)
    width = len(layout.headers)
    with batches.opened(batch) as file:
        rows = data_rows(file, layout)
        while chunk := list(islice(rows, CHUNK)):
            known = {
                row.number: row
                for row in batch.rows.filter(number__gte=chunk[0][0], number__lte=chunk[-1][0]).defer("raw", "values")
            }
            for number, cells in chunk:
                row = known.get(number)
                label = outcome_label(row, applied=applied) if row else ""
                why = " ".join(sentences(row, applied=applied)) if row else ""
                yield [number, *(cells + [""] * width)[:width], label, why]
