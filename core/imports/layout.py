"""Where the table is in a file: its format, sheet, header row and columns."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from itertools import islice, takewhile
from typing import Any, BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from openpyxl.utils import get_column_letter

from core.folding import words
from core.imports.delimited import detect_delimiter, read_delimited
from core.imports.encodings import detect_encoding
from core.imports.lines import Line, is_blank
from core.imports.refusals import FileRefused, empty_file, too_many_rows
from core.imports.workbook import Seen, Workbook, refuse_bombs

HEADER_SEARCH = 30
SAMPLE_ROWS = 200
MOST_SHEETS = 12
MOST_NAMED = 5
LONGEST_HEADER = 120
NUMBER_LIKE = re.compile(r"[\s$€(+-]*\d[\d\s.,:/()T+-]*%?")
OLE = b"\xd0\xcf\x11\xe0"


class Source:
    """An uploaded file. A workbook is opened once, whatever is read from it."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    @cached_property
    def workbook(self) -> Workbook:
        return Workbook(self.file)


@dataclass(frozen=True, slots=True)
class Layout:
    """Kept as JSON on the batch; everything that is needed to read the same rows again.

    `remarks` are sentences about the file for whoever matches its columns. `from_1904` says that a workbook counts
    its days from that year, as old Macs did.
    """

    format: str
    sentence: str = ""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: list[str] = field(default_factory=list)
    header_row: int = 0
    headers: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    from_1904: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def detect_layout(source: Source, known: frozenset[str], *, sheet: str = "", header_row: int = 0) -> Layout:
    """Find the table. `known` are the folded names a column of such a list goes by.

    A given sheet or header row is taken as it is. Raises FileRefused.
    """
    found, first, unread = _best_sheet(source, _detect_format(source, sheet), known, max(HEADER_SEARCH, header_row))
    if header_row:
        if not _filled(first.get(header_row, [])):
            raise FileRefused(_("Row %(number)s is empty, so it cannot be the header.") % {"number": header_row})
    else:
        header_row = _best_header(first, known)
    remarks = [*found.remarks, *_of_unread(unread)]
    return replace(found, header_row=header_row, headers=number_headers(first[header_row]), remarks=remarks)


def _best_sheet(
    source: Source, found: Layout, known: frozenset[str], depth: int
) -> tuple[Layout, dict[int, list[str]], list[str]]:
    """The layout with its first rows by number, and the other visible sheets that hold something; of a workbook's
    sheets the visible one with the best header, as covers come first.
    """
    options, visible = [found], list[str]()
    if found.format == "xlsx":
        visible = [sheet.name for sheet in source.workbook.sheets if not sheet.is_hidden]
        if not found.sheet:
            options = [replace(found, sheet=name) for name in visible or found.sheets]
    tables = [(option, _first_rows(source, option, depth)) for option in options[:MOST_SHEETS]]
    filled = [table for table in tables if any(_filled(row) for row in table[1].values())]
    if not filled:
        reached = any(len(rows) >= HEADER_SEARCH for _option, rows in tables)
        raise _no_header() if reached else empty_file()
    best, first = max(filled, key=lambda table: max(_header_score(row, known) for row in table[1].values()))
    looked_at = {option.sheet: bool(rows) for option, rows in tables}
    others = [name for name in visible if name != best.sheet]
    holding = [name for name in others[:MOST_SHEETS] if _holds_something(source, found, name, looked_at)]
    return best, first, holding + others[MOST_SHEETS:]


def _holds_something(source: Source, found: Layout, name: str, looked_at: Mapping[str, bool]) -> bool:
    """A sheet that cannot be read counts as holding something."""
    if name not in looked_at:
        try:
            return next(_lines(source, replace(found, sheet=name)), None) is not None
        except FileRefused:
            pass
    return looked_at.get(name, True)


def _of_unread(sheets: list[str]) -> list[str]:
    if not sheets:
        return []
    sentence = ngettext(
        "Another sheet was not read: %(sheets)s. To import it too, upload the file again and choose that sheet.",
        "Other sheets were not read: %(sheets)s. To import them too, upload the file again for each and choose it.",
        len(sheets),
    )
    return [sentence % {"sheets": ", ".join(sheets)}]


def _first_rows(source: Source, layout: Layout, depth: int) -> dict[int, list[str]]:
    return {line.number: line.cells for line in takewhile(lambda line: line.number <= depth, _lines(source, layout))}


def _detect_format(source: Source, sheet: str) -> Layout:
    source.file.seek(0)
    head = source.file.read(4096)
    if not head:
        raise empty_file()
    if head.startswith(b"PK\x03\x04"):
        return _workbook_layout(source, sheet)
    if sentence := what_it_is(head, source.file):
        raise FileRefused(sentence)
    encoding = detect_encoding(source.file)
    delimiter = detect_delimiter(source.file, encoding.codec)
    return Layout("csv", encoding.sentence, encoding=encoding.codec, delimiter=delimiter)


def _workbook_layout(source: Source, sheet: str) -> Layout:
    refuse_bombs(source.file)
    book = source.workbook
    names = [item.name for item in book.sheets]
    if sheet and sheet not in names:
        raise FileRefused(
            _("The workbook has no sheet “%(sheet)s”. Its sheets are: %(sheets)s.")
            % {"sheet": sheet, "sheets": ", ".join(names)}
        )
    remarks = []
    if hidden := [item.name for item in book.sheets if item.is_hidden and item.name != sheet]:
        remarks.append(
            ngettext(
                "A hidden sheet was not looked at: %(sheets)s.",
                "Hidden sheets were not looked at: %(sheets)s.",
                len(hidden),
            )
            % {"sheets": ", ".join(hidden[:MOST_NAMED])}
        )
    return Layout(
        "xlsx",
        _("The file is an Excel workbook."),
        sheet=sheet,
        sheets=names,
        remarks=remarks,
        from_1904=book.counts_from_1904,
    )


def what_it_is(head: bytes, file: BinaryIO) -> str:
    """For a file that is no list: what it is and what to do. "" for text."""
    begins = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head.startswith(OLE):
        return _old_excel(file)
    if begins.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<body", b"<head", b"<style")):
        return _("This is a web page, whatever its name says. Open it in Excel, save it as XLSX and upload that file.")
    if begins.startswith(b"<?xml") and (b"excel.sheet" in begins or b"schemas-microsoft-com:office" in begins):
        return _("This is an Excel 2003 XML sheet. Open it in Excel, save it as XLSX and upload that file.")
    if begins.startswith((b"<?xml", b"{\\rtf", b"%pdf", b'{"', b"[{")) or head.startswith(
        (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")
    ):
        return _("This is not a list. Save the list as CSV or XLSX and upload that file.")
    return ""


def _old_excel(file: BinaryIO) -> str:
    """The directory of such a file names what it holds."""
    file.seek(0)
    content = file.read(settings.IMPORT_MAX_BYTES)
    if "EncryptedPackage".encode("utf-16-le") in content:
        return _("This Excel file has a password. Open it, save it without one and upload it again.")
    return _("This Excel file is in the old format or has a password. Save it as XLSX without a password.")


def _lines(source: Source, layout: Layout, seen: Seen | None = None) -> Iterator[Line]:
    if layout.format == "xlsx":
        return source.workbook.rows(layout.sheet, seen)
    return read_delimited(source.file, layout.encoding, layout.delimiter, header_row=layout.header_row)


def _filled(row: list[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def _no_header() -> FileRefused:
    return FileRefused(
        _("No header was found in the first %(rows)s rows. Put the columns' names in one row above the list.")
        % {"rows": HEADER_SEARCH}
    )


def _best_header(rows: dict[int, list[str]], known: frozenset[str]) -> int:
    best, position = max((_header_score(row, known), -number) for number, row in rows.items())
    if best <= 0:
        raise _no_header()
    return -position


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


@dataclass(slots=True)
class Account:
    """Where every line of a file went: lines = above + blank + in rows, and rows = read + left aside."""

    lines: int = 0
    above: int = 0
    blank: int = 0
    rows: int = 0
    inside: int = 0  # further lines of rows with line breaks in a cell
    last: int = 0  # the row number of the last line
    seen: Seen = field(default_factory=Seen)

    def take(self, line: Line, header_row: int) -> bool:
        """Count the line; whether it is a row below the header that holds something."""
        gap, self.last = line.number - self.last - 1, line.number
        self.lines += gap + line.lines
        if line.number <= header_row:
            self.above += gap + line.lines
            return False
        self.blank += gap
        if is_blank(line.cells):
            self.blank += line.lines
        else:
            self.rows += 1
            self.inside += line.lines - 1
            return True
        return False

    def as_json(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in ("lines", "above", "blank", "rows", "inside")}


def data_rows(source: Source, layout: Layout, account: Account | None = None) -> Iterator[Line]:
    """Each row below the header that is not blank. Raises FileRefused."""
    account = account or Account()
    for line in _lines(source, layout, account.seen):
        if account.take(line, layout.header_row):
            if account.rows > settings.IMPORT_MAX_ROWS:
                raise too_many_rows(settings.IMPORT_MAX_ROWS)
            yield line


def samples(source: Source, layout: Layout) -> dict[str, list[str]]:
    """The first values of each column, for the proposal and for the person who matches."""
    columns: dict[str, list[str]] = {header: [] for header in layout.headers}
    for line in islice(data_rows(source, layout), SAMPLE_ROWS):
        for header, cell in zip(layout.headers, line.cells, strict=False):
            if text := cell.strip():
                columns[header].append(text)
    return columns
