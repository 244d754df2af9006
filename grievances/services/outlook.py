"""What a grievant may know of the days to come: whose turn it is until when, and the day of the hearing."""

import datetime
from collections.abc import Iterable
from typing import Any, NamedTuple, Self

from django.db.models import OuterRef, QuerySet, Subquery

from core.db.prepared import prepared
from core.site import local_today
from grievances.enums import BRIEFS
from grievances.models import Deadline, Grievance, HearingDay

COLUMNS = ("clock", "side", "contract_date")


class Outlook(NamedTuple):
    """The next date that runs, as the contract says and not as we act, and the next hearing; no text that we typed."""

    clock: str = ""
    side: str = ""
    until: datetime.date | None = None
    hearing: datetime.date | None = None

    @classmethod
    def of(cls, row: Any) -> Self:
        """`row` comes from `with_outlook`."""
        return cls(row.next_clock or "", row.next_side or "", row.next_contract_date, row.next_hearing)

    @classmethod
    def among(
        cls,
        grievance: Grievance,
        dates: Iterable[tuple[str, str, datetime.date]],
        hearings: Iterable[datetime.date],
        today: datetime.date,
    ) -> Self:
        """From clock, side and day of all its dates that run and from all its hearings that are set."""
        if grievance.is_resolved:
            return cls()
        to_come = [row for row in dates if row[2] >= today and not (grievance.is_held and row[0] not in BRIEFS)]
        clock, side, until = min(to_come, key=lambda row: (row[2], row[1]), default=("", "", None))
        return cls(clock, side, until, min((day for day in hearings if day >= today), default=None))


def with_outlook(rows: Any, today: Any) -> Any:
    running = Deadline.objects.running().of_open_cases().not_held()
    running = running.filter(grievance=OuterRef("pk"), contract_date__gte=today).order_by("contract_date", "side", "pk")
    hearings = HearingDay.objects.to_come(today).filter(arbitration__grievance=OuterRef("pk")).order_by("day", "pk")
    columns = {f"next_{name}": Subquery(running.values(name)[:1]) for name in COLUMNS}
    return rows.annotate(**columns, next_hearing=Subquery(hearings.values("day")[:1]))


def outlook_of(grievance: Grievance) -> Outlook:
    [row] = _outlook(None, case=grievance.pk, today=local_today())
    return Outlook.of(row)


@prepared
def _outlook(_asker: Any, *, case: Any, today: Any) -> QuerySet:
    return with_outlook(Grievance.objects.filter(pk=case), today).only("pk")
