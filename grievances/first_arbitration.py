"""Panels, strikes and hearing days of the first grievances that are at arbitration."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from accounts.first_data import moment_of
from accounts.models import User
from core.audit import trail
from core.records import bulk
from grievances.enums import GrievanceAction, PanelSource, Side
from grievances.models import Arbitration, ArbitrationCost, Grievance, HearingDay, PanelName

NAMES = (
    "Harriet Lindqvist",
    "Samuel Okafor",
    "Miriam Castellanos",
    "Peter Vandenberg",
    "Joan Whitfield",
    "Amos Trujillo",
    "Ruth Abernathy",
)
STRUCK_SO_FAR = 3


@dataclass
class FirstArbitrations:
    """One arbitration for each case that is there: names still struck or, where a hearing was held, chosen by then."""

    representative: User
    chair: User
    as_of: date
    _rows: list[Any] = field(default_factory=list)
    _inserters: dict[Any, bulk.Inserter] = field(default_factory=dict)

    def begin(self, case: Grievance, demanded: date, heard: date | None) -> Iterator[trail.Entry]:
        """The rows of one case, kept until `insert`, and its events."""
        asked = min(demanded + timedelta(1), self.as_of)
        arbitration = Arbitration(
            grievance=case, source=PanelSource.FMCS, size=len(NAMES), first_strike=Side.UNION, requested_on=asked
        )
        self._rows.append(arbitration)
        yield self._event(case, GrievanceAction.PANEL_ASKED_FOR, asked, self.chair, size=len(NAMES))
        count = len(NAMES) - 1 if heard else STRUCK_SO_FAR
        for place, name in enumerate(NAMES, 1):
            row = PanelName(arbitration=arbitration, position=place, name=name)
            if place <= count:
                row.struck_number, row.struck_by, row.struck_on = place, arbitration.side_of(place), asked
                row.recorded_by = self.chair
                yield self._event(case, GrievanceAction.STRUCK, asked, self.chair, name=str(row.pk), number=place)
            self._rows.append(row)
        day = heard or self.as_of + timedelta(45)
        self._rows.append(HearingDay(arbitration=arbitration, day=day, place="9:30, the union hall, second floor"))
        yield self._event(case, GrievanceAction.HEARING_SET, asked, self.representative)
        if heard:
            cost = {"what": "Half of the arbitrator’s fee for the hearing", "amount": Decimal("1450.00")}
            self._rows.append(ArbitrationCost(arbitration=arbitration, day=heard, **cost))
            yield self._event(case, GrievanceAction.COST_RECORDED, heard, self.representative)

    @staticmethod
    def _event(case: Grievance, action: GrievanceAction, day: date, actor: User, **data: Any) -> trail.Entry:
        return trail.Entry(case, action, (), data, actor=actor, at=moment_of(day))

    def insert(self) -> None:
        for model in (Arbitration, PanelName, HearingDay, ArbitrationCost):
            if model not in self._inserters:
                self._inserters[model] = bulk.Inserter(model, action=GrievanceAction.PANEL_ASKED_FOR, recorded=())
            self._inserters[model].insert([row for row in self._rows if isinstance(row, model)])
        self._rows = []
