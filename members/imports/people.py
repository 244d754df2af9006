"""What a row of a member list would do."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import islice

from django.utils.translation import gettext as _

from core.db.one_of import Among
from core.folding import sort_key
from core.imports.cells import plain, plain_values, same_text
from core.imports.declaration import takes_spelling
from core.imports.enums import RowOutcome
from core.imports.judging import Undos, differing, judge_known, leave_out_differing, tell_of_repeated
from core.imports.readings import Reading
from core.imports.seen import SeenKeys
from core.permissions import Actor
from core.records import records
from members.enums import MemberStatus
from members.imports.employers import Employer, EmployerFinder
from members.imports.fields import EMPLOYER_FIELDS, EMPLOYMENT_FIELDS
from members.models import Employment, ImportBatch, ImportRow, Member
from members.services.identity import (
    are_related,
    born,
    contact_keys,
    facts_of,
    is_alike,
    is_contradicted,
    perhaps_alike,
    person_key,
    why_alike,
)

LONGEST_NUMBER = 12
MOST_NAMESAKES = 20  # earlier rows of one name that a row without a number is compared with
JOB = "employment."
NON_MEMBER = MemberStatus.REPRESENTED_NON_MEMBER
NAME_FIELDS = ("first_name", "middle_name", "last_name")
CONTACTS = ("phone", "email", "date_of_birth")


def whole_key(values: Mapping[str, str]) -> str:
    """As Member.sort_name: the name however it is divided into first and middle names."""
    return sort_key(values["last_name"], values["first_name"], values.get("middle_name", ""))


def comparable(values: dict[str, str]) -> tuple[str, ...]:
    return tuple(name for name in values if name not in EMPLOYER_FIELDS)


def no_number() -> str:
    return _("The member number is missing. Only a represented non-member may have none.")


def may_be_new(values: dict[str, str]) -> bool:
    """Whether a record can be made of the row: only a represented non-member may have no number."""
    return "member_number" in values or values.get("status") == NON_MEMBER


def second_or_same(another: bool) -> str:
    """What to ask about a row that looks like a member: nobody is to choose a record that could not be made."""
    return _("A second person?") if another else _("The same person?")


def same_contact(member: Member, values: dict[str, str]) -> bool:
    return any(values.get(name) and values[name] == plain(getattr(member, name)) for name in CONTACTS)


def current_jobs(members: Sequence[int]) -> dict[tuple[int, int], Employment]:
    jobs = Employment.objects.current().filter(Among("member_id", members)).select_related("organization")
    return {(job.member_id, job.organization_id): job for job in jobs}


def job_changes(job: Employment, values: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """(before, after) of what the row says otherwise about this employment."""
    stated = [name for name in EMPLOYMENT_FIELDS if name in values]
    before = plain_values(job, stated)
    after = differing(before, {name: values[name] for name in stated})
    return {name: before[name] for name in after}, after


class Known:
    """The members that a chunk of rows may mean, read in a constant number of queries."""

    def __init__(self, chunk: Sequence[Reading] | Sequence[ImportRow], actor: Actor | None, undos: Undos) -> None:
        self.undos = undos
        self.members = records.visible(Member, actor)
        numbers = {reading.values["member_number"] for reading in chunk if "member_number" in reading.values}
        self.by_number = {
            member.member_number: member for member in self.members.filter(Among("member_number", numbers))
        }
        self.by_name: dict[str, list[Member]] = defaultdict(list)
        self.by_birthday: dict[str, list[Member]] = defaultdict(list)
        self.by_digits: dict[str, Member] = {}
        self.undone: dict[str, list[Member]] = defaultdict(list)
        strangers = [reading.values for reading in chunk if reading.values.get("member_number") not in self.by_number]
        numberless = [values for values in strangers if "member_number" not in values]
        self._read_alike(strangers)
        if numberless:
            self._read_namesakes(numberless)
            self._read_undone(numberless)

    def _read_alike(self, rows: Sequence[dict[str, str]]) -> None:
        for member in perhaps_alike(self.members, rows).order_by("pk") if rows else ():
            self._keep(member)

    def _read_namesakes(self, rows: Sequence[dict[str, str]]) -> None:
        names = {key for values in rows for key in (person_key(values), whole_key(values))}
        for member in self.members.alive().filter(Among("sort_name", names)).order_by("pk"):
            self._keep(member)

    def _keep(self, member: Member) -> None:
        for key in {person_key(facts_of(member)), member.sort_name}:
            if member not in self.by_name[key]:
                self.by_name[key].append(member)
        if member.date_of_birth and member not in self.by_birthday[plain(member.date_of_birth)]:
            self.by_birthday[plain(member.date_of_birth)].append(member)

    def _read_undone(self, rows: Sequence[dict[str, str]]) -> None:
        names = {values["last_name"] for values in rows}
        for member in self.members.deleted().filter(member_number=None, last_name__in=names).order_by("pk"):
            if self.undos.removed(member):
                self.undone[person_key(facts_of(member))].append(member)

    def read_zeros(self, numbers: set[str]) -> None:
        """Members with these numbers but for zeros at the beginning, which Excel drops."""
        bare = {number.lstrip("0") for number in numbers if number.isdigit()}
        asked = {number.zfill(width) for number in bare for width in range(len(number), LONGEST_NUMBER + 1)}
        for member in self.members.filter(member_number__in=asked):
            self.by_digits.setdefault(member.member_number.lstrip("0"), member)

    def namesakes(self, values: dict[str, str]) -> list[Member]:
        found = [*self.by_name[person_key(values)], *self.by_name[whole_key(values)]]
        return sorted(set(found), key=lambda member: member.pk)

    def alike(self, values: dict[str, str]) -> list[Member]:
        """See members.services.identity."""
        found = {*self.by_name[person_key(values)], *self.by_birthday[born(values)]}
        return sorted((one for one in found if is_alike(values, facts_of(one))), key=lambda member: member.pk)


def namesakes_born_alike(values: dict[str, str], known: Known) -> list[Member]:
    birthday = values.get("date_of_birth", "")
    return [member for member in known.namesakes(values) if plain(member.date_of_birth) == birthday]


def alike_keys(values: dict[str, str]) -> list[str]:
    """What two rows of one person share: see members.services.identity. The last one only with a related first name."""
    name, birthday, contacts = person_key(values), born(values), contact_keys(values)
    keys = [f"{name}|{contact}" for contact in contacts]
    if birthday:
        keys += [f"{name}|{birthday}", *(f"{birthday}|{contact}" for contact in contacts)]
        keys.append(f"{birthday}|{sort_key(values['last_name'])}")
    return keys


class MemberChecker:
    """Judges rows in the file's order; `check` takes them in chunks so that each costs a few queries."""

    def __init__(self, batch: ImportBatch, actor: Actor | None) -> None:
        self.batch, self.actor = batch, actor
        self.seen, self.undos = SeenKeys(), Undos(ImportBatch)
        self.employers = EmployerFinder(actor)
        self.by_full_name, self.exactly = "full_name" in batch.mapping.values(), takes_spelling(batch)
        self.header_of = {name: header for header, name in batch.mapping.items()}
        self.has_zeros = records.visible(Member, actor).filter(member_number__startswith="0").exists()

    def close(self) -> None:
        self.seen.close()

    def check(self, chunk: Sequence[Reading]) -> None:
        usable = [reading for reading in chunk if not reading.outcome]
        known = Known(usable, self.actor, self.undos)
        strange = {number for reading in usable if (number := reading.values.get("member_number", ""))}
        strange = {number for number in strange - known.by_number.keys() if self.has_zeros or number.startswith("0")}
        if strange:
            known.read_zeros(strange)
        for reading in usable:
            self._judge(reading, known)
        tell_of_repeated(self.batch, usable, self._compared)
        self._judge_jobs([reading for reading in usable if reading.outcome != RowOutcome.ERROR])

    @staticmethod
    def _compared(reading: Reading) -> list[str]:
        """The fields by which a repeated row may say something else: by its number and name it was found."""
        return [name for name in comparable(reading.values) if name not in ("member_number", *NAME_FIELDS)]

    def _judge(self, reading: Reading, known: Known) -> None:
        values = reading.values
        number = values.get("member_number")
        key = f"#{number}" if number else f"{person_key(values)}/{values.get('date_of_birth', '')}"
        note = person_key(values) if number else json.dumps(values)
        if number:
            self._judge_number(reading, known, self.seen.first(key))
        else:
            self._judge_name(reading, known, key)
        self._keep_off_written(reading)
        self._tell_of_question(reading)
        if reading.outcome != RowOutcome.ERROR:
            # What repeats a row that is never applied is judged by itself.
            self.seen.add([key], reading.number, note)
        if reading.outcome == RowOutcome.REPEATED:
            # What repeats a row that repeats another is about the record of the first.
            if origin := self.seen.first(f"row {reading.made['row']}"):
                reading.made["row"] = origin[0]
            self.seen.add([f"row {reading.number}"], reading.made["row"])
        self._compare_with_earlier(reading)

    def _keep_off_written(self, reading: Reading) -> None:
        """Nothing is applied to a record that is no longer as the row was compared with it; a second person is new."""
        if "alike" not in reading.made or reading.outcome == RowOutcome.ERROR:
            return
        if not (row := self.seen.writer_of(reading.record_id)):
            return
        told = _("Row %(row)s changes this record too. Put both into one row, or import this row afterwards.")
        if reading.made.pop("alike") == "another":
            reading.record_id, reading.record_version, reading.before, reading.after = None, None, {}, {}
            reading.made.pop("restore", None)
            reading.note(told % {"row": row})
        else:
            reading.refuse(told % {"row": row})

    def _tell_of_question(self, reading: Reading) -> None:
        """Say before the import that the record may be the one of an earlier question: it takes what one row says."""
        if reading.record_id is None or reading.outcome == RowOutcome.ERROR:
            return
        key = f"asked {reading.record_id}"
        if earlier := self.seen.first(key):
            told = _("Row %(row)s may be about this record too. Of the two only the first is applied to it.")
            reading.note(told % {"row": earlier[0]})
        if "alike" in reading.made:
            self.seen.add([key], reading.number)

    def _judge_number(self, reading: Reading, known: Known, earlier: tuple[int, str] | None) -> None:
        if earlier and earlier[1] != person_key(reading.values):
            reading.refuse(_("Row %(row)s has the same member number with another name.") % {"row": earlier[0]})
        elif earlier:
            self._repeat(reading, earlier[0])
        else:
            self._judge_numbered(reading, known)
            if "alike" not in reading.made and reading.outcome != RowOutcome.ERROR:
                self.seen.is_second(reading)

    def _judge_name(self, reading: Reading, known: Known, key: str) -> None:
        """Without a number a row repeats another only if it says nothing else; else it may be a second person."""
        values = reading.values
        earlier = list(islice(self.seen.all(key), MOST_NAMESAKES))
        if same := [row for row, note in earlier if _adds_nothing(values, json.loads(note))]:
            self._repeat(reading, same[0])
            return
        self._judge_numberless(reading, known)
        if "alike" in reading.made or reading.outcome == RowOutcome.ERROR:
            return
        if reading.record_id and reading.after and (row := self.seen.first(f"record {reading.record_id}")):
            another = may_be_new(values)
            found = _("Row %(row)s is about the same record, and this row says something else.") % {"row": row[0]}
            reading.made["alike"] = "another" if another else "only"
            reading.ask(f"{found} {second_or_same(another)}")
        elif (
            not self.seen.is_second(reading) and reading.outcome == RowOutcome.NEW and not reading.record_id and earlier
        ):
            question = _("Row %(row)s has the same name, and this row says something else. A second person?")
            reading.ask(question % {"row": earlier[0][0]})

    @staticmethod
    def _repeat(reading: Reading, row: int) -> None:
        reading.outcome = RowOutcome.REPEATED
        reading.made["row"] = row
        reading.note(_("The same person as row %(row)s.") % {"row": row})

    def _compare_with_earlier(self, reading: Reading) -> None:
        """A new person may be one whom an earlier row names, under another number, be that row new or a question."""
        if reading.outcome in (RowOutcome.ERROR, RowOutcome.REPEATED):
            return
        keys = alike_keys(reading.values)
        is_new = reading.outcome == RowOutcome.NEW and not reading.record_id
        if is_new and (row := self._alike_row(keys, reading.values)):
            question = _("Row %(row)s has the same name, birthday, phone or e-mail (two of them). A second person?")
            reading.ask(question % {"row": row})
        self.seen.add(keys, reading.number, reading.values["first_name"])

    def _alike_row(self, keys: Sequence[str], values: dict[str, str]) -> int | None:
        for position, key in enumerate(keys, 1):
            is_name_alone = bool(born(values)) and position == len(keys)
            for row, first_name in self.seen.all(key):
                if not is_name_alone or are_related(first_name, values["first_name"]):
                    return row
        return None

    def _judge_numbered(self, reading: Reading, known: Known) -> None:
        values = reading.values
        member = known.by_number.get(values["member_number"])
        if member is None:
            self._judge_unknown(reading, known)
        elif member.merged_into_id:
            reading.refuse(_("The record with this number was merged into another member. Use that member’s number."))
        elif is_contradicted(values, member) and not member.is_deleted:
            said = {"name": member.full_name, "number": member.member_number}
            if are_related(values["first_name"], member.first_name):
                question = _("Number %(number)s belongs to %(name)s: another last name and birthday. The same person?")
            else:
                question = _("Number %(number)s belongs to %(name)s: another first name and birthday. The same person?")
            self._ask_alike(reading, member, question % said, another=False)
        elif not self._is_same_person(member, values):
            reading.refuse(_("This number belongs to a member of another name. Correct the number or the name."))
        else:
            self._judge_known(reading, member)

    def _judge_known(self, reading: Reading, member: Member) -> None:
        values = reading.values
        if self.by_full_name and same_text(_whole(values), member.full_name):
            # Where one cell holds the name, nobody has said where the first name ends.
            for name in NAME_FIELDS:
                values[name] = getattr(member, name)
            if not values["middle_name"]:
                del values["middle_name"]
        judge_known(reading, member, self.undos, comparable=comparable(values), exactly=self.exactly)

    def _ask_alike(self, reading: Reading, member: Member, question: str, *, another: bool) -> None:
        """Whether the row is about this living member; `another` says whether it may be a second person."""
        names = [name for name in comparable(reading.values) if name != "member_number" or not member.member_number]
        judge_known(reading, member, self.undos, comparable=tuple(names), exactly=self.exactly)
        reading.made["alike"] = "another" if another else "only"
        reading.ask(question)

    @staticmethod
    def _is_same_person(member: Member, values: dict[str, str]) -> bool:
        """First or last name may change, not both, unless the birthday or a contact agrees."""
        return (
            sort_key(member.last_name) == sort_key(values["last_name"])
            or sort_key(member.first_name) == sort_key(values["first_name"])
            or same_contact(member, values)
        )

    def _judge_unknown(self, reading: Reading, known: Known) -> None:
        values = reading.values
        near = known.by_digits.get(values["member_number"].lstrip("0"))
        if near and not near.is_deleted and person_key(values) == person_key(facts_of(near)):
            said = {"number": near.member_number}
            reading.note(_("Read as number %(number)s; Excel drops zeros at the beginning.") % said)
            values["member_number"] = near.member_number or ""
            self._judge_known(reading, near)
        elif near:
            said = {"number": near.member_number, "name": near.full_name}
            reading.ask(_("Number %(number)s, of %(name)s, differs only by zeros. Is this another member?") % said)
        elif found := known.alike(values):
            self._ask_second(reading, found[0])
        else:
            reading.outcome = RowOutcome.NEW

    def _ask_second(self, reading: Reading, member: Member) -> None:
        said = {"name": member.full_name, "why": why_alike(reading.values, member)}
        if not member.member_number:
            found = _("This may be %(name)s, recorded without a number (the same: %(why)s).") % said
        else:
            said["number"] = member.member_number
            found = _("This may be %(name)s, number %(number)s (the same: %(why)s).") % said
        another = may_be_new(reading.values)
        self._ask_alike(reading, member, f"{found} {second_or_same(another)}", another=another)
        self._require_number(reading, member)

    def _judge_numberless(self, reading: Reading, known: Known) -> None:
        values = reading.values
        namesakes = known.namesakes(values)
        same = namesakes_born_alike(values, known)
        if "date_of_birth" in values and len(same) == 1:
            self._match_numberless(reading, same[0])
            return
        pool = same if "date_of_birth" in values else namesakes
        equal = [member for member in pool if self._says_nothing_else(member, values)]
        if equal:
            self._match_numberless(reading, equal[0])
        elif found := [member for member in namesakes if member in same or same_contact(member, values)]:
            self._ask_namesake(reading, found)
        elif found := known.alike(values):
            self._ask_second(reading, found[0])
        else:
            self._judge_new_numberless(reading, known.undone[person_key(values)])

    def _ask_namesake(self, reading: Reading, found: Sequence[Member]) -> None:
        if may_be_new(reading.values):
            reading.ask(_("A member of this name is already recorded. Is this a second person?"))
        elif len(found) == 1:
            self._ask_second(reading, found[0])
        else:
            reading.refuse(_("Several members have this name. Enter the number of the one who is meant."))

    def _says_nothing_else(self, member: Member, values: dict[str, str]) -> bool:
        names = [name for name in comparable(values) if not (self.by_full_name and name in NAME_FIELDS)]
        stated = {name: values[name] for name in names}
        return whole_key(values) == member.sort_name and not differing(plain_values(member, names), stated)

    def _match_numberless(self, reading: Reading, member: Member) -> None:
        self._judge_known(reading, member)
        self._require_number(reading, member)

    @staticmethod
    def _require_number(reading: Reading, member: Member) -> None:
        """Refuse the row where the member would have no number after it, and is no represented non-member."""
        number = member.member_number or reading.values.get("member_number")
        if not number and reading.after.get("status", member.status) != NON_MEMBER:
            reading.refuse(no_number())

    def _judge_new_numberless(self, reading: Reading, undone: list[Member]) -> None:
        birthday = reading.values.get("date_of_birth", "")
        former = [member for member in undone if plain(member.date_of_birth) == birthday]
        if former:
            self._match_numberless(reading, former[0])
        elif not may_be_new(reading.values):
            reading.refuse(no_number())
        else:
            reading.outcome = RowOutcome.NEW

    def _judge_jobs(self, chunk: Sequence[Reading]) -> None:
        with_job = [reading for reading in chunk if "employer" in reading.values]
        member_of = self._members_of(chunk)
        jobs = current_jobs(sorted({key for reading in with_job if (key := member_of[reading.number])}))
        employers: dict[int, list[str]] = defaultdict(list)
        for (member, _organization), job in jobs.items():
            employers[member].append(job.organization.name)
        for reading in with_job:
            names = employers.get(member_of[reading.number] or 0, ())
            if len(names) > 1 and _is_list(reading.values["employer"], names):
                _drop_job(reading)  # as our own export writes several
        with_job = [reading for reading in with_job if "employer" in reading.values]
        self.employers.load([reading.values for reading in with_job])
        for reading in with_job:
            self._judge_job(reading, member_of[reading.number], jobs)

    def _members_of(self, chunk: Sequence[Reading]) -> dict[int, int | None]:
        """Row number → member, where one is known. A repeated row is about the member of the earlier row."""
        found = {reading.number: reading.record_id for reading in chunk}
        origins = {reading.number: reading.made["row"] for reading in chunk if reading.outcome == RowOutcome.REPEATED}
        stored = self.batch.rows.filter(number__in=set(origins.values()) - found.keys())
        earlier = dict(stored.values_list("number", "record_id")) | found
        return found | {number: earlier.get(origin) for number, origin in origins.items()}

    def _judge_job(self, reading: Reading, member: int | None, jobs: dict[tuple[int, int], Employment]) -> None:
        employer = self.employers.find(reading.values)
        if employer.refusal:
            reading.leave_out(_("%(why)s The job was left out.") % {"why": employer.refusal})
            _drop_job(reading)
            return
        if self._names_job_again(reading, employer):
            return
        if employer.note:
            reading.note(employer.note)
        if employer.is_new:
            reading.note(_("The employer is not recorded yet; it is made as well."))
        job = jobs.get((member, employer.record.pk)) if employer.record and member else None
        if job is None:
            reading.after[f"{JOB}employer"] = reading.values["employer"]
        else:
            reading.made["seen_job"] = [job.pk, job.version]
            before, after = job_changes(job, reading.values)
            reading.before |= {f"{JOB}{name}": text for name, text in before.items()}
            reading.after |= {f"{JOB}{name}": text for name, text in after.items()}
        if reading.outcome == RowOutcome.UNCHANGED and reading.after:
            reading.outcome = RowOutcome.CHANGED
        if employer.record and not employer.is_new:
            reading.made["employer"] = employer.record.pk

    def _names_job_again(self, reading: Reading, employer: Employer) -> bool:
        """Whether an earlier row about this person names this employer; then what that one says of the job counts."""
        key = f"job {reading.made.get('row', reading.number)} {employer.record.pk if employer.record else employer.key}"
        details = {name: reading.values[name] for name in EMPLOYMENT_FIELDS if name in reading.values}
        earlier = self.seen.first(key)
        if earlier is None:
            self.seen.add([key], reading.number, json.dumps(details))
            return False
        row, said = earlier
        leave_out_differing(reading, details, row, json.loads(said), self.header_of)
        _drop_job(reading)
        return True


def _adds_nothing(values: Mapping[str, str], earlier: Mapping[str, str]) -> bool:
    """Whether a row says nothing that the earlier row of its name does not say. Whoever is known by birthday or contact
    as well may have a second employer.
    """
    is_known = bool(born(values) or set(contact_keys(values)) & set(contact_keys(earlier)))
    stated = {name: text for name, text in values.items() if not (is_known and name in EMPLOYER_FIELDS)}
    return not differing({name: earlier.get(name, "") for name in stated}, stated)


def _drop_job(reading: Reading) -> None:
    for name in EMPLOYER_FIELDS:
        reading.values.pop(name, None)


def _is_list(text: str, names: Sequence[str]) -> bool:
    """Whether the text is these names, with commas, in whatever order."""
    return len(text) == sum(map(len, names)) + 2 * (len(names) - 1) and all(name in text for name in names)


def _whole(values: Mapping[str, str]) -> str:
    return " ".join(values[name] for name in NAME_FIELDS if values.get(name))
