"""One of the first grievances rests in abeyance, of another the employer claims that it was filed too late."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from accounts.first_data import moment_of
from accounts.models import User
from core.audit import trail
from core.records import bulk
from grievances.enums import AbeyanceState, GrievanceAction, Side
from grievances.models import Abeyance, Deadline, Grievance, UntimelyClaim


@dataclass
class FirstFlags:
    representative: User
    _rows: list[Any] = field(default_factory=list)
    _inserters: dict[Any, bulk.Inserter] = field(default_factory=dict)

    def rest(self, case: Grievance, day: date, deadlines: Iterable[Deadline]) -> Iterator[trail.Entry]:
        """Put a case in abeyance from `day` on; what would have passed since is held."""
        case.abeyance = AbeyanceState.AGREED
        row = Abeyance(
            grievance=case,
            from_day=day,
            why="The same question is before the arbitrator in another case of this employer.",
            for_union=self.representative.get_full_name(),
            for_employer="Labor relations office",
            document=f"Letter of {day:%Y-%m-%d}, signed by both",
            confirmed_on=day,
            recorded_by=self.representative,
        )
        self._rows.append(row)
        for deadline in deadlines:
            if not deadline.end and deadline.contract_date >= day:
                deadline.missed_at = None
        yield self._event(case, GrievanceAction.ABEYANCE_BEGUN, day, abeyance=str(row.pk))

    def dispute(self, case: Grievance, day: date) -> Iterator[trail.Entry]:
        case.is_untimely = True
        row = UntimelyClaim(
            grievance=case,
            claimed_by=Side.EMPLOYER,
            claimed_on=day,
            why="They count from the day of the posting, not from the day on which the grievant learned of it.",
            document=f"Said in the meeting of {day:%Y-%m-%d}",
            recorded_by=self.representative,
        )
        self._rows.append(row)
        yield self._event(case, GrievanceAction.UNTIMELY_CLAIMED, day, claim=str(row.pk))

    def _event(self, case: Grievance, action: GrievanceAction, day: date, **data: Any) -> trail.Entry:
        return trail.Entry(case, action, (), data, actor=self.representative, at=moment_of(day))

    def insert(self) -> None:
        for model in (Abeyance, UntimelyClaim):
            if model not in self._inserters:
                self._inserters[model] = bulk.Inserter(model, action=GrievanceAction.ABEYANCE_BEGUN, recorded=())
            self._inserters[model].insert([row for row in self._rows if isinstance(row, model)])
        self._rows = []
