"""Applying the rows of a member list: employers first, then members, then their jobs."""

from collections.abc import Sequence
from typing import Any

from core import records
from members.enums import MemberAction, OrganizationType, RowOutcome
from members.imports import saving
from members.imports.apply_jobs import JobWriter
from members.imports.apply_organizations import leave_out
from members.imports.employers import EmployerFinder
from members.imports.people import comparable
from members.models import ImportBatch, ImportRow, Member, Organization


class MemberApplier:
    def __init__(self, batch: ImportBatch, actor: Any) -> None:
        self.batch, self.actor = batch, actor
        self.employers = EmployerFinder(actor)

    def apply(self, chunk: Sequence[ImportRow]) -> None:
        employer_of = self._employers(chunk)
        known = saving.locked(Member, [row.record_id for row in chunk if row.record_id], self.actor)
        fresh = self._judge(chunk, known)
        self._create(fresh, employer_of)
        JobWriter(self.batch, self.actor).write(chunk, employer_of)

    def _employers(self, chunk: Sequence[ImportRow]) -> dict[int, Organization]:
        """The employer of each row that names one, by row number; made or restored where it is new."""
        rows = [row for row in chunk if "employer" in row.values]
        self.employers.load([row.values for row in rows])
        found: dict[int, Organization] = {}
        planned: dict[str, Organization] = {}
        for row in rows:
            employer = self.employers.find(row.values)
            if employer.refusal:
                leave_out(row)
                continue
            if employer.record is not None and not employer.record.is_deleted:
                found[row.number] = employer.record
                continue
            if employer.key not in planned:
                planned[employer.key] = employer.record or self._new_employer(row)
                row.made["organization"] = employer.key
            found[row.number] = planned[employer.key]
        self._make_employers(planned)
        for row in rows:
            if key := row.made.get("organization"):
                organization = planned[key]
                row.made |= {"organization": organization.pk, "organization_version": organization.version}
        return found

    @staticmethod
    def _new_employer(row: ImportRow) -> Organization:
        values = {
            "name": row.values["employer"],
            "city": row.values.get("employer_city", ""),
            "state": row.values.get("employer_state", ""),
        }
        return saving.filled(Organization, {**values, "org_type": OrganizationType.EMPLOYER})

    def _make_employers(self, planned: dict[str, Organization]) -> None:
        fresh = [organization for organization in planned.values() if organization.pk is None]
        saving.create(self.batch, fresh, actor=self.actor, action=MemberAction.IMPORTED, prepare=Organization.fill_keys)
        saving.remember_names(fresh)
        former = [organization for organization in planned.values() if organization.is_deleted]
        current = saving.locked(Organization, [organization.pk for organization in former], self.actor)
        changer = saving.Changer(self.batch, Organization, self.actor)
        for organization in current.values():
            changer.change(ImportRow(), organization, {})
        changer.write()
        for key, organization in planned.items():
            planned[key] = current.get(organization.pk, organization)
            self.employers.made(planned[key])

    def _judge(self, chunk: Sequence[ImportRow], known: dict[int, Member]) -> list[tuple[ImportRow, Member]]:
        """Change and restore what exists; return what is to be created."""
        fresh: list[tuple[ImportRow, Member]] = []
        changer = saving.Changer(self.batch, Member, self.actor)
        numbers = {row.values["member_number"] for row in chunk if not row.record_id and "member_number" in row.values}
        taken = set(
            records.visible(Member, self.actor)
            .filter(member_number__in=numbers)
            .values_list("member_number", flat=True)
        )
        for row in chunk:
            if row.applied == RowOutcome.ERROR:
                continue
            if row.outcome == RowOutcome.REPEATED:
                row.applied = RowOutcome.REPEATED
                continue
            row.applied = RowOutcome.CHANGED if row.outcome == RowOutcome.CHANGED else RowOutcome.NEW
            if row.record_id:
                member = known.get(row.record_id)
                if member is None or member.version != row.record_version:
                    leave_out(row)
                else:
                    changer.change(row, member, {name: row.values[name] for name in comparable(row.values)})
            elif row.values.get("member_number") in taken:
                leave_out(row)
            else:
                values = {name: row.values[name] for name in comparable(row.values)}
                fresh.append((row, saving.filled(Member, values)))
        changer.write()
        return fresh

    def _create(self, fresh: Sequence[tuple[ImportRow, Member]], employer_of: dict[int, Organization]) -> None:
        for row, member in fresh:
            employer = employer_of.get(row.number)
            member.import_employers = [employer.name] if employer else []
        members = [member for _row, member in fresh]
        saving.create(
            self.batch,
            members,
            actor=self.actor,
            action=MemberAction.IMPORTED,
            prepare=lambda member: member.fill_keys(member.import_employers),
        )
        saving.remember_names(members)
        for row, member in fresh:
            row.record_id, row.record_version, row.made = member.pk, member.version, {**row.made, "created": True}
