"""Arbitrations for tests: a panel with its names, and a row of each kind that hangs on one."""

import datetime
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from grievances.enums import AwardOutcome, PanelSource, Side
from grievances.factories import FILED, GrievanceFactory
from grievances.models import Arbitration, ArbitrationCost, Award, Grievance, HearingDay, PanelName
from members.factories import AS_OF

ARBITRATORS = ("A. Abbott", "B. Bauer", "C. Castillo", "D. Dunne", "E. Engel")


class ArbitrationFactory(DjangoModelFactory):
    """A panel of five from FMCS, the union strikes first; `names` are those on it, none where they are awaited."""

    class Meta:
        model = Arbitration
        skip_postgeneration_save = True

    grievance = factory.SubFactory(GrievanceFactory, at_arbitration=True)
    source = PanelSource.FMCS
    size = 5
    first_strike = Side.UNION
    requested_on = FILED + datetime.timedelta(2)

    @factory.post_generation
    def names(arbitration: Arbitration, create: bool, extracted: Any, **kwargs: Any) -> None:  # noqa: N805
        if create:
            given = ARBITRATORS if extracted is None else extracted
            PanelName.objects.bulk_create(
                PanelName(arbitration=arbitration, position=place, name=name) for place, name in enumerate(given, 1)
            )


def arbitration_rows(grievance: Grievance) -> dict[str, Any]:
    """A row of each kind that hangs on an arbitration, by the model's label, of a case wherever it stands."""
    made = ArbitrationFactory(grievance=grievance)
    award = {"received_on": AS_OF, "outcome": AwardOutcome.IN_PART, "summary": "Half of the hours are paid."}
    rows = [
        made,
        made.names.get(position=1),
        HearingDay.objects.create(arbitration=made, day=AS_OF, place="Union hall"),
        Award.objects.create(arbitration=made, day=AS_OF, **award),
        ArbitrationCost.objects.create(arbitration=made, day=AS_OF, what="Half of the fee", amount=Decimal("900.00")),
    ]
    return {row._meta.label_lower: row for row in rows}
