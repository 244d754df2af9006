"""Lists of holidays. Each save makes a version, and dates that were computed with an earlier one stay."""

import datetime
import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core.permissions import Actor, allow
from core.records import records
from core.site import local_today
from grievances import permissions as p
from grievances.enums import Holiday
from grievances.models import HolidayList, HolidayListVersion
from grievances.services.deadlines.holidays import FEDERAL, Observed, days_of

HOLIDAY_FIELDS = ("name", "names", "observed", "extra")
YEARS_BACK, YEARS_AHEAD = 3, 12
LINE = re.compile(r"(\d{4}-\d{2}-\d{2})\s+(\S.{0,59})")


def extra_days(text: str) -> dict[datetime.date, str]:
    """The further days, a line each. Raises ValidationError for the field `extra`."""
    found = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        match = LINE.fullmatch(line)
        try:
            day = datetime.date.fromisoformat(match[1]) if match else None
        except ValueError:
            day = None
        if match is None or day is None:
            sentence = _("“%(line)s” is no day with a name. Write it like 2026-12-28 Inventory day.")
            raise ValidationError({"extra": sentence % {"line": line[:60]}})
        found[day] = match[2]
    return found


def days_in(row: HolidayList, today: datetime.date) -> dict[str, str]:
    years = range(today.year - YEARS_BACK, today.year + YEARS_AHEAD)
    named = days_of(row.names, years, Observed(row.observed))
    return {day.isoformat(): name for day, name in sorted({**named, **extra_days(row.extra)}.items())}


def create_list(values: Mapping[str, Any], *, actor: Actor | None) -> HolidayList:
    allow(actor, p.CHANGE_AGREEMENTS)
    with transaction.atomic():
        row = records.create(HolidayList(), values, editable=HOLIDAY_FIELDS, actor=actor)
        _make_version(row)
        return row


def change_list(row: HolidayList, values: Mapping[str, Any], *, actor: Actor | None, version: int | None) -> None:
    """A new version where anything differs; dates that were computed stay as they are."""
    allow(actor, p.CHANGE_AGREEMENTS)
    with transaction.atomic():
        row = records.lock(row, actor=actor, version=version)
        if records.change(row, values, editable=HOLIDAY_FIELDS, actor=actor):
            _make_version(row)


def _make_version(row: HolidayList) -> None:
    if strange := sorted(set(row.names) - set(Holiday.values)):
        raise ValidationError({"names": _("Unknown holiday: %(names)s") % {"names": ", ".join(strange)}})
    days = days_in(row, local_today())
    records.save(HolidayListVersion(holiday_list=row, number=row.versions.count() + 1, days=days))


def federal_list(actor: Actor | None) -> HolidayList:
    """The list of the federal holidays, made when the first agreement asks for it."""
    name = str(_("US federal holidays"))
    found = HolidayList.objects.filter(name=name).first()
    return found or create_list({"name": name, "names": list(FEDERAL), "observed": Observed.NEAREST.value}, actor=actor)
