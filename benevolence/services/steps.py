"""One step of an application, under the locks that it needs."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from benevolence.models import (
    BenevolenceApplication,
)
from benevolence.services import payees, turns
from benevolence.services.facts import policy_of
from benevolence.services.workflow import FLOW
from core.errors import MoveConflict
from core.permissions import Actor
from core.records import records
from members.models import Member


@contextmanager
def take_step(
    application: BenevolenceApplication, name: str, *, actor: Actor | None, version: int | None, reason: str = ""
) -> Iterator[BenevolenceApplication]:
    """FLOW.step under a lock on the person: of two applications decided at once, the second sees the first.

    The event names the level at which the step was taken.
    """
    with transaction.atomic():
        lock_person(application.member_id)
        level = BenevolenceApplication.objects.values_list("level_due", flat=True).get(pk=application.pk)
        data = {"level": level} if level else {}
        with FLOW.step(application, name, actor=actor, version=version, reason=reason, **data) as locked:
            yield locked


def lock_as_seen(row: Any, *, actor: Actor | None, version: int | None) -> Any:
    """The row as it stands now, locked. Raises MoveConflict when it is no longer the one that was looked at."""
    row = records.lock(row, actor=actor)
    if version is not None and version != row.version:
        raise MoveConflict(_("Somebody changed this record meanwhile. Look at it again, then decide."))
    return row


def lock_person(pk: int) -> None:
    """The member's record, the one it was merged into and those that may be the same, in the order of their keys."""
    _lock(Member.objects.perhaps_one_with(pk))


def lock_people(members: Collection[int]) -> None:
    """As `lock_person` for several people at once: who locks one person after another may wait in a ring."""
    _lock({key for pk in members for key in Member.objects.perhaps_one_with(pk)})


def _lock(keys: Collection[int]) -> None:
    list(Member.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))


def start_again(application: BenevolenceApplication) -> None:
    """What was decided so far is void, and the first level is due; no payee gets less."""
    now = timezone.now()
    application.reviews.filter(voided_at=None).update(voided_at=now, updated_at=now, version=F("version") + 1)
    end_review(application)
    payees.start_again(application)
    application.level_due = policy_of(application).levels[0]
    application.approved_amount = application.approved_on = None
    turns.begin(application)


def to_intake(application: BenevolenceApplication) -> None:
    """Something new has come: blind reviewers see nothing of it until the office has prepared it."""
    application.needs_intake = application.needs_intake or application.is_blind


def end_review(application: BenevolenceApplication) -> None:
    """Nothing is due at a level, asked or put off any more."""
    application.level_due, application.is_awaiting_applicant, application.deferred_until = "", False, None
    turns.end(application)


def stated(field: str, text: str) -> str:
    """`text` as it is kept. Raises ValidationError for `field` where nothing is said."""
    text = text.strip()
    if not text:
        raise ValidationError({field: _("Say it in a few words.")})
    return text
