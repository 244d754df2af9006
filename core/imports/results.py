"""What became of every row, in words, for the page and for the download."""

import json
import tempfile
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from core.imports import batches
from core.imports.enums import ImportStatus, RowDecision, RowOutcome
from core.imports.models import Batch, Row
from core.imports.undo_records import UNDONE

CHUNK = 1_000


def outcome_label(row: Row, *, applied: bool) -> str:
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


def sentences(row: Row, *, applied: bool) -> list[str]:
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


def was_applied(batch: Batch) -> bool:
    return batch.status in (ImportStatus.APPLIED, ImportStatus.UNDONE)


def header(batch: Batch) -> list[str]:
    return [_("Row"), *matched_headers(batch), _("Outcome"), _("Why")]


def matched_headers(batch: Batch) -> list[str]:
    """In the file's order. Other columns were never kept."""
    return [header for header in batches.layout_of(batch).headers if header in batch.mapping]


def table(batch: Batch) -> Iterator[list[Any]]:
    """Every row with its matched columns and what became of it.

    All are read before the first is given, so that a check that begins meanwhile cannot cut a download short.
    """
    applied, headers = was_applied(batch), matched_headers(batch)
    file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  (closed with the last row)
    for row in batch.rows.order_by("number").defer("values", "before", "after").iterator(chunk_size=CHUNK):
        cells = [row.raw.get(header, "") for header in headers]
        why = " ".join(sentences(row, applied=applied))
        file.write(json.dumps([row.number, *cells, outcome_label(row, applied=applied), why]) + "\n")
    file.seek(0)
    return _lines(file)


def _lines(file: Any) -> Iterator[list[Any]]:
    with file:
        for line in file:
            yield json.loads(line)
