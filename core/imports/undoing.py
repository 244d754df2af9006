"""Undoing an applied import: exactly, and never over what somebody did since."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import trail
from core.db.update import update_many
from core.errors import DomainError
from core.imports import batches
from core.imports.applying import in_chunks
from core.imports.declaration import ImportedList
from core.imports.enums import ImportAction, ImportStatus, RowOutcome
from core.imports.models import Batch
from core.imports.undo_records import UNDONE
from core.mail import jobs
from core.permissions import Actor, allow
from core.records import records

CHUNK = 500


def start_undo(
    batch: Batch, what: ImportedList, *, actor: Actor | None, reason: str, in_background: bool | None = None
) -> None:
    """Put back what the import changed, in one transaction. Rows that somebody used or changed since stay, with
    the reason in each. Raises DomainError for an import that is not applied (any more), ValidationError for `reason`.
    """
    allow(actor, what.permission)
    reason = records.stated_reason(reason)
    if batch.status != ImportStatus.APPLIED:
        raise DomainError(_("Only an applied import can be undone."))
    if in_background is None:
        in_background = undoable(batch, what).count() > batches.INLINE_ROWS
    jobs.run(
        batch.pk,
        _("Undoing the import"),
        lambda progress: _undo(batch, what, progress, actor, reason),
        in_background=in_background,
    )
    if not in_background:
        batch.refresh_from_db()


def undoable(batch: Batch, what: ImportedList) -> Any:
    """Rows that wrote something; a row that was left out may still have made something beside its record."""
    wrote = Q(applied__in=(RowOutcome.NEW, RowOutcome.CHANGED))
    if what.made_besides:
        wrote |= Q(made__has_any_keys=list(what.made_besides))
    return batch.rows.filter(wrote)


def _undo(batch: Batch, what: ImportedList, progress: jobs.Progress, actor: Actor | None, reason: str) -> None:
    with transaction.atomic():
        # First, so that of two people who undo at once the second waits here and is then refused.
        batches.claim(batch, (ImportStatus.APPLIED,), ImportStatus.UNDONE, undone_by=actor, undone_at=timezone.now())
        _undo_rows(batch, what, progress, actor, reason)
        undone = batch.rows.filter(undone=UNDONE).count()
        kept = batch.rows.exclude(undone__in=("", UNDONE)).count()
        type(batch)._default_manager.filter(pk=batch.pk).update(counts=batch.counts | {"undone": undone, "kept": kept})
        trail.record(batch, ImportAction.UNDONE, actor=actor, reason=reason, undone=undone, kept=kept)


def _undo_rows(batch: Batch, what: ImportedList, progress: jobs.Progress, actor: Actor | None, reason: str) -> None:
    undoer = what.undoer(batch, actor, reason)
    undoer.begin()
    rows = undoable(batch, what)
    total, done = rows.count(), 0
    for chunk in in_chunks(rows, CHUNK):
        undoer.undo(chunk)
        update_many(chunk, ["undone"])
        done += len(chunk)
        progress.advance(done, total)
    undoer.finish()
