"""Rows of an Excel workbook, read as a stream and with limits on what it unpacks to."""

import datetime
import xml.etree.ElementTree
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import openpyxl
from django.conf import settings
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from core.imports.refusals import (
    MAX_CELL,
    MAX_COLUMNS,
    FileRefused,
    cell_too_long,
    too_many_columns,
    too_many_rows,
    unreadable_workbook,
)

# What openpyxl, zipfile and the XML parser raise at files that are not what they claim to be.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    xml.etree.ElementTree.ParseError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
)
EXCEL_ROWS = 1_048_576
SUSPICIOUS_BYTES = 10 * 1024 * 1024
UNZIPPED_RATIO = 200
UNZIPPED_TIMES = 10
MAX_PARTS = 2_000


def refuse_bombs(file: BinaryIO) -> None:
    """Judge by the sizes in the archive's directory; the reader never unpacks more than they say.

    Raises FileRefused.
    """
    file.seek(0)
    try:
        parts = zipfile.ZipFile(file).infolist()
    except BROKEN as error:
        raise unreadable_workbook() from error
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise FileRefused(_("This is an archive, not a list. Unpack it and upload the XLSX or CSV file in it."))
    total = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts) or 1
    strings = sum(part.file_size for part in parts if part.filename.endswith("sharedStrings.xml"))
    if (
        len(parts) > MAX_PARTS
        or total > UNZIPPED_TIMES * settings.IMPORT_MAX_BYTES
        or strings > settings.IMPORT_MAX_BYTES
        or (total > SUSPICIOUS_BYTES and total / packed > UNZIPPED_RATIO)
    ):
        raise FileRefused(_("This Excel file unpacks to far more than a list holds. Save the list as CSV instead."))


@contextmanager
def _workbook(file: BinaryIO) -> Iterator[Any]:
    file.seek(0)
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except BROKEN as error:
        raise unreadable_workbook() from error
    try:
        yield book
    finally:
        if book.vba_archive:
            book.vba_archive.close()


def sheet_names(file: BinaryIO) -> list[str]:
    """The sheets that hold cells, in their order. Raises FileRefused."""
    with _workbook(file) as book:
        names = [sheet.title for sheet in book.worksheets]
    if not names:
        raise unreadable_workbook()
    return names


def read_sheet(file: BinaryIO, name: str) -> Iterator[list[str]]:
    """Every row of the sheet as text, blank ones too. Raises FileRefused."""
    with _workbook(file) as book:
        if name not in book.sheetnames:
            raise FileRefused(_("The workbook has no sheet of this name. Choose a sheet from the list."))
        sheet = book[name]
        sheet.reset_dimensions()
        rows = sheet.iter_rows(values_only=True)
        number = 0
        while True:
            number += 1
            try:
                row = next(rows, None)
            except BROKEN as error:
                raise unreadable_workbook() from error
            if row is None:
                return
            if number > EXCEL_ROWS:
                raise too_many_rows(EXCEL_ROWS)
            yield _texts(row, number)


def _texts(row: tuple[Any, ...], number: int) -> list[str]:
    if len(row) > MAX_COLUMNS:
        if any(value not in (None, "") for value in row[MAX_COLUMNS:]):
            raise too_many_columns(number)
        row = row[:MAX_COLUMNS]
    texts = [cell_text(value) for value in row]
    if max(map(len, texts), default=0) > MAX_CELL:
        raise cell_too_long(number)
    return texts


def cell_text(value: Any) -> str:
    """A cell as a person reads it: 101.0 is "101", a date at midnight is an ISO date."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case datetime.datetime() if value.time() == datetime.time():
            return value.date().isoformat()
        case datetime.datetime() | datetime.date() | datetime.time():
            return value.isoformat()
        case _:
            return str(value)
