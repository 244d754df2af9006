"""What is done with the files of a draft. Into the case they go along by documents.take_along."""

from collections.abc import Sequence
from functools import partial
from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.models import User
from core.audit import trail
from core.files.attaching import Added, supersede, taken_each
from core.files.enums import FileState
from core.mail import notifications
from core.permissions import Actor, allow
from core.records import records
from grievances import permissions as p
from grievances.enums import DocumentCategory, GrievanceAction
from grievances.models import GrievanceIntake, IntakeDocument
from grievances.services import intakes


def add_all(intake: GrievanceIntake, files: Sequence[UploadedFile], *, actor: Actor) -> Added:
    """Put files with the draft; those that cannot be kept hinder no other. The same file is there once."""
    allow(actor, p.DRAFT_GRIEVANCES)
    intakes.check_open(intake)
    fields = {"intake_id": intake.pk, "added_by": cast(User, actor), "category": DocumentCategory.EVIDENCE}
    with taken_each(IntakeDocument, files, partial(_known, intake), **fields) as (fresh, added):
        if fresh:
            with transaction.atomic():
                locked = intakes.lock_open(intake, actor=actor)
                for row in fresh:
                    row.intake = locked
                    if row.is_picture:
                        row.category = DocumentCategory.PHOTO
                    records.save(row)
                    _record(row, GrievanceAction.DOCUMENT_ADDED, actor=actor)
    return added


def take_back(document: IntakeDocument, *, actor: Actor, reason: str) -> None:
    """The file counts no longer and does not go along into the case; it is kept."""
    allow(actor, p.DRAFT_GRIEVANCES)
    reason = records.stated_reason(reason)
    with transaction.atomic():
        intakes.lock_open(document.intake, actor=actor)
        supersede(document)
        _record(document, GrievanceAction.DOCUMENT_TAKEN_BACK, actor=actor, reason=reason)


def found_harmful(document: IntakeDocument) -> None:
    """The scanner found something: nobody gets the file, and who sent it is told."""
    with transaction.atomic():
        rows = IntakeDocument.objects.filter(pk=document.pk, state=FileState.HELD)
        if not rows.update(state=FileState.INFECTED):
            return
        _record(document, GrievanceAction.DOCUMENT_HARMFUL, actor=None)
        for user in User.objects.filter(pk=document.added_by_id, is_active=True):
            notifications.send(user.email, "file_harmful", {"url": document.intake.get_absolute_url()})


def _known(intake: GrievanceIntake, row: IntakeDocument) -> IntakeDocument | None:
    return IntakeDocument.objects.current().filter(intake=intake.pk, sha256=row.sha256).first()


def _record(document: IntakeDocument, action: GrievanceAction, *, actor: Actor | None, reason: str = "") -> None:
    said: dict[str, Any] = {"document": str(document.pk), "sha256": document.sha256}
    trail.record(document.intake, action, actor=actor, reason=reason, **said)
