"""When briefs to an arbitrator are due, on either side: deadlines that no clause but the arbitrator sets.

Ours is met by a delivery record like every deadline of ours; the employer's by the day on which it came.
"""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core.audit import trail
from core.permissions import Actor
from core.records import records
from core.site import local_today
from grievances.enums import ClockKind, GrievanceAction, Side, Step
from grievances.models import Deadline, Grievance
from grievances.services import cases, clocks
from grievances.services.arbitration import has_begun

CLOCKS = {Side.UNION: ClockKind.OUR_BRIEF, Side.EMPLOYER: ClockKind.THEIR_BRIEF}
STAGE = 0  # of no agreement: what its steps start and end leaves these dates alone


def set_brief(grievance: Grievance, *, actor: Actor | None, side: str, due: datetime.date) -> Deadline:
    """Keep the day by which one side's brief is due; another day for it is an extension of that date."""
    with transaction.atomic():
        grievance = cases.lock_worked(grievance, actor, has_begun)
        clock = CLOCKS[Side(side)]
        if grievance.deadlines.running().filter(clock=clock).exists():
            sentence = _("A date for this brief runs already. Record an extension of it on its page.")
            raise ValidationError({"side": sentence})
        if due < local_today():
            raise ValidationError({"due": _("This day has passed. Enter the day by which the brief is due.")})
        row = Deadline(
            grievance=grievance,
            side=side,
            clock=clock,
            stage=STAGE,
            stage_name=str(Step.ARBITRATION.label),
            contract_date=due,
            due=due,
            source=_("Set in the arbitration."),
        )
        records.save(row)
        trail.record(grievance, GrievanceAction.BRIEF_SET, actor=actor, side=side)
        return row


def is_owed(grievance: Grievance) -> str:
    """Why no brief of the employer can have come."""
    owed = grievance.deadlines.running().filter(clock=ClockKind.THEIR_BRIEF)
    return "" if owed.exists() else _("No brief of the employer is due. Record first when it is.")


def brief_came(grievance: Grievance, *, actor: Actor | None, received_on: datetime.date) -> Deadline:
    """The employer's brief is here, in time or late."""
    with transaction.atomic():
        grievance = cases.lock_worked(grievance, actor, is_owed)
        row = grievance.deadlines.running().filter(clock=ClockKind.THEIR_BRIEF).select_for_update().get()
        if not grievance.filed_date <= received_on <= local_today():
            raise ValidationError({"received_on": _("It came between the filing and today. Check the day.")})
        clocks.came(row, received_on)
        trail.record(grievance, GrievanceAction.BRIEF_CAME, actor=actor)
        return row
