"""Taking an imported list of cases out again: the cases with which nothing has happened since, and nothing else.

A case is never deleted from the database, and its number is never given again: it leaves lists, search and dates, and
comes back when the list is brought in anew.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from core.audit import trail
from core.db.update import update_many
from core.enums import CoreAction
from core.imports import saving
from core.imports.models import Batch
from core.imports.undo_records import UNDONE, reason_text
from core.permissions import Actor
from core.records import records
from core.site import local_today
from grievances.enums import DeadlineEnd
from grievances.models import CaseImportRow, Deadline, Grievance, Grievant, Resolution

# What the import itself hangs on a case.
MADE = (Grievant, Resolution, Deadline)


def _is_of_a_former_import(row: Deadline) -> bool:
    """A date that went with the case, or was replaced as the case came back by a list."""
    gone = row.end in (DeadlineEnd.STOPPED, DeadlineEnd.REPLACED) and row.superseded_by_id is None
    return gone and bool(row.source)


class CaseUndoer:
    def __init__(self, batch: Batch, actor: Actor | None, reason: str) -> None:
        self.batch, self.actor, self.reason = batch, actor, reason_text(reason)

    def begin(self) -> None:
        """Nothing is locked before the rows' own records."""

    def finish(self) -> None:
        """Nothing is left over."""

    def undo(self, chunk: Sequence[CaseImportRow]) -> None:
        rows = {UUID(row.made["case"]): row for row in chunk if row.made.get("created") and not row.undone}
        seen = records.visible(Grievance, self.actor).filter(pk__in=list(rows)).order_by("pk")
        known = {case.pk: case for case in seen.select_for_update(of=("self",))}
        used = self._used(rows)
        out = []
        for key, row in rows.items():
            case = known.get(key)
            if case is None or case.version != row.made["version"]:
                row.undone = _("Kept: somebody changed the case after the import.")
            elif key in used:
                row.undone = _("Kept: something was done with the case after the import.")
            else:
                row.undone = UNDONE
                out.append(case)
        self._take_out(out)

    def _used(self, rows: dict[Any, CaseImportRow]) -> set[Any]:
        """The cases on which something hangs that the import did not make, of whatever app."""
        used: set[Any] = set()
        for relation in Grievance._meta.related_objects:
            if relation.related_model in MADE:
                continue
            column = relation.field.attname
            found = relation.related_model._base_manager.filter(**{f"{column}__in": list(rows)})
            used |= set(found.order_by().values_list(column, flat=True))
        for made in Deadline.objects.filter(grievance__in=list(rows)).order_by():
            ours = rows[made.grievance_id].made.get("deadline") == str(made.pk) and not made.end
            if not ours and not _is_of_a_former_import(made):
                used.add(made.grievance_id)
        return used

    def _take_out(self, cases: Sequence[Grievance]) -> None:
        if not cases:
            return
        entries = []
        case: Any
        for case in cases:
            case.deleted_at, case.deleted_by, case.deleted_reason = self.batch.undone_at, self.actor, self.reason
            case.version += 1
            case.updated_at = self.batch.undone_at
            entries.append(trail.Entry(case, CoreAction.DELETED, (), {"batch": str(self.batch.pk)}, self.reason))
        update_many(cases, {*saving.DELETION, "version", "updated_at"})
        running = Deadline.objects.running().filter(grievance__in=[case.pk for case in cases])
        running.update(end=DeadlineEnd.STOPPED, ended_on=local_today(), updated_at=self.batch.undone_at)
        trail.record_many(entries, actor=self.actor)
