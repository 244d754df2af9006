"""Undoing an applied import: exactly, and never over what somebody did since."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import trail
from core.db.update import update_many
from core.errors import DomainError
from core.mail import jobs
from core.permissions import allow
from core.records import records
from members import permissions as p
from members.enums import ImportKind, ImportStatus, MemberAction, RowOutcome
from members.imports import batches
from members.imports.applying import in_chunks
from members.imports.undo_members import MemberUndoer
from members.imports.undo_records import UNDONE, RecordUndoer
from members.models import ImportBatch, Organization

CHUNK = 500


def start_undo(batch: ImportBatch, *, actor: Any, reason: str, in_background: bool | None = None) -> None:
    """Put back what the import changed, in one transaction. Rows that somebody used or changed since stay, with
    the reason in each. Raises DomainError for an import that is not applied (any more), ValidationError for `reason`.
    """
    allow(actor, p.RUN_IMPORTS)
    reason = records.stated_reason(reason)
    if batch.status != ImportStatus.APPLIED:
        raise DomainError(_("Only an applied import can be undone."))
    if in_background is None:
        in_background = undoable(batch).count() > batches.INLINE_ROWS
    jobs.run(
        batch.pk,
        _("Undoing the import"),
        lambda progress: _undo(batch, progress, actor, reason),
        in_background=in_background,
    )
    if not in_background:
        batch.refresh_from_db()


def undoable(batch: ImportBatch) -> Any:
    """Rows that wrote something; a row that was left out may still have made its employer."""
    wrote = Q(applied__in=(RowOutcome.NEW, RowOutcome.CHANGED))
    return batch.rows.filter(wrote | Q(made__has_any_keys=["organization", "job", "changed_job"]))


def _undo(batch: ImportBatch, progress: jobs.Progress, actor: Any, reason: str) -> None:
    with transaction.atomic():
        # First, so that of two people who undo at once the second waits here and is then refused.
        batches.claim(batch, (ImportStatus.APPLIED,), ImportStatus.UNDONE, undone_by=actor, undone_at=timezone.now())
        _undo_rows(batch, progress, actor, reason)
        undone = batch.rows.filter(undone=UNDONE).count()
        kept = batch.rows.exclude(undone__in=("", UNDONE)).count()
        ImportBatch.objects.filter(pk=batch.pk).update(counts=batch.counts | {"undone": undone, "kept": kept})
        trail.record(batch, MemberAction.IMPORT_UNDONE, actor=actor, reason=reason, undone=undone, kept=kept)


def _undo_rows(batch: ImportBatch, progress: jobs.Progress, actor: Any, reason: str) -> None:
    undoer = (
        RecordUndoer(batch, Organization, actor, reason)
        if batch.kind == ImportKind.ORGANIZATIONS
        else MemberUndoer(batch, actor, reason)
    )
    if isinstance(undoer, MemberUndoer):
        undoer.lock_employers()
    rows = undoable(batch)
    total, done = rows.count(), 0
    for chunk in in_chunks(rows, CHUNK):
        undoer.undo(chunk)
        update_many(chunk, ["undone"])
        done += len(chunk)
        progress.advance(done, total)
    if isinstance(undoer, MemberUndoer):
        undoer.undo_employers()
