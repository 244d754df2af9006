"""What became of every row, in words, for the page and for the download."""

import json
import tempfile
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.imports import batches
from core.imports.declaration import ImportedList
from core.imports.enums import ImportStatus, RowDecision, RowOutcome
from core.imports.models import Batch, Row
from core.imports.undo_records import UNDONE
from core.permissions import Actor

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


def remarks(batch: Batch) -> list[str]:
    """What a person should know of the file: what was seen at the upload, then at the check."""
    return [*batch.layout.get("remarks", ()), *batch.layout.get("seen", ())]


def account_sentence(batch: Batch) -> str:
    """Where every line of the file went."""
    account = batch.layout.get("account")
    if not account:
        return ""
    skipped = batch.counts.get(RowOutcome.SKIPPED, 0)
    parts = [
        ngettext("%(count)s row", "%(count)s rows", account["rows"] - skipped) % _counted(account["rows"] - skipped),
        ngettext("%(count)s line to the header", "%(count)s lines to the header", account["above"])
        % _counted(account["above"]),
    ]
    for count, one, many in (
        (skipped, _("%(count)s row that is no record"), _("%(count)s rows that are no records")),
        (account["blank"], _("%(count)s blank line"), _("%(count)s blank lines")),
        (account["inside"], _("%(count)s further line of a row"), _("%(count)s further lines of rows")),
    ):
        if count:
            parts.append((one if count == 1 else many) % _counted(count))
    whole = ngettext("%(count)s line in all", "%(count)s lines in all", account["lines"]) % _counted(account["lines"])
    return _("%(whole)s: %(parts)s.") % {"whole": whole, "parts": ", ".join(parts)}


def _counted(count: int) -> dict[str, str]:
    return {"count": f"{count:,}"}


def was_applied(batch: Batch) -> bool:
    return batch.status in (ImportStatus.APPLIED, ImportStatus.UNDONE)


def header(batch: Batch) -> list[str]:
    return [_("Row"), *matched_headers(batch), _("Outcome"), _("Why")]


def matched_headers(batch: Batch) -> list[str]:
    """In the file's order. Other columns were never kept."""
    return [header for header in batches.layout_of(batch).headers if header in batch.mapping]


def table(batch: Batch, what: ImportedList, user: Actor | None) -> Iterator[list[Any]]:
    """Every row with its matched columns and what became of it, as far as the person may see what it is about.

    All are read before the first is given, so that a check that begins meanwhile cannot cut a download short.
    """
    applied, headers = was_applied(batch), matched_headers(batch)
    file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  (closed with the last row)
    rows = batch.rows.order_by("number").defer("values", "before", "after").iterator(chunk_size=CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        withheld = what.withheld(user, chunk)
        for row in chunk:
            instead = withheld.get(row.number, "")
            cells = ["" if instead else row.raw.get(header, "") for header in headers]
            why = instead or " ".join(sentences(row, applied=applied))
            file.write(json.dumps([row.number, *cells, outcome_label(row, applied=applied), why]) + "\n")
    file.seek(0)
    return _lines(file)


def _lines(file: Any) -> Iterator[list[Any]]:
    with file:
        for line in file:
            yield json.loads(line)
