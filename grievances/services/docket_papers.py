"""What is printed of a docket: the agenda, and one letter that confirms its extensions."""

from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.papers.typeset import Paper
from core.permissions import Actor
from core.site import local_today
from core.web.formats import day_text
from grievances import display
from grievances.models import Deadline, Docket, DocketCase, Extension
from grievances.services.papers import address_lines
from grievances.working import due_words, may_be_held

TEMPLATE = "papers/docket.typ"
NEXT = ("due", "contract_date", "clock", "stage_name", "missed_at")


def agenda(docket: Docket, user: Actor) -> Paper:
    """Number, grievant, article, step and what is due of each case that the person sees; no facts of ours."""
    rows = rows_of(docket, user)
    heads = [_("No."), _("Grievance"), _("Grievant"), _("Article"), _("Stands at"), _("Next date")]
    meeting = [
        (_("Employer"), docket.employer.name),
        (_("Day of the meeting"), day_text(docket.meeting_date)),
        (_("Place"), docket.place),
        (_("For the union"), docket.union_attendees),
        (_("For the employer"), docket.employer_attendees),
    ]
    data = {
        "flipped": True,
        "address": [],
        "day": "",
        "facts": [pair for pair in meeting if pair[1]],
        "paragraphs": [],
        "heads": heads,
        "rows": [[str(number), *_agenda_row(row)] for number, row in enumerate(rows, 1)],
        "wide": [2, 5],
        "signatures": [],
    }
    return Paper(TEMPLATE, f"agenda-{docket.meeting_date}", _("Agenda of the grievance meeting"), data)


def rows_of(docket: Docket, user: Actor) -> list[Any]:
    """The cases of the docket that the person sees, each with its next date."""
    return list(with_next(DocketCase.objects.filter(docket=docket).visible_to(user)).for_page())


def with_next(rows: Any) -> Any:
    running = Deadline.objects.running().filter(grievance=OuterRef("grievance")).in_order()
    columns = {f"next_{name}": Subquery(running.values(name)[:1]) for name in NEXT}
    return rows.annotate(**columns)


def next_words(row: Any, *, for_employer: bool = False) -> str:
    """What is due next in the case of a row, and when; `for_employer` it is the contract's date, never our safe one."""
    if not row.next_due:
        return ""
    day = row.next_contract_date if for_employer else row.next_due
    held = row.grievance.is_held and may_be_held(row.next_clock, row.next_missed_at)
    when = _("held") if held else day_text(day)
    return f"{due_words(row.next_clock, row.next_stage_name)}: {when}"


def _agenda_row(row: Any) -> list[str]:
    case = row.grievance
    who = case.member.full_name if case.member else _("None: a policy grievance")
    return [str(case), who, case.contract_article, display.step_of(case), next_words(row, for_employer=True) or "—"]


def extension_letter(docket: Docket, user: Actor) -> Paper:
    """Raises DomainError while there is nothing to confirm."""
    seen = Extension.objects.visible_to(user).filter(dockets=docket).to_confirm()
    rows = list(seen.select_related("grievance__member", "deadline").order_by("grievance__grievance_number", "pk"))
    if not rows:
        raise DomainError(_("No extension of this docket waits to be confirmed. Record extensions first."))
    words = _("We confirm what we agreed on for the grievances below: each date is put off to the new date beside it.")
    data = {
        "flipped": False,
        "address": address_lines(docket.employer, docket.employer.name),
        "day": day_text(local_today()),
        "facts": [],
        "paragraphs": [words, _("Please sign one copy and send it back to us.")],
        "heads": [_("Grievance"), _("Grievant"), _("What is due"), _("Date until now"), _("New date")],
        "rows": [_extension_row(row) for row in rows],
        "wide": [1, 2],
        "signatures": [_("For the employer, and day"), _("For the union, and day")],
    }
    return Paper(TEMPLATE, f"extensions-{docket.meeting_date}", _("Extension of time"), data)


def _extension_row(row: Extension) -> list[str]:
    who = row.grievance.member.full_name if row.grievance.member else ""
    dates = [day_text(row.deadline.contract_date), day_text(row.new_date)]
    return [str(row.grievance), who, display.due_on_paper(row.deadline), *dates]
