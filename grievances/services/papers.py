"""What the papers of a case say: the form, the letters to the employer, the agreement, the letters to the grievants.

Each holds what its reader knows or is to know: no facts of ours, no minutes, no strategy. How letters are worded
stands in letters.py.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.enums import choice_label
from core.errors import DomainError
from core.papers.typeset import Paper
from core.site import local_today
from core.web.formats import day_text, money_text
from grievances import display
from grievances.enums import AT_STEPS, RESOLVED, UNRESOLVED, GrievanceStatus, GrievanceType, LetterKind, TaskKind
from grievances.models import CaseTask, Extension, Grievance
from grievances.services.letters import LETTERS, TEMPLATE, grievants_in_order, set_letter, set_letters, values_of
from grievances.services.outlook import outlook_of


@dataclass(frozen=True, slots=True)
class Kind:
    """A paper there is while the case has one of `statuses`; otherwise `early` says when."""

    name: str
    label: Any
    statuses: tuple[str, ...]
    early: Any
    made: Callable[[Grievance, str], Paper]
    to_grievant: bool = False
    needs: Callable[[Grievance], bool] = lambda grievance: True
    label_of_group: Any = ""

    def is_for(self, grievance: Grievance) -> bool:
        is_now = grievance.status in self.statuses and self.needs(grievance)
        return is_now and not (self.to_grievant and grievance.member_id is None)


def offered(grievance: Grievance) -> list[Kind]:
    """The papers that there are now."""
    found = [kind for kind in KINDS.values() if kind.is_for(grievance)]
    if grievance.grievance_type != GrievanceType.GROUP:
        return found
    return [replace(kind, label=kind.label_of_group or kind.label) for kind in found]


def paper_of(grievance: Grievance, kind: Kind) -> Paper:
    """Raises DomainError where there is no such paper yet."""
    if not kind.is_for(grievance):
        raise DomainError(str(kind.early))
    return kind.made(grievance, f"{grievance.grievance_number}-{kind.name}")


def information_letter(task: CaseTask) -> Paper:
    """The request, or once its day has passed the reminder of it. Raises DomainError for anything else to be done."""
    if task.kind != TaskKind.INFORMATION:
        raise DomainError(_("This is no request for information, so there is no letter of it."))
    kind = LetterKind.REMINDER if task.is_late else LetterKind.INFORMATION
    said = {"what": task.what, "due": day_text(task.due) if task.due else ""}
    if task.is_late:
        said["asked"] = day_text(task.asked_on)
    return _to_employer(kind, task.grievance, f"{task.grievance.grievance_number}-information", **said)


def extension_letter(extension: Extension) -> Paper:
    """What both sides sign, so that the new date holds."""
    grievance, deadline = extension.grievance, extension.deadline
    return _to_employer(
        LetterKind.EXTENSION,
        grievance,
        f"{grievance.grievance_number}-extension",
        moved=display.due_on_paper(deadline),
        old=day_text(deadline.contract_date),
        new=day_text(extension.new_date),
        agreed=day_text(extension.agreed_on),
        for_union=extension.for_union,
        for_employer=extension.for_employer,
    )


def _to_employer(
    kind: LetterKind, grievance: Grievance, name: str, more: Sequence[tuple[str, str]] = (), **said: str
) -> Paper:
    address = address_lines(grievance.employer, grievance.employer.name)
    values = values_of(grievance, **said)
    return set_letter(LETTERS[kind], values, address=address, name=name, facts=[*_about(grievance, values), *more])


def _about(grievance: Grievance, values: Mapping[str, str]) -> list[tuple[str, str]]:
    found = [
        (_("Grievance"), grievance.grievance_number),
        (_("Former number"), grievance.former_number),
        (_("Grievants"), values["grievants"]),
        (_("Contract article"), grievance.contract_article),
        (_("Filed"), day_text(grievance.filed_date)),
    ]
    return [pair for pair in found if pair[1]]


def _form(grievance: Grievance, name: str) -> Paper:
    facts = [
        *_about(grievance, values_of(grievance)),
        (_("Employer"), grievance.employer.name),
        (_("Type"), choice_label(GrievanceType, grievance.grievance_type)),
        (_("Date of the incident"), day_text(grievance.incident_date) if grievance.incident_date else "—"),
        (_("What happened"), grievance.violation_description),
        (_("Remedy sought"), grievance.remedy_sought),
    ]
    data = {
        "address": address_lines(grievance.employer, grievance.employer.name),
        "day": day_text(local_today()),
        "greeting": "",
        "paragraphs": [],
        "facts": facts,
        "signatures": [_("Grievant, and day"), _("For the union, and day"), _("Received for the employer by, and day")],
    }
    return Paper(TEMPLATE, name, _("Grievance form"), data)


def _step_letter(grievance: Grievance, name: str) -> Paper:
    return _to_employer(LetterKind.STEP, grievance, name)


def _demand(grievance: Grievance, name: str) -> Paper:
    return _to_employer(LetterKind.DEMAND, grievance, name)


def _abeyance(grievance: Grievance, name: str) -> Paper:
    """What both sides sign: from it the dates of the case are held."""
    row: Any = grievance.abeyances.live().get()
    until = _("until %(until)s") % {"until": day_text(row.until)} if row.until else _("until one of them ends it")
    people = [(_("For the union"), row.for_union), (_("For the employer"), row.for_employer)]
    said = {"since": day_text(row.from_day), "until": until, "reason": row.why}
    return _to_employer(LetterKind.ABEYANCE, grievance, name, people, **said)


def _settlement(grievance: Grievance, name: str) -> Paper:
    """The terms since the case was last reopened: those before belong to a settlement that no longer holds."""
    rows = CaseTask.objects.filter(grievance=grievance, kind=TaskKind.TERM, is_dropped=False)
    reopened = grievance.resolutions.aggregate(last=Max("superseded_at"))["last"]
    if reopened is not None:
        rows = rows.filter(created_at__gt=reopened)
    terms = [" · ".join(filter(None, (task.what, _money(task.amount), _by(task.due)))) for task in rows]
    return _to_employer(LetterKind.SETTLEMENT, grievance, name, resolution=grievance.resolution, terms="\n".join(terms))


def _money(amount: Any) -> str:
    return money_text(amount) if amount is not None else ""


def _by(day: Any) -> str:
    return _("by %(day)s") % {"day": day_text(day)} if day else ""


def _to_grievants(grievance: Grievance, name: str) -> Paper:
    """A letter to each grievant, that to the lead first."""
    kind, said = LetterKind.GRIEVANT, {"where": display.expected(grievance, outlook_of(grievance))}
    if grievance.status in RESOLVED:
        ended = grievance.resolutions.live().first()
        until = ended.appeal_until if ended is not None else None
        kind, said = (
            LetterKind.ENDED,
            {
                "ended": day_text(grievance.resolution_date),
                "resolution": grievance.resolution,
                "appeal": day_text(until) if until else "",
            },
        )
    people = [(member.full_name, address_lines(member, member.full_name)) for member in grievants_in_order(grievance)]
    facts = [(_("Grievance"), grievance.grievance_number), (_("Employer"), grievance.employer.name)]
    return set_letters(LETTERS[kind], values_of(grievance, **said), people, name=name, facts=facts)


def address_lines(whom: Any, name: str) -> list[str]:
    place = " ".join(part for part in (", ".join(filter(None, (whom.city, whom.state))), whom.zip_code) if part)
    return [line for line in (name, *whom.address.splitlines(), place) if line]


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
            "abeyance",
            gettext_lazy("Abeyance"),
            tuple(UNRESOLVED),
            gettext_lazy("Put the case in abeyance first; then its letter can be printed."),
            _abeyance,
            needs=lambda grievance: bool(grievance.abeyance),
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
            _to_grievants,
            to_grievant=True,
            label_of_group=gettext_lazy("Letter to each grievant"),
        ),
    )
}
