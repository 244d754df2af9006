"""Applying the jobs of a member list."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from core.audit import trail
from core.imports import saving
from core.imports.enums import RowOutcome
from members.enums import MemberAction
from members.imports.fields import EMPLOYMENT_FIELDS
from members.imports.people import JOB, current_jobs, job_changes
from members.imports.recorded import EMPLOYMENTS
from members.models import Employment, ImportBatch, ImportRow, Member, Organization
from members.services.employments import refresh_search

FIELDS = frozenset(EMPLOYMENT_FIELDS)


def stream_of_member(job: Employment) -> str:
    return trail.stream_name(Member, job.member_id)


def job_changed() -> str:
    return _("The job was changed since the check, so it stays as it is. Import the file again.")


class JobWriter:
    def __init__(self, batch: ImportBatch, ledger: saving.Ledger) -> None:
        self.batch, self.ledger = batch, ledger
        action = MemberAction.EMPLOYMENT_STARTED
        self.creator = saving.Creator(EMPLOYMENTS, ledger, action=action, stream=stream_of_member)
        self.new: list[tuple[ImportRow, Employment]] = []
        self.changed: list[tuple[ImportRow, Employment, list[dict[str, Any]]]] = []

    def write(self, chunk: Sequence[ImportRow], employer_of: Mapping[int, Organization]) -> None:
        """Start or change the job that each row names; a job of the row's employer that goes on is never doubled."""
        self.new, self.changed = [], []
        member_of = self._members_of(chunk)
        made = {row.record_id for row in chunk if row.made.get("created")}
        jobs = current_jobs(sorted({key for key in member_of.values() if key} - made))
        for row in chunk:
            member, employer = member_of.get(row.number), employer_of.get(row.number)
            seen = row.made.pop("seen_job", None)
            if member is None or employer is None:
                continue
            job = jobs.get((member, employer.pk))
            if job is None:
                jobs[member, employer.pk] = self._start(row, member, employer)
            elif job.pk is not None:
                self._change(row, job, seen)
        self._save()

    def _members_of(self, chunk: Sequence[ImportRow]) -> dict[int, int | None]:
        """Row number → member. A repeated row is about the member of the earlier row."""
        done = (RowOutcome.NEW, RowOutcome.CHANGED)
        found = {row.number: row.record_id for row in chunk if row.applied in done}
        repeated = {row.number: row.made["row"] for row in chunk if row.applied == RowOutcome.REPEATED}
        settled = Q(outcome=RowOutcome.UNCHANGED) | Q(applied__in=done)
        origins = self.batch.rows.filter(settled, number__in=set(repeated.values()))
        earlier = dict(origins.values_list("number", "record_id")) | found
        return found | {number: earlier.get(origin) for number, origin in repeated.items()}

    def _start(self, row: ImportRow, member: int, employer: Organization) -> Employment:
        job: Employment = saving.filled(Employment, {name: row.values[name] for name in FIELDS & row.values.keys()})
        job.member_id, job.organization_id = member, employer.pk
        row.after[f"{JOB}employer"] = employer.name
        self.new.append((row, job))
        return job

    def _change(self, row: ImportRow, job: Employment, seen: list[int] | None) -> None:
        """Only the job that the check has `seen`, by key and version: what somebody did to it since stands."""
        before, after = job_changes(job, row.values)
        if not after:
            return
        is_seen = [job.pk, job.version] == seen
        if sentence := saving.refusal(job, after) if is_seen else job_changed():
            self._keep(row, sentence)
            return
        changes = saving.set_values(job, after)
        row.before |= {f"{JOB}{name}": text for name, text in before.items()}
        row.after |= {f"{JOB}{name}": text for name, text in after.items()}
        row.made["changed_job"], row.made["changed_job_version"] = job.pk, job.version
        self.changed.append((row, job, changes))

    @staticmethod
    def _keep(row: ImportRow, sentence: str) -> None:
        """The job stays as it is; what the row says of the member holds all the same."""
        applied = row.applied
        saving.leave_out(row, sentence)
        if row.after or row.made:
            row.applied = applied

    def _save(self) -> None:
        self.creator.create([job for _row, job in self.new])
        for row, job in self.new:
            row.made["job"], row.made["job_version"] = job.pk, job.version
        saving.write_changed(EMPLOYMENTS, [job for _row, job, _changes in self.changed], set(EMPLOYMENT_FIELDS))
        action = MemberAction.EMPLOYMENT_CHANGED
        self.ledger.entries += [
            trail.Entry(job, action, changes, self.ledger.data, stream=stream_of_member(job))
            for _row, job, changes in self.changed
        ]
        # A member made by this very row was saved with the employer's name already.
        started = [job for row, job in self.new if not row.made.get("created")]
        refresh_search(job.member_id for job in [*started, *(job for _row, job, _changes in self.changed)])
