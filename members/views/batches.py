"""What the import pages show: badge, steps, and the rows of a preview or result."""

from typing import Any

from django.db import connection, models
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.enums import Badge, badge_of
from core.imports import batches, results
from core.imports.enums import ImportStatus, RowDecision, RowOutcome
from core.web.keyset import Sort, paginate
from core.web.views import Crumbs, RowMixin
from members.enums import ImportKind
from members.forms.imports import DecisionsForm
from members.imports.lists import list_of
from members.imports.people import JOB
from members.models import ImportBatch, ImportRow, Member, Organization

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
KINDS = {ImportKind.MEMBERS: "member_detail", ImportKind.ORGANIZATIONS: "organization_detail"}
TITLES = {
    ImportKind.MEMBERS: gettext_lazy("Import of members"),
    ImportKind.ORGANIZATIONS: gettext_lazy("Import of organizations"),
}
STEPS = {
    ImportStatus.UPLOADED: 1,
    ImportStatus.CHECKING: 2,
    ImportStatus.CHECKED: 2,
    ImportStatus.APPLYING: 3,
    ImportStatus.APPLIED: 4,
    ImportStatus.UNDONE: 4,
}


class BatchPage(RowMixin):
    """A page of one import. Its title never shows the file's name, which may hold a person's."""

    model = ImportBatch
    crumb: Any = ""

    def title(self) -> str:
        own = getattr(self, "page_title", "")
        return str(own or TITLES[ImportKind(self.get_object().kind)])

    def breadcrumbs(self) -> Crumbs:
        batch = self.get_object()
        title = str(TITLES[ImportKind(batch.kind)])
        crumbs: Crumbs = [(_("Imports"), reverse("import_list"))]
        if self.crumb:
            return [*crumbs, (title, batch.get_absolute_url()), (str(self.crumb), None)]
        return [*crumbs, (title, None)]


def status_badge(batch: ImportBatch) -> Badge:
    return badge_of(ImportStatus, batch.status)


def steps(batch: ImportBatch) -> list[tuple[str, str]]:
    labels = (_("Upload"), _("Match columns"), _("Check"), _("Apply"))
    at = STEPS.get(ImportStatus(batch.status), 0)
    states = ["done" if index < at else "current" if index == at else "todo" for index in range(len(labels))]
    return list(zip(labels, states, strict=True))


def preview(batch: ImportBatch, params: QueryDict) -> dict[str, Any]:
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
    return {
        "tabs": [
            (tab_label(item, applied), f"?show={item.value}", item.value == shown, counts.get(item.value, 0))
            for item in ATTENTION
            if item != RowOutcome.SKIPPED or counts.get(item.value)
        ]
        + _left_out_tab(batch, shown),
        "shown": shown,
        "page": page,
        "rows": [shown_row(batch, row, form, applied) for row in page.rows],
        "decides": decides,
        "open_questions": open_questions(batch).count() if batch.status == ImportStatus.CHECKED else 0,
        "may_restore": decides and open_questions(batch).filter(made__has_key="restore").exists(),
        "counts": counts,
        "will_write": bool(batch.counts.get("new") or batch.counts.get("changed")) or may_write(batch),
    }


def _left_out_tab(batch: ImportBatch, shown: str) -> list[tuple[str, str, bool, int]]:
    """Rows that are read without one or more of their cells; they are among the others too."""
    count = batch.counts.get(LEFT_OUT, 0)
    return [(_("With cells left out"), f"?show={LEFT_OUT}", shown == LEFT_OUT, count)] if count else []


def others_wait(batch: ImportBatch) -> bool:
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


def open_questions(batch: ImportBatch) -> models.QuerySet[ImportRow]:
    return batch.rows.filter(outcome=RowOutcome.DUPLICATE, decision="")


def may_write(batch: ImportBatch) -> bool:
    """Whether a decision makes the import write something although no row is new or changed by itself."""
    decided = batch.rows.filter(
        outcome=RowOutcome.DUPLICATE, decision__in=(RowDecision.CREATE, RowDecision.RESTORE, RowDecision.SAME)
    )
    return batch.status == ImportStatus.CHECKED and decided.exists()


def shown_row(batch: ImportBatch, row: ImportRow, form: DecisionsForm, applied: bool) -> dict[str, Any]:
    name = f"row-{row.number}"
    url = reverse(KINDS[ImportKind(batch.kind)], args=[row.record_id]) if row.record_id else ""
    return {
        "number": row.number,
        "name": row_name(row),
        "url": url,
        "raw": [(header, row.raw[header]) for header in batches.layout_of(batch).headers if row.raw.get(header)],
        "changes": changes_of(batch, row),
        "sentences": results.sentences(row, applied=applied),
        "decision": form[name] if name in form.fields else None,
    }


def row_name(row: ImportRow) -> str:
    """What the row calls its record; the first cell that says anything when it cannot be read."""
    values = row.values
    if "name" in values:
        place = ", ".join(values[part] for part in ("city", "state") if part in values)
        return f"{values['name']} — {place}" if place else values["name"]
    if "last_name" in values:
        given = " ".join(values[part] for part in ("first_name", "middle_name") if part in values)
        return f"{values['last_name']}, {given}"
    return next((text for text in row.raw.values() if text), str(_("Row without a name")))


def changes_of(batch: ImportBatch, row: ImportRow) -> list[tuple[str, str, str]]:
    not_done = row.applied in (RowOutcome.DUPLICATE, RowOutcome.ERROR)
    if not_done or (row.outcome == RowOutcome.NEW and not row.before):
        return []
    return [
        (
            list_of(batch).label_of(name.removeprefix(JOB)),
            value_label(batch, name, row.before.get(name, "")),
            value_label(batch, name, text),
        )
        for name, text in row.after.items()
    ]


def value_label(batch: ImportBatch, name: str, text: str) -> str:
    model = Member if batch.kind == ImportKind.MEMBERS else Organization
    choices = {} if name.startswith(JOB) else dict(model._meta.get_field(name).flatchoices)
    return str(choices.get(text, text))
