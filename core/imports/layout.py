"""Where the table is in a file: its format, sheet, header row and columns."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from typing import Any, BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from core.folding import words
from core.imports.delimited import detect_delimiter, read_delimited
from core.imports.encodings import detect_encoding
from core.imports.refusals import FileRefused, empty_file, too_many_rows
from core.imports.workbook import read_sheet, refuse_bombs, sheet_names

HEADER_SEARCH = 30
SAMPLE_ROWS = 200
MOST_SHEETS = 12
LONGEST_HEADER = 120
NUMBER_LIKE = re.compile(r"[\s$€(+-]*\d[\d\s.,:/()T+-]*%?")
OLE = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Layout:
    """Kept as JSON on the batch; everything that is needed to read the same rows again."""

    format: str
    sentence: str = ""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: list[str] = field(default_factory=list)
    header_row: int = 0
    headers: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def detect_layout(file: BinaryIO, known: frozenset[str], *, sheet: str = "", header_row: int = 0) -> Layout:
    """Find the table. `known` are the folded names a column of such a list goes by.

    A given sheet or header row is taken as it is. Raises FileRefused.
    """
    found, first = _best_sheet(file, _detect_format(file, sheet), known, max(HEADER_SEARCH, header_row))
    if header_row:
        if header_row > len(first) or not _filled(first[header_row - 1]):
            raise FileRefused(_("Row %(number)s is empty, so it cannot be the header.") % {"number": header_row})
    else:
        header_row = _best_header(first, known)
    return replace(found, header_row=header_row, headers=number_headers(first[header_row - 1]))


def _best_sheet(file: BinaryIO, found: Layout, known: frozenset[str], depth: int) -> tuple[Layout, list[list[str]]]:
    """The layout with its first rows; of a workbook's sheets the one with the best header, as covers come first."""
    options = [found] if found.sheet or not found.sheets else [replace(found, sheet=name) for name in found.sheets]
    tables = [(option, list(islice(_rows(file, option), depth))) for option in options[:MOST_SHEETS]]
    filled = [table for table in tables if any(_filled(row) for row in table[1])]
    if not filled:
        raise _no_header() if any(len(rows) >= HEADER_SEARCH for _option, rows in tables) else empty_file()
    return max(filled, key=lambda table: max(_header_score(row, known) for row in table[1]))


def _detect_format(file: BinaryIO, sheet: str) -> Layout:
    file.seek(0)
    head = file.read(8)
    if not head:
        raise empty_file()
    if head.startswith(b"PK\x03\x04"):
        refuse_bombs(file)
        sheets = sheet_names(file)
        if sheet and sheet not in sheets:
            raise FileRefused(
                _("The workbook has no sheet “%(sheet)s”. Its sheets are: %(sheets)s.")
                % {"sheet": sheet, "sheets": ", ".join(sheets)}
            )
        return Layout("xlsx", _("The file is an Excel workbook."), sheet=sheet, sheets=sheets)
    if head.startswith(OLE):
        raise FileRefused(
            _("This Excel file is in the old format or has a password. Save it as XLSX without a password.")
        )
    if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"PK\x05\x06", b"\x1f\x8b")):
        raise FileRefused(_("This is not a list. Save the list as CSV or XLSX and upload that file."))
    encoding = detect_encoding(file)
    return Layout("csv", encoding.sentence, encoding=encoding.codec, delimiter=detect_delimiter(file, encoding.codec))


def _rows(file: BinaryIO, layout: Layout) -> Iterator[list[str]]:
    if layout.format == "xlsx":
        return read_sheet(file, layout.sheet)
    return read_delimited(file, layout.encoding, layout.delimiter)


def _filled(row: list[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def _no_header() -> FileRefused:
    return FileRefused(
        _("No header was found in the first %(rows)s rows. Put the columns' names in one row above the list.")
        % {"rows": HEADER_SEARCH}
    )


def _best_header(rows: list[list[str]], known: frozenset[str]) -> int:
    scores = [(_header_score(row, known), -index) for index, row in enumerate(rows)]
    best, position = max(scores)
    if best <= 0:
        raise _no_header()
    return 1 - position


def _header_score(row: list[str], known: frozenset[str]) -> int:
    """Different short texts count for a row, known names three times, numbers and dates against it."""
    cells = [cell.strip() for cell in row if cell.strip()]
    texts = {" ".join(words(cell)) for cell in cells if len(cell) <= LONGEST_HEADER and not NUMBER_LIKE.fullmatch(cell)}
    numbers = sum(1 for cell in cells if NUMBER_LIKE.fullmatch(cell))
    return len(texts - {""}) + 3 * len(texts & known) - 2 * numbers


def number_headers(row: list[str]) -> list[str]:
    """Names without repetition: the second "Phone" is "Phone (2)", a column without a name is "Column D"."""
    while row and not row[-1].strip():
        row = row[:-1]
    headers: list[str] = []
    taken: set[str] = set()
    for position, cell in enumerate(row, start=1):
        name = " ".join(cell.split())[:LONGEST_HEADER]
        name = base = name or _("Column %(letter)s") % {"letter": get_column_letter(position)}
        count = 1
        while name.casefold() in taken:
            count += 1
            name = f"{base} ({count})"
        taken.add(name.casefold())
        headers.append(name)
    return headers


def data_rows(file: BinaryIO, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """(row number in the file, cells) of each row below the header that is not blank. Raises FileRefused."""
    count = 0
    for number, row in enumerate(_rows(file, layout), start=1):
        if number <= layout.header_row or not _filled(row):
            continue
        count += 1
        if count > settings.IMPORT_MAX_ROWS:
            raise too_many_rows(settings.IMPORT_MAX_ROWS)
        yield number, row


def samples(file: BinaryIO, layout: Layout) -> dict[str, list[str]]:
    """The first values of each column, for the proposal and for the person who matches."""
    columns: dict[str, list[str]] = {header: [] for header in layout.headers}
    for _number, row in islice(data_rows(file, layout), SAMPLE_ROWS):
        for header, cell in zip(layout.headers, row, strict=False):
            if text := cell.strip():
                columns[header].append(text)
    return columns
