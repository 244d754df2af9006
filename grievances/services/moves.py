"""The moves of a case; each goes through FLOW.step."""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from core.permissions import Actor
from core.records import records
from core.site import local_today
from grievances.enums import STEPS, Answer, Step, StepOutcome, TaskKind
from grievances.models import Grievance, Grievant, GrievantTold, Resolution
from grievances.services import abeyances, carried, clocks, step_records, tasks
from grievances.services.workflow import FLOW

Telling = tuple[Grievant, datetime.date, str]


def investigate(grievance: Grievance, *, actor: Actor | None, version: int | None = None) -> Grievance:
    with FLOW.step(grievance, "investigate", actor=actor, version=version) as grievance:
        pass
    return grievance


def hold_meeting(
    grievance: Grievance,
    *,
    actor: Actor | None,
    meeting_date: datetime.date,
    union_attendees: str = "",
    employer_attendees: str = "",
    notes: str = "",
    version: int | None = None,
) -> Grievance:
    """Record a meeting at the current step; from then on the case is in step meetings."""
    with FLOW.step(grievance, "hold_meeting", actor=actor, version=version) as grievance:
        _record_meeting(grievance, meeting_date, union_attendees, employer_attendees, notes)
        clocks.refresh(grievance, actor=actor)
    return grievance


def record_meeting(
    grievance: Grievance,
    *,
    actor: Actor | None,
    meeting_date: datetime.date,
    union_attendees: str = "",
    employer_attendees: str = "",
    notes: str = "",
    version: int | None = None,
) -> Grievance:
    """A meeting at a further step, or another one at this step, beside those before it."""
    with FLOW.step(grievance, "record_meeting", actor=actor, version=version) as grievance:
        _record_meeting(grievance, meeting_date, union_attendees, employer_attendees, notes)
        clocks.refresh(grievance, actor=actor)
    return grievance


def _record_meeting(grievance: Grievance, day: datetime.date | None, union: str, employer: str, notes: str) -> None:
    values = {"meeting_date": day, "union_attendees": union, "employer_attendees": employer, "notes": notes}
    step_records.write(grievance, values)


def record_answer(
    grievance: Grievance,
    *,
    actor: Actor | None,
    received_on: datetime.date,
    how: str,
    answer: str,
    given_by: str = "",
    words: str = "",
    version: int | None = None,
) -> Grievance:
    """Keep the employer's answer at the current step, with the day on which it came.

    A denial becomes the outcome of the last meeting at this step, or of a record without a meeting if there was none.
    """
    values = {"received_on": received_on, "how": how, "answer": answer, "given_by": given_by, "words": words}
    with FLOW.step(grievance, "record_answer", actor=actor, version=version) as grievance:
        step_records.keep_answer(grievance, values)
        if answer == Answer.DENIED:
            if step_records.current_record(grievance) is None:
                step_records.write(grievance, {})
            _set_outcome(grievance, StepOutcome.DENIED)
        carried.answered(grievance, received_on)
        clocks.refresh(grievance, actor=actor)
    return grievance


def advance(
    grievance: Grievance,
    *,
    actor: Actor | None,
    meeting_date: datetime.date | None = None,
    union_attendees: str = "",
    employer_attendees: str = "",
    notes: str = "",
    version: int | None = None,
) -> Grievance:
    """Raise the step by one. What is said of a meeting becomes the record of the step left, if it has none yet.

    Beside what FLOW.step does the database sees that record made, if there was none, and updated with its outcome.
    """
    with FLOW.step(grievance, "advance", actor=actor, version=version) as grievance:
        if step_records.current_record(grievance) is None:
            _record_meeting(grievance, meeting_date, union_attendees, employer_attendees, notes)
        _set_outcome(grievance, StepOutcome.ADVANCED)
        grievance.current_step = STEPS[grievance.step_number]
        clocks.move_on(grievance, actor=actor)
    return grievance


def advance_by_default(grievance: Grievance, day: datetime.date) -> Grievance:
    """The clock's own move, where the contract says that a case goes on when the employer does not answer.

    The next step begins on `day`, whenever the clock looks.
    """
    with FLOW.step(grievance, "default_advance", actor=None) as grievance:
        if step_records.current_record(grievance) is None:
            step_records.write(grievance, {})
        _set_outcome(grievance, StepOutcome.ADVANCED)
        grievance.current_step = STEPS[grievance.step_number]
        clocks.end_appeal(grievance)
        clocks.move_on(grievance, actor=None, day=day)
    return grievance


def demand_arbitration(grievance: Grievance, *, actor: Actor | None, version: int | None = None) -> Grievance:
    """Only ever done by a person; nothing else sets the step to arbitration."""
    with FLOW.step(grievance, "demand_arbitration", actor=actor, version=version) as grievance:
        if step_records.current_record(grievance) is None:
            step_records.write(grievance, {})
        _set_outcome(grievance, StepOutcome.ADVANCED)
        grievance.current_step = Step.ARBITRATION
        clocks.move_on(grievance, actor=actor)
    return grievance


def _set_outcome(grievance: Grievance, outcome: str) -> None:
    if record := step_records.current_record(grievance):
        step_records.set_outcome(record, outcome)


def settle(
    grievance: Grievance,
    *,
    actor: Actor | None,
    reason: str,
    decided_by: str,
    day: datetime.date,
    amount: Decimal | None = None,
    paid_by: datetime.date | None = None,
    told: Sequence[Telling] = (),
    version: int | None = None,
) -> Grievance:
    """`reason` holds the terms; `told` says of each grievant when and how they learned of it.

    The money stands among what has to be done, by `paid_by`, until it is paid.
    """
    with FLOW.step(grievance, "settle", actor=actor, version=version) as grievance:
        _set_outcome(grievance, StepOutcome.SETTLED)
        _resolve(grievance, "settle", told, actor=actor, reason=reason, decided_by=decided_by, day=day, amount=amount)
        if amount:
            owed = {"what": _("The employer pays what was settled."), "asked_on": day, "due": paid_by, "amount": amount}
            tasks.note(grievance, TaskKind.TERM, owed, actor=actor)
    return grievance


def withdraw(
    grievance: Grievance,
    *,
    actor: Actor | None,
    reason: str,
    decided_by: str,
    day: datetime.date,
    with_prejudice: bool,
    comparable_cases: str,
    appeal_until: datetime.date | None = None,
    told: Sequence[Telling] = (),
    version: int | None = None,
) -> Grievance:
    """With prejudice: the same matter cannot be grieved again.

    Whoever does not go on has looked at comparable cases, and says until when the grievant may appeal within the union.
    """
    with FLOW.step(grievance, "withdraw", actor=actor, version=version) as grievance:
        _check_pursued(comparable_cases, day, appeal_until)
        looked = {"comparable_cases": comparable_cases, "appeal_until": appeal_until}
        decided = {"reason": reason, "decided_by": decided_by, "day": day, "with_prejudice": with_prejudice}
        _resolve(grievance, "withdraw", told, actor=actor, **decided, **looked)
    return grievance


def close(
    grievance: Grievance,
    *,
    actor: Actor | None,
    reason: str,
    decided_by: str,
    day: datetime.date,
    comparable_cases: str,
    appeal_until: datetime.date | None = None,
    told: Sequence[Telling] = (),
    version: int | None = None,
) -> Grievance:
    with FLOW.step(grievance, "close", actor=actor, version=version) as grievance:
        _check_pursued(comparable_cases, day, appeal_until)
        looked = {"comparable_cases": comparable_cases, "appeal_until": appeal_until}
        _resolve(grievance, "close", told, actor=actor, reason=reason, decided_by=decided_by, day=day, **looked)
    return grievance


def _check_pursued(comparable_cases: str, day: datetime.date, appeal_until: datetime.date | None) -> None:
    if not comparable_cases.strip():
        sentence = _("Say which comparable cases you looked at, or that there are none.")
        raise ValidationError({"comparable_cases": sentence})
    if appeal_until and appeal_until < day:
        raise ValidationError({"appeal_until": _("This is before it was decided. Check the days.")})


def _resolve(grievance: Grievance, move: str, told: Sequence[Telling], *, actor: Actor | None, **values: Any) -> None:
    """Keep how the case ended, beside it and on it. Raises ValidationError by field."""
    _check_days(grievance, values["day"], told)
    resolution = Resolution(grievance=grievance, outcome=FLOW.rows[move].target, **values)
    records.save(resolution)
    for grievant, day, how in told:
        records.save(GrievantTold(resolution=resolution, grievant=grievant, told_on=day, how=how))
    grievance.status_before = grievance.status
    grievance.resolution, grievance.resolution_date = resolution.reason, resolution.day
    grievance.settlement_amount = resolution.amount
    if grievance.abeyance:
        abeyances.end_with_case(grievance, actor=actor)
    clocks.stop(grievance)


def _check_days(grievance: Grievance, day: datetime.date, told: Sequence[Telling]) -> None:
    if day < grievance.filed_date:
        raise ValidationError({"day": _("This is before the case was filed. Check the date.")})
    if day > local_today():
        raise ValidationError({"day": _("This day is still to come. Check the date.")})
    if {grievant.pk for grievant, _day, _how in told} != set(grievance.grievants.values_list("pk", flat=True)):
        raise ValidationError({"told": _("Say of each grievant on which day and how they were told.")})
    if any(not grievance.filed_date <= told_on <= local_today() for _grievant, told_on, _how in told):
        raise ValidationError({"told": _("Grievants are told between the filing and today. Check the dates.")})


def reopen(grievance: Grievance, *, actor: Actor | None, reason: str, version: int | None = None) -> Grievance:
    """Back to the status before, at the same step; the resolution stays on record as superseded."""
    reason = records.stated_reason(reason)
    with FLOW.step(grievance, "reopen", actor=actor, version=version, reason=reason) as grievance:
        tasks.drop_terms(grievance, actor=actor, reason=reason)
        grievance.resolutions.live().update(superseded_at=timezone.now(), updated_at=timezone.now())
        here = grievance.step_records.live().at(grievance.step_number, grievance.stage)
        if record := here.filter(outcome=StepOutcome.SETTLED).first():
            answers = grievance.answers.live().at(grievance.step_number, grievance.stage)
            was_denied = answers.filter(answer=Answer.DENIED).exists()
            step_records.replace(record, {"outcome": StepOutcome.DENIED if was_denied else ""}, reason)
        grievance.status_before = grievance.resolution = ""
        grievance.resolution_date = grievance.settlement_amount = None
        clocks.restart(grievance, actor=actor)
    return grievance
