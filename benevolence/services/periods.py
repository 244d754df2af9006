"""The periods of which there are reports: fiscal years, and from a year on that the local chooses, their quarters.

No day belongs to two of them, and what is shown of one can be computed from no other. So nobody subtracts a quarter
from its year: of a year that could be read as a whole there are no quarters, and the other way round. Whole months of
one's own choice are told by what these periods show alone, see services/spans.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db.models import Max, Min, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from benevolence.models import BenevolenceApplication, FundSettings
from benevolence.services.small_groups import FEWEST
from core.records import one_row
from core.site import local_today, site_settings

MONTHS, QUARTERS = 12, 4


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """`year` is the calendar year in which it begins; `quarter` is 0 where it is the whole of it."""

    year: int
    first_month: int
    quarter: int = 0

    @property
    def first_day(self) -> date:
        return self.months[0]

    @property
    def last_day(self) -> date:
        return month_after(self.months[-1]) - timedelta(days=1)

    @property
    def months(self) -> list[date]:
        """The first day of each."""
        count = MONTHS // QUARTERS if self.quarter else MONTHS
        begin = self.first_month - 1 + (self.quarter - 1) * count if self.quarter else self.first_month - 1
        return [date(self.year + at // MONTHS, at % MONTHS + 1, 1) for at in range(begin, begin + count)]

    @property
    def key(self) -> str:
        """As it stands in addresses and in the names of files."""
        return f"{self.year}-{self.quarter}" if self.quarter else str(self.year)

    @property
    def quarters(self) -> list["FiscalYear"]:
        return [FiscalYear(self.year, self.first_month, number) for number in range(1, QUARTERS + 1)]

    @property
    def query(self) -> str:
        """What the address of its report says."""
        return f"year={self.key}"

    @property
    def whole(self) -> str:
        return _("Whole quarter") if self.quarter else _("Whole year")

    @property
    def when_told(self) -> str:
        if self.quarter:
            return _("A quarter is shown once five applications are made in it.")
        return _("A year is shown once five applications are made in it.")

    def __str__(self) -> str:
        year = str(self.year) if self.first_month == 1 else f"{self.year}–{self.year + 1}"
        return _("%(year)s, quarter %(number)s") % {"year": year, "number": self.quarter} if self.quarter else year


@dataclass(frozen=True, slots=True)
class Span:
    """Whole months from the one that begins on `first` to the one that begins on `last`."""

    first: date
    last: date

    @property
    def first_day(self) -> date:
        return self.first

    @property
    def last_day(self) -> date:
        return month_after(self.last) - timedelta(days=1)

    @property
    def months(self) -> list[date]:
        return months_between(self.first, self.last)

    @property
    def key(self) -> str:
        return f"{self.first:%Y-%m}-to-{self.last:%Y-%m}"

    @property
    def query(self) -> str:
        return f"first={self.first:%Y-%m}&last={self.last:%Y-%m}"

    @property
    def whole(self) -> str:
        return str(self)

    @property
    def when_told(self) -> str:
        return _("Months are shown once five applications are made in their year or quarter.")

    def __contains__(self, month: date) -> bool:
        return self.first <= month <= self.last

    def covers(self, period: FiscalYear | Self, *, until: date) -> bool:
        """Whether it has all months of the period that have begun by that day."""
        return all(month in self for month in period.months if month <= until)

    def __str__(self) -> str:
        return f"{date_format(self.first, 'M Y')} – {date_format(self.last, 'M Y')}"


def month_after(month: date) -> date:
    return date(month.year + month.month // MONTHS, month.month % MONTHS + 1, 1)


def months_between(first: date, last: date) -> list[date]:
    """The first day of each."""
    found = [first]
    while found[-1] < last:
        found.append(month_after(found[-1]))
    return found


def months_to_choose(periods: Sequence[FiscalYear]) -> list[date]:
    """Those of the periods, the newest first, without what has not begun."""
    until = max(local_today(), periods[0].first_day)
    return [month for month in reversed(months_between(periods[-1].months[0], periods[0].months[-1])) if month <= until]


def fiscal_year_of(day: date) -> FiscalYear:
    site = site_settings()
    return FiscalYear(site.fiscal_year(day), site.fiscal_year_start)


def periods_in(year: FiscalYear, quarters_from: int | None) -> list[FiscalYear]:
    """The year, or its quarters."""
    return year.quarters if quarters_from is not None and year.year >= quarters_from else [year]


def period_of(day: date) -> FiscalYear:
    found = periods_in(fiscal_year_of(day), one_row.current(FundSettings).quarters_from)
    return next(period for period in found if period.last_day >= day)


def periods() -> list[FiscalYear]:
    """From that of the first application to the one that runs, the newest first."""
    today, quarters_from = local_today(), one_row.current(FundSettings).quarters_from
    this = fiscal_year_of(today)
    ends = submitted().aggregate(first=Min("list_date"), last=Max("list_date"))
    first, newest = ends["first"] or this.first_day, max(ends["last"] or today, today)
    years = range(fiscal_year_of(first).year, fiscal_year_of(newest).year + 1)
    found = [part for year in years for part in periods_in(FiscalYear(year, this.first_month), quarters_from)]
    return [part for part in reversed(found) if part.first_day <= newest and part.last_day >= first]


def submitted() -> QuerySet[BenevolenceApplication]:
    return BenevolenceApplication.objects.exclude(application_date=None)


def check_change(values: Mapping[str, Any]) -> None:
    """Raises ValidationError where a year that could be read one way would now be shown the other way."""
    before, after = one_row.current(FundSettings).quarters_from, values.get("quarters_from")
    changed = [year for year in (before, after) if year is not None]
    if "quarters_from" not in values or before == after or not changed:
        return
    this = fiscal_year_of(local_today())
    is_unread = submitted().filter(list_date__gte=this.first_day)[:FEWEST].count() < FEWEST
    earliest = this.year if is_unread else this.year + 1
    if min(changed) < earliest:
        sentence = _("Choose %(year)s or a later year: a report of the years before could be read already.")
        raise ValidationError({"quarters_from": sentence % {"year": earliest}})


def check_year_start(values: Mapping[str, Any]) -> None:
    """Raises ValidationError where other fiscal years would be shown beside some that could be read already."""
    if values.get("fiscal_year_start", site_settings().fiscal_year_start) == site_settings().fiscal_year_start:
        return
    if submitted()[:FEWEST].count() >= FEWEST:
        sentence = _(
            "Reports of the fund could be read by the years of now; beside those of other years they would tell single "
            "months. Leave the month as it is."
        )
        raise ValidationError({"fiscal_year_start": sentence})
