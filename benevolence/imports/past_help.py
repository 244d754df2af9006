"""What a row of a list of past help would do, and what it does once it is applied."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from benevolence.enums import Reason
from benevolence.imports.people import Named
from benevolence.models import HelpImport, HelpImportRow, PastHelp, Payment
from benevolence.models.past_help import SOURCE_LENGTH
from benevolence.services.room import Room, rooms_since
from core.db.one_of import Among
from core.db.rows import new
from core.imports import saving
from core.imports.cells import plain, same_text, typed
from core.imports.enums import RowOutcome
from core.imports.judging import Undos, judge_known
from core.imports.models import Batch
from core.imports.readings import Reading
from core.imports.seen import SeenKeys
from core.permissions import Actor
from members.models import Member

STATED = ("paid_on", "amount", "reason", "reference")
FIELDS: dict[str, Any] = {name: PastHelp._meta.get_field(name) for name in STATED}
# An approval that the check cannot see yet has written its moment: none takes longer to be there.
UNDER_WAY = timedelta(minutes=1)
PAST_HELP = saving.RecordKind(PastHelp, ("member", *STATED, "source"))


def granted_meanwhile() -> str:
    return _(
        "An application of this member was approved since the check; with this payment it is more than the rules allow "
        "for one member. Check the file again, then apply what was really paid."
    )


def is_numbered(reference: str) -> bool:
    """Whether it names one payment, as a check's number does. "CASH" and "ACH" only say how it was paid."""
    return any(character.isdigit() for character in reference)


def paid_here(references: set[str]) -> set[str]:
    """Those that a payment of the portal bears: what it paid counts already."""
    rows = Payment.objects.filter(Among("reference", references), voided_at=None).order_by()
    return set(rows.values_list("reference", flat=True))


class OnRecord:
    """Past help of these members, the deleted too, and whose payment bears which reference."""

    def __init__(self, members: set[int], references: set[str]) -> None:
        self.of_member: dict[int, list[PastHelp]] = defaultdict(list)
        for row in PastHelp.objects.filter(Among("member_id", members)).order_by("pk"):
            self.of_member[row.member_id].append(row)
        numbered = set(filter(is_numbered, references))
        self.paid_here = paid_here(numbered)
        bearing = PastHelp.objects.alive().filter(Among("reference", numbered))
        self.bearers: dict[str, set[int]] = defaultdict(set)
        for reference, member in bearing.values_list("reference", "member_id"):
            self.bearers[reference].add(member)

    def matching(self, member: int, values: Mapping[str, str], taken: set[int]) -> PastHelp | None:
        """The payment that the row tells: day, amount and reference agree, or one of the two has no reference.

        A numbered reference also names its payment with another day or another amount, but not with both.
        """
        left = [row for row in self.of_member[member] if row.pk not in taken]
        left.sort(key=lambda row: (row.is_deleted, row.pk))
        reference = values.get("reference", "")
        same = [row for row in left if reference and same_text(row.reference, reference)]
        corrected = [row for row in same if is_numbered(reference) and _agreeing(row, values)]
        bare = [row for row in left if not (reference and row.reference)]
        equal, alike = ([row for row in rows if _agreeing(row, values) == 2] for rows in (same, bare))
        return next(iter((*equal, *corrected, *alike)), None)

    def question(self, member: int, values: Mapping[str, str], taken: set[int]) -> str:
        """What to ask of a row that matches nothing, and may be a correction or another member's payment."""
        reference = values.get("reference", "")
        same = [row for row in self.of_member[member] if reference and same_text(row.reference, reference)]
        same = [row for row in same if not row.is_deleted]
        if is_numbered(reference):
            if same:
                return _("Check or reference %(reference)s is on record with another day and amount. A second payment?")
            if self.bearers[reference] - {member}:
                return _("Check or reference %(reference)s is on record for another member. Was this paid as well?")
        elif any(row.pk not in taken and plain(row.paid_on) == values["paid_on"] for row in same):
            return _("%(reference)s is on record for the same day with another amount. A second payment?")
        return ""


def _agreeing(record: PastHelp, values: Mapping[str, str]) -> int:
    """How many of day and amount agree."""
    return sum(values[name] == plain(getattr(record, name)) for name in ("paid_on", "amount"))


class PastHelpChecker:
    """Judges rows in the file's order; `check` takes them in chunks so that each costs a few queries."""

    def __init__(self, batch: Batch, actor: Actor | None) -> None:
        self.seen, self.undos = SeenKeys(), Undos(HelpImport)
        self.taken: set[int] = set()
        self.began = timezone.now().isoformat()

    def close(self) -> None:
        self.seen.close()

    def check(self, chunk: Sequence[Reading]) -> None:
        usable = [reading for reading in chunk if not reading.outcome]
        named = Named(usable)
        found = [(reading, member) for reading in usable if (member := named.find(reading))]
        references = {reading.values["reference"] for reading in usable if "reference" in reading.values}
        known = OnRecord({member.pk for _reading, member in found}, references)
        for reading, member in found:
            self._judge(reading, member, known)

    def _judge(self, reading: Reading, member: Member, known: OnRecord) -> None:
        values = reading.values
        reference = values.get("reference", "")
        reading.made |= {"member": member.pk, "checked": self.began}
        is_number = is_numbered(reference)
        key = f"{member.pk}|{values['paid_on']}|{values['amount']}|{reference.casefold()}"
        earlier = self.seen.first(key)
        with_number = self.seen.first(f"{member.pk}|{reference}") if is_number else None
        self.seen.add([key, f"{member.pk}|{reference}"], reading.number)
        if reference in known.paid_here:
            sentence = _("Check or reference %(reference)s was paid in the portal, so it counts already.")
            reading.refuse(sentence % {"reference": reference})
        elif earlier and is_number:
            reading.outcome, reading.made["row"] = RowOutcome.REPEATED, earlier[0]
            reading.note(_("The same payment as row %(row)s.") % {"row": earlier[0]})
        elif record := known.matching(member.pk, values, self.taken):
            self.taken.add(record.pk)
            judge_known(reading, record, self.undos, comparable=tuple(name for name in STATED if name in values))
        elif earlier:
            reading.ask(_("Row %(row)s has the same member, day and amount. A second payment?") % {"row": earlier[0]})
        elif with_number:
            said = {"row": with_number[0], "reference": reference}
            reading.ask(_("Row %(row)s has the same check or reference %(reference)s. A second payment?") % said)
        elif question := known.question(member.pk, values, self.taken):
            reading.ask(question % {"reference": reference})
        else:
            reading.outcome = RowOutcome.NEW


class PastHelpApplier:
    def __init__(self, batch: Batch, actor: Actor | None) -> None:
        self.batch, self.actor, self.ledger = batch, actor, saving.Ledger(batch, actor)
        self.creator = saving.Creator(PAST_HELP, self.ledger)
        self.rooms: dict[int, Room] = {}

    def begin(self, rows: Any) -> None:
        """Lock the members as whoever approves does, so that an approval sees all of the list or this sees it."""
        made = list(rows.values_list("made", flat=True))
        members = {one["member"] for one in made}
        people = Member.objects.filter(Among("pk", members)).order_by("pk")
        list(people.select_for_update(of=("self",)).values_list("pk"))
        checked = min((datetime.fromisoformat(one["checked"]) for one in made), default=timezone.now())
        self.rooms = rooms_since(checked - UNDER_WAY, members)

    def apply(self, chunk: Sequence[HelpImportRow]) -> None:
        known = saving.locked(PastHelp, [row.record_id for row in chunk if row.record_id], self.actor)
        changer = saving.Changer(PAST_HELP, self.ledger)
        members = {row.made["member"] for row in chunk}
        living = set(Member.objects.alive().filter(Among("pk", members)).values_list("pk", flat=True))
        since = OnRecord(members, {row.values["reference"] for row in chunk if "reference" in row.values})
        fresh: list[tuple[HelpImportRow, PastHelp]] = []
        for row in chunk:
            row.applied = RowOutcome.CHANGED if row.outcome == RowOutcome.CHANGED else RowOutcome.NEW
            if row.record_id:
                self._change(row, known.get(row.record_id), changer)
            elif row.made["member"] not in living or self._is_taken(row, since):
                saving.leave_out(row)
            elif self._has_room(row, record := self._record(row)):
                fresh.append((row, record))
        changer.write()
        self._create(fresh)
        self.ledger.record()

    def _has_room(self, row: HelpImportRow, record: PastHelp, before: Decimal = Decimal(0)) -> bool:
        """Leave the row out where an approval since the check has left less than it adds to what counted `before`."""
        room = self.rooms.get(row.made["member"])
        if room is None or room.take(record.paid_on, record.amount - before, record.reason):
            return True
        saving.leave_out(row, granted_meanwhile())
        return False

    def _change(self, row: HelpImportRow, record: PastHelp | None, changer: saving.Changer) -> None:
        if record is None or record.version != row.record_version:
            saving.leave_out(row)
            return
        if not self._has_room(row, self._record(row), Decimal(0 if record.is_deleted else record.amount)):
            return
        changer.change(row, record, {name: row.values[name] for name in STATED if name in row.values})

    @staticmethod
    def _is_taken(row: HelpImportRow, since: OnRecord) -> bool:
        """Somebody recorded this very payment after the check. What a person was asked about, they have seen."""
        if row.outcome != RowOutcome.NEW:
            return False
        found = since.matching(row.made["member"], row.values, set())
        return row.values.get("reference") in since.paid_here or (found is not None and not found.is_deleted)

    def _record(self, row: HelpImportRow) -> PastHelp:
        values = {"reason": Reason.OTHER.value} | {name: row.values[name] for name in STATED if name in row.values}
        fields = {name: typed(FIELDS[name], text) for name, text in values.items()}
        source = _("%(file)s, row %(row)s") % {"file": self.batch.file_name, "row": row.number}
        return new(PastHelp, member_id=row.made["member"], source=source[-SOURCE_LENGTH:], **fields)

    def _create(self, fresh: Sequence[tuple[HelpImportRow, PastHelp]]) -> None:
        self.creator.create([record for _row, record in fresh])
        for row, record in fresh:
            row.record_id, row.record_version, row.made = record.pk, record.version, {**row.made, "created": True}
