"""How a case looks: badges and the step bar."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.enums import Badge, badge_of, choice_label
from core.web.formats import day_text
from grievances.enums import STEPS, GrievanceStatus, GrievanceType, Step, StepOutcome
from grievances.models import Grievance, GrievanceIntake, GrievanceStepRecord


def status_of(grievance: Grievance) -> str:
    return choice_label(GrievanceStatus, grievance.status)


def status_badge(grievance: Grievance) -> Badge:
    return badge_of(GrievanceStatus, grievance.status)


def step_of(grievance: Grievance) -> str:
    return choice_label(Step, grievance.current_step)


def type_of(row: Grievance | GrievanceIntake) -> str:
    return choice_label(GrievanceType, row.grievance_type)


def outcome_badge(record: GrievanceStepRecord) -> Badge | None:
    if not record.outcome:
        return None
    return badge_of(StepOutcome, record.outcome)._replace(text=record.outcome_words)


def grievants_of(grievance: Any) -> str:
    """The grievant, or how many there are; `grievance` comes from for_list."""
    if grievance.grievant_count > 1:
        return ngettext("%(count)s grievant", "%(count)s grievants", grievance.grievant_count) % {
            "count": grievance.grievant_count
        }
    return grievance.member.list_name if grievance.member else ""


def days_open_of(grievance: Grievance, today: datetime.date) -> str:
    days = grievance.days_open(today)
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": f"{days:,}"}


def next_words(grievance: Grievance) -> str:
    """What the grievant may expect, in their language."""
    if grievance.assigned_rep_id is None and not grievance.is_resolved:
        return _("The union has the case and gives it to a representative, who then talks with you.")
    return {
        GrievanceStatus.OPEN: _("Your representative talks with you and looks into what happened."),
        GrievanceStatus.INVESTIGATION: _("Your representative gathers what is needed to meet the employer."),
        GrievanceStatus.HEARING: _("Your representative meets the employer, and tells you when and what came of it."),
        GrievanceStatus.ARBITRATION: _("An arbitrator decides. Your representative tells you the day of the hearing."),
        GrievanceStatus.SETTLED: _("The case is settled. Ask your representative what was agreed."),
        GrievanceStatus.WITHDRAWN: _("The union withdrew the case. Ask your representative why."),
        GrievanceStatus.CLOSED: _("The case is closed. Ask your representative what came of it."),
    }[GrievanceStatus(grievance.status)]


def step_bar(
    grievance: Grievance, records: Iterable[GrievanceStepRecord], *, is_whole: bool
) -> list[tuple[str, str, str]]:
    """The steps with what came of them; a grievant sees only where the case stands. `records` are the live ones."""
    by_number = {record.step_number: record for record in records}
    return [_step(grievance, number, by_number.get(number), is_whole) for number in range(1, len(STEPS) + 1)]


def _step(
    grievance: Grievance, number: int, record: GrievanceStepRecord | None, is_whole: bool
) -> tuple[str, str, str]:
    label = str(STEPS[number - 1].label)
    if number > grievance.step_number:
        return label, "todo", ""
    if number < grievance.step_number:
        if record is None:
            return label, "todo", _("Not used")
        return label, "done", _note(record) if is_whole else ""
    if grievance.is_resolved:
        return label, "done", status_of(grievance)
    is_denied = is_whole and record is not None and record.outcome == StepOutcome.DENIED
    return label, "refused" if is_denied else "current", _note(record) if is_whole and record else ""


def _note(record: GrievanceStepRecord) -> str:
    """What came of a step; the day is the meeting's, and of a move it says so."""
    if not record.meeting_date:
        return record.outcome_words or _("Meeting held")
    day = day_text(record.meeting_date)
    if not record.outcome:
        return _("Meeting held · %(day)s") % {"day": day}
    return _("%(outcome)s · met on %(day)s") % {"outcome": record.outcome_words, "day": day}
