"""Two records of one member became one: cases and drafts name the record that stayed."""

from django.db import transaction

from core.audit import trail
from core.permissions import Actor
from grievances.enums import GrievanceAction
from grievances.models import Grievance, GrievanceIntake, GrievantTold
from members.models import Member


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
