"""The agreements and dates around the first grievances: computed by the engine from what happened to each case."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.timezone import get_current_timezone

from accounts.first_data import moment_of
from accounts.models import User
from core.audit import trail
from core.enums import CoreAction
from core.records import bulk, records
from grievances.enums import STEPS, ClockKind, DayUnit, DeadlineEnd, GrievanceAction, Side, Silence, Step
from grievances.models import (
    Agreement,
    AgreementClosure,
    AgreementStage,
    Deadline,
    Delivery,
    Extension,
    Grievance,
    StageEntry,
    StepRule,
)
from grievances.services import calendars, clocks, holidays
from grievances.services.deadlines import chain, rules
from grievances.services.deadlines.chain import Facts
from grievances.services.deadlines.rules import Calendar
from members.models import Organization

NAMES = {Step.STEP_1: "Step 1, foreman", Step.STEP_2: "Step 2, plant manager", Step.STEP_3: "Step 3, labor relations"}
# clock, days, unit, from what, clause; at each step, but for filing, which is at the first alone.
USUAL = (
    (ClockKind.FILE, 15, DayUnit.WORKING, "knowledge", "Article 9, section 2"),
    (ClockKind.MEET, 20, DayUnit.CALENDAR, "begun", "Article 9, section 3"),
    (ClockKind.ANSWER, 10, DayUnit.WORKING, "meeting", "Article 9, section 4"),
    (ClockKind.APPEAL, 15, DayUnit.WORKING, "answer_or_due", "Article 9, section 5"),
)
SILENCES = (Silence.MAY_ADVANCE, Silence.DENIED)


@dataclass
class Stay:
    """A case at one step: from when, the meetings and the answer there, and when it left."""

    stage: AgreementStage
    begun: date
    met: date | None = None
    answered: date | None = None
    left: date | None = None


@dataclass
class Dates:
    """What is written of one case."""

    stays: list[Stay] = field(default_factory=list)
    entries: list[StageEntry] = field(default_factory=list)
    deadlines: list[tuple[Deadline, date]] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    extensions: list[Extension] = field(default_factory=list)


@dataclass
class FirstDates:
    """Agreements of the employers of a first set, and the dates of cases under them."""

    representative: User
    as_of: date
    _known: dict[Any, tuple[Agreement, list[AgreementStage], Calendar]] = field(default_factory=dict)
    _inserters: dict[Any, bulk.Inserter] = field(default_factory=dict)
    _extended: int = 0

    def begin(self, employers: Iterable[Organization]) -> None:
        """An agreement with each employer that has none."""
        for number, employer in enumerate(employers):
            if employer.pk in self._known:
                continue
            found = Agreement.objects.filter(employer=employer).first()
            agreement = found or self._agreement(employer, number)
            stages = list(agreement.stages.prefetch_related("rules"))
            self._known[employer.pk] = agreement, stages, calendars.calendar_of(agreement)

    def _agreement(self, employer: Organization, number: int) -> Agreement:
        begun = date(self.as_of.year - 2, 1, 1)
        agreement = Agreement(
            employer=employer,
            title=f"Agreement with {employer.name}"[:200],
            effective_from=begun,
            effective_to=self.as_of + timedelta(150 + 90 * (number % 9)),
            holiday_list=holidays.federal_list(None),
            silence=SILENCES[number % len(SILENCES)],
            tolling="The time to file stands still while the member is on approved leave (Article 9, section 2).",
        )
        records.save(agreement)
        made = trail.Entry(agreement, CoreAction.CREATED, actor=self.representative, at=moment_of(begun))
        trail.record_many([made], actor=self.representative)
        for position, (step, name) in enumerate(NAMES.items(), 1):
            stage = AgreementStage(agreement=agreement, position=position, step=step, name=name)
            records.save(stage)
            for clock, days, unit, trigger, clause in USUAL:
                if clock != ClockKind.FILE or position == 1:
                    rule = {"clock": clock, "days": days, "unit": unit, "trigger": trigger, "clause": clause}
                    records.save(StepRule(stage=stage, rolls=unit == DayUnit.CALENDAR, **rule))
        year = self.as_of.year
        closed = {"first_day": date(year, 12, 24), "last_day": date(year + 1, 1, 1)}
        records.save(AgreementClosure(agreement=agreement, name="Christmas closure", **closed))
        return agreement

    # --- one case -----------------------------------------------------------------------------------

    def start(self, case: Grievance) -> Dates | None:
        """Put a case that is just filed at its step; None where its employer has no agreement."""
        if (known := self._known.get(case.employer_id)) is None:
            return None
        agreement, stages, _calendar = known
        stage = stages[STEPS.index(Step(case.current_step))]
        case.agreement, case.stage, case.stage_name = agreement, stage.position, stage.name
        return Dates([Stay(stage, case.filed_date)])

    def move(self, case: Grievance, dates: Dates, move: str, day: date) -> None:
        """What a move does to the stay at a step; the case itself has moved already."""
        stay = dates.stays[-1]
        if move in ("hold_meeting", "record_meeting") and case.stage:
            stay.met = day
        elif move == "record_answer":
            stay.answered = day
        elif move == "advance":
            stay.left = day
            _agreement, stages, _calendar = self._known[case.employer_id]
            stage = stages[stay.stage.position]
            dates.stays.append(Stay(stage, day))
            case.stage, case.stage_name = stage.position, stage.name
        elif move == "demand_arbitration":
            stay.left = day
            case.stage, case.stage_name = None, ""

    def finish(self, case: Grievance, dates: Dates) -> None:
        """Compute what ran at each step, and how it ended."""
        agreement, stages, calendar = self._known[case.employer_id]
        first = dates.stays[0]
        if first.stage.position > 1:
            self._compute(case, Stay(stages[0], first.begun), dates, agreement, calendar, (ClockKind.FILE,))
        for stay in dates.stays:
            dates.entries.append(
                StageEntry(grievance=case, stage=stay.stage.position, stage_name=stay.stage.name, entered_on=stay.begun)
            )
            kept = tuple(ClockKind) if stay is first else (ClockKind.MEET, ClockKind.ANSWER, ClockKind.APPEAL)
            self._compute(case, stay, dates, agreement, calendar, kept)
        self._extend(case, dates)

    def _compute(
        self, case: Grievance, stay: Stay, dates: Dates, agreement: Agreement, calendar: Calendar, kept: tuple[str, ...]
    ) -> None:
        facts = Facts(case.incident_date, case.knowledge_date, stay.begun, stay.met, stay.answered)
        plan = clocks.Plan(agreement, stay.stage, facts, stay.left or case.resolution_date or self.as_of)
        rows = plan.rules()
        every = [calendars.clock_of(row) for row in rows.values()]
        silence = rules.Silence(agreement.silence)
        for item in chain.expected(every, facts, calendar, silence=silence, today=plan.today):
            if item.clock in kept:
                row = clocks.deadline_of(item, plan, rows[item.clock], {"grievance": case})
                self._end(case, row, stay, dates)
                dates.deadlines.append((row, item.started_on))

    def _end(self, case: Grievance, row: Deadline, stay: Stay, dates: Dates) -> None:
        done = {
            ClockKind.FILE: case.filed_date,
            ClockKind.MEET: stay.met,
            ClockKind.ANSWER: stay.answered,
            ClockKind.APPEAL: stay.left,
        }[ClockKind(row.clock)]
        over = stay.left or case.resolution_date
        if done is not None:
            row.end, row.ended_on = DeadlineEnd.MET if done <= row.contract_date else DeadlineEnd.LATE, done
            if row.side == Side.UNION:
                dates.deliveries.append(self._delivery(case, row, done))
        elif over is not None:
            row.end, row.ended_on = DeadlineEnd.MOOT if stay.left else DeadlineEnd.STOPPED, over
        elif row.contract_date < self.as_of:
            row.missed_at = moment_of(row.contract_date + timedelta(1))

    def _delivery(self, case: Grievance, row: Deadline, day: date) -> Delivery:
        is_form = row.clock == ClockKind.FILE
        return Delivery(
            grievance=case,
            deadline=row,
            what="Grievance form" if is_form else f"Appeal from {row.stage_name}",
            how="hand" if is_form else "certified",
            to_whom="Labor relations office",
            delivered_at=datetime.combine(day, time(10, 30), get_current_timezone()),
            proof="Copy signed by the receiver" if is_form else f"Certified mail receipt of {day:%Y-%m-%d}",
            recorded_by=self.representative,
        )

    def _extend(self, case: Grievance, dates: Dates) -> None:
        """The first two answers that are still out: one was put off in writing, of the other nothing is signed yet."""
        rows = [row for row, _day in dates.deadlines if not row.end and row.clock == ClockKind.ANSWER]
        if not rows or self._extended >= 2:
            return
        row, self._extended = rows[0], self._extended + 1
        assert row.started_on
        agreed = min(self.as_of, row.started_on + timedelta(2))
        extension = Extension(
            grievance=case,
            deadline=row,
            new_date=row.contract_date + timedelta(14),
            for_union=self.representative.get_full_name(),
            for_employer="Labor relations office",
            agreed_on=agreed,
            recorded_by=self.representative,
        )
        dates.extensions.append(extension)
        if self._extended == 1:
            return
        extension.document, extension.confirmed_on = f"Letter of {agreed:%Y-%m-%d}, signed by both", agreed
        kept = ("grievance", "side", "clock", "stage", "stage_name", "rule", "started_by", "started_on")
        fresh = Deadline(
            **{name: getattr(row, name) for name in kept},
            contract_date=extension.new_date,
            due=extension.new_date,
            source=f"Extended by both sides: {extension.document}",
        )
        row.end, row.ended_on, row.missed_at = DeadlineEnd.REPLACED, agreed, None
        row.superseded_by_id = fresh.pk
        dates.deadlines.insert(0, (fresh, agreed))

    # --- into the database --------------------------------------------------------------------------

    def insert(self, found: list[Dates]) -> None:
        """The rows of several cases; each deadline bears the day on which its clock began."""
        made = [pair for dates in found for pair in dates.deadlines]
        self._insert(StageEntry, [row for dates in found for row in dates.entries])
        self._insert(Deadline, [row for row, _day in made])
        self._insert(Delivery, [row for dates in found for row in dates.deliveries])
        self._insert(Extension, [row for dates in found for row in dates.extensions])
        bulk.set_dates(Deadline, [(row.pk, moment_of(day)) for row, day in made])

    def _insert(self, model: Any, rows: list[Any]) -> None:
        if model not in self._inserters:
            self._inserters[model] = bulk.Inserter(model, action=GrievanceAction.DEADLINES_SET, recorded=())
        self._inserters[model].insert(rows)
