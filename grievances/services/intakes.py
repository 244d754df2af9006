"""What can be done with drafts, up to the filing that makes a case of one."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.audit import trail
from core.errors import DomainError, MoveConflict
from core.permissions import Actor, allow, may
from core.records import one_row, records
from core.records.numbers import yearly_number
from core.site import local_today
from grievances import permissions as p
from grievances.enums import GrievanceAction
from grievances.models import CASE_TEXT, FACTS, Agreement, Grievance, GrievanceIntake, GrievancePolicy, Grievant
from grievances.services import cases, clocks, documents, filing, late_filing
from members.models import Member

INTAKE_FIELDS = ("grievance_type", "organization", *CASE_TEXT, *FACTS, "notes")
# They decide by which rule the time to file is counted, and from which day.
COUNTED_BY = {"grievance_type", "organization", "incident_date", "knowledge_date"}


def start_intake(values: Mapping[str, Any], *, actor: Actor | None) -> GrievanceIntake:
    """Begin a draft; `values` may also name `members`, the grievants. Raises ValidationError by field."""
    allow(actor, p.DRAFT_GRIEVANCES)
    with transaction.atomic():
        intake = GrievanceIntake(drafted_by=actor)
        records.assign(intake, _columns(values), INTAKE_FIELDS)
        records.save(intake)
        intake.members.set(values.get("members", ()))
        trail.record(intake, GrievanceAction.DRAFTED, actor=actor)
        clocks.refresh_draft(intake)
        return intake


def update_intake(
    intake: GrievanceIntake, values: Mapping[str, Any], *, actor: Actor | None, version: int | None = None
) -> GrievanceIntake:
    """Raises EditConflict when somebody saved a newer version, DomainError for a draft that was filed or discarded."""
    allow(actor, p.DRAFT_GRIEVANCES)
    with transaction.atomic():
        intake = lock_open(intake, actor=actor, version=version)
        before = trail.values(intake, INTAKE_FIELDS)
        records.assign(intake, _columns(values), INTAKE_FIELDS)
        changed = trail.changes(GrievanceIntake, before, trail.values(intake, INTAKE_FIELDS))
        if "members" in values and set(values["members"]) != set(intake.members.all()):
            intake.members.set(values["members"])
            changed.append({"field": "members"})
        if changed:
            intake.version += 1
            records.save(intake)
            trail.record(intake, GrievanceAction.DRAFT_CHANGED, actor=actor, changes=changed)
            clocks.refresh_draft(intake, rules_changed=not COUNTED_BY.isdisjoint(item["field"] for item in changed))
        return intake


def discard_intake(
    intake: GrievanceIntake, *, actor: Actor | None, reason: str, version: int | None = None
) -> GrievanceIntake:
    allow(actor, p.DRAFT_GRIEVANCES)
    with transaction.atomic():
        intake = lock_open(intake, actor=actor, version=version)
        records.soft_delete(intake, actor=actor, reason=reason)
        clocks.refresh_draft(intake)
        return intake


def hand_over_draft(
    intake: GrievanceIntake, person: User, *, actor: Actor | None, reason: str, version: int | None = None
) -> GrievanceIntake:
    """From now on the draft is `person`'s to finish."""
    allow(actor, p.ASSIGN_GRIEVANCES)
    reason = records.stated_reason(reason)
    if not may(person, p.DRAFT_GRIEVANCES):
        raise ValidationError({"person": _("This person has no role that drafts grievances. Choose somebody else.")})
    with transaction.atomic():
        intake = lock_open(intake, actor=actor, version=version)
        intake.drafted_by = person
        intake.version += 1
        records.save(intake)
        changes = [{"field": "drafted_by"}]
        trail.record(intake, GrievanceAction.DRAFT_HANDED_OVER, actor=actor, changes=changes, reason=reason)
        return intake


def lock_open(intake: GrievanceIntake, *, actor: Actor | None, version: int | None = None) -> GrievanceIntake:
    """The draft, locked; refused once it is a case (the sentence names it) or was discarded."""
    check_open(records.lock(intake, actor=actor))
    return records.lock(intake, actor=actor, version=version)


def check_open(intake: GrievanceIntake) -> None:
    """Raises DomainError for a draft that is one no longer."""
    if intake.filed_as_id:
        raise DomainError(
            _("This draft was filed already, as %(number)s. Open that case.") % {"number": intake.filed_as}
        )
    if intake.is_deleted:
        raise DomainError(_("This draft was discarded. Start a new one."))


def file_grievance(
    intake: GrievanceIntake,
    *,
    actor: Actor | None,
    filed_date: datetime.date | None = None,
    representative: User | None = None,
    version: int | None = None,
    late_reason: str = "",
    agreement: Agreement | None = None,
) -> Grievance:
    """Make a case of the draft, at the entry step of its type; the text is frozen from here on.

    `representative` works it from now on; without one it waits to be assigned.
    Filing late is never refused; `late_reason` says why, and is asked for on the page. `agreement`: which one covers
    it, where several are in force; without it nobody computes its dates until it is chosen on the case.

    Raises ValidationError by field for what is missing, DomainError when the draft is no longer one.
    """
    allow(actor, p.FILE_GRIEVANCES)
    with transaction.atomic():
        intake = lock_open(intake, actor=actor)
        if version is not None and version != intake.version:
            raise MoveConflict(_("Somebody changed this draft meanwhile. Read it again, then file it."))
        people = list(intake.members.order_by("sort_name", "pk"))
        filed_date = filed_date or local_today()
        check_ready(intake, people, filed_date)
        if representative is not None:
            cases.check_works(representative)
        only = clocks.agreement_for(intake.organization_id, clocks.first_day(intake))
        if agreement is None:
            agreement = only
        elif agreement != only:  # else its date stands as it was computed
            clocks.refresh_draft(intake, rules_changed=True, agreement=agreement)
        grievance = _case_of(intake, people, filed_date, actor)
        grievance.assigned_rep = representative
        stage = late_filing.begin(grievance, agreement, late_reason)
        grievance.full_clean(exclude=["grievance_number"])
        grievance.grievance_number = yearly_number("GR", filed_date)
        grievance.save(people=people, force_insert=True)
        Grievant.objects.bulk_create([Grievant(grievance=grievance, member=member) for member in people])
        intake.filed_as = grievance
        intake.version += 1
        intake.save()
        trail.record(grievance, GrievanceAction.FILED, actor=actor, draft=str(intake.pk))
        if representative is not None:
            trail.record(grievance, GrievanceAction.ASSIGNED, actor=actor, person=representative.pk)
        late_filing.take_over(grievance, intake, stage, actor=actor)
        documents.take_along(intake, grievance, actor=actor)
        return grievance


def check_ready(intake: GrievanceIntake, people: list[Member], filed_date: datetime.date) -> None:
    """Raises ValidationError by field."""
    values = {name: getattr(intake, name) for name in INTAKE_FIELDS}
    if found := filing.problems(values, len(people), filed_date=filed_date, today=local_today()):
        raise ValidationError({name: [sentence] for name, sentence in found.items()})


def _case_of(
    intake: GrievanceIntake, people: list[Member], filed_date: datetime.date, actor: Actor | None
) -> Grievance:
    return Grievance(
        grievance_type=intake.grievance_type,
        member=people[0] if people else None,
        employer=intake.organization,
        filed_date=filed_date,
        filed_by=actor,
        current_step=one_row.current(GrievancePolicy).entry_step(intake.grievance_type),
        notes=intake.notes,
        **{name: getattr(intake, name) for name in (*CASE_TEXT, *FACTS)},
    )


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "members"}
