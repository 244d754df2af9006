"""Which employer a member's row means; the same answer at the check and at the apply."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.imports.judging import Undos
from core.permissions import Actor
from members.folding import name_key, place_key
from members.imports.organizations import best_at, by_name, place_of, survivor
from members.models import ImportBatch, Organization


@dataclass(frozen=True, slots=True)
class Employer:
    """An organization that exists, or the key of one that the import makes; or why neither is possible."""

    key: str
    record: Organization | None = None
    note: str = ""
    refusal: str = ""

    @property
    def is_new(self) -> bool:
        return self.record is None or self.record.is_deleted


class EmployerFinder:
    """By name and place; a name without a place means the only employer of that name.

    `planned` are employers that earlier rows of the file make, by name key.
    """

    def __init__(self, actor: Actor | None) -> None:
        self.actor, self.undos = actor, Undos(ImportBatch)
        self.known: dict[str, list[Organization]] = {}
        self.planned: dict[str, list[str]] = defaultdict(list)

    def load(self, rows: Iterable[Mapping[str, str]]) -> None:
        """Read the employers that these rows name."""
        names = {name_key(values["employer"]) for values in rows if values.get("employer")}
        missing = names - self.known.keys()
        found = by_name(missing, self.actor) if missing else {}
        self.known.update({name: found.get(name, []) for name in missing})

    def made(self, organization: Organization) -> None:
        """An employer that the apply has just made or restored."""
        rows = [row for row in self.known.get(organization.name_key, []) if row.pk != organization.pk]
        self.known[organization.name_key] = [*rows, organization]
        planned = self.planned[organization.name_key]
        if organization.place_key in planned:
            planned.remove(organization.place_key)

    def find(self, values: Mapping[str, str]) -> Employer:
        name = name_key(values["employer"])
        place = place_key(values.get("employer_city", ""), values.get("employer_state", ""))
        candidates = self.known[name]
        if record := best_at(candidates, place):
            return self._judge(f"{name}@{place}", record)
        planned = self.planned[name]
        if place in planned:
            return Employer(f"{name}@{place}")
        if place == "/":
            return self._by_name_alone(name, candidates)
        others = [candidate for candidate in candidates if not candidate.is_deleted]
        planned.append(place)
        note = ""
        if others:
            note = _("A new worksite: the same name is recorded in %(places)s.") % {
                "places": "; ".join(place_of(other) for other in others[:3])
            }
        return Employer(f"{name}@{place}", note=note)

    def _by_name_alone(self, name: str, candidates: list[Organization]) -> Employer:
        """A merged record stands for where it went, as where a place is given."""
        stand = list({record.pk: record for record in map(survivor, candidates)}.values())
        living = [record for record in stand if not record.is_deleted]
        planned = self.planned[name]
        if len(living) + len(planned) > 1:
            places = "; ".join([place_of(item) for item in living[:4]])
            return Employer(
                name,
                refusal=_(
                    "Several employers have this name (%(places)s). Add columns with the employer’s city and state."
                )
                % {"places": places or _("in this file")},
            )
        if living:
            return Employer(f"{name}@{living[0].place_key}", living[0])
        if planned:
            return Employer(f"{name}@{planned[0]}")
        undone = [record for record in stand if self.undos.removed(record)]
        if len(undone) == 1:
            return self._judge(f"{name}@{undone[0].place_key}", undone[0])
        if deleted := [record for record in stand if record not in undone]:
            return self._judge(f"{name}@{deleted[0].place_key}", deleted[0])
        planned.append("/")
        return Employer(f"{name}@/")

    def _judge(self, key: str, record: Organization) -> Employer:
        if record.is_deleted and not self.undos.removed(record):
            return Employer(
                key, refusal=_("This employer’s record was deleted. Restore it, then check the file again.")
            )
        return Employer(key, record)
