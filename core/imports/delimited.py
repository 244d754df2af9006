"""Rows of a delimited text file. Every line of it belongs to a row, or the file is refused."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
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
    row_too_long,
    swallowed_rows,
    too_many_columns,
)

DELIMITERS = (",", ";", "\t", "|")
MAX_LINE = 4 * MAX_CELL
MAX_ROW = 10 * MAX_CELL
SAMPLE_LINES = 60
LINE_BREAK = re.compile(r"\r\n|\r|\n")
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
        yield from csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    except csv.Error:
        return


def read_delimited(file: BinaryIO, codec: str, delimiter: str, *, header_row: int = 0) -> Iterator[Line]:
    """Every row, blank ones too, so that counting gives the row number of a spreadsheet.

    Raises FileRefused at a NUL, an endless cell or line, too many columns, a quotation mark that does not close where a
    cell ends, and below the header a cell that holds whole rows: rows would vanish in that cell.
    """
    with _text(file, codec) as text:
        lines = _Lines(text, is_mixed=codec == MIXED)
        reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
        pattern, number = _Pattern(delimiter), 0
        while True:
            number += 1
            lines.forget()
            try:
                row = next(reader, None)
            except csv.Error as error:
                if "field larger" in str(error) or lines.size > MAX_CELL:
                    raise cell_too_long(number, lines.opened(delimiter)) from error
                raise quotation_mark_open(lines.opened(delimiter)) from error
            if row is None:
                return
            _require_sane(row, number, lines, delimiter)
            if number == header_row:
                pattern.learn(row, lines.taken)
            elif len(lines.taken) > 1 and (offset := pattern.swallowed(row, lines.taken[0])) is not None:
                raise swallowed_rows(lines.first + offset)
            yield Line(number, row[:MAX_COLUMNS], lines.notes(), len(lines.taken))


def _require_sane(row: list[str], number: int, lines: "_Lines", delimiter: str) -> None:
    if any(cell.strip() for cell in row[MAX_COLUMNS:]):
        raise too_many_columns(number)
    if max(map(len, row), default=0) > MAX_CELL:
        raise cell_too_long(number, lines.opened(delimiter))


class _Pattern:
    """How a row of the list looks, to tell rows inside a cell from notes of several lines.

    A further line of a cell, or its last one with the cells behind it, is a row of the list if it has as many cells as
    the header, is not written as prose is, with a space behind every delimiter (unless the list is written so too), and
    its first cell is of the kind of the row's own first cell: a number or code, or words; an empty one is of either.
    """

    def __init__(self, delimiter: str) -> None:
        self.delimiter, self.width, self.is_spaced = delimiter, 0, False

    def learn(self, header: Sequence[str], taken: Sequence[str]) -> None:
        self.width, self.is_spaced = len(header), self._has_spaces("".join(taken))

    def swallowed(self, row: Sequence[str], begins: str) -> int | None:
        """How many lines below the row's first line, `begins`, a cell opens that holds whole rows; None for none."""
        if self.width < 2:
            return None
        may_be_prose, above = not (self.is_spaced or self._has_spaces(begins.partition('"')[0])), 0
        for index, cell in enumerate(row):
            _first, *further = LINE_BREAK.split(cell)
            for at, text in enumerate(further, 1):
                behind = len(row) - index - 1 if at == len(further) else 0
                is_prose = may_be_prose and self._has_spaces(text)
                if not is_prose and self._is_row(text.split(self.delimiter), behind, row[0]):
                    return above
            above += len(further)
        return None

    def _has_spaces(self, text: str) -> bool:
        _first, *further = text.split(self.delimiter)
        return bool(further) and all(piece[:1].isspace() for piece in further)

    def _is_row(self, cells: list[str], behind: int, own: str) -> bool:
        while not behind and len(cells) > self.width and not cells[-1].strip():
            cells.pop()
        if len(cells) < 2 or len(cells) + behind != self.width:
            return False
        return not cells[0].strip() or not own.strip() or _is_code(cells[0]) == _is_code(own)


def _is_code(text: str) -> bool:
    """A number or a code, such as a member's number or a date: one word with a digit."""
    return len(text.split()) == 1 and any(character.isdigit() for character in text)


class _Lines:
    """The file's lines for the csv reader, which remembers those of the row that is being read."""

    def __init__(self, text: TextIO, *, is_mixed: bool) -> None:
        self.text, self.is_mixed = text, is_mixed
        self.number = 0
        self.taken: list[str] = []
        self.size = 0
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
        self.size += len(line)
        if len(self.taken) > MAX_CELL or self.size > MAX_ROW:
            raise row_too_long(self.first)
        return line

    def forget(self) -> None:
        self.taken, self.size, self.has_other_letters = [], 0, False

    @property
    def first(self) -> int:
        return self.number - len(self.taken) + 1

    def notes(self) -> tuple[str, ...]:
        if not self.has_other_letters:
            return ()
        return (_("A letter of this row was not UTF-8; it was read as Windows-1252. Check the names."),)

    def opened(self, delimiter: str) -> int:
        """The line in which the last quotation mark of the row opened a cell."""
        opened, inside, start, closed = self.first, False, True, False
        for offset, line in enumerate(self.taken):
            for char in line:
                if inside:
                    inside, closed = char != '"', char == '"'
                    continue
                if char == '"' and start:
                    opened = self.first + offset
                # A mark that follows a closing one stands for a mark in the cell.
                inside = char == '"' and (start or closed)
                start = char in (delimiter, "\n", "\r") or (start and char == " ")
                closed = False
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
