"""What a case's page shows of its dates and of its agreement's steps."""

import datetime
from typing import Any

from django.db import models

from core.db.prepared import prepared
from core.enums import Badge
from core.site import local_today
from grievances import display, working
from grievances.enums import STEPS
from grievances.models import Abeyance, AgreementStage, Deadline, Grievance, UntimelyClaim


def dates_of(case: Grievance, *, whole: bool) -> dict[str, Any]:
    """The next two dates with their days left; on the tab all that ever held, each with its working."""
    today = local_today()
    running = [] if case.is_resolved else _running(None, case=case.pk)
    rows = list(case.deadlines.in_order().reverse()) if whole else []
    return {
        "next_dates": [_shown(row, today, case) for row in running],
        "no_dates": "" if case.is_resolved else working.status_words(case),
        "dates": [(*_shown(row, today, case), working.why_this_date(row)) for row in rows],
        "deliveries": list(case.deliveries.select_related("proof_file")) if whole else [],
    }


def _shown(row: Deadline, today: datetime.date, case: Grievance) -> tuple[Deadline, str, Badge]:
    return row, working.due_in_its_case(row), working.badge(row, today, held=case.is_held)


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


def told_steps(case: Grievance) -> list[tuple[str, list[Any], list[Any]]]:
    """Of each step of which anything is known: its name, the meetings and the answers, each with its badge."""
    stages = list(_stages(None, agreement=case.agreement_id)) if case.agreement_id else []
    found: dict[tuple[int, int], tuple[list[Any], list[Any]]] = {}
    for record in sorted(case.step_records.all(), key=lambda record: record.met):
        at = (record.step_number, record.stage or 0)
        found.setdefault(at, ([], []))[0].append((record, display.outcome_badge(record)))
    for answer in sorted(case.answers.all(), key=lambda answer: (answer.received_on, answer.created_at)):
        at = (answer.step_number, answer.stage or 0)
        found.setdefault(at, ([], []))[1].append((answer, display.answer_badge(answer)))
    return [(_name_of(stages, *at), *found[at]) for at in sorted(found)]


def _name_of(stages: list[AgreementStage], number: int, position: int) -> str:
    """What the contract calls a step; what was written before the agreement knows only our number of it."""
    here = [stage for stage in stages if (stage.position == position if position else stage.step_number == number)]
    return here[0].name if len(here) == 1 else str(STEPS[number - 1].label)


@prepared
def _stages(_asker: Any, *, agreement: Any) -> models.QuerySet:
    return AgreementStage.objects.filter(agreement=agreement)


@prepared
def _running(_asker: Any, *, case: Any) -> models.QuerySet:
    return Deadline.objects.filter(grievance=case).running().in_order()[:2]
