"""Two records of one member or employer became one: cases, drafts and agreements name the record that stayed."""

from typing import Any

from django.db import transaction

from core.audit import trail
from core.enums import CoreAction
from core.permissions import Actor
from grievances.enums import GrievanceAction
from grievances.models import Agreement, Docket, Grievance, GrievanceIntake, GrievantTold
from grievances.services import clocks
from members.models import Member, Organization


def follow(kept: Member, duplicate: Member, *, actor: Actor) -> None:
    """Filed text stays as it was written; who the case is about, its search and its panels change."""
    with transaction.atomic():
        for case in Grievance.objects.about_member(kept.pk).select_for_update(of=("self",)).order_by("pk"):
            if not case.grievants.filter(member=duplicate).exists():
                case.save()  # its search knows the numbers that came
                continue
            _rename_grievant(case, kept, duplicate)
            if case.member_id == duplicate.pk:
                case.member = kept
            case.version += 1
            case.save()
            changed = trail.changes(Grievance, {"member": duplicate.pk}, {"member": kept.pk})
            trail.record(case, GrievanceAction.MEMBER_MERGED, actor=actor, changes=changed)
        for draft in GrievanceIntake.objects.filter(members=duplicate).order_by("pk"):
            draft.members.remove(duplicate)
            draft.members.add(kept)


def follow_employer(kept: Organization, duplicate: Organization, *, actor: Actor) -> None:
    """Agreements and what is dated by them stand at one employer again, so no date is lost; filed text stays as it was.

    Where agreements of both records hold on one day, drafts show the dates of both, and a person chooses.
    """
    with transaction.atomic():
        for agreement in _locked(Agreement.objects.filter(employer=duplicate)):
            _move(agreement, "employer", kept, actor)
        for case in _locked(Grievance.objects.filter(employer=duplicate)):
            _move(case, "employer", kept, actor)
        for docket in _locked(Docket.objects.filter(employer=duplicate)):
            _move(docket, "employer", kept, actor)
        for draft in _locked(GrievanceIntake.objects.filter(organization=duplicate, filed_as=None)):
            _move(draft, "organization", kept, actor)
        for draft in _locked(GrievanceIntake.objects.alive().unfiled().filter(organization=kept)):
            agreements = clocks.agreements_for(kept.pk, clocks.first_day(draft))
            if agreements:
                clocks.refresh_draft(draft, rules_changed=len(agreements) > 1)


def _locked(rows: Any) -> Any:
    return rows.select_for_update(of=("self",)).order_by("pk")


def _move(row: Any, field: str, kept: Organization, actor: Actor) -> None:
    changed = trail.changes(type(row), {field: getattr(row, f"{field}_id")}, {field: kept.pk})
    setattr(row, field, kept)
    row.version += 1
    row.save()
    trail.record(row, CoreAction.CHANGED, actor=actor, changes=changed)


def _rename_grievant(case: Grievance, kept: Member, duplicate: Member) -> None:
    """One row stays where both records were grievants, with the days on which either was told."""
    row = case.grievants.select_for_update(of=("self",)).get(member=duplicate)
    other = case.grievants.filter(member=kept).first()
    if other is None:
        row.member = kept
        row.version += 1
        row.save()
        return
    known = GrievantTold.objects.filter(grievant=other).values("resolution")
    GrievantTold.objects.filter(grievant=row).exclude(resolution__in=known).update(grievant=other)
    GrievantTold.objects.filter(grievant=row).delete()
    row.delete()
