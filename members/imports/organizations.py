"""What a row of an organization list would do, and what it does once it is applied."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from core.imports import saving
from core.imports.declaration import takes_spelling
from core.imports.enums import RowOutcome
from core.imports.judging import Undos, judge_known, tell_of_repeated
from core.imports.models import Batch
from core.imports.readings import Reading
from core.imports.seen import SeenKeys
from core.permissions import Actor
from core.records import records
from members.enums import OrganizationType
from members.folding import name_key, place_key
from members.imports.recorded import ORGANIZATIONS
from members.models import ImportBatch, ImportRow, Organization

# The key itself: equal keys are the same place under the same name, whatever the spelling.
IDENTITY = ("name", "city", "state")


def survivor(record: Any) -> Any:
    """The record that a merged one went into."""
    while record.merged_into_id:
        record = type(record).objects.get(pk=record.merged_into_id)
    return record


def by_name(keys: set[str], actor: Actor | None) -> dict[str, list[Organization]]:
    """All organizations of these name keys, the oldest first, deleted ones too."""
    found: dict[str, list[Organization]] = defaultdict(list)
    rows = records.visible(Organization, actor).filter(name_key__in=keys)
    for organization in rows.order_by("pk"):
        found[organization.name_key].append(organization)
    return found


def place_of(organization: Organization) -> str:
    return ", ".join(part for part in (organization.city, organization.state) if part) or _("no place given")


def best_at(candidates: Sequence[Organization], place: str) -> Organization | None:
    """The record of this place: a living one before a deleted one; a merged one stands for where it went."""
    here = [candidate for candidate in candidates if candidate.place_key == place]
    here.sort(key=lambda candidate: (candidate.is_deleted and not candidate.merged_into_id, candidate.pk))
    return survivor(here[0]) if here else None


class OrganizationChecker:
    """Judges rows in the file's order; `check` takes them in chunks so that each costs a few queries."""

    def __init__(self, batch: ImportBatch, actor: Actor | None) -> None:
        self.batch, self.actor, self.exactly = batch, actor, takes_spelling(batch)
        self.seen, self.undos = SeenKeys(), Undos(ImportBatch)

    def close(self) -> None:
        self.seen.close()

    def check(self, chunk: Sequence[Reading]) -> None:
        usable = [reading for reading in chunk if not reading.outcome]
        known = by_name({name_key(reading.values["name"]) for reading in usable}, self.actor)
        for reading in usable:
            self._judge(reading, known)
        tell_of_repeated(self.batch, usable, lambda reading: set(reading.values) - set(IDENTITY))

    def _judge(self, reading: Reading, known: dict[str, list[Organization]]) -> None:
        values = reading.values
        name, place = name_key(values["name"]), place_key(values.get("city", ""), values.get("state", ""))
        earlier, elsewhere = self.seen.first(f"{name}@{place}"), self.seen.first(name)
        self.seen.add([f"{name}@{place}", name], reading.number)
        if earlier:
            reading.outcome = RowOutcome.REPEATED
            reading.made["row"] = earlier[0]
            reading.note(_("The same employer and place as row %(row)s.") % {"row": earlier[0]})
            return
        candidates = known.get(name, [])
        if record := best_at(candidates, place):
            names = tuple(name for name in values if name not in IDENTITY)
            judge_known(reading, record, self.undos, comparable=names, exactly=self.exactly)
            self.seen.is_second(reading)
            return
        others = [candidate for candidate in candidates if not candidate.is_deleted]
        if others:
            places = "; ".join(place_of(other) for other in others[:3])
            reading.ask(
                _("The same name is already recorded in another place (%(places)s). Is this another worksite?")
                % {"places": places}
            )
        elif elsewhere:
            reading.ask(
                _("Row %(row)s has the same name in another place. Is this another worksite?") % {"row": elsewhere[0]}
            )
        else:
            reading.outcome = RowOutcome.NEW


class OrganizationApplier:
    def __init__(self, batch: Batch, actor: Actor | None) -> None:
        self.actor, self.ledger = actor, saving.Ledger(batch, actor)
        self.creator = saving.Creator(ORGANIZATIONS, self.ledger)
        self.org_type, self.exactly = batch.layout.get("org_type") or OrganizationType.EMPLOYER, takes_spelling(batch)

    def begin(self, rows: Any) -> None:
        """Nothing is locked before the rows' own records."""

    def apply(self, chunk: Sequence[ImportRow]) -> None:
        known = saving.locked(Organization, [row.record_id for row in chunk if row.record_id], self.actor)
        changer = saving.Changer(ORGANIZATIONS, self.ledger, exactly=self.exactly)
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
        self.ledger.record()

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
        for _row, record in fresh:
            record.fill_keys()
        self.creator.create([record for _row, record in fresh])
        for row, record in fresh:
            row.record_id, row.record_version, row.made = record.pk, record.version, {**row.made, "created": True}
