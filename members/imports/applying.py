"""Applying the rows of a member list: employers first, then members, then their jobs."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.db.models.fields.json import KT
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from core.imports import saving
from core.imports.declaration import takes_spelling
from core.imports.enums import RowDecision, RowOutcome
from core.imports.judging import Undos
from core.permissions import Actor
from core.records import records
from members.enums import AddressSource, OrganizationType
from members.folding import name_key
from members.imports.employers import EmployerFinder
from members.imports.jobs import JobWriter
from members.imports.people import Known, comparable, namesakes_born_alike
from members.imports.recorded import MEMBERS, ORGANIZATIONS
from members.models import ImportBatch, ImportRow, Member, Organization
from members.services import addresses, matches
from members.services.matches import IDENTIFYING

LOCKED_AT_ONCE = 500


class MemberApplier:
    def __init__(self, batch: ImportBatch, actor: Actor | None) -> None:
        self.batch, self.actor = batch, actor
        self.ledger = saving.Ledger(batch, actor)
        self.new_members = saving.Creator(MEMBERS, self.ledger)
        self.new_organizations = saving.Creator(ORGANIZATIONS, self.ledger)
        self.jobs = JobWriter(batch, self.ledger)
        self.employers, self.undos = EmployerFinder(actor), Undos(ImportBatch)
        self.locked_employers: dict[int, Organization] = {}  # nobody else changes them until the end
        self.to_come: dict[str, set[int]] = {}
        self.answered: dict[int, int] = {}  # by record, the row that was decided to be about it

    def begin(self, rows: Any) -> None:
        """First of all: organizations are locked before members everywhere, so that nobody waits for each other."""
        self.to_come = passed_on(rows)
        texts = rows.filter(values__has_key="employer").order_by().values_list("values__employer", flat=True).distinct()
        names = sorted({name_key(text) for text in texts.iterator(chunk_size=2_000)})
        organizations = records.visible(Organization, self.actor)
        keys: list[int] = []
        for start in range(0, len(names), LOCKED_AT_ONCE):
            found = organizations.filter(name_key__in=names[start : start + LOCKED_AT_ONCE])
            keys += found.values_list("pk", flat=True)
        keys.sort()
        for start in range(0, len(keys), LOCKED_AT_ONCE):
            saving.locked(Organization, keys[start : start + LOCKED_AT_ONCE], self.actor)

    def apply(self, chunk: Sequence[ImportRow]) -> None:
        for row in chunk:
            if row.decision == RowDecision.CREATE:
                row.record_id, row.record_version = None, None  # asked about somebody who is another person
        employer_of = self._employers(chunk)
        origins = self._unchanged_origins(chunk)
        keys = {row.record_id for row in [*chunk, *origins.values()] if row.record_id}
        known = saving.locked(Member, sorted(keys), self.actor)
        for row in chunk:
            if (origin := origins.get(row.made.get("row", 0))) and not stands_as_checked(origin, known):
                saving.leave_out(row)
        fresh = self._judge(chunk, known)
        self._create(fresh, employer_of)
        self.jobs.write(chunk, employer_of)
        self.ledger.record()

    def _employers(self, chunk: Sequence[ImportRow]) -> dict[int, Organization]:
        """The employer of each row that names one, by row number; made or restored where it is new."""
        rows = [row for row in chunk if "employer" in row.values]
        self.employers.load([row.values for row in rows])
        current = self._checked_employers(rows)
        found: dict[int, Organization] = {}
        planned: dict[str, Organization] = {}
        for row in rows:
            employer, checked = self.employers.find(row.values), row.made.pop("employer", None)
            if checked and not is_employer(current.get(checked), employer.record):
                saving.leave_out(row, employer_changed())
                continue
            if employer.refusal:
                saving.leave_out(row)
                continue
            if employer.record is not None and not employer.record.is_deleted:
                found[row.number] = employer.record
                continue
            if employer.key not in planned:
                planned[employer.key] = employer.record or self._new_employer(row)
                row.made["organization"] = employer.key
            found[row.number] = planned[employer.key]
        restored = self._make_employers(planned)
        for row in rows:
            if key := row.made.get("organization"):
                organization = planned[key]
                row.made |= {"organization": organization.pk, "organization_version": organization.version}
                if former := restored.get(organization.pk):
                    row.made["organization_restored"] = former
        return found

    def _checked_employers(self, rows: Sequence[ImportRow]) -> dict[int, Organization]:
        """The employers that the check found, locked: those of earlier chunks are so already."""
        keys = {row.made["employer"] for row in rows if "employer" in row.made}
        missing = sorted(keys - self.locked_employers.keys())
        if missing:
            self.locked_employers |= saving.locked(Organization, missing, self.actor)
        return self.locked_employers

    def _unchanged_origins(self, chunk: Sequence[ImportRow]) -> dict[int, ImportRow]:
        """The rows that rows of this chunk repeat, as far as they themselves write nothing; by row number."""
        numbers = {row.made["row"] for row in chunk if row.outcome == RowOutcome.REPEATED and "row" in row.made}
        rows = self.batch.rows.filter(outcome=RowOutcome.UNCHANGED, number__in=numbers)
        return {row.number: row for row in rows.only("number", "record_id", "record_version")}

    @staticmethod
    def _new_employer(row: ImportRow) -> Organization:
        values = {
            "name": row.values["employer"],
            "city": row.values.get("employer_city", ""),
            "state": row.values.get("employer_state", ""),
        }
        return saving.filled(Organization, {**values, "org_type": OrganizationType.EMPLOYER})

    def _make_employers(self, planned: dict[str, Organization]) -> dict[int, Any]:
        """Make and restore; returns the former deletion of each that was restored."""
        fresh = [organization for organization in planned.values() if organization.pk is None]
        for organization in fresh:
            organization.fill_keys()
        self.new_organizations.create(fresh)
        former = [organization for organization in planned.values() if organization.is_deleted]
        current = saving.locked(Organization, [organization.pk for organization in former], self.actor)
        changer = saving.Changer(ORGANIZATIONS, self.ledger)
        restored: dict[int, Any] = {}
        for organization in current.values():
            note = ImportRow()
            changer.change(note, organization, {})
            restored[organization.pk] = note.made.get("restored")
        changer.write()
        self.locked_employers |= current
        for key, organization in planned.items():
            planned[key] = current.get(organization.pk, organization)
            self.employers.made(planned[key])
        return restored

    def _judge(self, chunk: Sequence[ImportRow], known: dict[int, Member]) -> list[tuple[ImportRow, Member]]:
        """Change and restore what exists; return what is to be created."""
        fresh: list[tuple[ImportRow, Member]] = []
        changer = saving.Changer(MEMBERS, self.ledger, exactly=takes_spelling(self.batch))
        numbers = {row.values["member_number"] for row in chunk if not row.record_id and "member_number" in row.values}
        taken = set(
            records.visible(Member, self.actor)
            .filter(member_number__in=numbers)
            .values_list("member_number", flat=True)
        )
        twins = self._recorded_meanwhile(chunk)
        for row in chunk:
            if row.applied == RowOutcome.ERROR:
                continue
            if row.outcome == RowOutcome.REPEATED:
                row.applied = RowOutcome.REPEATED
                continue
            is_change = row.outcome == RowOutcome.CHANGED or row.decision == RowDecision.SAME
            row.applied = RowOutcome.CHANGED if is_change else RowOutcome.NEW
            if row.record_id:
                member = known.get(row.record_id)
                if member is None or not stands_as_checked(row, known):
                    saving.leave_out(row, self._went_before(row))
                else:
                    changer.change(row, member, _stated(row, member))
                    if row.decision == RowDecision.SAME:
                        self.answered[member.pk] = row.number
            elif row.values.get("member_number") in taken or row.number in twins:
                saving.leave_out(row)
            else:
                values = {name: row.values[name] for name in comparable(row.values)}
                fresh.append((row, saving.filled(Member, values)))
        moved = self._addressed(
            [(record, row.before["email"]) for row, record in changer.changed if "email" in row.after]
        )
        matches.keep([record.pk for row, record in changer.changed if not row.after.keys().isdisjoint(IDENTIFYING)])
        changer.write()
        addresses.write(moved)
        return fresh

    def _went_before(self, row: ImportRow) -> str:
        """Why the record is not as the row was compared with it, where an earlier row of the list is the reason."""
        if not (earlier := self.answered.get(row.record_id or 0)):
            return ""
        told = _("Row %(row)s was applied to this record, so this row was not. Import the file again to compare it.")
        return told % {"row": earlier}

    def _addressed(self, changed: Sequence[tuple[Member, str]]) -> list[addresses.Change | None]:
        """Of each member, not saved yet, the address of before."""
        told: Any = {"source": AddressSource.IMPORT, "actor": self.actor}
        told["readers"] = addresses.readers_of(
            (text for member, former in changed for text in (former, member.email_former)), to_come=self.to_come
        )
        return [addresses.note(member, former, member.email, **told) for member, former in changed]

    def _recorded_meanwhile(self, chunk: Sequence[ImportRow]) -> set[int]:
        """Numbers of the rows whose person without a member number somebody else has recorded since the check."""
        rows = [
            row
            for row in chunk
            if row.outcome == RowOutcome.NEW and not row.record_id and "member_number" not in row.values
        ]
        if not rows:
            return set()
        known = Known(rows, self.actor, self.undos)
        found = {row.number: {member.pk for member in namesakes_born_alike(row.values, known)} for row in rows}
        members = set().union(*found.values())
        if not members:
            return set()
        own = set(
            self.batch.rows.filter(applied=RowOutcome.NEW, record_id__in=members).values_list("record_id", flat=True)
        )
        return {number for number, keys in found.items() if keys - own}

    def _create(self, fresh: Sequence[tuple[ImportRow, Member]], employer_of: dict[int, Organization]) -> None:
        for row, member in fresh:
            employer = employer_of.get(row.number)
            member.fill_keys([employer.name] if employer else [])
        self._addressed([(member, "") for _row, member in fresh])
        self.new_members.create([member for _row, member in fresh])
        for row, member in fresh:
            row.record_id, row.record_version, row.made = member.pk, member.version, {**row.made, "created": True}


def passed_on(rows: Any) -> dict[str, set[int]]:
    """By mailbox who gets it of this list, of those that a record loses by the list or had last.

    They are the keys of records, and for a new record the number of its row below zero.
    """
    rows = rows.exclude(outcome=RowOutcome.REPEATED).order_by()
    losing = rows.exclude(record_id=None).filter(before__has_key="email")
    if not losing.exists():
        return {}
    lost = losing.annotate(mailbox=Lower(KT("before__email"))).values("mailbox")
    last = Member.objects.filter(pk__in=losing.values("record_id")).annotate(mailbox=Lower("email_former"))
    given = rows.filter(values__has_key="email").annotate(mailbox=Lower(KT("values__email")))
    given = given.filter(Q(mailbox__in=lost) | Q(mailbox__in=last.values("mailbox")))
    found: dict[str, set[int]] = {}
    for text, record, decision, number in given.values_list("mailbox", "record_id", "decision", "number"):
        key = -number if record is None or decision == RowDecision.CREATE else record
        found.setdefault(addresses.mailbox(text), set()).add(key)
    return found


def _stated(row: ImportRow, member: Member) -> dict[str, str]:
    """What the row says of the member. Whoever is found by other data keeps their number."""
    values = {name: row.values[name] for name in comparable(row.values)}
    if row.decision == RowDecision.SAME and member.member_number:
        values.pop("member_number", None)
    return values


def stands_as_checked(row: ImportRow, known: dict[int, Member]) -> bool:
    """Whether the row's member is there as the check saw them; a deletion counts the version up too."""
    member = known.get(row.record_id or 0)
    return member is not None and member.version == row.record_version


def is_employer(checked: Organization | None, found: Organization | None) -> bool:
    """Whether the employer that the check found is alive and still the one that the row means."""
    return checked is not None and not checked.is_deleted and found is not None and found.pk == checked.pk


def employer_changed() -> str:
    return _(
        "The employer that the check found was deleted, merged or recorded a second time since, so this row was not"
        " applied. Look at the employer’s record, then import the file again."
    )
