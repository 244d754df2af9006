"""Rows of a delimited text file."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO, TextIO

from core.imports.refusals import MAX_CELL, MAX_COLUMNS, cell_too_long, holds_nul, too_many_columns

DELIMITERS = (",", ";", "\t", "|")
MAX_LINE = 4 * MAX_CELL
SAMPLE_LINES = 60


def detect_delimiter(file: BinaryIO, codec: str) -> str:
    """The delimiter that gives most rows the same number of cells, at least two; a comma when none does."""
    sample = []
    with _text(file, codec) as text:
        for _number in range(SAMPLE_LINES):
            if not (line := text.readline(MAX_LINE)):
                break
            sample.append(line.replace("\0", ""))
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


def read_delimited(file: BinaryIO, codec: str, delimiter: str) -> Iterator[list[str]]:
    """Every row, blank ones too, so that counting gives the row number of a spreadsheet.

    Raises FileRefused at a NUL, an endless cell or line, or too many columns.
    """
    with _text(file, codec) as text:
        reader = csv.reader(_lines(text), delimiter=delimiter)
        number = 0
        while True:
            number += 1
            try:
                row = next(reader, None)
            except csv.Error as error:
                raise cell_too_long(number) from error
            if row is None:
                return
            if len(row) > MAX_COLUMNS:
                if any(cell.strip() for cell in row[MAX_COLUMNS:]):
                    raise too_many_columns(number)
                row = row[:MAX_COLUMNS]
            if max(map(len, row), default=0) > MAX_CELL:
                raise cell_too_long(number)
            yield row


def _lines(text: TextIO) -> Iterator[str]:
    number = 0
    while line := text.readline(MAX_LINE):
        number += 1
        if "\0" in line:
            raise holds_nul(number)
        if len(line) >= MAX_LINE and line[-1] not in "\r\n":
            raise cell_too_long(number)
        yield line


class _text:  # noqa: N801 - used as a function
    """A text view of the binary file that leaves the file open afterwards."""

    def __init__(self, file: BinaryIO, codec: str) -> None:
        file.seek(0)
        self.wrapper = io.TextIOWrapper(file, encoding=codec, newline="")

    def __enter__(self) -> TextIO:
        return self.wrapper

    def __exit__(self, *_error: object) -> None:
        if not self.wrapper.closed:
            self.wrapper.detach()
