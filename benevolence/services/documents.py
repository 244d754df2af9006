"""What is done with the documents of an application. What stands in the store is taken in before the transaction."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from benevolence import permissions as p
from benevolence.enums import (
    FINAL,
    IN_REVIEW,
    BenevolenceAction,
    DocumentCategory,
    Reason,
    Side,
    Status,
)
from benevolence.models import ApplicationDocument, BenevolenceApplication
from benevolence.services.facts import policy_of
from benevolence.services.policy import documents_needed
from benevolence.services.steps import lock_person, start_again, take_step, to_intake
from benevolence.services.workflow import duties, is_mine
from core.audit import trail
from core.errors import DomainError
from core.files.attaching import Added, supersede, taken_each, taken_in
from core.files.enums import FileState
from core.mail import notifications
from core.permissions import Actor, allow, may
from core.records import records

CHANGEABLE = (Status.DRAFT, *IN_REVIEW)


def add_all(
    application: BenevolenceApplication,
    files: Sequence[UploadedFile],
    *,
    category: str,
    actor: Actor,
    version: int | None = None,
) -> Added:
    """Put files with the application; those that cannot be kept hinder no other.

    The same file a second time is there already; one that came with an answer is from then on what it is added as.
    What was decided on other proof is void.
    """
    check_may_change(application, actor=actor)
    fields = _fields(application, category, actor)
    with taken_each(ApplicationDocument, files, partial(_known, application), **fields) as (fresh, added):
        answers = [row for row in added.kept if row.category == DocumentCategory.ANSWER != category]
        if fresh or answers:
            with _changing(application, actor=actor, version=version, is_other_proof=bool(fresh)) as locked:
                if fresh:
                    to_intake(locked)
                for row in fresh:
                    records.save(row)
                    _record(locked, BenevolenceAction.DOCUMENT_ADDED, row, actor=actor)
                for row in answers:
                    row.category = category
                    _name(locked, row, actor=actor)
    return added


def add(
    application: BenevolenceApplication,
    file: UploadedFile,
    *,
    category: str,
    actor: Actor,
    version: int | None = None,
) -> ApplicationDocument:
    """As `add_all` for one file. Raises what refuses it, FileRefused or StoreAway."""
    added = add_all(application, [file], category=category, actor=actor, version=version)
    for _name, error in added.refused:
        raise error
    return added.kept[0]


def replace(
    document: ApplicationDocument, file: UploadedFile, *, actor: Actor, version: int | None = None
) -> ApplicationDocument:
    """A newer file takes the place of `document`, which is kept."""
    application = document.application
    check_may_change(application, actor=actor)
    fields = _fields(application, document.category, actor)
    with (
        taken_in(ApplicationDocument, [file], **fields, question_id=document.question_id) as rows,
        _changing(application, actor=actor, version=version) as locked,
    ):
        to_intake(locked)
        records.save(rows[0])
        supersede(document, by=rows[0])
        _record(locked, BenevolenceAction.DOCUMENT_REPLACED, rows[0], actor=actor)
    return rows[0]


def take_back(document: ApplicationDocument, *, actor: Actor, reason: str) -> None:
    """The document counts no longer; it is kept, and those who decide see that it was there."""
    application = document.application
    check_may_change(application, actor=actor)
    reason = records.stated_reason(reason)
    with _changing(application, actor=actor, version=None) as locked:
        supersede(document)
        _record(locked, BenevolenceAction.DOCUMENT_TAKEN_BACK, document, actor=actor, reason=reason)


@contextmanager
def answering(
    application: BenevolenceApplication, files: Sequence[UploadedFile], *, category: str, actor: Actor | None
) -> Iterator[list[ApplicationDocument]]:
    """What is sent with an answer: rows for `keep_answers` to save in the transaction of the answer."""
    fields = _fields(application, category, actor)
    with taken_in(ApplicationDocument, files, **fields) as rows:
        yield rows


def keep_answers(
    application: BenevolenceApplication, rows: Sequence[ApplicationDocument], *, question: Any, actor: Actor | None
) -> None:
    """Save them with the question that they answer; they are what the level asked for, so nothing is void."""
    for row in rows:
        if _known(application, row) is not None:
            raise DomainError(_("One of these files is with the application already. Leave it out, and say which."))
        row.question = question
        records.save(row)
        _record(application, BenevolenceAction.DOCUMENT_ADDED, row, actor=actor)


def release(document: ApplicationDocument, *, actor: Actor, is_released: bool = True) -> None:
    """Let reviewers who do not see the person see this document, or no longer."""
    allow(actor, p.APPLY_FOR_MEMBER)
    rows = BenevolenceApplication.objects.visible_to(actor).with_side(actor).filter(side=Side.INTAKE)
    with transaction.atomic():
        if not rows.filter(pk=document.application_id).exists():
            raise PermissionDenied(p.APPLY_FOR_MEMBER)
        changed = ApplicationDocument.objects.filter(pk=document.pk, is_released=not is_released)
        if changed.update(is_released=is_released):
            action = BenevolenceAction.DOCUMENT_RELEASED if is_released else BenevolenceAction.DOCUMENT_KEPT_BACK
            _record(document.application, action, document, actor=actor)
    document.is_released = is_released


def found_harmful(document: ApplicationDocument) -> None:
    """The scanner found something: nobody gets the file; who sent it and the office are told."""
    with transaction.atomic():
        rows = ApplicationDocument.objects.filter(pk=document.pk, state=FileState.HELD)
        if not rows.update(state=FileState.INFECTED):
            return
        _record(document.application, BenevolenceAction.DOCUMENT_HARMFUL, document, actor=None)
        told = {document.added_by_id, document.application.entered_by_id}
        url = document.application.get_absolute_url()
        office = set(User.objects.holding(p.APPLY_FOR_MEMBER).values_list("pk", flat=True))
        for user in User.objects.filter(pk__in=told | office, is_active=True).order_by("pk"):
            notifications.send(user.email, "file_harmful", {"url": url if user.pk in told else ""})


# --- what may be done, and what is missing ------------------------------------------------------------


def check_may_change(application: Any, *, actor: Actor) -> None:
    """Raises PermissionDenied for who is neither the applicant nor looks after it, DomainError for the moment."""
    allow(actor, p.REQUEST)
    if is_mine(application, actor):
        raise PermissionDenied(p.REQUEST)
    if sentence := not_now(application):
        raise DomainError(sentence)


def not_now(application: Any) -> str:
    """Why no document can be added, replaced or taken back at this moment; "" when it can."""
    if application.status not in CHANGEABLE:
        return _("This application is decided or has ended, so its documents stay as they are.")
    if application.is_awaiting_applicant:
        return _(
            "There is a question about this application. Send the document with your answer; "
            "after that you can add others."
        )
    return ""


def voids_decisions(application: Any) -> bool:
    """Whether a change of the documents makes void what was decided so far."""
    return application.status in IN_REVIEW and _decided(application).exists()


def _decided(application: Any) -> Any:
    return application.reviews.filter(decision__in=FINAL, voided_at=None)


def shows(application: Any, actor: Actor | None) -> bool:
    """Whether `actor` sees the documents, as ApplicationDocument.objects.visible_to says it of many."""
    side = duties(application, actor).side
    return side != Side.INTAKE or application.status == Status.DRAFT or application.needs_intake


def kinds_of_rules(application: Any) -> list[str]:
    """The kinds that the rules ask for at any reason: those of another one are sent before the reason is changed."""
    rules = policy_of(application)
    return [kind for reason in Reason for kind in documents_needed(rules, reason)]


@dataclass(frozen=True, slots=True)
class Shown:
    """The documents as one person sees them: what counts, what was replaced or taken back, and how many are photos.

    `has_answers`: whether the rules' documents may be among what came with answers.
    """

    current: list[ApplicationDocument]
    former: list[ApplicationDocument]
    photos: int
    may_change: bool
    has_answers: bool


def shown_to(application: Any, actor: Actor) -> Shown | None:
    """None to whom the documents are not shown."""
    if not shows(application, actor):
        return None
    rows = list(ApplicationDocument.objects.visible_to(actor).filter(application=application).in_order())
    current = [row for row in rows if not row.is_superseded]
    may_change = not is_mine(application, actor) and may(actor, p.REQUEST) and not not_now(application)
    photos = sum(row.is_picture and row.has_preview for row in current)
    has_answers = any(row.category == DocumentCategory.ANSWER for row in current)
    return Shown(current, [row for row in rows if row.is_superseded], photos, may_change, has_answers)


# --- the parts ----------------------------------------------------------------------------------------


def _fields(application: Any, category: str, actor: Actor | None) -> dict[str, Any]:
    return {"application_id": application.pk, "category": category, "added_by": cast(User, actor)}


def _known(application: Any, row: ApplicationDocument) -> ApplicationDocument | None:
    return ApplicationDocument.objects.current().filter(application=application.pk, sha256=row.sha256).first()


def _name(application: Any, answer: ApplicationDocument, *, actor: Actor) -> None:
    """Keep of what kind a document is that came with an answer."""
    rows = ApplicationDocument.objects.current().filter(pk=answer.pk, category=DocumentCategory.ANSWER)
    if rows.update(category=answer.category):
        _record(application, BenevolenceAction.DOCUMENT_NAMED, answer, actor=actor)


@contextmanager
def _changing(application: Any, *, actor: Actor, version: int | None, is_other_proof: bool = True) -> Iterator[Any]:
    """The application under its lock, with a new version: nobody decides on documents that they did not see.

    Where something was decided already on other proof, its decisions are void and the review starts again.
    """
    with transaction.atomic():
        lock_person(application.member_id)  # as whoever decides does: what is decided now stays so until the end
        if is_other_proof and voids_decisions(BenevolenceApplication.objects.get(pk=application.pk)):
            with take_step(application, "amend", actor=actor, version=version) as locked:
                _refuse_now(locked)
                yield locked
                start_again(locked)
            return
        locked = records.lock(application, actor=actor, version=version)
        _refuse_now(locked)
        yield locked
        locked.version += 1
        records.save(locked)


def _refuse_now(application: Any) -> None:
    if sentence := not_now(application):
        raise DomainError(sentence)


def _record(
    application: Any, action: BenevolenceAction, document: ApplicationDocument, *, actor: Actor | None, reason: str = ""
) -> None:
    data: dict[str, Any] = {"document": str(document.pk), "category": document.category, "sha256": document.sha256}
    trail.record(application, action, actor=actor, reason=reason, **data)
