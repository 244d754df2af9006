"""Claims that something came too late: the employer's about our filing, or ours about what the employer owed."""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core.audit import trail
from core.errors import DomainError
from core.permissions import Actor, allow
from core.records import records
from core.site import local_today
from grievances import permissions as p
from grievances.enums import GrievanceAction
from grievances.models import Grievance, UntimelyClaim
from grievances.services import cases


def can_claim(grievance: Grievance) -> str:
    """Why no claim can be recorded; "" while the case is open."""
    return _("This case has ended. Reopen it first.") if grievance.is_resolved else ""


def can_clear(grievance: Grievance) -> str:
    return "" if grievance.is_untimely else _("Nobody claims here that something came too late.")


def claim_untimely(
    grievance: Grievance,
    *,
    actor: Actor | None,
    claimed_by: str,
    claimed_on: datetime.date,
    why: str,
    document: str = "",
) -> UntimelyClaim:
    """Keep the claim; it changes no date and no status."""
    with transaction.atomic():
        grievance = cases.lock_worked(grievance, actor, can_claim)
        if not grievance.filed_date <= claimed_on <= local_today():
            raise ValidationError({"claimed_on": _("It is claimed between the filing and today. Check the day.")})
        if grievance.untimely_claims.live().filter(claimed_by=claimed_by).exists():
            raise ValidationError({"claimed_by": _("This side claims it already. Clear that claim first.")})
        claim = UntimelyClaim(grievance=grievance, claimed_by=claimed_by, claimed_on=claimed_on, recorded_by=actor)
        claim.why, claim.document = why, document
        records.save(claim)
        _mark(grievance)
        trail.record(grievance, GrievanceAction.UNTIMELY_CLAIMED, actor=actor, claim=str(claim.pk), side=claimed_by)
        return claim


def clear_untimely(grievance: Grievance, *, actor: Actor | None, claim: UntimelyClaim, reason: str) -> UntimelyClaim:
    """The claim no longer stands: it was given up, answered, or decided on."""
    allow(actor, p.WORK_GRIEVANCES)
    reason = records.stated_reason(reason)
    with transaction.atomic():
        grievance = cases.lock_theirs(grievance, actor, None)
        found = grievance.untimely_claims.live().filter(pk=claim.pk).first()
        if found is None:
            raise DomainError(_("This claim stands no longer. Look at the case again."))
        found.cleared_on, found.cleared_reason = local_today(), reason
        found.version += 1
        records.save(found)
        _mark(grievance)
        trail.record(grievance, GrievanceAction.UNTIMELY_CLEARED, actor=actor, reason=reason, claim=str(found.pk))
        return found


def _mark(grievance: Grievance) -> None:
    grievance.is_untimely = grievance.untimely_claims.live().exists()
    grievance.version += 1
    records.save(grievance)
