"""The grievances that a demonstration shows: each is walked from its filing to where it stands by the moves of FLOW."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from operator import attrgetter
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.first_data import holder_of, moment_of
from core.audit import trail
from core.errors import DomainError
from core.records import bulk
from core.records.numbers import reserve_numbers, written_number
from grievances.enums import (
    RESOLVED,
    STEPS,
    Answer,
    AnswerHow,
    GrievanceAction,
    GrievanceStatus,
    GrievanceType,
    StepOutcome,
    Told,
)
from grievances.first_arbitration import FirstArbitrations
from grievances.first_dates import Dates, FirstDates
from grievances.first_dockets import write_away, write_dockets
from grievances.first_flags import FirstFlags
from grievances.first_work import FirstWork
from grievances.models import (
    CASE_TEXT,
    AnswerReceived,
    CaseDocument,
    CaseTask,
    Grievance,
    GrievancePolicy,
    GrievanceStepRecord,
    Grievant,
    GrievantTold,
    Resolution,
)
from grievances.services.workflow import FLOW
from members.enums import MemberStatus
from members.models import Employment, Member, Organization

SETS_AT_ONCE = 100
MEETING = "hold_meeting"
# Which kind of case, of which type, and what was done with it since it was filed: twenty of them, with 31 step records
# (one for each meeting and each step that was left), every kind twice and every status.
PLAN: tuple[tuple[str, str, str], ...] = (
    ("discharge", "individual", ""),
    ("contracting-out", "policy", ""),
    ("overtime-distribution", "group", ""),
    ("discipline", "individual", "investigate"),
    ("unsafe-assignment", "group", "investigate"),
    ("seniority-bypass", "individual", "investigate advance"),
    ("call-in-pay", "individual", "hold_meeting"),
    ("holiday-vacation", "individual", "investigate hold_meeting record_answer"),
    ("overtime-distribution", "individual", "investigate hold_meeting advance record_meeting record_answer"),
    ("discharge", "individual", "investigate hold_meeting advance record_meeting advance record_meeting"),
    ("call-in-pay", "individual", "hold_meeting settle"),
    ("holiday-vacation", "individual", "investigate hold_meeting advance record_meeting settle"),
    ("supervisors-unit-work", "individual", "hold_meeting advance record_meeting settle"),
    ("seniority-bypass", "individual", "investigate hold_meeting advance record_meeting advance record_meeting settle"),
    ("discipline", "individual", "hold_meeting record_answer withdraw"),
    ("unsafe-assignment", "individual", "investigate hold_meeting advance record_meeting record_answer withdraw"),
    ("contracting-out", "individual", "hold_meeting advance record_meeting advance record_meeting demand_arbitration"),
    (
        "union-rights",
        "individual",
        "investigate hold_meeting advance record_meeting advance record_meeting demand_arbitration record_meeting",
    ),
    ("supervisors-unit-work", "individual", "investigate hold_meeting advance record_meeting close"),
    (
        "union-rights",
        "individual",
        "investigate hold_meeting advance record_meeting advance record_meeting record_answer close",
    ),
)
DEPARTMENTS = ("Assembly", "Maintenance", "Paint shop", "Shipping")
GROUP = 3
# Of these two each is once in a set.
RESTING, DISPUTED = "investigate hold_meeting advance record_meeting", "investigate hold_meeting"
NO_OTHER = "No comparable case at this employer in the last three years."


@cache
def texts() -> dict[str, Any]:
    return json.loads((Path(settings.BASE_DIR) / "fixtures" / "phase2" / "grievances.json").read_text("utf-8"))


@cache
def kinds() -> dict[str, dict[str, Any]]:
    return {item["kind"]: item for item in texts()["kinds"]}


@dataclass
class Case:
    """One case on its way: what its moves have made of it."""

    grievance: Grievance
    people: list[Member]
    grievants: list[Grievant] = field(default_factory=list)
    records: dict[int, GrievanceStepRecord] = field(default_factory=dict)
    answers: list[AnswerReceived] = field(default_factory=list)
    resolution: Resolution | None = None
    dates: Dates | None = None
    tasks: list[CaseTask] = field(default_factory=list)
    told: list[GrievantTold] = field(default_factory=list)
    events: list[trail.Entry] = field(default_factory=list)


@dataclass
class FirstGrievances:
    """Writes `scale` sets; the same seed and day give the same values over the same members and employers."""

    what = "Grievances"

    seed: int
    as_of: date
    scale: int = 1
    progress: Callable[[int], None] | None = None
    _cases: dict[Any, Case] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.random = Random(f"{self.seed}:grievances:{Grievance.objects.count()}")  # noqa: S311  (a seed repeats it)
        self.representative = holder_of("representative", "Rosa", "Delgado")
        self.chair = holder_of("grievance-chair", "Walter", "Novak")
        self.office = holder_of("staff", "Irene", "Kowalski")
        self.first_dates = FirstDates(self.representative, self.as_of)
        self.first_work = FirstWork(self.representative, self.as_of, CaseDocument.objects.exists())
        self.first_flags = FirstFlags(self.representative)
        self.first_arbitrations = FirstArbitrations(self.representative, self.chair, self.as_of)
        self._inserters = {
            model: bulk.Inserter(model, action=GrievanceAction.FILED, recorded=())
            for model in (Grievant, GrievanceStepRecord, AnswerReceived, Resolution, GrievantTold)
        }
        self._find_people()

    def _find_people(self) -> None:
        """Who works where now, each employer's people in an order of chance."""
        working = Employment.objects.current().filter(
            member__status=MemberStatus.ACTIVE, member__deleted_at=None, organization__deleted_at=None
        )
        pairs = list(working.order_by("organization_id", "id").values_list("organization_id", "member_id"))
        self.crews: dict[int, list[int]] = {}
        for employer, member in pairs:
            self.crews.setdefault(employer, []).append(member)
        self.large = [employer for employer, crew in self.crews.items() if len(crew) >= GROUP]
        if not self.large:
            raise DomainError("Too few people work at one employer. Run manage.py seed_phase1 first.")
        self.singles = self.random.sample(pairs, len(pairs))

    def write(self) -> None:
        recorded = ("grievance_number", "grievance_type", "member", "employer", "filed_date", *CASE_TEXT)
        with transaction.atomic():
            bulk.write(
                self._rows(),
                actor=self.office,
                action=GrievanceAction.FILED,
                recorded=recorded,
                at=lambda grievance: moment_of(grievance.filed_date),
                further=self._parts,
            )
            write_dockets(self.representative, self.as_of)
            write_away(self.representative, self.chair, self.as_of)

    # --- whom it is about -------------------------------------------------------------------------

    def _rows(self) -> Iterator[Grievance]:
        for start in range(0, self.scale, SETS_AT_ONCE):
            chosen = [
                (plan, *self._choose(plan[1], number))
                for number in range(start, min(start + SETS_AT_ONCE, self.scale))
                for plan in PLAN
            ]
            members = Member.objects.in_bulk({pk for _plan, _employer, crew in chosen for pk in crew})
            employers = Organization.objects.in_bulk({employer for _plan, employer, _crew in chosen})
            if start == 0:
                self.first_dates.begin(employers[employer] for _plan, employer, _crew in chosen[: len(PLAN)])
            cases = [
                self._case(plan, employers[employer], [members[pk] for pk in crew]) for plan, employer, crew in chosen
            ]
            self._number(cases)
            for case in cases:
                case.grievance.fill_keys(case.people)
                self._cases[case.grievance.pk] = case
                yield case.grievance
            if self.progress:
                self.progress(min(start + SETS_AT_ONCE, self.scale))

    def _choose(self, grievance_type: str, number: int) -> tuple[int, list[int]]:
        """(employer, grievants)."""
        if grievance_type == GrievanceType.POLICY:
            return self.random.choice(list(self.large)), []
        if grievance_type == GrievanceType.GROUP:
            employer = self.random.choice(self.large)
            return employer, self.random.sample(self.crews[employer], GROUP)
        if not self.singles:
            self.singles = [(employer, member) for employer, crew in self.crews.items() for member in crew]
            self.random.shuffle(self.singles)
        employer, member = self.singles.pop()
        return employer, [member]

    def _number(self, cases: list[Case]) -> None:
        """In the order of filing, year by year."""
        by_year: dict[int, list[Case]] = {}
        for case in sorted(cases, key=lambda case: case.grievance.filed_date):
            by_year.setdefault(case.grievance.filed_date.year, []).append(case)
        for year, filed in by_year.items():
            numbers = reserve_numbers(f"GR-{year}", len(filed))
            for number, case in zip(numbers, filed, strict=True):
                case.grievance.grievance_number = written_number("GR", year, number)

    # --- what happened ----------------------------------------------------------------------------

    def _case(self, plan: tuple[str, str, str], employer: Organization, people: list[Member]) -> Case:
        kind, grievance_type, path = kinds()[plan[0]], plan[1], plan[2].split()
        days = self._days(path)
        told = self.random.choice(kind["cases"])
        incident = weekday(days[0] - timedelta(self.random.randint(4, 12)))
        entry = GrievancePolicy().entry_step(grievance_type)
        grievance = Grievance(
            grievance_type=grievance_type,
            member=people[0] if people else None,
            employer=employer,
            filed_date=days[0],
            incident_date=incident,
            knowledge_date=min(days[0], incident + timedelta(self.random.randint(0, 2))),
            contract_article=self.random.choice(kind["articles"]),
            violation_description=told["violation"],
            remedy_sought=told["remedy"],
            department=DEPARTMENTS[incident.toordinal() % len(DEPARTMENTS)],
            current_step=entry,
            assigned_rep=self.representative,
            notes=self.random.choice(texts()["strategy_notes"]) if len(path) > 2 else "",
            filed_by=self.office,
        )
        case = Case(grievance, people, [Grievant(grievance=grievance, member=person) for person in people])
        case.dates = self.first_dates.start(grievance)
        for move, day in zip(path, days[1:], strict=True):
            self._move(case, move, day, kind)
            if case.dates:
                self.first_dates.move(grievance, case.dates, move, day)
        if case.dates:
            self.first_dates.finish(grievance, case.dates)
        for task, told in self.first_work.of(grievance, days[-1]):
            case.tasks.append(task)
            case.events.append(told)
        self._mark(case, plan[2], days)
        return case

    def _mark(self, case: Case, path: str, days: list[date]) -> None:
        """What stands beside its moves: an abeyance, a claim of lateness, an arbitration."""
        moves = path.split()
        if path == RESTING:
            running = [row for row, _day in case.dates.deadlines] if case.dates else []
            case.events += self.first_flags.rest(case.grievance, days[-1], running)
        elif path == DISPUTED:
            case.events += self.first_flags.dispute(case.grievance, days[-1])
        elif "demand_arbitration" in moves:
            demanded = moves.index("demand_arbitration") + 1
            heard = days[demanded + 1] if len(moves) > demanded else None
            case.events += self.first_arbitrations.begin(case.grievance, days[demanded], heard)

    def _days(self, path: list[str]) -> list[date]:
        """The day of filing and of each move, on weekdays, none after `as_of`."""
        gaps = [self.random.randint(4, 20) for _move in path]
        ended = bool(path) and path[-1] in ("settle", "withdraw", "close")
        since = self.random.randint(10, 240) if ended else self.random.randint(1, 14)
        days = [self.as_of - timedelta(since + sum(gaps))]
        for gap in gaps:
            days.append(days[-1] + timedelta(gap))
        return [weekday(day) for day in days]

    def _move(self, case: Case, move: str, day: date, kind: dict[str, Any]) -> None:
        grievance = case.grievance
        before, step = grievance.status, grievance.step_number
        actor = self.chair if move in ("withdraw", "close", "demand_arbitration") else self.representative
        case.events.append(replace(FLOW.replay(grievance, move), actor=actor, at=moment_of(day)))
        if move in ("hold_meeting", "record_meeting"):
            case.records[step] = self._meeting(case, step, day, kind)
        elif move == "record_answer":
            case.records[step].outcome = StepOutcome.DENIED
            case.answers.append(self._answer(case, step, day, kind))
        elif move in ("advance", "demand_arbitration"):
            record = case.records.setdefault(step, GrievanceStepRecord(grievance=grievance, step_number=step))
            record.outcome = StepOutcome.ADVANCED
            record.notes = record.notes or self.random.choice(kind["employer_answers"])
            grievance.current_step = STEPS[step]
        elif grievance.status in RESOLVED:
            grievance.status_before = before
            self._resolve(case, day, kind)

    def _meeting(self, case: Case, step: int, day: date, kind: dict[str, Any]) -> GrievanceStepRecord:
        union = texts()["union_attendees"][str(step)]
        if not case.people:
            union = [words for words in union if "grievant" not in words.lower()]
        notes = [self.random.choice(texts()["meeting_notes"][str(step)]), self.random.choice(kind["union_arguments"])]
        return GrievanceStepRecord(
            grievance=case.grievance,
            step_number=step,
            meeting_date=day,
            union_attendees=self.random.choice(union),
            employer_attendees=self.random.choice(texts()["employer_attendees"][str(step)]),
            notes="\n".join(notes),
        )

    def _answer(self, case: Case, step: int, day: date, kind: dict[str, Any]) -> AnswerReceived:
        return AnswerReceived(
            grievance=case.grievance,
            step_number=step,
            received_on=day,
            how=AnswerHow.MAIL,
            answer=Answer.DENIED,
            words=kind["employer_answers"][0],
        )

    def _resolve(self, case: Case, day: date, kind: dict[str, Any]) -> None:
        grievance: Any = case.grievance
        amount, with_prejudice = None, None
        if grievance.status == GrievanceStatus.SETTLED:
            found = self.random.choice(kind["settlements"])
            reason = found["text"]
            amount = (
                Decimal(self.random.randint(found["low"] // 25, found["high"] // 25) * 25) if found["high"] else None
            )
            case.records[grievance.step_number].outcome = StepOutcome.SETTLED
        elif grievance.status == GrievanceStatus.WITHDRAWN:
            found = self.random.choice(texts()["withdrawals"])
            reason, with_prejudice = found["text"], found["prejudice"]
        else:
            reason = self.random.choice(texts()["closings"])
        grievance.resolution, grievance.resolution_date, grievance.settlement_amount = reason, day, amount
        case.resolution = Resolution(
            grievance=grievance,
            outcome=grievance.status,
            day=day,
            reason=reason,
            decided_by=self.chair.get_full_name(),
            amount=amount,
            with_prejudice=with_prejudice,
            comparable_cases="" if grievance.status == GrievanceStatus.SETTLED else NO_OTHER,
        )
        case.told = [
            GrievantTold(
                resolution=case.resolution, grievant=grievant, told_on=day, how=self.random.choice(Told.values)
            )
            for grievant in case.grievants
        ]

    # --- into the database ------------------------------------------------------------------------

    def _parts(self, batch: list[Grievance]) -> Iterator[trail.Entry]:
        """Their events are those of the moves that made them."""
        cases = [self._cases.pop(grievance.pk) for grievance in batch]
        self._inserters[Grievant].insert([grievant for case in cases for grievant in case.grievants])
        self._inserters[GrievanceStepRecord].insert([row for case in cases for row in case.records.values()])
        self._inserters[AnswerReceived].insert([answer for case in cases for answer in case.answers])
        self.first_dates.insert([case.dates for case in cases if case.dates])
        self.first_arbitrations.insert()
        self.first_flags.insert()
        self._inserters[Resolution].insert([case.resolution for case in cases if case.resolution])
        self._inserters[GrievantTold].insert([told for case in cases for told in case.told])
        self.first_work.insert([task for case in cases for task in case.tasks])
        papers = list(self.first_work.documents([(case.grievance, case.answers) for case in cases]))
        events = [*(event for case in cases for event in case.events), *papers]
        return iter(sorted(events, key=attrgetter("at")))


def weekday(day: date) -> date:
    """The day itself, or the Friday before a weekend."""
    return day - timedelta(max(0, day.weekday() - 4))
