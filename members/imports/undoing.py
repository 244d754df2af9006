"""Undoing the rows of a member list: jobs first, then members, at the end the employers that were made for them."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from core.audit import trail
from core.db.update import update_many
from core.imports import saving
from core.imports.undo_records import (
    UNDONE,
    RecordUndoer,
    not_accepted,
    reason_text,
    record_values,
    removes,
    restored_at,
    used_by_now,
    used_elsewhere,
)
from core.permissions import Actor
from members.enums import AddressSource, MemberAction
from members.imports.jobs import stream_of_member
from members.imports.people import JOB
from members.imports.recorded import EMPLOYMENTS, MEMBERS, ORGANIZATIONS
from members.models import Employment, ImportBatch, ImportRow, Member, Organization
from members.services import addresses, matches
from members.services.employments import refresh_search


class MemberUndoer:
    def __init__(self, batch: ImportBatch, actor: Actor | None, reason: str) -> None:
        self.batch, self.actor, self.reason = batch, actor, reason
        self.members = RecordUndoer(MEMBERS, batch, actor, reason)
        self.organizations = RecordUndoer(ORGANIZATIONS, batch, actor, reason)

    def undo(self, chunk: Sequence[ImportRow]) -> None:
        """A row is undone as a whole or not at all."""
        made = [row for row in chunk if row.made.get("job") or row.made.get("changed_job")]
        members = saving.locked(Member, [row.record_id for row in chunk if row.record_id], self.actor)
        jobs = self._jobs(made)
        for row in chunk:
            row.undone = self._refusal(row, members, jobs)
        self._keep_used(chunk)
        self._undo_jobs([row for row in made if not row.undone], jobs)
        ready = [row for row in chunk if not row.undone and row.record_id and touches_member(row)]
        matches.keep([row.record_id for row in ready if not record_values(row).keys().isdisjoint(matches.IDENTIFYING)])
        moved = self._addressed([(members[row.record_id], record_values(row)) for row in ready])
        self.members.write([(members[row.record_id], record_values(row), self.members.removal(row)) for row in ready])
        addresses.write(moved)
        for row in chunk:
            row.undone = row.undone or UNDONE

    def _addressed(self, ready: Sequence[tuple[Member, dict[str, str]]]) -> list[addresses.Change | None]:
        changed = [(member, values["email"]) for member, values in ready if "email" in values]
        told: Any = {"source": AddressSource.IMPORT, "actor": self.actor}
        told["readers"] = addresses.readers_of(
            text for member, _new in changed for text in (member.email, member.email_former)
        )
        return [addresses.note(member, member.email, email, **told) for member, email in changed]

    @staticmethod
    def _jobs(rows: Sequence[ImportRow]) -> dict[int, Employment]:
        keys = [key for row in rows for name in ("job", "changed_job") if (key := row.made.get(name))]
        return Employment.objects.select_for_update(of=("self",)).order_by("pk").in_bulk(keys)

    @staticmethod
    def _refusal(row: ImportRow, members: dict[int, Member], jobs: dict[int, Employment]) -> str:
        if touches_member(row):
            member = members.get(row.record_id or 0)
            if member is None or member.version != row.record_version:
                return _("Kept: somebody changed the record after the import.")
            if sentence := not_accepted(member, record_values(row)):
                return sentence
        for name in ("job", "changed_job"):
            if key := row.made.get(name):
                job = jobs.get(key)
                if job is None or job.version != row.made[f"{name}_version"]:
                    return _("Kept: somebody changed the job after the import.")
        changed = jobs.get(row.made.get("changed_job", 0))
        return not_accepted(changed, job_values(row)) if changed else ""

    def _keep_used(self, chunk: Sequence[ImportRow]) -> None:
        """A member made by the import stays when anything but the import's own jobs refers to them; one restored by
        it, when that was made or changed after it.
        """
        rows = {row.record_id: row for row in chunk if not row.undone and removes(row)}
        since = restored_at(row.made["restored"] for row in rows.values() if row.made.get("restored"))
        jobs = Employment.objects.filter(member_id__in=rows).exclude(pk__in=self._own_jobs(list(rows)))
        used = used_by_now(Member, list(rows.values()), but=Employment)
        for key, changed in jobs.values_list("member_id", "updated_at"):
            if not rows[key].made.get("restored") or since is None or changed >= since:
                used.add(key)
        for key in used & rows.keys():
            rows[key].undone = _("Kept: other records refer to it by now.")

    def _own_jobs(self, members: Sequence[int]) -> set[int]:
        """Jobs that rows of this batch made or changed, repeated rows too, and that nobody changed since."""
        jobs = dict(Employment.objects.filter(member_id__in=members).values_list("pk", "version"))
        own = set[int]()
        for name in ("job", "changed_job"):
            rows = self.batch.rows.filter(**{f"made__{name}__in": list(jobs)})
            made = rows.values_list("made", flat=True)
            own |= {row[name] for row in made if jobs.get(row[name]) == row[f"{name}_version"]}
        return own

    def _undo_jobs(self, rows: Sequence[ImportRow], jobs: dict[int, Employment]) -> None:
        removed = [jobs[row.made["job"]] for row in rows if row.made.get("job")]
        changed = [(jobs[row.made["changed_job"]], job_values(row)) for row in rows if row.made.get("changed_job")]
        entries = []
        for job in removed:
            entries.append(self._entry(job, MemberAction.EMPLOYMENT_REMOVED, []))
        for job, values in changed:
            entries.append(self._entry(job, MemberAction.EMPLOYMENT_CHANGED, saving.set_values(job, values)))
        fields = {name for _job, values in changed for name in values}
        saving.write_changed(EMPLOYMENTS, [job for job, _values in changed], fields)
        trail.record_many(entries, actor=self.actor)
        Employment.objects.filter(pk__in=[job.pk for job in removed]).delete()
        refresh_search(job.member_id for job in [*removed, *(job for job, _values in changed)])

    def _entry(self, job: Employment, action: str, changes: list[dict[str, Any]]) -> trail.Entry:
        data = {"batch": str(self.batch.pk)}
        return trail.Entry(job, action, changes, data, reason_text(self.reason), stream=stream_of_member(job))

    def begin(self) -> None:
        """First of all: organizations are locked before members everywhere, so that nobody waits for each other."""
        keys = sorted(self._made_employers())
        for start in range(0, len(keys), 500):
            saving.locked(Organization, keys[start : start + 500], self.actor)

    def _made_employers(self) -> dict[int, ImportRow]:
        rows = self.batch.rows.filter(made__has_key="organization").order_by("number")
        return {row.made["organization"]: row for row in rows.iterator(chunk_size=500)}

    def finish(self) -> None:
        """Employers that the import made and that nobody uses or changed since."""
        made = self._made_employers()
        keys = sorted(made)
        for start in range(0, len(keys), 500):
            batch = keys[start : start + 500]
            known = saving.locked(Organization, batch, self.actor)
            used = used_elsewhere(Organization, batch)
            ready, kept = [], []
            for key in batch:
                organization, row = known.get(key), made[key]
                if organization is None or organization.version != row.made["organization_version"] or key in used:
                    row.undone = _("The employer that this row made is kept: it was changed or is used by now.")
                    kept.append(row)
                else:
                    former = row.made.get("organization_restored")
                    ready.append((organization, {}, former or self.organizations.fresh_removal()))
            self.organizations.write(ready)
            update_many(kept, ["undone"])


def touches_member(row: ImportRow) -> bool:
    return bool(removes(row) or record_values(row))


def job_values(row: ImportRow) -> dict[str, str]:
    return {name.removeprefix(JOB): text for name, text in row.before.items() if name.startswith(JOB)}
