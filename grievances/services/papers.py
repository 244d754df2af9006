"""What the papers of a case say: the form, the letters to the employer, the agreement, the letter to the grievant.

Each holds what its reader knows or is to know: no facts of ours, no minutes, no strategy.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.enums import choice_label
from core.errors import DomainError
from core.papers.typeset import Paper
from core.site import local_today
from core.web.formats import day_text, money_text
from grievances import display
from grievances.enums import AT_STEPS, RESOLVED, GrievanceStatus, GrievanceType, Step, TaskKind
from grievances.models import CaseTask, Grievance

TEMPLATE = "papers/letter.typ"


@dataclass(frozen=True, slots=True)
class Kind:
    """A paper there is while the case has one of `statuses`; otherwise `early` says when."""

    name: str
    label: Any
    statuses: tuple[str, ...]
    early: Any
    data: Callable[[Grievance], dict[str, Any]]
    to_grievant: bool = False

    def is_for(self, grievance: Grievance) -> bool:
        return grievance.status in self.statuses and not (self.to_grievant and grievance.member_id is None)


def offered(grievance: Grievance) -> list[Kind]:
    """The papers that there are now."""
    return [kind for kind in KINDS.values() if kind.is_for(grievance)]


def paper_of(grievance: Grievance, kind: Kind) -> Paper:
    """Raises DomainError where there is no such paper yet."""
    if not kind.is_for(grievance):
        raise DomainError(str(kind.early))
    return Paper(TEMPLATE, f"{grievance.grievance_number}-{kind.name}", str(kind.label), kind.data(grievance))


def information_letter(task: CaseTask) -> Paper:
    """The request, or once its day has passed the reminder of it. Raises DomainError for anything else to be done."""
    if task.kind != TaskKind.INFORMATION:
        raise DomainError(_("This is no request for information, so there is no letter of it."))
    grievance, is_late = task.grievance, task.is_late
    asked = _("On %(day)s we asked you for the following information about grievance %(number)s:")
    asks = _("To represent our members in grievance %(number)s we ask you for the following information:")
    words = (asked if is_late else asks) % {"day": day_text(task.asked_on), "number": grievance}
    paragraphs = [words, *_lines(task.what)]
    if is_late:
        paragraphs.append(
            _("We have not received it. It was due on %(day)s. Send it now.") % {"day": day_text(task.due)}
        )
    elif task.due:
        paragraphs.append(_("Please send it by %(day)s.") % {"day": day_text(task.due)})
    title = _("Reminder: request for information") if is_late else _("Request for information")
    return Paper(TEMPLATE, f"{grievance.grievance_number}-information", title, _to_employer(grievance, paragraphs))


def _to_employer(grievance: Grievance, paragraphs: list[str], **more: Any) -> dict[str, Any]:
    return {
        "address": address_lines(grievance.employer, grievance.employer.name),
        "day": day_text(local_today()),
        "greeting": "",
        "paragraphs": paragraphs,
        "facts": _about(grievance),
        "signatures": [_("For the union")],
        **more,
    }


def _about(grievance: Grievance) -> list[tuple[str, str]]:
    found = [
        (_("Grievance"), grievance.grievance_number),
        (_("Former number"), grievance.former_number),
        (_("Grievants"), _grievants(grievance)),
        (_("Contract article"), grievance.contract_article),
        (_("Filed"), day_text(grievance.filed_date)),
    ]
    return [pair for pair in found if pair[1]]


def _grievants(grievance: Grievance) -> str:
    people = [str(row.member) for row in grievance.grievants.select_related("member").order_by("member__sort_name")]
    return ", ".join(people) or _("None: a policy grievance")


def _form(grievance: Grievance) -> dict[str, Any]:
    facts = [
        *_about(grievance),
        (_("Employer"), grievance.employer.name),
        (_("Type"), choice_label(GrievanceType, grievance.grievance_type)),
        (_("Date of the incident"), day_text(grievance.incident_date) if grievance.incident_date else "—"),
        (_("What happened"), grievance.violation_description),
        (_("Remedy sought"), grievance.remedy_sought),
    ]
    signatures = [_("Grievant, and day"), _("For the union, and day"), _("Received for the employer by, and day")]
    return _to_employer(grievance, [], facts=facts, signatures=signatures)


def _step_letter(grievance: Grievance) -> dict[str, Any]:
    words = _("The grievance below stands at %(step)s. Please tell us when you meet with us about it.")
    return _to_employer(grievance, [words % {"step": choice_label(Step, grievance.current_step)}])


def _demand(grievance: Grievance) -> dict[str, Any]:
    paragraphs = [
        _("The grievance below was not settled in its steps. The union demands that it is arbitrated."),
        _("Please take part in choosing the arbitrator as the contract says."),
    ]
    return _to_employer(grievance, paragraphs)


def _settlement(grievance: Grievance) -> dict[str, Any]:
    terms = [
        " · ".join(filter(None, (task.what, _money(task.amount), _by(task.due))))
        for task in CaseTask.objects.filter(grievance=grievance, kind=TaskKind.TERM, is_dropped=False)
    ]
    paragraphs = [
        _("The employer and the union settle the grievance below on these terms:"),
        *_lines(grievance.resolution),
    ]
    signatures = [_("For the employer, and day"), _("For the union, and day")]
    return _to_employer(grievance, [*paragraphs, *terms], signatures=signatures)


def _money(amount: Any) -> str:
    return money_text(amount) if amount is not None else ""


def _by(day: Any) -> str:
    return _("by %(day)s") % {"day": day_text(day)} if day else ""


def _to_grievant(grievance: Grievance) -> dict[str, Any]:
    member: Any = grievance.member
    paragraphs = [_("this is where your grievance stands:"), display.next_words(grievance)]
    if grievance.status in RESOLVED:
        day = day_text(grievance.resolution_date)
        paragraphs = [_("your grievance has ended on %(day)s.") % {"day": day}, *_lines(grievance.resolution)]
        ended = grievance.resolutions.live().first()
        if ended is not None and ended.appeal_until:
            words = _("You may appeal this decision within the union until %(day)s.")
            paragraphs.append(words % {"day": day_text(ended.appeal_until)})
    return {
        "address": address_lines(member, member.full_name),
        "day": day_text(local_today()),
        "greeting": _("Dear %(name)s,") % {"name": member.full_name},
        "paragraphs": paragraphs,
        "facts": [(_("Grievance"), grievance.grievance_number), (_("Employer"), grievance.employer.name)],
        "signatures": [_("For the union")],
    }


def address_lines(whom: Any, name: str) -> list[str]:
    place = " ".join(part for part in (", ".join(filter(None, (whom.city, whom.state))), whom.zip_code) if part)
    return [line for line in (name, *whom.address.splitlines(), place) if line]


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


EVERY = tuple(GrievanceStatus.values)
KINDS = {
    kind.name: kind
    for kind in (
        Kind("grievance-form", gettext_lazy("Grievance form"), EVERY, "", _form),
        Kind(
            "step-letter",
            gettext_lazy("Letter to the employer"),
            tuple(AT_STEPS),
            gettext_lazy("This letter asks for a step meeting. The case has left its steps."),
            _step_letter,
        ),
        Kind(
            "arbitration-demand",
            gettext_lazy("Demand for arbitration"),
            (GrievanceStatus.ARBITRATION,),
            gettext_lazy("Demand arbitration in the case first; then its letter can be printed."),
            _demand,
        ),
        Kind(
            "settlement",
            gettext_lazy("Settlement agreement"),
            (GrievanceStatus.SETTLED,),
            gettext_lazy("The agreement tells the terms. It can be printed once the case is settled."),
            _settlement,
        ),
        Kind(
            "grievant-letter",
            gettext_lazy("Letter to the grievant"),
            EVERY,
            gettext_lazy("A policy grievance has no grievant to write to."),
            _to_grievant,
            to_grievant=True,
        ),
    )
}
