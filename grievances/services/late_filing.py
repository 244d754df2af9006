"""What filing does to the dates of a draft: the case gets its agreement, its step and the deadline that ran."""

import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.permissions import Actor
from core.records import records
from core.web.formats import day_text
from grievances.enums import ClockKind, DeadlineEnd
from grievances.models import Agreement, AgreementStage, Deadline, Grievance, GrievanceIntake
from grievances.services import clocks


def filing_deadline(intake: GrievanceIntake) -> Deadline | None:
    """The one that runs for the draft."""
    rows = Deadline.objects.filter(intake=intake, grievance=None, clock=ClockKind.FILE)
    return rows.running().first()


def unclear_agreement(intake: GrievanceIntake) -> str:
    """That several agreements were in force on the day of the draft, and what to do; "" where one or none was."""
    day = clocks.first_day(intake)
    found = clocks.agreements_for(intake.organization_id, day)
    if day is None or len(found) < 2:
        return ""
    said = _("On %(day)s more than one agreement with %(employer)s was in force: %(titles)s.") % {
        "day": day_text(day),
        "employer": intake.organization,
        "titles": "; ".join(agreement.title for agreement in found),
    }
    todo = _(
        "Act by the earliest of their dates, which is safe under each. Whoever files it says which one covers it; if "
        "one is over, whoever writes agreements enters its last day."
    )
    return f"{said} {todo}"


def late_sentence(intake: GrievanceIntake, filed_date: datetime.date, agreement: Agreement | None = None) -> str:
    """Which date has passed, and what the contract makes of it; "" when there is time or nobody computes it.

    `agreement`: the one that covers it, where somebody has said so; else the latest date of those in force counts.
    """
    deadline = filing_deadline(intake)
    last = deadline.contract_date if deadline else None
    only = clocks.agreement_for(intake.organization_id, clocks.first_day(intake))
    if agreement is None:
        agreement = only
    elif agreement != only:
        last = clocks.last_day_to_file(intake, agreement)
    if last is None or filed_date <= last:
        return ""
    said = _("It had to be filed by %(day)s.") % {"day": day_text(last)}
    if agreement is None:
        return said
    follows = _("Under the contract a grievance that is late means: %(what)s.") % {
        "what": agreement.get_lateness_display()
    }
    tolling = _("The contract also says: %(words)s") % {"words": agreement.tolling} if agreement.tolling else ""
    return " ".join(filter(None, (said, follows, tolling)))


def check_reason(
    intake: GrievanceIntake, filed_date: datetime.date, reason: str, agreement: Agreement | None = None
) -> None:
    """Raises ValidationError for the field `late_reason` where one is asked for and missing."""
    if (sentence := late_sentence(intake, filed_date, agreement)) and not reason.strip():
        ask = _("Say why it is late, or which words of the contract lengthen the time; it is filed all the same.")
        raise ValidationError({"late_reason": f"{sentence} {ask}"})


def begin(grievance: Grievance, agreement: Agreement | None, late_reason: str) -> AgreementStage | None:
    """Put an unsaved case at the step of its agreement at which its type begins."""
    grievance.late_reason = late_reason.strip()
    if agreement is None:
        return None
    stage = clocks.entry_stage(agreement, grievance.grievance_type)
    grievance.agreement = agreement
    if stage is not None:
        grievance.current_step, grievance.stage, grievance.stage_name = stage.step, stage.position, stage.name
    return stage


def take_over(
    grievance: Grievance, intake: GrievanceIntake, stage: AgreementStage | None, *, actor: Actor | None
) -> None:
    """The draft's deadline goes with the case, and runs on until a delivery is recorded."""
    for row in Deadline.objects.filter(intake=intake, grievance=None):
        row.grievance = grievance
        row.version += 1
        row.save()
    if stage is not None:
        clocks.enter_stage(grievance, stage, grievance.filed_date)
        clocks.refresh(grievance, actor=actor)


def carry_over(
    grievance: Grievance, *, side: str, due: datetime.date, source: str, what: str, actor: Actor | None = None
) -> Deadline:
    """A date from an earlier file, with where it comes from; nothing computes it."""
    row = Deadline(
        grievance=grievance,
        side=side,
        clock=ClockKind.CARRIED,
        stage=grievance.stage or grievance.step_number,
        stage_name=what,
        contract_date=due,
        due=due,
        source=source,
    )
    earlier = grievance.deadlines.running().filter(clock=ClockKind.CARRIED, stage=row.stage).first()
    if earlier is not None:
        clocks.end(earlier, DeadlineEnd.REPLACED, due)
    records.save(row)
    return row
