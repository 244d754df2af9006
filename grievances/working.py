"""How a deadline reads: whose it is, how many days are left, and its working, day by day, in words."""

import datetime
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.enums import Badge, badge_of, choice_label
from core.web.formats import day_text
from grievances.enums import BRIEFS, ClockKind, ClockStart, DayUnit, DeadlineEnd, GrievanceStatus, Holiday, Side
from grievances.models import Deadline, Grievance, HearingDay, StepRule
from grievances.services.deadlines.rules import Due, Why

NEAR = 7


class DayLine(NamedTuple):
    """A line of the working: the day, its number in the count or nothing, and why."""

    day: datetime.date
    number: str
    why: str
    counts: bool


def deadline_label(row: Deadline) -> str:
    """“GR-2026-0012: Step 2 answer due”; nothing more, for calendars and mail."""
    number = str(row.grievance) if row.grievance_id else _("Draft")
    return f"{number}: {what_is_due(row)}"


def hearing_label(row: HearingDay) -> str:
    """As little as `deadline_label`."""
    return _("%(case)s: hearing") % {"case": row.case}


def what_is_due(row: Deadline) -> str:
    """What is to be done, under the contract's own name of the step; see `due_words`."""
    return due_words(row.clock, row.stage_name)


def due_in_its_case(row: Deadline) -> str:
    """As `what_is_due`, for the pages of the case: what a former file said of the date stays there."""
    if row.clock == ClockKind.CARRIED:
        return _("%(what)s, carried over") % {"what": row.stage_name}
    return what_is_due(row)


def side_of(clock: str) -> Side:
    """Of a date that was carried over it is not known from its clock; it counts as ours, which is the careful guess."""
    theirs = (ClockKind.MEET, ClockKind.ANSWER, ClockKind.THEIR_BRIEF)
    return Side.EMPLOYER if clock in theirs else Side.UNION


def due_words(clock: str, stage_name: str) -> str:
    """For papers, mail, calendars and lists: of a date that was carried over it says no word of the former file."""
    return {
        ClockKind.FILE: _("grievance to be filed"),
        ClockKind.MEET: _("%(step)s meeting due"),
        ClockKind.ANSWER: _("%(step)s answer due"),
        ClockKind.APPEAL: _("move on from %(step)s"),
        ClockKind.CARRIED: _("Date carried over"),
        ClockKind.OUR_BRIEF: _("our brief to the arbitrator due"),
        ClockKind.THEIR_BRIEF: _("the employer’s brief to the arbitrator due"),
    }[ClockKind(clock)] % {"step": stage_name}


def days_left_words(row: Deadline, today: datetime.date) -> str:
    days = row.days_left(today)
    if days == 0:
        return _("today")
    if days > 0:
        return ngettext("%(count)s day left", "%(count)s days left", days) % {"count": f"{days:,}"}
    return ngettext("%(count)s day over", "%(count)s days over", -days) % {"count": f"{-days:,}"}


def may_be_held(clock: str, missed_at: datetime.datetime | None) -> bool:
    """Whether an abeyance of its case holds a date that runs; the lists ask for the same by `held`."""
    return missed_at is None and clock not in BRIEFS


def badge(row: Deadline, today: datetime.date, *, held: bool = False) -> Badge:
    """Ours is solid, the employer's outlined (the template draws the mark); red is for ours that passed.

    `held`: an abeyance holds the dates of its case.
    """
    if row.end:
        return badge_of(DeadlineEnd, row.end)
    if held and may_be_held(row.clock, row.missed_at):
        return Badge(_("Held"), "grey", "player-pause")
    words, days = days_left_words(row, today), row.days_left(today)
    if days < 0:
        return Badge(words, "red" if row.is_ours else "amber", "alert-triangle" if row.is_ours else "clock")
    return Badge(words, "amber" if days <= NEAR else "grey", "clock" if days <= NEAR else "calendar-event")


def what_follows(row: Deadline) -> str:
    """What the contract makes of a date that has passed, and what to do now; "" while it runs or without a contract."""
    agreement = row.grievance.agreement if row.grievance else None
    if agreement is None or row.end or row.missed_at is None:
        return ""
    if row.is_ours:
        means = _("Under the contract a grievance that is late means: %(what)s.")
        todo = _(
            "The case stays open until a person ends it: record the delivery with its own day, record an extension, "
            "or ask the grievance chair."
        )
        return f"{means % {'what': agreement.get_lateness_display()}} {todo}"
    if row.clock == ClockKind.ANSWER:
        means = _("Under the contract, when the employer does not answer: %(what)s.")
        return means % {"what": agreement.get_silence_display()}
    return _("The employer let this date pass. Ask for the meeting in writing, and record it when it is held.")


def side_words(row: Deadline) -> str:
    return choice_label(Side, row.side)


def lines_of(counted: Iterable[list[Any]]) -> Iterator[DayLine]:
    """The kept explanation, a line a day."""
    for day, number, why, name in counted:
        yield DayLine(datetime.date.fromisoformat(day), str(number) if number else "", reason(why, name), bool(number))


def reason(why: str, name: str) -> str:
    named = choice_label(Holiday, name) if name in Holiday.values else name
    return {
        Why.COUNTED: _("counts"),
        Why.EVENT: _("the day itself does not count; counting begins the day after"),
        Why.SATURDAY: _("Saturday, not counted"),
        Why.SUNDAY: _("Sunday, not counted"),
        Why.HOLIDAY: _("%(name)s, not counted") % {"name": named},
        Why.CLOSURE: _("%(name)s: closed, not counted") % {"name": named},
        Why.ROLLED: _("the last day was closed, so this next open day is due"),
    }[Why(why)]


def working_of(row: Deadline) -> list[DayLine]:
    return list(lines_of(row.explanation.get("counted", [])))


def rule_words(kept: dict[str, Any]) -> str:
    """“10 working days, counted from the day after”, as the rule was when the date was computed."""
    if not kept:
        return ""
    words = [f"{kept['days']} {choice_label(DayUnit, kept['unit'])}"]
    words.append(_("that day counted") if kept["event_day_counted"] else _("counted from the day after"))
    if kept["rolls"]:
        words.append(_("a closed last day moves to the next open day"))
    return ", ".join(words)


def kept_of(rule: StepRule) -> dict[str, Any]:
    """What a computed date keeps of its rule, for a rule that has computed nothing yet."""
    names = ("days", "unit", "event_day_counted", "rolls", "clause")
    return {name: getattr(rule, name) for name in names}


def why_this_date(row: Deadline) -> str:
    """One sentence: the day it counts from, the rule and the clause."""
    if not row.explanation or row.started_on is None:
        return row.source
    start = _("From %(event)s on %(day)s: %(rule)s") % {
        "event": choice_label(ClockStart, row.started_by),
        "day": day_text(row.started_on),
        "rule": rule_words(row.explanation),
    }
    clause = row.explanation.get("clause") or ""
    return f"{start} ({clause})." if clause else f"{start}."


def skipped_words(due: Due) -> str:
    """Which days the count leaves out: holidays and closures by name, days of the weekend by number."""
    names: dict[str, None] = {}
    weekend = 0
    for item in due.days:
        if item.why in (Why.HOLIDAY, Why.CLOSURE):
            name = choice_label(Holiday, item.name) if item.name in Holiday.values else item.name
            names[name if item.why == Why.CLOSURE else f"{name} ({day_text(item.day)})"] = None
        weekend += item.why in (Why.SATURDAY, Why.SUNDAY)
    said = list(names)
    if weekend:
        said.append(ngettext("%(n)s day of a weekend", "%(n)s days of weekends", weekend) % {"n": weekend})
    return ", ".join(said)


def example(clock: str, start: datetime.date, kept: dict[str, Any], due: Due) -> str:
    """The live sentence of the rule editor: “An incident on … must be filed by …, because …”."""
    begun = sentence_of(clock) % {"from": day_text(start), "due": day_text(due.day)}
    because = rule_words(kept)
    if clause := kept.get("clause"):
        because = f"{clause}: {because}"
    said = _("%(begun)s, because %(why)s.") % {"begun": begun, "why": because}
    if left_out := skipped_words(due):
        said += " " + _("Not counted: %(days)s.") % {"days": left_out}
    if due.safe:
        said += " " + _("The contract is unclear, so act by %(safe)s to be safe.") % {"safe": day_text(due.safe)}
    return said


def sentence_of(clock: str) -> str:
    return {
        ClockKind.FILE: _("An incident on %(from)s must be filed by %(due)s"),
        ClockKind.MEET: _("When it reaches the employer on %(from)s, they must meet us by %(due)s"),
        ClockKind.ANSWER: _("Counted from %(from)s, the employer must answer by %(due)s"),
        ClockKind.APPEAL: _("Counted from %(from)s, we must move it to the next step by %(due)s"),
    }[ClockKind(clock)]


def status_words(grievance: Grievance) -> str:
    """Why no date is computed for a case; "" where dates are."""
    if grievance.agreement_id is None:
        return _(
            "This case has no agreement, so nobody computes its dates. Keep them yourself, or choose its agreement."
        )
    if grievance.stage is None and grievance.status != GrievanceStatus.ARBITRATION:
        return _("The agreement of this case has no step for where it stands, so nobody computes its dates.")
    return ""
