"""A first reading of the whole file: whether all of it can be read, how many rows there are, how dates are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.imports.cells import DIGITS, plain_text
from core.imports.layout import Account, Layout, Source, data_rows

MONTHS = 12
SLIPS = 20  # one otherwise in as many is a slip
LEAST = 20  # fewer than one date in as many decide nothing: they may be slips themselves


@dataclass(slots=True)
class DateColumn:
    """What a column of dates shows of the order of day and month: how many dates are in digits, and how many of these
    can only be one.
    """

    day_first: int = 0
    month_first: int = 0
    dates: int = 0

    def take(self, text: str) -> None:
        """Read the cell as DateCell does."""
        if found := DIGITS.fullmatch(" ".join(plain_text(text).split())):
            first, second = int(found[1]), int(found[3])
            self.day_first += second <= MONTHS < first
            self.month_first += first <= MONTHS < second
            self.dates += 1

    @property
    def telling(self) -> int:
        return self.day_first + self.month_first

    @property
    def order(self) -> str | None:
        """ "mdy" or "dmy", though a few slips be otherwise; "" when the column contradicts itself, None when it does
        not tell, or so few of its dates do that they may be slips.
        """
        fewer, more = sorted((self.day_first, self.month_first))
        if not more or more * LEAST < self.dates:
            return None
        if fewer * SLIPS > more:
            return ""
        return "dmy" if self.day_first > self.month_first else "mdy"


@dataclass(slots=True)
class Survey:
    account: Account = field(default_factory=Account)
    dates: dict[str, DateColumn] = field(default_factory=dict)

    def orders(self) -> dict[str, str]:
        return {header: order for header, column in self.dates.items() if (order := column.order) is not None}


def survey(source: Source, layout: Layout, date_headers: Sequence[str]) -> Survey:
    """Raises FileRefused."""
    found = Survey(dates={header: DateColumn() for header in date_headers})
    columns = [(layout.headers.index(header), column) for header, column in found.dates.items()]
    for line in data_rows(source, layout, found.account):
        for index, column in columns:
            if index < len(line.cells) and (text := line.cells[index]):
                column.take(text)
    return found


def orders_in(samples: Mapping[str, Sequence[str]]) -> dict[str, DateColumn]:
    """The columns of a sample that hold dates in digits."""
    found = {}
    for header, values in samples.items():
        column = DateColumn()
        for text in values:
            column.take(text)
        if column.dates:
            found[header] = column
    return found
