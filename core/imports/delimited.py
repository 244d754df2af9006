"""Rows of a delimited text file. Every line of it belongs to a row, or the file is refused."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO, TextIO

from django.utils.translation import gettext as _

from core.imports.encodings import MIXED, Encoding, text_of_mixed
from core.imports.lines import Line
from core.imports.refusals import (
    MAX_CELL,
    MAX_COLUMNS,
    cell_too_long,
    holds_nul,
    quotation_mark_open,
    swallowed_rows,
    too_many_columns,
)

DELIMITERS = (",", ";", "\t", "|")
MAX_LINE = 4 * MAX_CELL
SAMPLE_LINES = 60
# Excel's own first line, which names the delimiter.
NAMED_DELIMITER = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)


def detect_delimiter(file: BinaryIO, codec: str) -> str:
    """The delimiter that the first line names; else the one that gives most rows the same number of cells, at least
    two; a comma when none does.
    """
    sample = []
    with _text(file, codec) as text:
        for _number in range(SAMPLE_LINES):
            if not (line := text.readline(MAX_LINE)):
                break
            sample.append(line.replace("\0", ""))
    if sample and (named := NAMED_DELIMITER.fullmatch(sample[0])):
        return named[1]
    best, best_score = ",", (0, 0)
    for delimiter in DELIMITERS:
        widths = Counter(len(row) for row in _tolerant(sample, delimiter) if len(row) > 1)
        width, rows = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        if (rows, width) > best_score:
            best, best_score = delimiter, (rows, width)
    return best


def _tolerant(lines: list[str], delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(lines, delimiter=delimiter)
    except csv.Error:
        return


def read_delimited(file: BinaryIO, codec: str, delimiter: str) -> Iterator[Line]:
    """Every row, blank ones too, so that counting gives the row number of a spreadsheet.

    Raises FileRefused at a NUL, an endless cell or line, too many columns, and a quotation mark that does not close
    where a cell ends: rows would vanish in that cell.
    """
    with _text(file, codec) as text:
        lines = _Lines(text, is_mixed=codec == MIXED)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        number = usual = 0
        while True:
            number += 1
            lines.forget()
            try:
                row = next(reader, None)
            except csv.Error as error:
                if "field larger" in str(error) or lines.size() > MAX_CELL:
                    raise cell_too_long(number, lines.opened(delimiter)) from error
                raise quotation_mark_open(lines.opened(delimiter)) from error
            if row is None:
                return
            _require_sane(row, number, lines, delimiter, usual)
            usual = usual or (number <= SAMPLE_LINES and len(row) > 2 and len(row)) or 0
            yield Line(number, row[:MAX_COLUMNS], lines.notes(), len(lines.taken))


def _require_sane(row: list[str], number: int, lines: "_Lines", delimiter: str, usual: int) -> None:
    if any(cell.strip() for cell in row[MAX_COLUMNS:]):
        raise too_many_columns(number)
    if max(map(len, row), default=0) > MAX_CELL:
        raise cell_too_long(number, lines.opened(delimiter))
    if (
        len(lines.taken) > 1
        and usual
        and any(_is_row(part, delimiter, usual) for cell in row for part in _within(cell))
    ):
        raise swallowed_rows(lines.first)


def _within(cell: str) -> list[str]:
    """The whole lines inside a cell; what stands before its first break and after its last is the row's own."""
    return cell.splitlines()[1:-1]


def _is_row(text: str, delimiter: str, usual: int) -> bool:
    return text.count(delimiter) == usual - 1


class _Lines:
    """The file's lines for the csv reader, which remembers those of the row that is being read."""

    def __init__(self, text: TextIO, *, is_mixed: bool) -> None:
        self.text, self.is_mixed = text, is_mixed
        self.number = 0
        self.taken: list[str] = []
        self.has_other_letters = False

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.text.readline(MAX_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if "\0" in line:
            raise holds_nul(self.number)
        if len(line) >= MAX_LINE and line[-1] not in "\r\n":
            raise cell_too_long(self.number, self.number)
        if self.is_mixed and not line.isascii():
            mended = text_of_mixed(line)
            self.has_other_letters = self.has_other_letters or mended != line
            line = mended
        self.taken.append(line)
        return line

    def forget(self) -> None:
        self.taken, self.has_other_letters = [], False

    @property
    def first(self) -> int:
        return self.number - len(self.taken) + 1

    def size(self) -> int:
        return sum(map(len, self.taken))

    def notes(self) -> tuple[str, ...]:
        if not self.has_other_letters:
            return ()
        return (_("A letter of this row was not UTF-8; it was read as Windows-1252. Check the names."),)

    def opened(self, delimiter: str) -> int:
        """The line in which the last quotation mark of the row opened a cell."""
        opened, inside, start = self.first, False, True
        for offset, line in enumerate(self.taken):
            for char in line:
                if inside:
                    inside = char != '"'
                elif char == '"' and start:
                    inside, opened = True, self.first + offset
                start = not inside and char in (delimiter, "\n", "\r")
        return opened


class _text:  # noqa: N801 - used as a function
    """A text view of the binary file that leaves the file open afterwards."""

    def __init__(self, file: BinaryIO, codec: str) -> None:
        file.seek(0)
        self.wrapper = io.TextIOWrapper(file, **Encoding.opening(codec), newline="")

    def __enter__(self) -> TextIO:
        return self.wrapper

    def __exit__(self, *_error: object) -> None:
        if not self.wrapper.closed:
            self.wrapper.detach()
