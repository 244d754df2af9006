"""What a case's page shows of its dates and of its agreement's steps."""

from typing import Any

from django.db import models

from core.db.prepared import prepared
from core.site import local_today
from grievances import working
from grievances.models import Abeyance, AgreementStage, Deadline, Grievance, UntimelyClaim


def dates_of(case: Grievance, *, whole: bool) -> dict[str, Any]:
    """The next two dates with their days left; on the tab all that ever held, each with its working."""
    today = local_today()
    running = [] if case.is_resolved else _running(None, case=case.pk)
    rows = list(case.deadlines.in_order().reverse()) if whole else []
    return {
        "next_dates": [
            (row, working.what_is_due(row), working.badge(row, today, held=case.is_held)) for row in running
        ],
        "no_dates": "" if case.is_resolved else working.status_words(case),
        "dates": [
            (row, working.what_is_due(row), working.badge(row, today, held=case.is_held), working.why_this_date(row))
            for row in rows
        ],
        "deliveries": list(case.deliveries.select_related("proof_file")) if whole else [],
    }


def flags_of(case: Grievance, *, whole: bool) -> dict[str, Any]:
    """The abeyances and the claims of lateness: those that stand, on the tab of dates also those that ended."""
    abeyances: list[Abeyance] = []
    claims: list[UntimelyClaim] = []
    if whole or case.abeyance:
        abeyances = list(case.abeyances.all() if whole else case.abeyances.live())
    if whole or case.is_untimely:
        claims = list(case.untimely_claims.all() if whole else case.untimely_claims.live())
    return {"abeyances": abeyances, "untimely_claims": claims}


def step_names(case: Grievance) -> dict[int, str]:
    """Number of our step → what the contract calls it; where several stand at one, that at which the case is."""
    if case.agreement_id is None:
        return {}
    found: dict[int, str] = {}
    for stage in _stages(None, agreement=case.agreement_id):
        number = stage.step_number
        if number not in found or stage.position == case.stage:
            found[number] = stage.name
    return found


@prepared
def _stages(_asker: Any, *, agreement: Any) -> models.QuerySet:
    return AgreementStage.objects.filter(agreement=agreement)


@prepared
def _running(_asker: Any, *, case: Any) -> models.QuerySet:
    return Deadline.objects.filter(grievance=case).running().in_order()[:2]
