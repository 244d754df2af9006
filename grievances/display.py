"""How a case looks: badges and the step bar."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.enums import Badge, badge_of, choice_label
from core.web.formats import day_text
from grievances.enums import (
    STEPS,
    AbeyanceState,
    Answer,
    ClockKind,
    GrievanceStatus,
    GrievanceType,
    Side,
    Step,
    StepOutcome,
)
from grievances.models import AnswerReceived, Grievance, GrievanceIntake, GrievanceStepRecord, decisive, latest
from grievances.services.outlook import Outlook
from grievances.working import what_is_due

NOTHING_KNOWN = Outlook()
UNTIMELY = Badge(gettext_lazy("Untimely"), "amber", "flag")


def status_of(grievance: Grievance) -> str:
    return choice_label(GrievanceStatus, grievance.status)


def status_badge(grievance: Grievance) -> Badge:
    return badge_of(GrievanceStatus, grievance.status)


def flag_badges(grievance: Grievance) -> list[Badge]:
    """What a case bears beside its status while it is open."""
    found = [badge_of(AbeyanceState, grievance.abeyance)] if grievance.abeyance else []
    if grievance.is_untimely and not grievance.is_resolved:
        found.append(UNTIMELY)
    return found


def flags_badge(grievance: Grievance) -> Badge | None:
    """As one badge, for a cell."""
    found = flag_badges(grievance)
    return found[0]._replace(text=flag_words(grievance)) if found else None


def flag_words(grievance: Grievance) -> str:
    return " · ".join(str(badge.text) for badge in flag_badges(grievance))


def step_of(grievance: Grievance) -> str:
    """Under the contract's own name, where the case has an agreement."""
    return grievance.stage_name or choice_label(Step, grievance.current_step)


def due_on_paper(row: Any) -> str:
    """As `what_is_due` of a date of a case, on papers that the employer signs: it is plain which date is meant."""
    if row.clock != ClockKind.CARRIED:
        return what_is_due(row)
    step = step_of(row.grievance)
    if row.side == Side.UNION:
        return _("the union’s date at %(step)s") % {"step": step}
    return _("the employer’s date at %(step)s") % {"step": step}


def type_of(row: Grievance | GrievanceIntake) -> str:
    return choice_label(GrievanceType, row.grievance_type)


def outcome_badge(record: GrievanceStepRecord) -> Badge | None:
    if not record.outcome:
        return None
    return badge_of(StepOutcome, record.outcome)._replace(text=record.outcome_words)


def answer_badge(answer: AnswerReceived) -> Badge:
    return badge_of(Answer, answer.answer)


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


def next_words(grievance: Grievance, outlook: Outlook = NOTHING_KNOWN) -> str:
    """What the grievant may expect, in their language."""
    if grievance.assigned_rep_id is None and not grievance.is_resolved:
        return _("The union has the case and gives it to a representative, who then talks with you.")
    if grievance.abeyance and not grievance.is_resolved:
        return _(
            "The union and the employer let your case rest for now. Your representative tells you when it goes on."
        )
    if grievance.status == GrievanceStatus.ARBITRATION and grievance.is_awarded:
        return _("The arbitrator has decided. Your representative tells you what follows.")
    if grievance.status == GrievanceStatus.ARBITRATION and outlook.hearing:
        return _(
            "An arbitrator decides. The hearing is on %(day)s. Your representative tells you where and when to come."
        ) % {"day": day_text(outlook.hearing)}
    return {
        GrievanceStatus.OPEN: _("Your representative talks with you and looks into what happened."),
        GrievanceStatus.INVESTIGATION: _("Your representative gathers what is needed to meet the employer."),
        GrievanceStatus.HEARING: _("Your representative meets the employer, and tells you when and what came of it."),
        GrievanceStatus.ARBITRATION: _("An arbitrator decides. Your representative tells you the day of the hearing."),
        GrievanceStatus.SETTLED: _("The case is settled. Ask your representative what was agreed."),
        GrievanceStatus.WITHDRAWN: _("The union withdrew the case. Ask your representative why."),
        GrievanceStatus.CLOSED: _("The case is closed. Ask your representative what came of it."),
    }[GrievanceStatus(grievance.status)]


def by_when(outlook: Outlook) -> str:
    """Whose turn it is under the contract, and until when; "" where no date is known."""
    if outlook.until is None:
        return ""
    ours = outlook.side == Side.UNION
    turn = _("It is the union’s turn until %(day)s.") if ours else _("It is the employer’s turn until %(day)s.")
    words = {
        ClockKind.FILE: _("The union has until %(day)s to hand the grievance to the employer."),
        ClockKind.MEET: _("The employer has until %(day)s to meet the union."),
        ClockKind.ANSWER: _("The employer has until %(day)s to answer."),
        ClockKind.APPEAL: _("The union has until %(day)s to move the case to the next step."),
        ClockKind.OUR_BRIEF: _("The union has until %(day)s to write to the arbitrator."),
        ClockKind.THEIR_BRIEF: _("The employer has until %(day)s to write to the arbitrator."),
    }.get(ClockKind(outlook.clock), turn)
    return words % {"day": day_text(outlook.until)}


def expected(grievance: Grievance, outlook: Outlook) -> str:
    """What happens next and by when, as one text."""
    return " ".join(filter(None, (next_words(grievance, outlook), by_when(outlook))))


def step_bar(
    grievance: Grievance,
    records: Iterable[GrievanceStepRecord],
    *,
    is_whole: bool,
    names: Mapping[int, str] | None = None,
) -> list[tuple[str, str, str]]:
    """The steps with what came of them; a grievant sees only where the case stands. `records` are the live ones."""
    of_steps: dict[int, list[GrievanceStepRecord]] = {number: [] for number in range(1, len(STEPS) + 1)}
    for record in records:
        of_steps[record.step_number].append(record)
    names = dict(names or {})
    bar = [_step(grievance, number, found, is_whole) for number, found in of_steps.items()]
    return [(names.get(number, label), state, note) for number, (label, state, note) in enumerate(bar, 1)]


def _step(
    grievance: Grievance, number: int, records: list[GrievanceStepRecord], is_whole: bool
) -> tuple[str, str, str]:
    label = str(STEPS[number - 1].label)
    if number > grievance.step_number:
        return label, "todo", ""
    if number < grievance.step_number:
        if not records:
            return label, "todo", _("Not used")
        return label, "done", _note(records) if is_whole else ""
    if grievance.is_resolved:
        return label, "done", status_of(grievance)
    records = [record for record in records if record.is_at(number, grievance.stage)]
    is_denied = is_whole and any(record.outcome == StepOutcome.DENIED for record in records)
    return label, "refused" if is_denied else "current", _note(records) if is_whole else ""


def _note(records: list[GrievanceStepRecord]) -> str:
    """What came of a step; the day is that of the last meeting, and of a move it says so."""
    telling, last = decisive(records), latest(records)
    if telling is None or last is None:
        return ""
    if not last.meeting_date:
        return telling.outcome_words or _("Meeting held")
    said = {"outcome": telling.outcome_words, "day": day_text(last.meeting_date), "count": len(records)}
    if not telling.outcome and len(records) > 1:
        return _("%(count)s meetings held, the last on %(day)s") % said
    if not telling.outcome:
        return _("Meeting held · %(day)s") % said
    if len(records) > 1:
        return _("%(outcome)s · %(count)s meetings, the last on %(day)s") % said
    return _("%(outcome)s · met on %(day)s") % said
