"""What the office does before the levels approve: it confirms what the rules ask for and prepares blind reviews."""

from collections.abc import Collection, Mapping
from typing import Any, cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from benevolence import permissions as p
from benevolence.enums import BenevolenceAction
from benevolence.models import ApplicationDocument, BenevolenceApplication, IntakeNote
from benevolence.services import documents
from benevolence.services.facts import policy_of
from benevolence.services.steps import stated
from core.audit import trail
from core.errors import DomainError, MoveConflict
from core.permissions import Actor, allow
from core.records import records

BRIEF = ""


def wanted(application: Any) -> list[str]:
    """The conditions to confirm; who of the office is related, where the applicant says that somebody is; last, as the
    empty word, the text for blind reviewers.
    """
    related = [_("Who of the officers or employees the applicant is related to")]
    return [
        *policy_of(application).conditions,
        *(related if application.is_related_to_office else []),
        *([BRIEF] if application.is_blind else []),
    ]


def is_asked(application: Any) -> bool:
    """Whether the office confirms or prepares something before the levels approve."""
    return bool(wanted(application))


def why_not(application: Any, actor: Actor | None) -> str:
    if not application.is_in_review:
        return _("This application is not in review, so there is nothing to confirm.")
    if not wanted(application):
        return _("The rules of this application ask intake for nothing.")
    if not application.needs_intake:
        return _("Intake is finished, and the levels rely on it. If they miss something, they ask the applicant.")
    return ""


def finish(
    application: BenevolenceApplication,
    notes: Mapping[str, str],
    *,
    actor: Actor,
    released: Collection[Any] = (),
    version: int | None = None,
) -> BenevolenceApplication:
    """Keep a note for everything that is wanted; former notes are void, and the levels go on.

    Once that is done the levels rely on it, and nothing is written again unless something new is to be prepared.

    `released`: keys of the documents that blind reviewers may open; every other one is kept back.
    """
    allow(actor, p.APPLY_FOR_MEMBER)
    with transaction.atomic():
        row = records.lock(application, actor=actor, version=None)
        if version is not None and version != row.version:
            raise MoveConflict(_("Somebody changed this record meanwhile. Look at it again, then decide."))
        seen = BenevolenceApplication.objects.for_person(actor).get(pk=row.pk)
        if seen.is_own:
            raise PermissionDenied(p.APPLY_FOR_MEMBER)
        if refused := why_not(row, actor):
            raise DomainError(refused)
        now = timezone.now()
        missing = [words for words in wanted(row) if not notes.get(words, "").strip()]
        if missing:
            raise ValidationError(_("Write a note for each of them, so that the levels can rely on it."))
        row.intake_notes.filter(voided_at=None).update(voided_at=now)
        for words in wanted(row):
            note = IntakeNote(application=row, words=words, text=stated("text", notes[words]))
            note.written_by, note.written_at = cast(User, actor), now
            records.save(note)
        for document in ApplicationDocument.objects.visible_to(actor).filter(application=row).current():
            documents.release(document, actor=actor, is_released=document.pk in released)
        row.needs_intake = False
        row.version += 1
        records.save(row)
        trail.record(row, BenevolenceAction.PREPARED, actor=actor)
        return row


def notes_of(application: Any) -> list[IntakeNote]:
    return list(
        application.intake_notes.filter(voided_at=None).select_related("written_by").order_by("written_at", "pk")
    )


def brief_of(application: Any) -> str:
    """The text that blind reviewers read."""
    note = application.intake_notes.filter(voided_at=None, words=BRIEF).first()
    return note.text if note else ""
