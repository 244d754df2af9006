"""What the import pages show: badge, steps, and the rows of a preview or result."""

import re
from datetime import date
from typing import Any

from django.db import connection, models
from django.http import QueryDict
from django.utils.translation import gettext as _

from core.enums import Badge, badge_of
from core.imports import applying, batches, results
from core.imports.enums import ImportStatus, RowOutcome
from core.imports.models import Batch, Row
from core.permissions import Actor
from core.web.formats import day_text
from core.web.imports.area import ImportArea
from core.web.imports.forms import DecisionsForm
from core.web.keyset import Sort, paginate

PAGE_SIZE = 50
LONG_LIST = 10_000
# What a person looks at first: what needs them, then what will happen.
ATTENTION = (
    RowOutcome.DUPLICATE,
    RowOutcome.ERROR,
    RowOutcome.CHANGED,
    RowOutcome.NEW,
    RowOutcome.UNCHANGED,
    RowOutcome.REPEATED,
    RowOutcome.SKIPPED,
)
LEFT_OUT = "left_out"
# As days are kept; fromisoformat() would take a member number of eight digits for one too.
A_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
STEPS = {
    ImportStatus.UPLOADED: 1,
    ImportStatus.CHECKING: 2,
    ImportStatus.CHECKED: 2,
    ImportStatus.APPLYING: 3,
    ImportStatus.APPLIED: 4,
    ImportStatus.UNDONE: 4,
}


def status_badge(batch: Batch) -> Badge:
    return badge_of(ImportStatus, batch.status)


def steps(batch: Batch) -> list[tuple[str, str]]:
    labels = (_("Upload"), _("Match columns"), _("Check"), _("Apply"))
    at = STEPS.get(ImportStatus(batch.status), 0)
    states = ["done" if index < at else "current" if index == at else "todo" for index in range(len(labels))]
    return list(zip(labels, states, strict=True))


def preview(area: ImportArea, batch: Batch, params: QueryDict, user: Actor) -> dict[str, Any]:
    """One page of rows with one outcome, and how many there are of each."""
    applied = results.was_applied(batch)
    counts = batch.counts.get("applied", {}) if applied else batch.counts
    shown = params.get("show", "")
    if shown not in (*RowOutcome.values, LEFT_OUT):
        shown = next((item.value for item in ATTENTION if counts.get(item.value)), RowOutcome.NEW.value)
    if shown == LEFT_OUT:
        rows = batch.rows.filter(made__has_key=LEFT_OUT)
    else:
        rows = batch.rows.filter(applied=shown) if applied else batch.rows.filter(outcome=shown)
    page = paginate(rows, params=params, sort=Sort("number", "number", ""), size=PAGE_SIZE, positions=batch.rows.all)
    decides = shown == RowOutcome.DUPLICATE and batch.status == ImportStatus.CHECKED
    form = DecisionsForm(rows=page.rows if decides else [])
    withheld = area.list_of(batch).withheld(user, page.rows)
    return {
        "tabs": [
            (tab_label(item, applied), f"?show={item.value}", item.value == shown, counts.get(item.value, 0))
            for item in ATTENTION
            if item != RowOutcome.SKIPPED or counts.get(item.value)
        ]
        + _left_out_tab(batch, shown),
        "shown": shown,
        "page": page,
        "rows": [
            withheld_row(row, withheld[row.number])
            if row.number in withheld
            else shown_row(area, batch, row, form, applied)
            for row in page.rows
        ],
        "decides": decides,
        "open_questions": open_questions(batch).count() if batch.status == ImportStatus.CHECKED else 0,
        "may_restore": decides and open_questions(batch).filter(made__has_key="restore").exists(),
        "counts": counts,
        "will_write": batch.status == ImportStatus.CHECKED and will_write(area, batch),
    }


def _left_out_tab(batch: Batch, shown: str) -> list[tuple[str, str, bool, int]]:
    """Rows that are read without one or more of their cells; they are among the others too."""
    count = batch.counts.get(LEFT_OUT, 0)
    return [(_("With cells left out"), f"?show={LEFT_OUT}", shown == LEFT_OUT, count)] if count else []


def others_wait(batch: Batch) -> bool:
    """SQLite has one writer; elsewhere a long apply holds the records of the list."""
    return connection.vendor == "sqlite" or sum(batch.counts.get(item.value, 0) for item in RowOutcome) > LONG_LIST


def tab_label(outcome: RowOutcome, applied: bool) -> str:
    if not applied:
        return str(outcome.label)
    done = {
        RowOutcome.NEW: _("Created"),
        RowOutcome.CHANGED: _("Changed"),
        RowOutcome.DUPLICATE: _("Left out"),
        RowOutcome.ERROR: _("Not applied"),
    }
    return str(done.get(outcome, outcome.label))


def open_questions(batch: Batch) -> models.QuerySet:
    return batch.rows.filter(outcome=RowOutcome.DUPLICATE, decision="")


def will_write(area: ImportArea, batch: Batch) -> bool:
    """Whether a row writes something: as the apply finds them, without the repeated ones that say nothing more."""
    if batch.counts.get("new") or batch.counts.get("changed"):
        return True
    rows = applying.acting_rows(batch, area.list_of(batch))
    return bool(rows.exclude(outcome=RowOutcome.REPEATED, after={}).exists())


def shown_row(area: ImportArea, batch: Batch, row: Row, form: DecisionsForm, applied: bool) -> dict[str, Any]:
    name = f"row-{row.number}"
    return {
        "number": row.number,
        "name": area.name_of(row) or first_cell(row),
        "url": area.record_url(batch, row),
        "raw": [(header, row.raw[header]) for header in batches.layout_of(batch).headers if row.raw.get(header)],
        "changes": changes_of(area, batch, row),
        "sentences": results.sentences(row, applied=applied),
        "decision": form[name] if name in form.fields else None,
    }


def withheld_row(row: Row, sentence: str) -> dict[str, Any]:
    """Of a row about a record that the person does not see."""
    return {"number": row.number, "name": sentence}


def first_cell(row: Row) -> str:
    """Of a row that cannot be read."""
    return next((text for text in row.raw.values() if text), str(_("Row without a name")))


def changes_of(area: ImportArea, batch: Batch, row: Row) -> list[tuple[str, str, str]]:
    not_done = row.applied in (RowOutcome.DUPLICATE, RowOutcome.ERROR)
    if not_done or (row.outcome == RowOutcome.NEW and not row.before):
        return []
    return [
        (
            area.list_of(batch).label_of(name.rpartition(".")[2]),
            in_words(area.value_label(batch, name, row.before.get(name, ""))),
            in_words(area.value_label(batch, name, text)),
        )
        for name, text in row.after.items()
    ]


def in_words(text: str) -> str:
    """A day as people write it; any other value as it is."""
    try:
        return day_text(date.fromisoformat(text)) if A_DAY.fullmatch(text) else text
    except ValueError:  # 2026-13-40, in a field of words
        return text
