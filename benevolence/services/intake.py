"""What the office does before the levels approve: it confirms what the rules ask for and prepares blind reviews."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from benevolence import permissions as p
from benevolence.enums import BenevolenceAction, Side
from benevolence.models import BenevolenceApplication, IntakeNote
from benevolence.services import documents
from benevolence.services.facts import policy_of
from benevolence.services.steps import lock_as_seen, stated
from core.audit import trail
from core.errors import DomainError
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


def why_not(application: Any) -> str:
    """Why intake is neither finished nor written again now."""
    if not application.is_in_review:
        return _("This application is not in review, so there is nothing to confirm.")
    if not wanted(application):
        return _("The rules of this application ask intake for nothing.")
    if not application.needs_intake and documents.voids_decisions(application):
        return _(
            "A level has decided by what intake wrote, so it stays. "
            "If the levels miss something, they ask the applicant."
        )
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

    Once a level has decided by it, nothing is written again unless something new is to be prepared.

    `released`: keys of the documents that blind reviewers may open; every other one is kept back.
    """
    with transaction.atomic():
        row = _at_intake(application, actor=actor, version=version)
        if refused := why_not(row):
            raise DomainError(refused)
        now = timezone.now()
        missing = [words for words in wanted(row) if not notes.get(words, "").strip()]
        if missing:
            raise ValidationError(_("Write a note for each of them, so that the levels can rely on it."))
        row.intake_notes.filter(voided_at=None).update(voided_at=now, updated_at=now)
        for words in wanted(row):
            _keep_note(row, words, stated("text", notes[words]), actor=actor, at=now)
        for document in row.documents.current():
            documents.release(document, actor=actor, is_released=document.pk in released)
        row.needs_intake = False
        row.version += 1
        records.save(row)
        trail.record(row, BenevolenceAction.PREPARED, actor=actor)
        return row


def _keep_note(row: BenevolenceApplication, words: str, text: str, *, actor: Actor, at: datetime) -> None:
    note = IntakeNote(application=row, words=words, text=text)
    note.written_by, note.written_at = cast(User, actor), at
    records.save(note)


def released_of(application: Any) -> Any:
    """What blind reviewers may open, also what was replaced or taken back since."""
    return application.documents.filter(is_released=True).in_order()


def why_nothing_to_keep(application: Any) -> str:
    if application.is_blind and (brief_of(application) or released_of(application).exists()):
        return ""
    return _("Blind reviewers see no document and no text of this application.")


def keep_back(
    application: BenevolenceApplication,
    kept: Collection[Any],
    *,
    actor: Actor,
    struck: Collection[str] = (),
    version: int | None = None,
) -> BenevolenceApplication:
    """Let blind reviewers open these documents, given by their keys, no longer, nor read the words that are `struck`.

    That is possible at any time, after decisions too: somebody noticed a name in them. It takes away and says nothing
    else, so what was decided by it stands.
    """
    with transaction.atomic():
        row = _at_intake(application, actor=actor, version=version)
        if refused := why_nothing_to_keep(row):
            raise DomainError(refused)
        for document in released_of(row).filter(pk__in=kept):
            documents.release(document, actor=actor, is_released=False)
        if struck:
            _strike(row, struck, actor=actor)
        row.version += 1
        records.save(row)
        return row


def _strike(row: BenevolenceApplication, struck: Collection[str], *, actor: Actor) -> None:
    """Put “…” where the words stood in the text; the former text is void, and kept."""
    text, now = brief_of(row), timezone.now()
    for words in struck:
        text, count = re.subn(rf"(?<!\w){re.escape(words)}(?!\w)", "…", text, flags=re.IGNORECASE)
        if not count:
            raise ValidationError({"struck": _("“%(words)s” does not stand in the text.") % {"words": words}})
    briefs().filter(application=row).update(voided_at=now, updated_at=now)
    _keep_note(row, BRIEF, text, actor=actor, at=now)
    trail.record(row, BenevolenceAction.TEXT_STRUCK, actor=actor)


def _at_intake(application: BenevolenceApplication, *, actor: Actor, version: int | None) -> Any:
    """The row as it was looked at, locked. Raises PermissionDenied for who is not of the office, or decides it."""
    allow(actor, p.APPLY_FOR_MEMBER)
    row = lock_as_seen(application, actor=actor, version=version)
    seen = BenevolenceApplication.objects.for_person(actor).get(pk=row.pk)
    if seen.is_own or seen.side != Side.INTAKE:
        raise PermissionDenied(p.APPLY_FOR_MEMBER)
    return row


def notes_of(application: Any) -> list[IntakeNote]:
    return list(
        application.intake_notes.filter(voided_at=None).select_related("written_by").order_by("written_at", "pk")
    )


def brief_of(application: Any) -> str:
    """The text that blind reviewers read."""
    note = briefs().filter(application=application).first()
    return note.text if note else ""


def briefs() -> models.QuerySet[IntakeNote]:
    """The texts that blind reviewers read, one an application."""
    return IntakeNote.objects.filter(voided_at=None, words=BRIEF)
