"""What a row of a list of cases would do."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from django.utils.translation import gettext as _

from core.db.one_of import Among
from core.folding import sort_key
from core.imports.cells import plain
from core.imports.enums import RowOutcome
from core.imports.judging import Undos
from core.imports.models import Batch
from core.imports.readings import Reading
from core.imports.seen import SeenKeys
from core.permissions import Actor
from grievances.articles import article_key
from grievances.enums import GrievanceType
from grievances.imports.people import Grievants, Representatives
from grievances.models import CaseImport, Grievance
from members.imports.employers import EmployerFinder
from members.models import Member


class OnRecord:
    """The cases that rows may be about: by their former number, or without one by employer and day of filing."""

    def __init__(self, numbers: set[str], employers: set[int], days: set[str]) -> None:
        self.by_number: dict[str, Grievance] = {}
        for case in Grievance.objects.filter(Among("former_number", numbers)).order_by("-deleted_at", "pk"):
            known = self.by_number.get(case.former_number)
            if known is None or known.is_deleted:
                self.by_number[case.former_number] = case
        self.filed: dict[tuple[int, str], list[Grievance]] = defaultdict(list)
        rows = Grievance.objects.filter(Among("employer_id", employers), Among("filed_date", days), former_number="")
        for case in rows.order_by("pk") if employers else ():
            self.filed[case.employer_id, plain(case.filed_date)].append(case)

    def alike(
        self, employer: int, lead: int | None, values: dict[str, str], *, but: Collection[Any] = ()
    ) -> Grievance | None:
        """A case without a former number, of the same grievant and article, filed at this employer on this day."""
        article = article_key(values.get("contract_article", ""))
        found = self.filed[employer, values["filed_date"]]
        same = (case for case in found if case.member_id == lead and case.article_key == article and case.pk not in but)
        return min(same, key=lambda case: case.is_deleted, default=None)

    def hidden_from(self, actor: Actor | None) -> set[Any]:
        """The keys of those that whoever brings the list in does not see."""
        keys = [case.pk for cases in (self.by_number.values(), *self.filed.values()) for case in cases]
        if actor is None or not keys:
            return set()
        return set(Grievance.objects.hidden_from(actor).filter(pk__in=keys).values_list("pk", flat=True))


class CaseChecker:
    """Judges rows in the file's order; `check` takes them in chunks so that each costs a few queries."""

    def __init__(self, batch: Batch, actor: Actor | None) -> None:
        self.actor, self.seen, self.undos = actor, SeenKeys(), Undos(CaseImport)
        self.hidden: set[Any] = set()
        self.employers, self.reps = EmployerFinder(actor), Representatives()

    def close(self) -> None:
        self.seen.close()

    def check(self, chunk: Sequence[Reading]) -> None:
        usable = [reading for reading in chunk if not reading.outcome]
        self.employers.load([reading.values for reading in usable])
        at = [(reading, employer) for reading in usable if (employer := self._employer(reading))]
        grievants = Grievants([reading for reading, _employer in at])
        found = [(reading, employer, grievants.find(reading, employer)) for reading, employer in at]
        numbers = {reading.values.get("former_number") for reading, _employer in at} - {None}
        nameless = [(reading, employer) for reading, employer in at if "former_number" not in reading.values]
        days = {reading.values["filed_date"] for reading, _employer in nameless}
        known = OnRecord({str(number) for number in numbers}, {employer for _reading, employer in nameless}, days)
        self.hidden = known.hidden_from(self.actor)
        for reading, employer, people in found:
            if not reading.outcome:
                self._judge(reading, employer, people, known)

    def _employer(self, reading: Reading) -> int | None:
        found = self.employers.find(reading.values)
        if found.refusal:
            reading.refuse(found.refusal)
        elif found.is_new or found.record is None:
            reading.refuse(_("No employer of this name is on record. Add it, or import the employers first."))
        else:
            return int(found.record.pk)
        return None

    def _judge(self, reading: Reading, employer: int, people: list[Member], known: OnRecord) -> None:
        values = reading.values
        reading.made["employer"], reading.made["members"] = employer, [member.pk for member in people]
        self._settle_type(reading, people)
        if text := values.get("representative"):
            reading.made["rep"], sentence = self.reps.find(text)
            if sentence:
                reading.leave_out(sentence)
        former = values.get("former_number", "")
        lead = people[0].pk if people else None
        key = f"#{sort_key(former)}" if former else f"{employer}|{lead}|{values['filed_date']}"
        earlier = self.seen.first(key)
        self.seen.add([key], reading.number)
        case = known.by_number.get(former) if former else known.alike(employer, lead, values)
        unseen = case is not None and case.pk in self.hidden
        if case is not None and (unseen or not case.is_deleted):
            reading.made["case"] = str(case.pk)
        if unseen:
            reading.refuse(kept_already(former))
        elif earlier and former:
            reading.refuse(_("Row %(row)s has the same former number. Correct one of the two.") % {"row": earlier[0]})
        elif case is not None:
            self._judge_known(reading, case)
        elif earlier:
            sentence = _("Row %(row)s has the same grievant, employer and day of filing. A second case?")
            reading.ask(sentence % {"row": earlier[0]})
        else:
            reading.outcome = RowOutcome.NEW

    @staticmethod
    def _settle_type(reading: Reading, people: list[Member]) -> None:
        values = reading.values
        several = GrievanceType.GROUP.value if len(people) > 1 else GrievanceType.INDIVIDUAL.value
        kind = values.setdefault("grievance_type", several)
        if kind == GrievanceType.INDIVIDUAL and len(people) > 1:
            values["grievance_type"] = several
            reading.note(_("It has several grievants, so it counts as a group grievance."))

    def _judge_known(self, reading: Reading, case: Grievance) -> None:
        """Brought in before: nothing is made twice. What an undo took out comes back under the number that it had."""
        if not case.is_deleted:
            reading.outcome = RowOutcome.UNCHANGED
            reading.note(_("This case is on record already, so nothing is changed. Correct it on its own page."))
        elif not self.undos.removed(case):
            reading.refuse(_("This case was taken out and cannot come back by a list. Ask the system administrator."))
        elif plain(case.filed_date)[:4] != reading.values["filed_date"][:4]:
            sentence = _(
                "It was brought in before as %(number)s, so it was filed in that year. Check the day of filing."
            )
            reading.refuse(sentence % {"number": case.grievance_number})
        else:
            reading.outcome, reading.made["restore"] = RowOutcome.NEW, str(case.pk)
            reading.note(_("An import that was undone had made this record; it is restored."))


def kept_already(former: str) -> str:
    """To whoever does not see the case."""
    if former:
        return _("A case of this former number is kept already. An officer has to look.")
    return _("A case of this employer and day of filing is kept already. An officer has to look.")


def changed_meanwhile() -> str:
    return _("What these rows are about was changed since the check. Check the file again, then apply it.")


def text_of(values: dict[str, str], name: str) -> Any:
    """What the list says, or that it said nothing: no case is without these."""
    fallback = {
        "contract_article": "—",
        "violation_description": _("The earlier file does not say."),
        "remedy_sought": _("The earlier file does not say."),
        "resolution": _("The earlier file does not say how it ended."),
    }
    return values.get(name) or fallback[name]
