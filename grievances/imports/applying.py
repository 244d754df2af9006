"""What a checked list of cases does: cases numbered in the order of their filing, with what hangs on them."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.audit import trail
from core.db.insert import insert_many
from core.db.one_of import Among
from core.db.rows import new
from core.db.update import update_many
from core.errors import DomainError
from core.imports import saving
from core.imports.cells import typed
from core.imports.enums import ImportAction, RowOutcome
from core.imports.models import Batch
from core.permissions import Actor
from core.records.numbers import reserve_numbers, written_number
from grievances.enums import RESOLVED, STEPS, ClockKind, DeadlineEnd, GrievanceStatus, Side, Step
from grievances.imports.cases import OnRecord, changed_meanwhile, text_of
from grievances.imports.fields import OF_THEIR_ANSWER, THEIR_NAMES
from grievances.models import CaseImportRow, Deadline, Grievance, Grievant, Resolution
from grievances.services.carried import ANSWERS, words_of
from members.models import Member, Organization

STATED = ("filed_date", "incident_date", "settlement_amount")
RECORDED = ("grievance_number", "former_number", "grievance_type", "member", "employer", "filed_date", "status")
CASES = saving.RecordKind(Grievance, (*RECORDED, "current_step", "assigned_rep"))
# What a restored case gets anew.
WRITTEN = (
    *("former_number", "grievance_type", "member", "employer", "filed_date", "incident_date", "contract_article"),
    *("violation_description", "remedy_sought", "notes", "current_step", "status", "status_before", "assigned_rep"),
    *("department", "department_key"),
    *("resolution", "resolution_date", "settlement_amount", "article_key", "search_text", *saving.DELETION),
)
SOURCE_LENGTH, NAME_LENGTH = 200, 60


def numbers_for(rows: Iterable[Any]) -> dict[int, str]:
    """By row: GR numbers in the order of filing, year by year, after those that are given already."""
    filed = [(row.values["filed_date"], row.number) for row in rows if "restore" not in row.made]
    years: dict[int, list[int]] = defaultdict(list)
    for day, number in sorted(filed):
        years[int(day[:4])].append(number)
    found = {}
    for year, ordered in sorted(years.items()):
        for given, number in zip(reserve_numbers(f"GR-{year}", len(ordered)), ordered, strict=True):
            found[number] = written_number("GR", year, given)
    return found


def side_of(what: str) -> str:
    """Whose date it is: the employer's where every word tells of their answer; else ours, which is the careful guess.

    “Answer employer” asks for one of ours.
    """
    said = words_of(what)
    at = next((number for number, word in enumerate(said) if word in ANSWERS), None)
    if at is None or THEIR_NAMES.intersection(said[at:]):
        return Side.UNION
    theirs = all(word in OF_THEIR_ANSWER or word.isdecimal() for word in said)
    return Side.EMPLOYER if theirs else Side.UNION


class CaseApplier:
    """Whatever is not as it was at the check stops the whole list: a number that was given would be missing."""

    def __init__(self, batch: Batch, actor: Actor | None) -> None:
        self.batch, self.actor, self.ledger = batch, actor, saving.Ledger(batch, actor)
        self.creator = saving.Creator(CASES, self.ledger)
        self.numbers: dict[int, str] = {}
        self.made: set[Any] = set()

    def begin(self, rows: Any) -> None:
        self.numbers = numbers_for(rows.only("batch", "number", "values", "made").order_by("number").iterator())

    def apply(self, chunk: Sequence[CaseImportRow]) -> None:
        around = Around(chunk, self.made)
        restored = self._restored(chunk)
        cases = []
        for row in chunk:
            row.applied = RowOutcome.NEW
            case = restored.get(row.made.get("restore", "")) or new(
                Grievance, grievance_number=self.numbers[row.number]
            )
            around.fill(case, row)
            cases.append((row, case))
        self.creator.create([case for row, case in cases if "restore" not in row.made])
        self._restore([case for row, case in cases if "restore" in row.made])
        self._hang_on(cases)
        self.made |= {case.pk for _row, case in cases}
        self.ledger.record()

    def _restored(self, chunk: Sequence[CaseImportRow]) -> dict[str, Grievance]:
        """The cases that an undo had taken out, locked."""
        keys = [UUID(row.made["restore"]) for row in chunk if "restore" in row.made]
        if not keys:
            return {}
        rows = Grievance.objects.deleted().filter(pk__in=keys).order_by("pk").select_for_update(of=("self",))
        found = {str(case.pk): case for case in rows}
        if len(found) != len(keys):
            raise DomainError(changed_meanwhile())
        return found

    def _restore(self, cases: Sequence[Grievance]) -> None:
        if not cases:
            return
        now, keys = timezone.now(), [case.pk for case in cases]
        for case in cases:
            case.deleted_at, case.deleted_by, case.deleted_reason = None, None, ""
            case.version += 1
            case.updated_at = now
            self.ledger.entries.append(trail.Entry(case, ImportAction.IMPORTED, (), self.ledger.data))
        update_many(cases, {*WRITTEN, "version", "updated_at"})
        Grievant.objects.filter(grievance__in=keys).delete()
        former = Deadline.objects.filter(grievance__in=keys, end=DeadlineEnd.STOPPED, clock=ClockKind.CARRIED)
        former.update(end=DeadlineEnd.REPLACED, updated_at=now)
        Resolution.objects.live().filter(grievance__in=keys).update(superseded_at=now, updated_at=now)

    def _hang_on(self, cases: Sequence[tuple[CaseImportRow, Grievance]]) -> None:
        source = _("%(file)s, row %(row)s")
        grievants: list[Any] = []
        resolutions: list[Any] = []
        deadlines: list[Any] = []
        for row, case in cases:
            said = source % {"file": self.batch.file_name, "row": row.number}
            grievants += [new(Grievant, grievance_id=case.pk, member_id=pk) for pk in row.made["members"]]
            row.made |= {"case": str(case.pk), "version": case.version, "created": True}
            if case.status in RESOLVED:
                resolutions.append(resolution_of(case, said))
            elif "next_due" in row.values:
                deadlines.append(deadline_of(case, row.values, said))
                row.made["deadline"] = str(deadlines[-1].pk)
        for made in (grievants, resolutions, deadlines):
            insert_many(made)


class Around:
    """What the rows of a chunk name, as it is now; raises DomainError for whatever has gone since the check."""

    def __init__(self, chunk: Sequence[CaseImportRow], made: Collection[Any]) -> None:
        employers = {row.made["employer"] for row in chunk}
        people = {pk for row in chunk for pk in row.made["members"]}
        reps = {row.made["rep"] for row in chunk if row.made.get("rep")}
        self.employers = {row.pk: row for row in Organization.objects.alive().filter(Among("id", employers))}
        self.people = {row.pk: row for row in Member.objects.alive().filter(Among("id", people))} if people else {}
        self.reps = {row.pk: row for row in User.objects.filter(Among("id", reps))} if reps else {}
        numbers = {row.values["former_number"] for row in chunk if "former_number" in row.values}
        taken = Grievance.objects.alive().filter(Among("former_number", numbers)).exists() if numbers else False
        if (
            taken
            or _is_alike(chunk, made)
            or employers - self.employers.keys()
            or people - self.people.keys()
            or reps - self.reps.keys()
        ):
            raise DomainError(changed_meanwhile())

    def fill(self, case: Any, row: CaseImportRow) -> None:
        """Put what the row says into the case."""
        values = row.values
        people = [self.people[pk] for pk in row.made["members"]]
        case.employer = self.employers[row.made["employer"]]
        case.member = people[0] if people else None
        case.assigned_rep = self.reps.get(row.made.get("rep"))
        for name in ("former_number", "notes", "department"):
            setattr(case, name, values.get(name, ""))
        for name in ("grievance_type", "current_step", "status"):
            setattr(case, name, values[name])
        for name in ("contract_article", "violation_description", "remedy_sought"):
            setattr(case, name, text_of(values, name))
        for name in STATED:
            field: Any = Grievance._meta.get_field(name)
            setattr(case, name, typed(field, values.get(name, "")))
        self._end(case, values)
        case.fill_keys(people)

    @staticmethod
    def _end(case: Any, values: dict[str, str]) -> None:
        over = case.status in RESOLVED
        at_arbitration = (
            GrievanceStatus.ARBITRATION if case.current_step == Step.ARBITRATION else GrievanceStatus.HEARING
        )
        case.status_before = at_arbitration if over else ""
        case.resolution = text_of(values, "resolution") if over else ""
        case.resolution_date = datetime.date.fromisoformat(values["resolution_date"]) if over else None


def _is_alike(chunk: Sequence[CaseImportRow], made: Collection[Any]) -> bool:
    """Whether a case without a former number came on record since the check, other than those `made` by this list."""
    rows = [row for row in chunk if "former_number" not in row.values]
    if not rows:
        return False
    places, days = {row.made["employer"] for row in rows}, {row.values["filed_date"] for row in rows}
    known = OnRecord(set(), places, days)
    lead = {row.pk: next(iter(row.made["members"]), None) for row in rows}
    found = (known.alike(row.made["employer"], lead[row.pk], row.values, but=made) for row in rows)
    return any(case is not None and not case.is_deleted for case in found)


def resolution_of(case: Grievance, source: str) -> Resolution:
    """How it ended, as the list says; a withdrawal counts as without prejudice, which lists do not tell."""
    return new(
        Resolution,
        grievance_id=case.pk,
        outcome=case.status,
        day=case.resolution_date,
        reason=case.resolution[: Resolution._meta.get_field("reason").max_length],
        decided_by=source[-SOURCE_LENGTH:],
        amount=case.settlement_amount,
        with_prejudice=False if case.status == GrievanceStatus.WITHDRAWN else None,
    )


def deadline_of(case: Grievance, values: dict[str, str], source: str) -> Deadline:
    """The next date, carried over: nothing computes it, nothing but a delivery or a person ends it."""
    due = datetime.date.fromisoformat(values["next_due"])
    what = values.get("what_is_due") or str(Step(case.current_step).label)
    return new(
        Deadline,
        grievance_id=case.pk,
        side=str(side_of(what)),
        clock=ClockKind.CARRIED.value,
        stage=STEPS.index(Step(case.current_step)) + 1,
        stage_name=what[:NAME_LENGTH],
        contract_date=due,
        due=due,
        source=source[-SOURCE_LENGTH:],
    )
