"""From the rows of an agreement and a case to its deadlines: what runs is compared with what should run.

`refresh` is called after everything that can start, move or end a clock, and by the clock itself. It writes only what
differs: a date that was computed stays as it is while the day it was counted from stays, whatever became of holidays.
"""

import dataclasses
import datetime
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, Min, Q

from core.audit import trail
from core.permissions import Actor
from core.records import records
from core.site import local_now, local_today
from grievances.enums import DeadlineEnd, GrievanceAction, GrievanceType, Side
from grievances.models import (
    Agreement,
    AgreementStage,
    Deadline,
    Extension,
    Grievance,
    GrievanceIntake,
    GrievancePolicy,
    StageEntry,
    StepRule,
)
from grievances.services.calendars import calendar_of, clock_of
from grievances.services.deadlines import chain, rules
from grievances.services.deadlines.chain import Expected, Facts, InForce
from grievances.services.deadlines.rules import Clock, Due

DONE = (DeadlineEnd.MET, DeadlineEnd.LATE)


def agreement_for(employer_id: Any, day: datetime.date | None) -> Agreement | None:
    """The one agreement with an employer that is in force on a day; None where there is none, or several."""
    found = agreements_for(employer_id, day)
    return found[0] if len(found) == 1 else None


def agreements_for(employer_id: Any, day: datetime.date | None) -> list[Agreement]:
    """Those in force on a day; of several, nobody has said yet which one covers what happened."""
    if employer_id is None or day is None:
        return []
    return list(Agreement.objects.filter(employer=employer_id).in_force(day).order_by("effective_from", "pk"))


def first_day(row: Grievance | GrievanceIntake) -> datetime.date | None:
    return row.incident_date or row.knowledge_date


# --- stages -----------------------------------------------------------------------------------------------


def stages_of(agreement: Agreement) -> list[AgreementStage]:
    return list(agreement.stages.all())


def entry_stage(agreement: Agreement, grievance_type: str) -> AgreementStage | None:
    """Where a case of this type begins: the first stage at its step or, if that is not used, after it."""
    kind = grievance_type or GrievanceType.INDIVIDUAL
    number = agreement.entry_step(kind)
    return next((stage for stage in stages_of(agreement) if stage.step_number >= number), None)


def filing_stage(agreement: Agreement, grievance_type: str) -> AgreementStage | None:
    """Where the time to file stands: at the step at which the type begins or, where that is silent, at the first."""
    number = agreement.entry_step(grievance_type or GrievanceType.INDIVIDUAL)
    stages = list(agreement.stages.prefetch_related("rules"))
    entry = next((stage for stage in stages if stage.step_number >= number), None)
    telling = [stage for stage in stages if any(rule.clock == Clock.FILE for rule in stage.rules.all())]
    return entry if entry in telling else next(iter(telling), None)


def current_stage(grievance: Grievance) -> AgreementStage | None:
    if grievance.agreement_id is None or grievance.stage is None:
        return None
    return AgreementStage.objects.filter(agreement=grievance.agreement_id, position=grievance.stage).first()


def enter_stage(grievance: Grievance, stage: AgreementStage, day: datetime.date) -> None:
    """From `day` on the case is at `stage`; the caller saves the case."""
    grievance.stage, grievance.stage_name = stage.position, stage.name
    grievance.current_step = stage.step
    StageEntry.objects.update_or_create(
        grievance=grievance, stage=stage.position, defaults={"stage_name": stage.name, "entered_on": day}
    )


# --- what should run --------------------------------------------------------------------------------------


def refresh_draft(
    intake: GrievanceIntake,
    *,
    today: datetime.date | None = None,
    rules_changed: bool = False,
    agreement: Agreement | None = None,
) -> list[Deadline]:
    """The filing deadline of a draft, from the moment its first date is there; it follows a rule that changed.

    `agreement`: the one that covers it, where somebody has said so.
    """
    rows = list(Deadline.objects.filter(intake=intake, grievance=None))
    is_over = intake.is_deleted or intake.filed_as_id
    read = [] if is_over else _filing_dates(intake, today or local_today(), agreement)
    if not read:
        return _settle_missing([row for row in rows if row.is_running], ())
    plan, item = _latest_with_the_earliest_as_safe(read)
    known = {plan.rules()[Clock.FILE].pk for plan, _item in read}
    return _reconcile(plan, [item], rows, {"intake": intake}, follow_rules=rules_changed, counted_by=known)


def refresh_filing(grievance: Grievance, agreement: Agreement) -> None:
    """Let the time to file of a locked case follow the agreement that was chosen for it; an agreed date stays."""
    rows = [row for row in grievance.deadlines.filter(clock=Clock.FILE.value) if row.rule_id]
    stage = filing_stage(agreement, grievance.grievance_type)
    is_agreed = Extension.objects.filter(deadline__in=rows, confirmed_on__isnull=False).exists()
    if stage is None or is_agreed or not any(row.is_running for row in rows):
        return
    plan = Plan(agreement, stage, Facts(grievance.incident_date, grievance.knowledge_date), local_today())
    wanted = [item for item in plan.expected() if item.clock == Clock.FILE]
    owner, known = {"grievance": grievance, "intake": rows[0].intake}, {rule.pk for rule in plan.rules().values()}
    _reconcile(plan, wanted, rows, owner, follow_rules=True, counted_by=known)


def last_day_to_file(intake: GrievanceIntake, agreement: Agreement) -> datetime.date | None:
    """By this agreement; None before the draft has a date, or where the agreement is silent."""
    return next((item.due.day for _plan, item in _filing_dates(intake, local_today(), agreement)), None)


def _filing_dates(
    intake: GrievanceIntake, today: datetime.date, agreement: Agreement | None
) -> list[tuple["Plan", Expected]]:
    """What the agreement, or else each one in force, says of the filing."""
    facts = Facts(intake.incident_date, intake.knowledge_date)
    found = [agreement] if agreement else agreements_for(intake.organization_id, first_day(intake))
    titles = tuple(agreement.title for agreement in found)
    stages = [(agreement, filing_stage(agreement, intake.grievance_type)) for agreement in found]
    plans = [Plan(agreement, stage, facts, today, titles) for agreement, stage in stages if stage]
    return [(plan, item) for plan in plans for item in plan.expected() if item.clock == Clock.FILE]


def _latest_with_the_earliest_as_safe(read: list[tuple["Plan", Expected]]) -> tuple["Plan", Expected]:
    """Of several agreements the latest date is the contract's, and the earliest is safe under each of them."""
    plan, item = max(read, key=lambda one: one[1].due.day)
    earliest = min(other.due.safe or other.due.day for _plan, other in read)
    due = dataclasses.replace(item.due, safe=earliest if earliest < item.due.day else None)
    return plan, dataclasses.replace(item, due=due)


@dataclass(frozen=True)
class Plan:
    """The stage of an agreement with what is known of it."""

    agreement: Agreement
    stage: AgreementStage
    facts: Facts
    today: datetime.date
    titles: tuple[str, ...] = ()  # of all agreements in force, where several are

    def rules(self) -> dict[str, StepRule]:
        return {row.clock: row for row in self.stage.rules.all()}

    def expected(self) -> list[Expected]:
        return chain.expected(
            [clock_of(row) for row in self.stage.rules.all()],
            self.facts,
            calendar_of(self.agreement),
            silence=rules.Silence(self.agreement.silence),
            today=self.today,
        )


def facts_of(grievance: Grievance, stage: AgreementStage) -> Facts:
    """What happened at the stage: what is recorded of it, and of the step without its name since the case came there.

    Who moves a case on after the fact records a meeting that was held before that day.
    """
    entry = StageEntry.objects.filter(grievance=grievance, stage=stage.position).first()
    begun = entry.entered_on if entry else None
    number = stage.step_number
    meetings = grievance.step_records.live().at(number, stage.position)
    if begun:
        meetings = meetings.filter(Q(stage=stage.position) | Q(meeting_date__gte=begun))
    extended = Deadline.objects.filter(
        grievance=grievance,
        stage=stage.position,
        superseded_by=None,
        supersedes__extensions__confirmed_on__isnull=False,
        supersedes__extensions__new_date=F("contract_date"),
    )
    days = [day for day in meetings.order_by("meeting_date").values_list("meeting_date", flat=True) if day]
    return Facts(
        grievance.incident_date,
        grievance.knowledge_date,
        begun,
        next(iter(days), None),
        _answered(grievance, stage, begun),
        {Clock(row.clock): row.contract_date for row in extended},
        further=tuple(days[1:]),
    )


def _answered(grievance: Grievance, stage: AgreementStage, since: datetime.date | None) -> datetime.date | None:
    """The day on which the employer's first answer at this step came."""
    found = grievance.answers.live().at(stage.step_number, stage.position)
    if since:
        found = found.filter(Q(stage=stage.position) | Q(received_on__gte=since))
    return found.aggregate(day=Min("received_on"))["day"]


def move_on(grievance: Grievance, *, actor: Actor | None, day: datetime.date | None = None) -> None:
    """The case has left its step: the next one begins when our appeal arrived or, if none did, on `day` or today."""
    if grievance.agreement_id is None:
        return
    stage = grievance.next_stage
    if stage is not None:
        enter_stage(grievance, stage, appeal_day(grievance) or day or local_today())
        refresh(grievance, actor=actor)
        return
    _end_left_stages(grievance.deadlines.all(), 0)
    grievance.stage, grievance.stage_name = None, ""


def end_appeal(grievance: Grievance) -> None:
    """The contract takes the case to the next step by itself: nothing of ours has to reach the employer for it."""
    for row in grievance.deadlines.running().filter(clock=Clock.APPEAL.value, stage=grievance.stage):
        end(row, DeadlineEnd.MOOT, local_today())


def appeal_day(grievance: Grievance) -> datetime.date | None:
    """The day on which our appeal from the present step was delivered, where that is recorded."""
    rows = grievance.deadlines.filter(clock=Clock.APPEAL.value, stage=grievance.stage, superseded_by=None)
    return rows.exclude(ended_on=None).exclude(end=DeadlineEnd.MOOT).values_list("ended_on", flat=True).first()


def appeal_arrived(deadline: Deadline, day: datetime.date, *, actor: Actor | None) -> None:
    """Where the case moved on before the delivery was recorded, its step counts from the day of the delivery."""
    grievance = deadline.grievance
    if grievance is None or deadline.clock != Clock.APPEAL or grievance.stage is None:
        return
    entry = StageEntry.objects.filter(grievance=grievance, stage__gt=deadline.stage).order_by("stage").first()
    if entry is not None and entry.entered_on != day:
        entry.entered_on = day
        entry.version += 1
        records.save(entry)
        refresh_at(grievance, position=entry.stage, actor=actor)


def refresh(grievance: Grievance, *, actor: Actor | None = None, today: datetime.date | None = None) -> list[Deadline]:
    """Let the deadlines of a locked case follow what happened, until it is over; returns those that are new."""
    return [] if grievance.is_resolved else _follow(grievance, actor, today)


def _follow(grievance: Grievance, actor: Actor | None, today: datetime.date | None = None) -> list[Deadline]:
    stage = current_stage(grievance)
    if stage is None or grievance.agreement is None:
        return []
    every = list(grievance.deadlines.all())
    plan = _plan_of(grievance, grievance.agreement, stage, every, today or local_today())
    wanted = [item for item in plan.expected() if item.clock != Clock.FILE]
    _end_left_stages(every, stage.position)
    here = [row for row in every if row.stage == stage.position and row.clock != Clock.FILE]
    return _follow_plan(plan, wanted, here, grievance, actor)


def _follow_plan(
    plan: Plan, wanted: list[Expected], rows: list[Deadline], grievance: Grievance, actor: Actor | None
) -> list[Deadline]:
    made = _reconcile(plan, wanted, rows, {"grievance": grievance})
    _end_what_was_done(grievance, plan.stage.position, plan.facts)
    if made:
        trail.record(grievance, GrievanceAction.DEADLINES_SET, actor=actor, deadlines=len(made))
    return made


def refresh_at(
    grievance: Grievance, *, number: int | None = None, position: int | None = None, actor: Actor | None
) -> None:
    """As `refresh`, after something was put right at our step `number` or the stage at `position`, as far as is known.

    Where the case has left it, our appeal from there follows too.
    """
    refresh(grievance, actor=actor)
    for stage in [] if grievance.is_resolved else _left(grievance):
        if number in (None, stage.step_number) and position in (None, stage.position):
            _follow_left(grievance, stage, actor)


def _left(grievance: Grievance) -> list[AgreementStage]:
    """The steps at which the case was and is no longer, as far as it has dates there."""
    if grievance.agreement is None:
        return []
    dated = set(grievance.deadlines.values_list("stage", flat=True)) - {grievance.stage}
    return [stage for stage in stages_of(grievance.agreement) if stage.position in dated]


def _follow_left(grievance: Grievance, stage: AgreementStage, actor: Actor | None) -> None:
    """Our appeal from a step that was left runs until it is delivered: it may move, but nothing else takes it away."""
    every = list(grievance.deadlines.all())
    plan = _plan_of(grievance, stage.agreement, stage, every, local_today())
    ours = [row for row in every if row.is_running and (row.clock, row.stage) == (Clock.APPEAL, stage.position)]
    wanted = [item for item in plan.expected() if item.clock == Clock.APPEAL and ours]
    _follow_plan(plan, wanted, ours if wanted else [], grievance, actor)


def _plan_of(
    grievance: Grievance, agreement: Agreement, stage: AgreementStage, every: list[Deadline], today: datetime.date
) -> Plan:
    """The stage with what happened there, and with the dates of it that stand among `every` deadline of the case.

    They count as they were computed: what counts from them follows no rule or holiday that came later.
    """
    rows = [row for row in every if row.stage == stage.position and row.started_by and not row.superseded_by_id]
    standing = {row.clock: row for row in sorted(rows, key=lambda row: row.created_at)}
    moved = {row.superseded_by_id for row in every}
    in_force = {
        item: InForce(row.started_on, row.contract_date, _open_until(row, grievance), row.pk in moved)
        for item in Clock
        if (row := standing.get(item)) is not None and row.started_on is not None
    }
    facts = dataclasses.replace(facts_of(grievance, stage), in_force=in_force)
    return Plan(agreement, stage, facts, _day_of_silence(standing.get(Clock.ANSWER), today))


def _open_until(row: Deadline, grievance: Grievance) -> datetime.date:
    """Until when a further meeting moves a date: never once it was done, at any time while an abeyance holds it."""
    if row.end in DONE:
        return datetime.date.min
    return datetime.date.max if grievance.is_held and row.missed_at is None else row.contract_date


def _day_of_silence(answer: Deadline | None, today: datetime.date) -> datetime.date:
    """Today, or already tomorrow once it is noted, at the cut-off of its day, that the answer did not come."""
    if answer is None or answer.missed_at is None:
        return today
    return max(today, answer.contract_date + datetime.timedelta(1))


def stop(grievance: Grievance) -> None:
    """The case is over: nobody waits for anything any more."""
    for row in grievance.deadlines.running():
        end(row, DeadlineEnd.STOPPED, local_today())


def restart(grievance: Grievance, *, actor: Actor | None) -> None:
    """The case is open again: what ran when it ended runs on, then follows what was corrected meanwhile.

    Of several that wait for the same the newest runs on.
    """
    running = {(row.stage, row.clock) for row in grievance.deadlines.running()}
    stopped = grievance.deadlines.filter(end=DeadlineEnd.STOPPED, superseded_by=None)
    for row in stopped.order_by("-created_at", "-pk"):
        if (row.stage, row.clock) not in running:
            running.add((row.stage, row.clock))
            _revive(row)
    _follow(grievance, actor)
    for stage in _left(grievance):
        _follow_left(grievance, stage, actor)


def _end_left_stages(every: Iterable[Deadline], position: int) -> None:
    """What the employer owed at a step that the case has left nobody waits for any more; ours stays until delivered."""
    for row in every:
        if row.is_running and row.side == Side.EMPLOYER and row.stage != position and row.started_by:
            end(row, DeadlineEnd.MOOT, local_today())


def _end_what_was_done(grievance: Grievance, position: int, facts: Facts) -> None:
    """A meeting that was held and an answer that came meet the employer's deadlines, also when its day is put right."""
    done = {Clock.MEET: facts.met, Clock.ANSWER: facts.answered}
    rows = grievance.deadlines.filter(stage=position, side=Side.EMPLOYER).exclude(started_by="")
    for row in rows.filter(Q(end="") | Q(clock=Clock.ANSWER.value, end__in=DONE)):
        if (day := done.get(Clock(row.clock))) is not None:
            came(row, day)


# --- comparing --------------------------------------------------------------------------------------------


def _reconcile(
    plan: Plan,
    wanted: list[Expected],
    rows: list[Deadline],
    owner: dict[str, Any],
    *,
    follow_rules: bool = False,
    counted_by: Collection[UUID] = (),
) -> list[Deadline]:
    """Make what is missing, replace what is counted from another day, end what is wanted no longer.

    `follow_rules`: also what the rules say otherwise by now, or what none of the rules `counted_by` says.
    """
    latest = {row.clock: row for row in sorted(rows, key=lambda row: row.created_at) if not row.superseded_by_id}
    step_rules, made = plan.rules(), []
    for item in wanted:
        row = latest.get(item.clock)
        agreed = plan.facts.extended.get(item.clock)
        same = row is not None and (
            row.started_on == item.started_on or (agreed is not None and item.due.day <= agreed)
        )
        is_as_said = (
            row is not None
            and (row.contract_date, row.safe_date) == (item.due.day, item.due.safe)
            and (not counted_by or row.rule_id in counted_by)
        )
        if row is not None and same and (is_as_said or not follow_rules):
            if row.end == DeadlineEnd.MOOT:
                _revive(row)
            continue
        if row is not None and row.end in DONE:
            continue
        fresh = deadline_of(item, plan, step_rules[item.clock], owner)
        made.append(replace(row, fresh))
    kept = {item.clock.value for item in wanted}
    _settle_missing([row for row in latest.values() if row.is_running and row.started_by], kept)
    return made


def _revive(row: Deadline) -> None:
    row.end, row.ended_on = "", None
    row.version += 1
    row.save()


def replace(row: Deadline | None, fresh: Deadline) -> Deadline:
    """`fresh` in the place of `row`, which stays as it was."""
    if row is not None:
        end(row, DeadlineEnd.REPLACED, local_today())
    records.save(fresh)
    if row is not None:
        row.superseded_by = fresh
        row.save()
    return fresh


def _settle_missing(running: Iterable[Deadline], kept: Iterable[str]) -> list[Deadline]:
    kept = set(kept)
    for row in running:
        if row.clock not in kept:
            end(row, DeadlineEnd.MOOT, local_today())
    return []


def end(row: Deadline, how: str, day: datetime.date) -> None:
    row.end, row.ended_on = how, day
    row.version += 1
    row.save()


def came(row: Deadline, day: datetime.date) -> None:
    """What the employer owed has been here since `day`, in time or late."""
    how = DeadlineEnd.MET if day <= row.contract_date else DeadlineEnd.LATE
    if (row.end, row.ended_on) != (how, day):
        end(row, how, day)


def deadline_of(item: Expected, plan: Plan, rule: StepRule, owner: dict[str, Any]) -> Deadline:
    return Deadline(
        side=item.side.value,
        clock=item.clock.value,
        stage=plan.stage.position,
        stage_name=plan.stage.name,
        rule=rule,
        started_by=item.trigger.value,
        started_on=item.started_on,
        contract_date=item.due.day,
        safe_date=item.due.safe,
        due=item.due.safe or item.due.day,
        explanation=explanation_of(item.due, rule, plan.agreement, plan.titles),
        source=rule.clause,
        **owner,
    )


def explanation_of(due: Due, rule: StepRule, agreement: Agreement, titles: Sequence[str] = ()) -> dict[str, Any]:
    """What is kept with the date: the rule as it was, and each day, so that it can be read when both have changed."""
    return {
        "days": rule.days,
        "unit": rule.unit,
        "event_day_counted": rule.event_day_counted,
        "rolls": rule.rolls,
        "unclear": [name for name in ("unit", "start", "roll") if getattr(rule, f"unclear_{name}")],
        "clause": rule.clause,
        "agreement": agreement.title,
        "counted": [[item.day.isoformat(), item.number, item.why.value, item.name] for item in due.days],
        **({"agreements": list(titles)} if len(titles) > 1 else {}),
    }


# --- the clock --------------------------------------------------------------------------------------------


def last_late_day(policy: GrievancePolicy, now: datetime.datetime | None = None) -> datetime.date:
    """The last day whose deadlines have passed: yesterday, or today once the day's cut-off is behind us."""
    here = now or local_now()
    return here.date() if here.time() > policy.cutoff else here.date() - datetime.timedelta(1)


def answer_is_overdue(grievance: Grievance) -> bool:
    """Whether the employer has let the time of the case's step go by."""
    overdue = grievance.deadlines.running().filter(clock=Clock.ANSWER.value, stage=grievance.stage)
    return overdue.exclude(missed_at=None).exists()
