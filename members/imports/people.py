"""What a row of a member list would do."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from core.folding import sort_key
from core.imports.cells import plain, plain_values
from core.imports.enums import RowOutcome
from core.imports.judging import Undos, judge_known
from core.imports.readings import Reading
from core.imports.seen import SeenKeys
from core.permissions import Actor
from core.records import records
from members.enums import MemberStatus
from members.imports.employers import EmployerFinder
from members.imports.fields import EMPLOYER_FIELDS, EMPLOYMENT_FIELDS
from members.models import Employment, ImportBatch, ImportRow, Member

CONTACTS = ("phone", "email", "date_of_birth")
JOB = "employment."
NON_MEMBER = MemberStatus.REPRESENTED_NON_MEMBER


def person_key(values: dict[str, str], *, middle: bool = False) -> str:
    return sort_key(values["last_name"], values["first_name"], values.get("middle_name", "") if middle else "")


def record_key(member: Member) -> str:
    return sort_key(member.last_name, member.first_name)


def comparable(values: dict[str, str]) -> tuple[str, ...]:
    return tuple(name for name in values if name not in EMPLOYER_FIELDS)


def same_contact(member: Member, values: dict[str, str]) -> bool:
    return any(values.get(name) and values[name] == plain(getattr(member, name)) for name in CONTACTS)


def current_jobs(members: Sequence[int]) -> dict[tuple[int, int], Employment]:
    jobs = Employment.objects.current().filter(member_id__in=members).select_related("organization")
    return {(job.member_id, job.organization_id): job for job in jobs}


def job_changes(job: Employment, values: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """(before, after) of what the row says otherwise about this employment."""
    stated = [name for name in EMPLOYMENT_FIELDS if name in values]
    before = plain_values(job, stated)
    after = {name: values[name] for name in stated if values[name] != before[name]}
    return {name: before[name] for name in after}, after


class Known:
    """The members that a chunk of rows may mean, read in a constant number of queries."""

    def __init__(self, chunk: Sequence[Reading] | Sequence[ImportRow], actor: Actor | None, undos: Undos) -> None:
        self.undos = undos
        self.members = records.visible(Member, actor)
        numbers = {reading.values["member_number"] for reading in chunk if "member_number" in reading.values}
        self.by_number = {member.member_number: member for member in self.members.filter(member_number__in=numbers)}
        self.by_name: dict[str, list[Member]] = defaultdict(list)
        self.undone: dict[str, list[Member]] = defaultdict(list)
        strangers = [reading.values for reading in chunk if reading.values.get("member_number") not in self.by_number]
        numberless = [values for values in strangers if "member_number" not in values]
        self._read_namesakes([values for values in strangers if "member_number" in values], only_same_contact=True)
        self._read_namesakes(numberless, only_same_contact=False)
        if numberless:
            self._read_undone(numberless)

    def _read_namesakes(self, rows: Sequence[dict[str, str]], *, only_same_contact: bool) -> None:
        """Of a number that is new, only namesakes with the same birthday, phone or e-mail matter; there are few."""
        names = {key for values in rows for key in (person_key(values), person_key(values, middle=True))}
        found = self.members.alive().filter(sort_name__in=names).order_by("pk")
        if only_same_contact:
            contact = Q()
            for name in CONTACTS:
                if given := {values[name] for values in rows if name in values}:
                    contact |= Q(**{f"{name}__in": given})
            found = found.filter(contact) if contact else found.none()
        for member in found if rows else ():
            if member not in self.by_name[record_key(member)]:
                self.by_name[record_key(member)].append(member)

    def _read_undone(self, rows: Sequence[dict[str, str]]) -> None:
        names = {values["last_name"] for values in rows}
        for member in self.members.deleted().filter(member_number=None, last_name__in=names).order_by("pk"):
            if self.undos.removed(member):
                self.undone[record_key(member)].append(member)


def namesakes_born_alike(values: dict[str, str], known: Known) -> list[Member]:
    born = values.get("date_of_birth", "")
    return [member for member in known.by_name[person_key(values)] if plain(member.date_of_birth) == born]


class MemberChecker:
    """Judges rows in the file's order; `check` takes them in chunks so that each costs a few queries."""

    def __init__(self, _batch: ImportBatch, actor: Actor | None) -> None:
        self.actor = actor
        self.seen, self.undos = SeenKeys(), Undos(ImportBatch)
        self.employers = EmployerFinder(actor)

    def close(self) -> None:
        self.seen.close()

    def check(self, chunk: Sequence[Reading]) -> None:
        usable = [reading for reading in chunk if reading.outcome != RowOutcome.ERROR]
        known = Known(usable, self.actor, self.undos)
        for reading in usable:
            self._judge(reading, known)
        self._judge_jobs([reading for reading in usable if reading.outcome != RowOutcome.ERROR])

    def _judge(self, reading: Reading, known: Known) -> None:
        values = reading.values
        number = values.get("member_number")
        key = f"#{number}" if number else f"{person_key(values)}/{values.get('date_of_birth', '')}"
        earlier = self.seen.first(key)
        self.seen.add([key], reading.number, person_key(values))
        if earlier:
            self._judge_repeated(reading, earlier)
        elif number:
            self._judge_numbered(reading, known)
        else:
            self._judge_numberless(reading, known)
        if reading.outcome != RowOutcome.ERROR:
            self.seen.is_second(reading)

    def _judge_repeated(self, reading: Reading, earlier: tuple[int, str]) -> None:
        row, name = earlier
        if name != person_key(reading.values):
            reading.refuse(_("Row %(row)s has the same member number with another name.") % {"row": row})
            return
        reading.outcome = RowOutcome.REPEATED
        reading.made = {"row": row}
        reading.note(_("The same person as row %(row)s.") % {"row": row})

    def _judge_numbered(self, reading: Reading, known: Known) -> None:
        values = reading.values
        member = known.by_number.get(values["member_number"])
        if member is None:
            self._judge_unknown(reading, known)
        elif member.merged_into_id:
            reading.refuse(_("The record with this number was merged into another member. Use that member’s number."))
        elif not self._is_same_person(member, values):
            reading.refuse(_("This number belongs to a member of another name. Correct the number or the name."))
        else:
            judge_known(reading, member, self.undos, comparable=comparable(values))

    @staticmethod
    def _is_same_person(member: Member, values: dict[str, str]) -> bool:
        """First or last name may change, not both, unless the birthday or a contact agrees."""
        return (
            sort_key(member.last_name) == sort_key(values["last_name"])
            or sort_key(member.first_name) == sort_key(values["first_name"])
            or same_contact(member, values)
        )

    def _judge_unknown(self, reading: Reading, known: Known) -> None:
        twins = [member for member in known.by_name[person_key(reading.values)] if same_contact(member, reading.values)]
        if twins:
            reading.ask(
                _("A member of this name has the same birthday, phone or e-mail under another number. A second person?")
            )
        else:
            reading.outcome = RowOutcome.NEW

    def _judge_numberless(self, reading: Reading, known: Known) -> None:
        values = reading.values
        namesakes = known.by_name[person_key(values)]
        same = namesakes_born_alike(values, known)
        if "date_of_birth" in values and len(same) == 1:
            self._match_numberless(reading, same[0])
            return
        stated = comparable(values)
        equal = [member for member in same if plain_values(member, stated) == {name: values[name] for name in stated}]
        if equal:
            self._match_numberless(reading, equal[0])
        elif any(same_contact(member, values) for member in namesakes) or same:
            reading.ask(_("A member of this name is already recorded. Is this a second person?"))
        else:
            self._judge_new_numberless(reading, known.undone[person_key(values)])

    def _match_numberless(self, reading: Reading, member: Member) -> None:
        judge_known(reading, member, self.undos, comparable=comparable(reading.values))
        if not member.member_number and reading.after.get("status", member.status) != NON_MEMBER:
            reading.refuse(_("The member number is missing. Only a represented non-member may have none."))

    def _judge_new_numberless(self, reading: Reading, undone: list[Member]) -> None:
        born = reading.values.get("date_of_birth", "")
        former = [member for member in undone if plain(member.date_of_birth) == born]
        if former:
            self._match_numberless(reading, former[0])
        elif reading.values.get("status") != NON_MEMBER:
            reading.refuse(_("The member number is missing. Only a represented non-member may have none."))
        else:
            reading.outcome = RowOutcome.NEW

    def _judge_jobs(self, chunk: Sequence[Reading]) -> None:
        with_job = [reading for reading in chunk if "employer" in reading.values]
        for reading in chunk:
            if "employer" not in reading.values and set(EMPLOYMENT_FIELDS) & reading.values.keys():
                reading.refuse(_("Job details without an employer: name the employer in this row."))
        self.employers.load([reading.values for reading in with_job])
        jobs = current_jobs([reading.record_id for reading in with_job if reading.record_id])
        for reading in with_job:
            self._judge_job(reading, jobs)

    def _judge_job(self, reading: Reading, jobs: dict[tuple[int, int], Employment]) -> None:
        employer = self.employers.find(reading.values)
        if employer.refusal:
            reading.refuse(employer.refusal)
            return
        if employer.note:
            reading.note(employer.note)
        if employer.is_new:
            reading.note(_("The employer is not recorded yet; it is made as well."))
        job = jobs.get((reading.record_id, employer.record.pk)) if employer.record and reading.record_id else None
        if job is None:
            if reading.outcome != RowOutcome.REPEATED:
                reading.after[f"{JOB}employer"] = reading.values["employer"]
        else:
            before, after = job_changes(job, reading.values)
            reading.before |= {f"{JOB}{name}": text for name, text in before.items()}
            reading.after |= {f"{JOB}{name}": text for name, text in after.items()}
        if reading.outcome == RowOutcome.UNCHANGED and reading.after:
            reading.outcome = RowOutcome.CHANGED
        if employer.record and not employer.is_new:
            reading.made["employer"] = employer.record.pk
