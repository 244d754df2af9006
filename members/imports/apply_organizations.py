"""Applying the rows of an organization list."""

from collections.abc import Sequence
from typing import Any

from core.imports import saving
from core.imports.enums import RowOutcome
from core.imports.models import Batch
from core.permissions import Actor
from members.enums import OrganizationType
from members.folding import name_key, place_key
from members.imports.organizations import IDENTITY, best_at, by_name
from members.imports.recorded import ORGANIZATIONS
from members.models import ImportRow, Organization


class OrganizationApplier:
    def __init__(self, batch: Batch, actor: Actor | None) -> None:
        self.batch, self.actor = batch, actor
        self.org_type = batch.layout.get("org_type") or OrganizationType.EMPLOYER

    def begin(self, rows: Any) -> None:
        """Nothing is locked before the rows' own records."""

    def apply(self, chunk: Sequence[ImportRow]) -> None:
        known = saving.locked(Organization, [row.record_id for row in chunk if row.record_id], self.actor)
        changer = saving.Changer(ORGANIZATIONS, self.batch, self.actor)
        fresh: list[tuple[ImportRow, Organization]] = []
        present = by_name({name_key(row.values["name"]) for row in chunk if not row.record_id}, self.actor)
        for row in chunk:
            row.applied = RowOutcome.CHANGED if row.outcome == RowOutcome.CHANGED else RowOutcome.NEW
            if row.record_id:
                self._change(row, known.get(row.record_id), changer)
            elif self._is_taken(row, present):
                saving.leave_out(row)
            else:
                fresh.append((row, saving.filled(Organization, {"org_type": self.org_type} | row.values)))
        changer.write()
        self._create(fresh)

    def _change(self, row: ImportRow, record: Organization | None, changer: saving.Changer) -> None:
        if record is None or record.version != row.record_version:
            saving.leave_out(row)
            return
        values = {name: text for name, text in row.values.items() if name not in IDENTITY}
        changer.change(row, record, values)

    @staticmethod
    def _is_taken(row: ImportRow, present: dict[str, list[Organization]]) -> bool:
        """Somebody recorded this very worksite after the check."""
        place = place_key(row.values.get("city", ""), row.values.get("state", ""))
        return best_at(present.get(name_key(row.values["name"]), []), place) is not None

    def _create(self, fresh: Sequence[tuple[ImportRow, Organization]]) -> None:
        made = [record for _row, record in fresh]
        saving.create(ORGANIZATIONS, made, batch=self.batch, actor=self.actor, prepare=Organization.fill_keys)
        for row, record in fresh:
            row.record_id, row.record_version, row.made = record.pk, record.version, {**row.made, "created": True}
