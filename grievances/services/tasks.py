"""What has to be done in a case: noted, changed, reminded of, checked off, struck."""

import datetime
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.audit import trail
from core.errors import DomainError
from core.permissions import Actor, allow, may
from core.records import records
from core.site import local_today
from grievances import permissions as p
from grievances.enums import GrievanceAction, TaskKind
from grievances.models import CaseTask, Grievance
from grievances.services import cases
from grievances.services.workflow import is_theirs

TASK_FIELDS = ("what", "person", "asked_on", "due", "amount")


def add(grievance: Grievance, kind: str, values: Mapping[str, Any], *, actor: Actor | None) -> CaseTask:
    """Raises ValidationError by field."""
    with transaction.atomic():
        grievance = cases.lock_worked(grievance, actor)
        return note(grievance, kind, values, actor=actor)


def note(grievance: Grievance, kind: str, values: Mapping[str, Any], *, actor: Actor | None) -> CaseTask:
    """As `add`, for services that have the case locked."""
    task = CaseTask(grievance=grievance, kind=kind)
    records.assign(task, dict(values), TASK_FIELDS)
    _check(task)
    records.save(task)
    trail.record(grievance, GrievanceAction.TASK_ADDED, actor=actor, task=str(task.pk), kind=kind)
    return task


def change(task: CaseTask, values: Mapping[str, Any], *, actor: Actor | None, version: int | None = None) -> CaseTask:
    with _changing(task, actor, version) as task:
        records.assign(task, dict(values), TASK_FIELDS)
        _check(task)
        _keep(task, GrievanceAction.TASK_CHANGED, actor)
    return task


def finish(
    task: CaseTask, *, actor: Actor | None, done_on: datetime.date, done_words: str = "", version: int | None = None
) -> CaseTask:
    """It was done: the information came, the money was paid. Whoever has a to-do checks it off."""
    with _changing(task, actor, version) as task:
        if done_on > local_today():
            raise ValidationError({"done_on": _("This day is still to come. Check it off when it is done.")})
        if done_on < task.asked_on:
            raise ValidationError({"done_on": _("This is before it was asked. Check the day.")})
        task.done_on, task.done_words = done_on, done_words
        _keep(task, GrievanceAction.TASK_DONE, actor)
    return task


def remind(task: CaseTask, *, actor: Actor | None, day: datetime.date, version: int | None = None) -> CaseTask:
    """The employer was reminded of what they owe us."""
    with _changing(task, actor, version) as task:
        if task.kind == TaskKind.TODO:
            raise DomainError(_("This is ours to do, so there is nobody at the employer to remind."))
        if not task.asked_on <= day <= local_today():
            raise ValidationError({"day": _("A reminder is sent after it was asked, and not in days to come.")})
        task.reminded_on = day
        _keep(task, GrievanceAction.TASK_REMINDED, actor)
    return task


def drop(task: CaseTask, *, actor: Actor | None, reason: str, version: int | None = None) -> CaseTask:
    """It has to be done no longer, or never had; the reason stays on record."""
    reason = records.stated_reason(reason)
    with _changing(task, actor, version) as task:
        task.done_on, task.is_dropped = local_today(), True
        _keep(task, GrievanceAction.TASK_DROPPED, actor, reason)
    return task


def drop_terms(grievance: Grievance, *, actor: Actor | None, reason: str) -> None:
    """With the settlement go its terms; the case is locked."""
    for task in CaseTask.objects.open().filter(grievance=grievance, kind=TaskKind.TERM):
        task.done_on, task.is_dropped = local_today(), True
        _keep(task, GrievanceAction.TASK_DROPPED, actor, reason)


def why_not_change(task: CaseTask, actor: Actor) -> str:
    """Whoever has a to-do does it, also in a case of somebody else; for the rest one works the case."""
    if task.done_on is not None:
        return _("This is no longer open. Note it anew if it has to be done again.")
    return "" if task.person_id == actor.pk else is_theirs(task.grievance, actor)


@contextmanager
def _changing(task: CaseTask, actor: Actor | None, version: int | None) -> Iterator[CaseTask]:
    allow(actor, p.WORK_GRIEVANCES)
    with transaction.atomic():
        task = records.lock(task, actor=actor, version=version)
        if actor is not None and (refused := why_not_change(task, actor)):
            raise DomainError(refused)
        yield task


def _check(task: CaseTask) -> None:
    if task.kind == TaskKind.TODO and task.person is None:
        raise ValidationError({"person": _("Say who does it.")})
    if task.person is not None and (refused := why_not_theirs(task.grievance, task.person)):
        raise ValidationError({"person": refused})
    if task.due and task.due < task.asked_on:
        raise ValidationError({"due": _("This is due before it was asked. Check the days.")})


def why_not_theirs(grievance: Grievance, person: User) -> str:
    """Why a person can have nothing to do in a case; "" for somebody who works cases and sees this one."""
    if not may(person, p.WORK_GRIEVANCES):
        return _("This person has no role that works grievances. Choose somebody else.")
    if not Grievance.objects.filter(pk=grievance.pk).whole_to(person).exists():
        return _("This person does not see the case. Choose somebody else.")
    return ""


def _keep(task: CaseTask, action: GrievanceAction, actor: Actor | None, reason: str = "") -> None:
    task.version += 1
    records.save(task)
    trail.record(task.grievance, action, actor=actor, reason=reason, task=str(task.pk), kind=task.kind)
