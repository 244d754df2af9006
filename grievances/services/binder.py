"""The binder of a case as one PDF: cover, chronology, index, exhibits, the SHA-256 of each.

Joint 1 is the agreement in force on the day of the incident, unless a document was marked so.

What an edition tells is an allow-list. The editions for others hold what the employer has anyway: the filed text, the
days of meetings, their own answers, the exhibits. Facts, minutes, notes, to-dos and amounts are for us.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core.enums import choice_label
from core.files.drawing import one_document
from core.files.kinds import PDF
from core.files.models import Attachment
from core.papers.merging import NotMerged, merged, page_count
from core.papers.typeset import Paper, pdf_of
from core.permissions import Actor, may
from core.site import local_today
from core.web.formats import day_text, money_text
from grievances import display
from grievances import permissions as p
from grievances.enums import Answer, AwardOutcome, Edition, GrievanceType, Series, Step
from grievances.models import Agreement, AgreementFile, CaseDocument, Grievance
from grievances.services import clocks
from grievances.services.arbitration import live_of
from grievances.services.letters import grievants_of

TEMPLATE = "papers/binder.typ"
ORDER = {series.value: number for number, series in enumerate(Series)}
# The exhibits that an edition for others holds.
TOLD = {Edition.HEARING: tuple(Series), Edition.EMPLOYER: (Series.JOINT, Series.EMPLOYER)}
# The columns of a case that the editions for others tell; a test holds every other text out of them.
TOLD_TO_OTHERS = ("contract_article", "incident_date", "filed_date", "violation_description", "remedy_sought")


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What stands in the binder under one label. Where a file cannot be printed, a slip-sheet says which it is.

    `sha256` is empty for what was typed and never was a file.
    """

    label: str
    pages: bytes
    sha256: str
    is_slip: bool = False


def binder(grievance: Grievance, edition: Edition, *, actor: Actor) -> bytes:
    """For a person who sees the whole case."""
    exhibits = _joint_one(grievance)
    exhibits += [
        _exhibit(document, edition, number) for number, document in enumerate(_documents(grievance, edition), 1)
    ]
    front, first = b"", 1
    for _attempt in range(3):  # the index tells pages that its own length moves
        front = pdf_of(_front(grievance, edition, exhibits, first, actor))
        if first == (first := page_count(front) + 1):
            break
    title = _("Grievance %(number)s") % {"number": grievance.grievance_number}
    return merged([front, *(exhibit.pages for exhibit in exhibits)], reference=grievance.grievance_number, title=title)


def _documents(grievance: Grievance, edition: Edition) -> list[CaseDocument]:
    """All that count, exhibits first; for others only exhibits, and for the employer none of the union's own. What the
    scanner holds back is in none.
    """
    rows = [row for row in grievance.documents.current().in_order() if row.is_open]
    if edition != Edition.INTERNAL:
        rows = [row for row in rows if row.exhibit_series in TOLD[edition]]
    return sorted(rows, key=lambda row: (ORDER.get(row.exhibit_series, len(ORDER)), row.exhibit_number or 0))


def _exhibit(document: CaseDocument, edition: Edition, number: int) -> Exhibit:
    """Named by its kind: the name of a file is whatever somebody called it."""
    label = document.exhibit or _("Document %(number)s") % {"number": number}
    name = document.name if edition == Edition.INTERNAL else ""
    return _of_file(document, " · ".join(filter(None, (label, document.category_label, name))))


def _of_file(file: Attachment, label: str) -> Exhibit:
    pages = _printable(file)
    return Exhibit(label, pages or _slip_sheet(file, label), file.sha256, is_slip=not pages)


def _printable(file: Attachment) -> bytes:
    """A PDF as it was sent, a picture as it is shown; nothing of what is neither, or is damaged."""
    if file.kind == PDF:
        pages = b"".join(file.content())
    elif file.is_picture and file.has_preview:
        pages = one_document([file.shown()])
    else:
        return b""
    try:
        page_count(pages)
    except NotMerged:
        return b""
    return pages


def _slip_sheet(file: Attachment, label: str) -> bytes:
    """Stands where a file would be that has no pages: a text, a mail, a spreadsheet."""
    words = _("This exhibit is a file of its own, which cannot be printed here. It is handed over beside the binder.")
    facts = [(_("Kind of file"), str(file.kind.label)), ("SHA-256", file.sha256)]
    data = {"page": "", "facts": facts, "sections": [_section("", paragraphs=[words])]}
    return pdf_of(Paper(TEMPLATE, "slip-sheet", label, data))


# --- Joint 1 ----------------------------------------------------------------------------------------------


def agreement_in_force(grievance: Grievance) -> Agreement | None:
    """The agreement that held on the day of the incident; None where nobody entered it, or several held."""
    day, own = clocks.first_day(grievance), grievance.agreement
    if own is not None and (day is None or own.is_in_force(day)):
        return own
    return clocks.agreement_for(grievance.employer_id, day)


def _joint_one(grievance: Grievance) -> list[Exhibit]:
    """Its files where they have pages, otherwise its articles as they were typed."""
    marked = grievance.documents.current().filter(exhibit_series=Series.JOINT, exhibit_number=1)
    agreement = None if marked.exists() else agreement_in_force(grievance)
    if agreement is None:
        return []
    label = " · ".join((_("%(series)s 1") % {"series": Series.JOINT.label}, agreement.title))
    files = [row for row in AgreementFile.objects.filter(agreement=agreement).current().in_order() if row.is_open]
    found = [exhibit for file in files if not (exhibit := _of_file(file, label)).is_slip]
    articles = _articles(agreement)
    if not found and articles:
        data = {"page": "", "facts": [(_("Employer"), agreement.employer.name)], "sections": articles}
        return [Exhibit(label, pdf_of(Paper(TEMPLATE, "agreement", label, data)), "")]
    return found or [_of_file(file, label) for file in files]


def _articles(agreement: Agreement) -> list[dict[str, Any]]:
    rows = agreement.clauses.all()
    return [_section(" · ".join(filter(None, (str(row), row.title))), paragraphs=_lines(row.text)) for row in rows]


# --- what stands before the exhibits ---------------------------------------------------------------------


def _front(grievance: Grievance, edition: Edition, exhibits: list[Exhibit], first: int, actor: Actor) -> Paper:
    sections = [section for part in PARTS[edition] if (section := part(grievance, actor))]
    sections += _index(exhibits, first)
    data = {"page": "", "facts": _cover(grievance, edition), "sections": sections}
    return Paper(TEMPLATE, "binder", _("Grievance %(number)s") % {"number": grievance.grievance_number}, data)


def _section(title: str, **parts: Any) -> dict[str, Any]:
    return {"paragraphs": [], "heads": [], "rows": [], "right": [], "title": title, **parts}


def _cover(grievance: Grievance, edition: Edition) -> list[tuple[str, str]]:
    found = [
        (_("Employer"), grievance.employer.name),
        (_("Grievants"), grievants_of(grievance)),
        (_("Type"), choice_label(GrievanceType, grievance.grievance_type)),
        (_("Filed"), day_text(grievance.filed_date)),
        (_("Stands at"), display.step_of(grievance)),
        (_("Contract article"), grievance.contract_article),
        (_("Date of the incident"), day_text(grievance.incident_date) if grievance.incident_date else "—"),
        (_("Printed on"), day_text(local_today())),
    ]
    if grievance.former_number:
        found.insert(0, (_("Former number"), grievance.former_number))
    if edition == Edition.INTERNAL:
        found.append((_("Edition"), _("For us. Not for the employer.")))
    return found


def _filed(grievance: Grievance, actor: Actor) -> dict[str, Any]:
    paragraphs = [
        *_lines(grievance.violation_description),
        _("Remedy sought:"),
        *_lines(grievance.remedy_sought),
    ]
    return _section(_("The grievance as it was filed"), paragraphs=paragraphs)


def _chronology(grievance: Grievance, actor: Actor) -> dict[str, Any]:
    """Days that both sides know, without what was said; what they agreed on is known once it is confirmed."""
    days = [(day, words) for day, words, _detail in _happened(grievance, confirmed_on__isnull=False)]
    return _section(_("Chronology"), heads=[_("Day"), _("What")], rows=[[day_text(day), words] for day, words in days])


def _whole_chronology(grievance: Grievance, actor: Actor) -> dict[str, Any]:
    rows = [[day_text(day), words, detail or "—"] for day, words, detail in _happened(grievance)]
    return _section(_("Chronology"), heads=[_("Day"), _("What"), _("What was said")], rows=rows)


def _happened(grievance: Grievance, **agreed: Any) -> list[tuple[Any, str, str]]:
    """`agreed`: which abeyances are told."""
    return sorted(_days(grievance, agreed), key=lambda found: found[0])


def named_step(grievance: Grievance) -> Callable[[Any], str]:
    """For a record or an answer: the step under the contract's own name, where it knows it."""
    stages = clocks.stages_of(grievance.agreement) if grievance.agreement else []
    names = {stage.position: stage.name for stage in stages}
    return lambda row: names.get(row.stage) or row.get_step_number_display()


def _days(grievance: Grievance, agreed: dict[str, Any]) -> Iterator[tuple[Any, str, str]]:
    step = named_step(grievance)
    if grievance.incident_date:
        yield grievance.incident_date, _("The incident"), ""
    yield grievance.filed_date, _("Filed"), ""
    for record in grievance.step_records.live():
        if record.meeting_date:
            said = "\n".join(filter(None, (record.union_attendees, record.employer_attendees, record.notes)))
            yield record.meeting_date, _("Meeting at %(step)s") % {"step": step(record)}, said
    for answer in grievance.answers.live():
        words = _("Answer of the employer at %(step)s: %(answer)s") % {
            "step": step(answer),
            "answer": choice_label(Answer, answer.answer),
        }
        yield answer.received_on, words, answer.words
    for abeyance in grievance.abeyances.filter(**agreed):
        yield abeyance.from_day, _("Put in abeyance"), abeyance.why
        if abeyance.ended_on:
            yield abeyance.ended_on, _("Abeyance ended"), abeyance.ended_reason
    yield from _arbitrated(grievance)


def _arbitrated(grievance: Grievance) -> Iterator[tuple[Any, str, str]]:
    """Days before the arbitrator that count, and the award; what we make of it is told to us alone."""
    live = live_of(grievance) if grievance.current_step == Step.ARBITRATION else None
    if live is None:
        return
    yield live.requested_on, _("Arbitrators asked for"), live.get_source_display()
    for hearing in live.hearings.all():
        if hearing.cancelled_at is None:
            yield hearing.day, _("Hearing before the arbitrator"), hearing.place
    if (award := live.award) is not None:
        words = _("Award of the arbitrator: %(outcome)s") % {"outcome": choice_label(AwardOutcome, award.outcome)}
        said = [award.summary, money_text(award.amount) if award.amount is not None else ""]
        yield award.day, words, "\n".join(filter(None, said))


def _costs(grievance: Grievance, actor: Actor) -> dict[str, Any] | None:
    live = live_of(grievance) if grievance.current_step == Step.ARBITRATION else None
    rows = [
        [day_text(cost.day), cost.what, money_text(cost.amount)]
        for cost in (live.costs.all() if live else ())
        if cost.dropped_at is None
    ]
    return _section(_("What the arbitration costs us"), heads=["", "", ""], rows=rows) if rows else None


def _facts(grievance: Grievance, actor: Actor) -> dict[str, Any] | None:
    asked = {
        "people_involved": _("Who was involved"),
        "department": _("Supervisor’s department"),
        "happened_at": _("When exactly"),
        "place": _("Where"),
        "why": _("Why it is a grievance"),
        "witnesses": _("Witnesses"),
        "past_practice": _("Past practice"),
    }
    rows = [[label, getattr(grievance, name)] for name, label in asked.items() if getattr(grievance, name)]
    return _section(_("Facts"), heads=["", ""], rows=rows) if rows else None


def _ending(grievance: Grievance, actor: Actor) -> dict[str, Any] | None:
    if not (grievance.is_resolved and grievance.resolution_date):
        return None
    words = [f"{grievance.get_status_display()}, {day_text(grievance.resolution_date)}", *_lines(grievance.resolution)]
    if grievance.settlement_amount is not None:
        words.append(money_text(grievance.settlement_amount))
    return _section(_("How it ended"), paragraphs=words)


def _strategy(grievance: Grievance, actor: Actor) -> dict[str, Any] | None:
    if not grievance.notes or not may(actor, p.VIEW_STRATEGY):
        return None
    return _section(_("Notes: our own strategy"), paragraphs=_lines(grievance.notes))


Part = Callable[[Grievance, Actor], dict[str, Any] | None]
OTHERS: tuple[Part, ...] = (_filed, _chronology)
PARTS: dict[Edition, tuple[Part, ...]] = {
    Edition.INTERNAL: (_filed, _facts, _whole_chronology, _costs, _ending, _strategy),
    Edition.HEARING: OTHERS,
    Edition.EMPLOYER: OTHERS,
}


def _index(exhibits: list[Exhibit], first: int) -> list[dict[str, Any]]:
    """Where each exhibit begins, and by which digest its file is known."""
    if not exhibits:
        return []
    rows, digests = [], []
    for exhibit in exhibits:
        where = _("%(page)s, a slip-sheet: a file of its own") if exhibit.is_slip else "%(page)s"
        rows.append([exhibit.label, where % {"page": first}])
        if exhibit.sha256:
            digests.append([exhibit.label, exhibit.sha256])
        first += page_count(exhibit.pages)
    found = [_section(_("Index"), heads=[_("Exhibit"), _("Page")], rows=rows)]
    if digests:
        found.append(_section(_("The files, each with its SHA-256"), heads=[_("Exhibit"), "SHA-256"], rows=digests))
    return found


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]
