"""What can be done with agreements: written, changed, copied to begin the next; their steps, rules and closures."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.audit import trail
from core.errors import DomainError
from core.files.attaching import supersede
from core.files.enums import FileState
from core.mail import notifications
from core.permissions import Actor, allow
from core.records import records
from core.site import local_today
from grievances import permissions as p
from grievances.enums import GrievanceAction, Step
from grievances.models import (
    Agreement,
    AgreementClause,
    AgreementClosure,
    AgreementFile,
    AgreementStage,
    Deadline,
    Grievance,
    GrievanceIntake,
    StepRule,
)
from grievances.services import clauses, clocks

AGREEMENT_FIELDS = (
    "employer",
    "title",
    "worksites",
    "effective_from",
    "effective_to",
    "reopener_on",
    "holiday_list",
    "saturdays_open",
    "silence",
    "lateness",
    "tolling",
    "entry_step_individual",
    "entry_step_group",
    "entry_step_policy",
    "panel_source",
    "panel_size",
    "first_strike",
)
STAGE_FIELDS = ("position", "step", "name")
RULE_FIELDS = (
    "clock",
    "days",
    "unit",
    "trigger",
    "event_day_counted",
    "rolls",
    "unclear_unit",
    "unclear_start",
    "unclear_roll",
    "clause",
)
CLOSURE_FIELDS = ("name", "first_day", "last_day")
# With these an agreement begins; whoever writes it gives them the contract's names or takes some out.
USUAL_STAGES = (Step.STEP_1, Step.STEP_2, Step.STEP_3)


def create_agreement(values: Mapping[str, Any], *, actor: Actor | None, stages: bool = True) -> Agreement:
    """With our three steps under their own names, unless `stages` says that others follow."""
    allow(actor, p.CHANGE_AGREEMENTS)
    with transaction.atomic():
        agreement = records.create(Agreement(), values, editable=AGREEMENT_FIELDS, actor=actor)
        for position, step in enumerate(USUAL_STAGES if stages else (), 1):
            records.save(AgreementStage(agreement=agreement, position=position, step=step, name=str(step.label)))
        return agreement


def change_agreement(
    agreement: Agreement, values: Mapping[str, Any], *, actor: Actor | None, version: int | None = None
) -> Agreement:
    """Dates that were computed stay as they are; what is computed from now on follows the change."""
    allow(actor, p.CHANGE_AGREEMENTS)
    with transaction.atomic():
        agreement = records.lock(agreement, actor=actor, version=version)
        former = agreement.employer_id
        records.change(agreement, values, editable=AGREEMENT_FIELDS, actor=actor)
        _refresh_drafts(agreement, former)
        return agreement


def copy_agreement(
    agreement: Agreement,
    *,
    actor: Actor | None,
    effective_from: datetime.date,
    title: str = "",
    version: int | None = None,
) -> Agreement:
    """Begin the next agreement with everything of this one; the day before it, this one ends."""
    allow(actor, p.CHANGE_AGREEMENTS)
    with transaction.atomic():
        agreement = records.lock(agreement, actor=actor, version=version)
        if effective_from <= agreement.effective_from:
            raise ValidationError({"effective_from": _("The next agreement begins after this one did.")})
        values = {name: getattr(agreement, name) for name in AGREEMENT_FIELDS}
        values |= {"effective_from": effective_from, "effective_to": None, "reopener_on": None}
        fresh = records.create(
            Agreement(previous=agreement),
            {**values, "title": title or agreement.title},
            editable=AGREEMENT_FIELDS,
            actor=actor,
            action=GrievanceAction.AGREEMENT_COPIED,
        )
        _copy_parts(agreement, fresh)
        last = effective_from - datetime.timedelta(1)
        if agreement.effective_to is None or agreement.effective_to > last:
            records.change(agreement, {"effective_to": last}, editable=("effective_to",), actor=actor)
        _refresh_drafts(fresh)
        return fresh


def with_rules(agreement: Agreement) -> Iterator[tuple[AgreementStage, list[StepRule]]]:
    for stage in agreement.stages.prefetch_related("rules"):
        yield stage, list(stage.rules.all())


def _copy_parts(old: Agreement, new: Agreement) -> None:
    for stage, rules in with_rules(old):
        copied = AgreementStage(agreement=new, **{name: getattr(stage, name) for name in STAGE_FIELDS})
        records.save(copied)
        for rule in rules:
            records.save(StepRule(stage=copied, **{name: getattr(rule, name) for name in RULE_FIELDS}))
    for closure in old.closures.filter(last_day__gte=new.effective_from):
        records.save(AgreementClosure(agreement=new, **{name: getattr(closure, name) for name in CLOSURE_FIELDS}))
    AgreementClause.objects.bulk_create(
        AgreementClause(
            agreement=new,
            **{name: getattr(clause, name) for name in ("position", "article", "section", "title", "text")},
        )
        for clause in old.clauses.all()
    )


def save_stage(
    agreement: Agreement,
    values: Mapping[str, Any],
    *,
    actor: Actor | None,
    stage: AgreementStage | None = None,
    version: int | None = None,
) -> AgreementStage:
    allow(actor, p.CHANGE_AGREEMENTS)
    with transaction.atomic():
        agreement = records.lock(agreement, actor=actor)
        row = AgreementStage(agreement=agreement)
        if stage is not None:
            row = records.lock(stage, actor=actor, version=version)
            _check_place(row, values)
        records.assign(row, values, STAGE_FIELDS)
        _touch(row)
        records.save(row)
        trail.record(agreement, GrievanceAction.RULE_SET, actor=actor, step=row.name)
        return row


def _check_place(stage: AgreementStage, values: Mapping[str, Any]) -> None:
    """Cases, their arrivals and their deadlines name a step by its place in the order."""
    moved = [name for name in ("position", "step") if values.get(name, getattr(stage, name)) != getattr(stage, name)]
    if moved and _has_been_used(stage):
        sentence = _("Cases have been at this step, so it stays where it is. Copy the agreement to begin another.")
        raise ValidationError(dict.fromkeys(moved, sentence))


def _has_been_used(stage: AgreementStage) -> bool:
    cases = Grievance.objects.filter(agreement=stage.agreement_id, stage_entries__stage=stage.position)
    return cases.exists() or any(_is_used(rule) for rule in stage.rules.all())


def remove_stage(stage: AgreementStage, *, actor: Actor | None, version: int | None = None) -> None:
    """A step that no case has been at, with its rules."""
    allow(actor, p.CHANGE_AGREEMENTS)
    with transaction.atomic():
        agreement = records.lock(stage.agreement, actor=actor)
        stage = records.lock(stage, actor=actor, version=version)
        if _has_been_used(stage):
            raise DomainError(_("Cases have been at this step, so it stays. Copy the agreement to begin another."))
        name = stage.name
        stage.rules.all().delete()
        stage.delete()
        trail.record(agreement, GrievanceAction.RULE_TAKEN_OUT, actor=actor, step=name)
        _refresh_drafts(agreement)


def _is_used(rule: StepRule) -> bool:
    return Deadline.objects.filter(rule=rule).exists()


def save_rule(
    stage: AgreementStage,
    values: Mapping[str, Any],
    *,
    actor: Actor | None,
    rule: StepRule | None = None,
    version: int | None = None,
) -> StepRule:
    """A clock of a step. Drafts follow at once; of cases only what is computed from now on."""
    allow(actor, p.CHANGE_AGREEMENTS)
    with transaction.atomic():
        agreement = records.lock(stage.agreement, actor=actor)
        row = StepRule(stage=stage)
        if rule is not None:
            row = records.lock(rule, actor=actor, version=version)
        records.assign(row, values, RULE_FIELDS)
        _touch(row)
        records.save(row)
        trail.record(agreement, GrievanceAction.RULE_SET, actor=actor, step=stage.name)
        _refresh_drafts(agreement)
        return row


def remove_rule(rule: StepRule, *, actor: Actor | None, version: int | None = None) -> None:
    allow(actor, p.CHANGE_AGREEMENTS)
    with transaction.atomic():
        agreement = records.lock(rule.stage.agreement, actor=actor)
        rule = records.lock(rule, actor=actor, version=version)
        if _is_used(rule):
            raise DomainError(
                _("Dates were computed with this rule, so it stays. Copy the agreement to begin another.")
            )
        name = rule.stage.name
        rule.delete()
        trail.record(agreement, GrievanceAction.RULE_TAKEN_OUT, actor=actor, step=name)
        _refresh_drafts(agreement)


def add_closure(agreement: Agreement, values: Mapping[str, Any], *, actor: Actor | None) -> AgreementClosure:
    allow(actor, p.CHANGE_AGREEMENTS)
    with transaction.atomic():
        agreement = records.lock(agreement, actor=actor)
        row = AgreementClosure(agreement=agreement)
        records.assign(row, values, CLOSURE_FIELDS)
        if row.first_day and row.last_day and (row.last_day - row.first_day).days > 366:
            raise ValidationError({"last_day": _("A closure lasts at most a year. Check the two days.")})
        records.save(row)
        trail.record(agreement, GrievanceAction.RULE_SET, actor=actor, closure=row.name)
        _refresh_drafts(agreement)
        return row


def remove_closure(closure: AgreementClosure, *, actor: Actor | None, version: int | None = None) -> None:
    """Its days count again from now on: drafts follow at once, dates of cases that were computed stay."""
    allow(actor, p.CHANGE_AGREEMENTS)
    with transaction.atomic():
        agreement = records.lock(closure.agreement, actor=actor)
        closure = records.lock(closure, actor=actor, version=version)
        name = closure.name
        closure.delete()
        trail.record(agreement, GrievanceAction.RULE_TAKEN_OUT, actor=actor, closure=name)
        _refresh_drafts(agreement)


def put_clauses_in(agreement: Agreement, text: str, *, actor: Actor | None) -> int:
    """Split a pasted contract into its articles and sections, in the place of those before; how many there are."""
    allow(actor, p.CHANGE_AGREEMENTS)
    with transaction.atomic():
        agreement = records.lock(agreement, actor=actor)
        parts = clauses.split(text)
        if not parts:
            raise ValidationError(
                {"text": _("No article was found. Begin each with a line such as “Article 9 Grievances”.")}
            )
        agreement.clauses.all().delete()
        for position, part in enumerate(parts, 1):
            records.save(AgreementClause(agreement=agreement, position=position, **part))
        trail.record(agreement, GrievanceAction.CLAUSES_PUT_IN, actor=actor, sections=len(parts))
        return len(parts)


def add_files(agreement: Agreement, rows: list[AgreementFile], *, actor: Actor | None) -> None:
    """Keep files that were taken in beside what was typed of the agreement."""
    allow(actor, p.CHANGE_AGREEMENTS)
    with transaction.atomic():
        agreement = records.lock(agreement, actor=actor)
        for row in rows:
            records.save(row)
        trail.record(agreement, GrievanceAction.CLAUSES_PUT_IN, actor=actor, files=len(rows))


def take_back_file(file: AgreementFile, *, actor: Actor | None, reason: str) -> None:
    """The file is the agreement's no longer: no binder has it from now on. It is kept, and the history says why."""
    allow(actor, p.CHANGE_AGREEMENTS)
    reason = records.stated_reason(reason)
    with transaction.atomic():
        agreement = records.lock(file.agreement, actor=actor)
        supersede(file)
        said: dict[str, Any] = {"document": str(file.pk), "sha256": file.sha256}
        trail.record(agreement, GrievanceAction.DOCUMENT_TAKEN_BACK, actor=actor, reason=reason, **said)


def found_harmful(file: AgreementFile) -> None:
    """The scanner found something: nobody gets the file, and who sent it is told."""
    with transaction.atomic():
        if not AgreementFile.objects.filter(pk=file.pk, state=FileState.HELD).update(state=FileState.INFECTED):
            return
        trail.record(file.agreement, GrievanceAction.DOCUMENT_HARMFUL, actor=None)
        for user in User.objects.filter(pk=file.added_by_id, is_active=True):
            notifications.send(user.email, "file_harmful", {"url": file.agreement.get_absolute_url()})


def choose_agreement(
    grievance: Grievance,
    agreement: Agreement,
    *,
    actor: Actor | None,
    reached_on: datetime.date | None = None,
    version: int | None = None,
) -> Grievance:
    """Give a case that has none its agreement; from now on its dates are computed, of its step from `reached_on`.

    Nobody need say when a case reached the step at which it was filed.
    """
    allow(actor, p.CHANGE_AGREEMENTS)
    with transaction.atomic():
        grievance = records.lock(grievance, actor=actor, version=version)
        if grievance.agreement_id:
            raise DomainError(_("This case has its agreement, under which it was filed. It stays."))
        if agreement.employer_id != grievance.employer_id:
            raise ValidationError({"agreement": _("This agreement is with another employer.")})
        stages = [stage for stage in clocks.stages_of(agreement) if stage.step == grievance.current_step]
        grievance.agreement = agreement
        if stages:
            clocks.enter_stage(grievance, stages[0], _day_reached(grievance, stages[0], reached_on))
        grievance.version += 1
        records.save(grievance)
        trail.record(grievance, GrievanceAction.AGREEMENT_CHOSEN, actor=actor)
        clocks.refresh_filing(grievance, agreement)
        clocks.refresh(grievance, actor=actor)
        return grievance


def _day_reached(grievance: Grievance, stage: AgreementStage, day: datetime.date | None) -> datetime.date:
    if day is None and clocks.entry_stage(stage.agreement, grievance.grievance_type) == stage:
        return grievance.filed_date
    if day is None:
        raise ValidationError(
            {"reached_on": _("Enter the day on which the case reached this step: its dates count from it.")}
        )
    if day < grievance.filed_date:
        raise ValidationError({"reached_on": _("This is before the case was filed. Check the date.")})
    if day > local_today():
        raise ValidationError({"reached_on": _("This day is still to come. Check the date.")})
    return day


def _touch(row: Any) -> None:
    if not row._state.adding:
        row.version += 1


def _refresh_drafts(agreement: Agreement, former: Any = None) -> None:
    """Drafts at this employer, and at the `former` one: their filing deadline may begin, move or go."""
    employers = {agreement.employer_id, former or agreement.employer_id}
    for intake in GrievanceIntake.objects.alive().unfiled().filter(organization__in=employers):
        clocks.refresh_draft(intake, rules_changed=True)
