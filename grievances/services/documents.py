"""What is done with the documents of a case. What stands in the store is taken in before the transaction."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from core.audit import trail
from core.errors import DomainError, EditConflict
from core.files.attaching import Added, supersede, taken_each, taken_in
from core.files.enums import FileState
from core.mail import notifications
from core.permissions import Actor, allow, may
from core.records import records
from grievances import permissions as p
from grievances.enums import GrievanceAction, Series, Step
from grievances.models import CaseDocument, Grievance, GrievanceIntake, IntakeDocument
from grievances.services import cases
from grievances.services.binder import agreement_in_force
from grievances.services.workflow import is_theirs

# What a file is, whatever it belongs to.
CONTENT = (
    *("name", "category", "content_type", "size", "sha256", "state", "added_by", "added_at"),
    *("storage_key", "shown_key", "shown_size", "file_key"),
)
# What is said of a document beside its content.
SAID = ("category", "step_number", "exhibit_series", "exhibit_number", "is_shared")


def add_all(
    grievance: Grievance,
    files: Sequence[UploadedFile],
    *,
    category: str,
    actor: Actor,
    step_number: int | None = None,
    is_shared: bool = False,
) -> Added:
    """Put files with the case; those that cannot be kept hinder no other. The same file is there once."""
    check_may_change(grievance, actor=actor)
    fields: dict[str, Any] = {"category": category, "step_number": step_number, "is_shared": is_shared}
    fields |= {"grievance_id": grievance.pk, "added_by": cast(User, actor)}
    with taken_each(CaseDocument, files, partial(_known, grievance), **fields) as (fresh, added):
        if fresh:
            with _changing(grievance, actor) as locked:
                for row in fresh:
                    records.save(row)
                    _record(locked, GrievanceAction.DOCUMENT_ADDED, row, actor=actor)
                    if is_shared:
                        _record(locked, GrievanceAction.DOCUMENT_SHARED, row, actor=actor)
    return added


def add(grievance: Grievance, file: UploadedFile, *, actor: Actor, **said: Any) -> CaseDocument:
    """As `add_all` for one file. Raises what refuses it, FileRefused or StoreAway."""
    added = add_all(grievance, [file], actor=actor, **said)
    for _name, error in added.refused:
        raise error
    return added.kept[0]


def take_along(intake: GrievanceIntake, grievance: Grievance, *, actor: Actor | None) -> None:
    """What is with a draft stands with its case from now on, with the same content."""
    for row in IntakeDocument.objects.current().filter(intake=intake).in_order():
        document = CaseDocument(grievance=grievance, **{name: getattr(row, name) for name in CONTENT})
        records.save(document)
        _record(grievance, GrievanceAction.DOCUMENT_ADDED, document, actor=actor)


def describe(
    document: CaseDocument, values: Mapping[str, Any], *, actor: Actor, version: int | None = None
) -> CaseDocument:
    """Say what a document is, at which step, which exhibit, and whether the grievant sees it.

    An exhibit without a number gets the next one of its series; Joint 1 is left to the agreement in force. Raises
    ValidationError by field, and EditConflict when `version` is no longer the current one.
    """
    with _changing(document.grievance, actor) as grievance:
        document = _lock(document, actor, version)
        before = document.is_shared
        records.assign(document, dict(values), SAID)
        _number(document)
        document.version += 1
        records.save(document)
        if document.is_shared != before:
            shared, kept_back = GrievanceAction.DOCUMENT_SHARED, GrievanceAction.DOCUMENT_KEPT_BACK
            _record(grievance, shared if document.is_shared else kept_back, document, actor=actor)
        _record(grievance, GrievanceAction.DOCUMENT_CHANGED, document, actor=actor)
    return document


def _lock(document: CaseDocument, actor: Actor, version: int | None = None) -> CaseDocument:
    locked = records.lock(document, actor=actor)
    if locked.is_superseded:
        raise DomainError(_("This file was replaced or taken back already. Load the page again."))
    if version is not None and version != locked.version:
        raise EditConflict(_("Somebody else saved this document while you were editing it."), locked)
    return locked


def _number(document: CaseDocument) -> None:
    if not document.exhibit_series:
        document.exhibit_number = None
    elif document.exhibit_number is None:
        others = CaseDocument.objects.filter(grievance=document.grievance_id, exhibit_series=document.exhibit_series)
        most = others.aggregate(most=Max("exhibit_number"))["most"] or 0
        document.exhibit_number = max(most + 1, _first_number(document))


def _first_number(document: CaseDocument) -> int:
    """Joint 1 is the agreement in force, unless a person says so of a document."""
    is_taken = document.exhibit_series == Series.JOINT and agreement_in_force(document.grievance) is not None
    return 2 if is_taken else 1


def replace(document: CaseDocument, file: UploadedFile, *, actor: Actor) -> CaseDocument:
    """A newer file takes the place of `document`, with all that is said of it once the file is in; that one is kept."""
    check_may_change(document.grievance, actor=actor)
    fields: dict[str, Any] = {"grievance_id": document.grievance_id, "added_by": cast(User, actor)}
    with taken_in(CaseDocument, [file], **fields) as rows, _changing(document.grievance, actor) as grievance:
        document = _lock(document, actor)
        records.assign(rows[0], {name: getattr(document, name) for name in SAID}, SAID)
        if _known(grievance, rows[0]) is not None:
            raise DomainError(_("This file is with the case already. Choose the newer one."))
        # The former one gives up its exhibit number first; by whom it is replaced is written when that one is there.
        supersede(document)
        records.save(rows[0])
        CaseDocument.objects.filter(pk=document.pk).update(superseded_by=rows[0])
        _record(grievance, GrievanceAction.DOCUMENT_REPLACED, rows[0], actor=actor)
    return rows[0]


def take_back(document: CaseDocument, *, actor: Actor, reason: str) -> None:
    """The document counts no longer; it is kept, and those who work the case see that it was there."""
    reason = records.stated_reason(reason)
    with _changing(document.grievance, actor) as grievance:
        supersede(document)
        _record(grievance, GrievanceAction.DOCUMENT_TAKEN_BACK, document, actor=actor, reason=reason)


def found_harmful(document: CaseDocument) -> None:
    """The scanner found something: nobody gets the file; who sent it and who works the case are told."""
    with transaction.atomic():
        rows = CaseDocument.objects.filter(pk=document.pk, state=FileState.HELD)
        if not rows.update(state=FileState.INFECTED):
            return
        grievance = document.grievance
        _record(grievance, GrievanceAction.DOCUMENT_HARMFUL, document, actor=None)
        told = {document.added_by_id, grievance.assigned_rep_id}
        for user in User.objects.filter(pk__in=told, is_active=True).order_by("pk"):
            notifications.send(user.email, "file_harmful", {"url": grievance.get_absolute_url()})


# --- who may, and what is shown -------------------------------------------------------------------------


def check_may_change(grievance: Grievance, *, actor: Actor) -> None:
    """Raises PermissionDenied, or DomainError with the sentence for whoever does not work the case."""
    allow(actor, p.WORK_GRIEVANCES)
    if refused := is_theirs(grievance, actor):
        raise DomainError(refused)


@dataclass(frozen=True, slots=True)
class Shown:
    """What counts, by step, what was replaced or taken back, and how many of the documents are photos."""

    groups: list[tuple[str, list[CaseDocument]]]
    former: list[CaseDocument]
    photos: int
    may_change: bool


def shown_to(grievance: Grievance, actor: Actor) -> Shown:
    rows = list(CaseDocument.objects.visible_to(actor).filter(grievance=grievance.pk).in_order())
    current = [row for row in rows if not row.is_superseded]
    steps = [(None, _("The whole case")), *((number, str(label)) for number, label in enumerate(Step.labels, 1))]
    groups = [(label, [row for row in current if row.step_number == number]) for number, label in steps]
    return Shown(
        [(label, found) for label, found in groups if found],
        [row for row in rows if row.is_superseded],
        sum(row.is_picture and row.has_preview for row in current),
        may(actor, p.WORK_GRIEVANCES) and not is_theirs(grievance, actor),
    )


# --- the parts ------------------------------------------------------------------------------------------


def _known(grievance: Grievance, row: CaseDocument) -> CaseDocument | None:
    return CaseDocument.objects.current().filter(grievance=grievance.pk, sha256=row.sha256).first()


@contextmanager
def _changing(grievance: Grievance, actor: Actor) -> Iterator[Grievance]:
    """The case under its lock: two people give no exhibit number twice. Its own version stays as it is."""
    with transaction.atomic():
        yield cases.lock_worked(grievance, actor)


def _record(
    grievance: Grievance, action: GrievanceAction, document: CaseDocument, *, actor: Actor | None, reason: str = ""
) -> None:
    data: dict[str, Any] = {"document": str(document.pk), "sha256": document.sha256}
    trail.record(grievance, action, actor=actor, reason=reason, **data)
