"""The fair-representation packet of a case: who decided what, when and why, and who was told.

It is for whoever answers for the union's conduct, before a board or a court. It holds neither strategy nor minutes,
and is no part of a binder.
"""

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import User
from core.audit.timeline import entry_of
from core.audit.trail import stream_of
from core.enums import choice_label
from core.models import AuditEvent
from core.papers.typeset import Paper
from core.site import local_today
from core.web.formats import day_text, moment_text, money_text
from grievances import display, working
from grievances.enums import (
    Answer,
    AwardOutcome,
    DeadlineEnd,
    GrievanceAction,
    GrievanceStatus,
    GrievanceType,
    TaskKind,
)
from grievances.models import Arbitration, Award, CaseTask, Deadline, Grievance, Resolution
from grievances.services.arbitration import side_words
from grievances.services.binder import named_step
from grievances.services.letters import grievants_of

TEMPLATE = "papers/binder.typ"
ASSIGNING = (GrievanceAction.ASSIGNED, GrievanceAction.UNASSIGNED, GrievanceAction.ASKED_FOR)
# What was decided or done on the way; how it ended stands apart.
DECIDING = (
    GrievanceAction.FILED,
    GrievanceAction.INVESTIGATE,
    GrievanceAction.HOLD_MEETING,
    GrievanceAction.RECORD_MEETING,
    GrievanceAction.RECORD_ANSWER,
    GrievanceAction.ADVANCE,
    GrievanceAction.DEFAULTED,
    GrievanceAction.DEMAND_ARBITRATION,
    GrievanceAction.SETTLE,
    GrievanceAction.WITHDRAW,
    GrievanceAction.CLOSE,
    GrievanceAction.REOPEN,
    GrievanceAction.RESTRICTED,
    GrievanceAction.RESTRICTION_LIFTED,
    GrievanceAction.STEP_SUPERSEDED,
    GrievanceAction.ANSWER_SUPERSEDED,
    GrievanceAction.DELIVERED,
    GrievanceAction.EXTENDED,
    GrievanceAction.EXTENSION_CONFIRMED,
    GrievanceAction.DEADLINE_MISSED,
    GrievanceAction.ABEYANCE_BEGUN,
    GrievanceAction.ABEYANCE_CONFIRMED,
    GrievanceAction.ABEYANCE_ENDED,
    GrievanceAction.UNTIMELY_CLAIMED,
    GrievanceAction.UNTIMELY_CLEARED,
    GrievanceAction.PANEL_ASKED_FOR,
    GrievanceAction.PANEL_TYPED,
    GrievanceAction.STRUCK,
    GrievanceAction.STRIKE_TAKEN_BACK,
    GrievanceAction.PANEL_GIVEN_UP,
    GrievanceAction.HEARING_SET,
    GrievanceAction.HEARING_CANCELLED,
    GrievanceAction.BRIEF_SET,
    GrievanceAction.BRIEF_CAME,
    GrievanceAction.AWARD_RECORDED,
    GrievanceAction.AWARD_REPLACED,
    GrievanceAction.TASK_ADDED,
    GrievanceAction.TASK_CHANGED,
    GrievanceAction.TASK_REMINDED,
    GrievanceAction.TASK_DONE,
    GrievanceAction.TASK_DROPPED,
)
NONE = "—"


def fair_packet(grievance: Grievance) -> Paper:
    """For a person who sees the whole case. What is missing is said, so that nobody takes silence for a notice."""
    events = list(AuditEvent.objects.filter(stream=stream_of(grievance)).order_by("seq"))
    sections = [
        _decisions(grievance),
        _told(grievance),
        _acts(events),
        _assignments(grievance, events),
        _meetings(grievance),
        _answers(grievance),
        _deadlines(grievance),
        _deliveries(grievance),
        _extensions(grievance),
        _abeyances(grievance),
        _claims(grievance),
        _information(grievance),
        _to_dos(grievance),
        _arbitration(grievance),
    ]
    title = _("Fair representation in grievance %(number)s") % {"number": grievance.grievance_number}
    data = {"facts": _cover(grievance), "sections": sections}
    return Paper(TEMPLATE, f"{grievance.grievance_number}-fair-representation", title, data)


def _section(title: str, missing: str, **parts: Any) -> dict[str, Any]:
    """`missing` is printed where there is nothing to list."""
    found = {"paragraphs": [], "heads": [], "rows": [], "right": [], "blocks": [], "title": title, **parts}
    if not (found["rows"] or found["blocks"]):
        found["paragraphs"] = [missing]
    return found


def _cover(grievance: Grievance) -> list[tuple[str, str]]:
    found = [
        (_("Employer"), grievance.employer.name),
        (_("Grievants"), grievants_of(grievance)),
        (_("Type"), choice_label(GrievanceType, grievance.grievance_type)),
        (_("Contract article"), grievance.contract_article),
        (_("Date of the incident"), _day(grievance.incident_date)),
        (_("Day we learned of it"), _day(grievance.knowledge_date)),
        (_("Filed"), day_text(grievance.filed_date)),
        (_("State"), f"{choice_label(GrievanceStatus, grievance.status)} · {display.step_of(grievance)}"),
        (_("Printed on"), day_text(local_today())),
        (_("For whom"), _("For those who answer for the case. Not for the employer.")),
    ]
    if grievance.late_reason:
        found.append((_("Why it was filed late"), grievance.late_reason))
    return found


def _day(day: Any) -> str:
    return day_text(day) if day else NONE


# --- decisions and notices --------------------------------------------------------------------------------


def _decisions(grievance: Grievance) -> dict[str, Any]:
    blocks = [{"title": _ended(row), "facts": _of_decision(row)} for row in grievance.resolutions.all()]
    return _section(_("How it ended, and why"), _("No decision to end the case is recorded."), blocks=blocks)


def _ended(row: Resolution) -> str:
    return f"{row.get_outcome_display()}, {day_text(row.day)}"


def _of_decision(row: Resolution) -> list[tuple[str, str]]:
    found = [(_("Decided by"), row.decided_by), (_("Reason and terms"), row.reason)]
    if row.amount is not None:
        found.append((_("Amount"), money_text(row.amount)))
    if row.with_prejudice is not None:
        found.append((_("With prejudice"), _("Yes") if row.with_prejudice else _("No")))
    if row.outcome != GrievanceStatus.SETTLED:
        found.append((_("Comparable cases looked at"), row.comparable_cases or _("None is recorded")))
        found.append((_("The grievant may appeal until"), _day(row.appeal_until)))
    if row.superseded_at:
        found.append((_("Reopened"), moment_text(row.superseded_at)))
    return found


def _told(grievance: Grievance) -> dict[str, Any]:
    """A line for each grievant and each decision, whether they were told or not."""
    people = list(grievance.grievants.select_related("member").order_by("member__sort_name"))
    rows = []
    for decision in grievance.resolutions.prefetch_related("told"):
        told = {row.grievant_id: row for row in decision.told.all()}
        for person in people:
            found = told.get(person.pk)
            how = (day_text(found.told_on), found.get_how_display()) if found else (_("Not recorded"), NONE)
            rows.append([str(person.member), _ended(decision), *how])
    heads = [_("Grievant"), _("Decision"), _("Told on"), _("How")]
    return _section(_("Notices to the grievants"), _("No notice is recorded."), heads=heads, rows=rows)


# --- who did what -----------------------------------------------------------------------------------------


def _acts(events: list[AuditEvent]) -> dict[str, Any]:
    rows = [
        [moment_text(event.at), entry.actor_name, entry.text, entry.reason or NONE]
        for event in events
        if event.action in DECIDING and (entry := entry_of(event))
    ]
    heads = [_("When"), _("Who"), _("What"), _("Why")]
    return _section(_("What was done, and by whom"), _("Nothing is recorded."), heads=heads, rows=rows)


def _assignments(grievance: Grievance, events: list[AuditEvent]) -> dict[str, Any]:
    found = [event for event in events if event.action in ASSIGNING]
    keys = {event.body.get("data", {}).get("person") for event in found}
    names = {user.pk: user.get_full_name() for user in User.objects.filter(pk__in=keys - {None})}
    rows = []
    for event in found:
        entry = entry_of(event)
        to = names.get(event.body.get("data", {}).get("person"), NONE)
        rows.append([moment_text(event.at), entry.actor_name, entry.text, to, entry.reason or NONE])
    heads = [_("When"), _("Who"), _("What"), _("To whom"), _("Why")]
    return _section(_("Who represented it"), _("No assignment is recorded."), heads=heads, rows=rows)


# --- the steps --------------------------------------------------------------------------------------------


def _meetings(grievance: Grievance) -> dict[str, Any]:
    rows, step = [], named_step(grievance)
    for row in grievance.step_records.all():
        came_of_it = row.outcome_words or NONE
        if row.superseded_by_id:
            came_of_it = _("Replaced: %(why)s") % {"why": row.superseded_reason}
        met = [_day(row.meeting_date), row.union_attendees or NONE, row.employer_attendees or NONE]
        rows.append([step(row), *met, came_of_it])
    heads = [_("Step"), _("Met on"), _("For the union"), _("For the employer"), _("What came of it")]
    return _section(_("Meetings"), _("No meeting is recorded."), heads=heads, rows=rows)


def _answers(grievance: Grievance) -> dict[str, Any]:
    rows, step = [], named_step(grievance)
    for row in grievance.answers.all():
        answer = choice_label(Answer, row.answer)
        if row.superseded_by_id:
            answer = _("Replaced: %(why)s") % {"why": row.superseded_reason}
        said = [day_text(row.received_on), row.get_how_display(), answer, row.words or NONE]
        rows.append([step(row), *said])
    heads = [_("Step"), _("Received on"), _("How"), _("Answer"), _("What it says")]
    return _section(_("Answers of the employer"), _("No answer is recorded."), heads=heads, rows=rows)


# --- dates ------------------------------------------------------------------------------------------------


def _deadlines(grievance: Grievance) -> dict[str, Any]:
    """Every date that was ever in force, with its working and how it ended."""
    blocks = [
        {"title": capfirst(f"{working.what_is_due(row)}, {day_text(row.contract_date)}"), "facts": _of_deadline(row)}
        for row in grievance.deadlines.in_order()
    ]
    return _section(_("Deadlines"), _("Nobody computed dates for this case."), blocks=blocks)


def _of_deadline(row: Deadline) -> list[tuple[str, str]]:
    found = [(_("Whose"), working.side_words(row)), (_("Why this date"), working.why_this_date(row) or NONE)]
    skipped = [f"{day_text(line.day)} ({line.why})" for line in working.working_of(row) if not line.counts]
    if skipped:
        found.append((_("Not counted"), "\n".join(skipped)))
    if row.safe_date:
        found.append((_("The safe date"), day_text(row.safe_date)))
    if row.missed_at:
        found.append((_("Passed"), moment_text(row.missed_at)))
    ended = f"{choice_label(DeadlineEnd, row.end)}, {_day(row.ended_on)}" if row.end else _("Still runs")
    return [*found, (_("How it ended"), ended)]


def _deliveries(grievance: Grievance) -> dict[str, Any]:
    rows = [
        [moment_text(row.delivered_at), row.what, row.get_how_display(), row.to_whom, row.proof]
        for row in grievance.deliveries.all()
    ]
    heads = [_("When"), _("What"), _("How"), _("To whom"), _("Proof")]
    return _section(_("Delivered to the employer"), _("No delivery is recorded."), heads=heads, rows=rows)


def _extensions(grievance: Grievance) -> dict[str, Any]:
    rows = [
        [
            day_text(row.deadline.contract_date),
            day_text(row.new_date),
            row.for_union,
            row.for_employer,
            row.document or _("Unconfirmed: it moved nothing"),
        ]
        for row in grievance.extensions.select_related("deadline")
    ]
    heads = [_("From"), _("To"), _("For the union"), _("For the employer"), _("Document")]
    return _section(_("Extensions"), _("No extension is recorded."), heads=heads, rows=rows)


def _abeyances(grievance: Grievance) -> dict[str, Any]:
    rows = [
        [
            day_text(row.from_day),
            _day(row.until),
            row.why,
            row.document or _("Unconfirmed: it held no date"),
            _ended_on(row.ended_on, row.ended_reason),
        ]
        for row in grievance.abeyances.all()
    ]
    heads = [_("From"), _("To"), _("Why"), _("Document"), _("Ended")]
    return _section(_("Abeyance"), _("The case was never in abeyance."), heads=heads, rows=rows)


def _claims(grievance: Grievance) -> dict[str, Any]:
    rows = [
        [
            day_text(row.claimed_on),
            capfirst(side_words(row.claimed_by)),
            row.why,
            row.document or NONE,
            _ended_on(row.cleared_on, row.cleared_reason),
        ]
        for row in grievance.untimely_claims.all()
    ]
    heads = [_("Claimed on"), _("Who claims it"), _("What came too late, and why"), _("Document"), _("Cleared")]
    return _section(_("Claims of lateness"), _("Nobody claims that something came too late."), heads=heads, rows=rows)


def _ended_on(day: Any, why: str) -> str:
    return ": ".join(filter(None, (_day(day), why)))


def _information(grievance: Grievance) -> dict[str, Any]:
    tasks = CaseTask.objects.filter(grievance=grievance, kind=TaskKind.INFORMATION)
    rows = [
        [day_text(row.asked_on), row.what, _day(row.due), _day(row.reminded_on), _day(row.done_on)] for row in tasks
    ]
    heads = [_("Asked on"), _("What"), _("Due"), _("Reminded on"), _("Done on")]
    return _section(_("Information asked of the employer"), _("None was asked for."), heads=heads, rows=rows)


def _to_dos(grievance: Grievance) -> dict[str, Any]:
    tasks = CaseTask.objects.filter(grievance=grievance).exclude(kind=TaskKind.INFORMATION).select_related("person")
    rows = [
        [
            day_text(row.asked_on),
            row.what,
            row.person.get_full_name() if row.person else NONE,
            _day(row.due),
            _("Struck") if row.is_dropped else _ended_on(row.done_on, row.done_words),
        ]
        for row in tasks
    ]
    heads = [_("Noted on"), _("What"), _("Who"), _("Due"), _("Done on")]
    return _section(_("What had to be done"), _("No to-do is recorded."), heads=heads, rows=rows)


# --- arbitration ------------------------------------------------------------------------------------------


def _arbitration(grievance: Grievance) -> dict[str, Any]:
    """Every panel with its strikes, hearing days and awards, also those that were given up or replaced."""
    panels = Arbitration.objects.filter(grievance=grievance).with_rows()
    blocks = [
        {"title": f"{row.get_source_display()}, {day_text(row.requested_on)}", "facts": _of_panel(row)}
        for row in panels
    ]
    return _section(_("Arbitration"), _("No arbitrator was asked for."), blocks=blocks)


def _of_panel(panel: Arbitration) -> list[tuple[str, str]]:
    found = [(_("Names asked for"), str(panel.size))]
    found += [(_("Left on the panel"), name.name) for name in panel.remaining]
    found += [
        (
            _("Struck"),
            f"{name.struck_number}. {name.name} · {side_words(name.struck_by)}, {_day(name.struck_on)}",
        )
        for name in panel.struck
    ]
    found += [
        (_("Hearing"), _replaced(f"{day_text(row.day)} {row.place}".strip(), row.cancelled_reason))
        for row in panel.hearings.all()
    ]
    found += [(_("Award"), _replaced(_of_award(row), row.superseded_reason)) for row in panel.awards.all()]
    if panel.superseded_at:
        found.append((_("Given up"), f"{moment_text(panel.superseded_at)}: {panel.superseded_reason}"))
    return found


def _of_award(row: Award) -> str:
    amount = money_text(row.amount) if row.amount is not None else ""
    days = _("%(day)s, received on %(received)s") % {"day": day_text(row.day), "received": day_text(row.received_on)}
    return "\n".join(filter(None, (choice_label(AwardOutcome, row.outcome), days, amount, row.summary)))


def _replaced(words: str, why: str) -> str:
    return _("%(what)s\nNo longer counts: %(why)s") % {"what": words, "why": why} if why else words
