"""Rows of an Excel workbook, read as a stream and with limits on what it unpacks to.

The parts are read here and not by openpyxl, which says neither which rows are hidden nor which cells are merged, and
cannot tell a formula without a stored value from an empty cell.
"""

import datetime
import lzma
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from xml.etree import ElementTree
from xml.parsers import expat

from django.conf import settings
from django.utils.translation import gettext as _
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904, WINDOWS_EPOCH, from_excel, from_ISO8601

from core.imports.lines import Line, is_blank
from core.imports.refusals import (
    MAX_CELL,
    MAX_COLUMNS,
    FileRefused,
    cell_too_long,
    cells_out_of_order,
    too_many_columns,
    too_many_rows,
    unreadable_workbook,
)

# What zipfile and the XML parser raise at files that are not what they claim to be.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    ElementTree.ParseError,
    expat.ExpatError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    NotImplementedError,
)
EXCEL_ROWS = 1_048_576
EXCEL_COLUMNS = 16_384
# Of one row with its cells and their parts, of one shared text with its pieces.
MOST_ELEMENTS = 8 * EXCEL_COLUMNS
MOST_SILENT = 10 * MAX_CELL  # bytes without an element
SUSPICIOUS_BYTES = 10 * 1024 * 1024
UNZIPPED_RATIO = 200
UNZIPPED_TIMES = 10
# Whatever is no sheet and no text: these parts are read as a whole.
SMALL_PARTS = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml")
LARGEST_SMALL = 10 * 1024 * 1024
MAX_PARTS = 2_000
CHUNK = 1 << 16
# What a formula's cell says when the program that wrote the file did not calculate it.
NO_VALUE = "#FORMULA!"
MERGED = re.compile(rb"<(?:\w+:)?mergeCell [^<>]{0,200}?ref=\"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})\"")
LONGEST_TAG = 200
MOST_MERGES = 100_000


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
        raise FileRefused(_archive(file, {part.filename for part in parts}))
    total = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts) or 1
    strings = sum(part.file_size for part in parts if part.filename.endswith("sharedStrings.xml"))
    if (
        len(parts) > MAX_PARTS
        or total > UNZIPPED_TIMES * settings.IMPORT_MAX_BYTES
        or strings > settings.IMPORT_MAX_BYTES
        or any(part.file_size > LARGEST_SMALL for part in parts if part.filename in SMALL_PARTS)
        or (total > SUSPICIOUS_BYTES and total / packed > UNZIPPED_RATIO)
    ):
        raise FileRefused(_("This Excel file unpacks to far more than a list holds. Save the list as CSV instead."))


def _archive(file: BinaryIO, names: set[str]) -> str:
    """What an archive that is no workbook is, and what to do."""
    if "mimetype" in names and _mime_type(file) == "application/vnd.oasis.opendocument.spreadsheet":
        return _("This is an OpenDocument sheet (.ods). Save it as Excel (XLSX) or CSV and upload that file.")
    if "xl/workbook.bin" in names:
        return _("This is a binary workbook (.xlsb). In Excel, save it as XLSX and upload that file.")
    if "Index/Document.iwa" in names:
        return _("This is a Numbers document. In Numbers, export it to Excel or CSV and upload that file.")
    if "word/document.xml" in names:
        return _("This is a Word document. Copy its table into Excel, save that as XLSX and upload it.")
    return _("This is an archive, not a list. Unpack it and upload the XLSX or CSV file in it.")


def _mime_type(file: BinaryIO) -> str:
    """What the archive says that it is; "" where that cannot be read."""
    try:
        with zipfile.ZipFile(file) as archive, archive.open("mimetype") as part:
            return part.read(100).decode("ascii", "replace").strip()
    except BROKEN:
        return ""


@dataclass(slots=True)
class Sheet:
    name: str
    part: str
    is_hidden: bool = False


@dataclass(slots=True)
class Seen:
    """What a person should know of a sheet, counted while it is read."""

    hidden_rows: int = 0
    filled: list[str] = field(default_factory=list)
    formulas: int = 0


class Workbook:
    """An opened workbook: its sheets, and its texts and formats once they are needed. Raises FileRefused."""

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        try:
            self.archive = zipfile.ZipFile(file)
            self._read_parts()
        except BROKEN as error:
            raise unreadable_workbook() from error
        if not self.sheets:
            raise unreadable_workbook()
        self._texts: list[str] | None = None
        self._kinds: list[str] | None = None
        self._merges: dict[str, dict[int, list[tuple[int, int]]]] = {}  # by sheet, which is read more than once

    def _read_parts(self) -> None:
        book = self._tree("xl/workbook.xml")
        targets = {
            item.get("Id"): posixpath.normpath(posixpath.join("/xl", item.get("Target", ""))).lstrip("/")
            for item in self._tree("xl/_rels/workbook.xml.rels")
        }
        names = set(self.archive.namelist())
        self.sheets: list[Sheet] = []
        self.epoch = WINDOWS_EPOCH
        for element in book.iter():
            if local(element) == "workbookPr" and element.get("date1904") in ("1", "true", "on"):
                self.epoch = CALENDAR_MAC_1904
            if local(element) == "sheet":
                key = next((value for name, value in element.items() if name.endswith("}id")), "")
                if (part := targets.get(key, "")) in names and "worksheets/" in part:
                    hidden = element.get("state", "visible") != "visible"
                    self.sheets.append(Sheet(element.get("name", ""), part, hidden))

    @property
    def counts_from_1904(self) -> bool:
        return self.epoch == CALENDAR_MAC_1904

    def _tree(self, part: str) -> ElementTree.Element:
        parser = ElementTree.XMLPullParser(("end",))
        root = None
        for _event, element in self._events(part, parser):
            root = element
        if root is None:
            raise ValueError(part)
        return root

    def _events(self, part: str, parser: ElementTree.XMLPullParser) -> Iterator[tuple[str, Any]]:
        with self.archive.open(part) as stream:
            refuse_entities(stream)
        silent = 0
        with self.archive.open(part) as stream:
            while chunk := stream.read(CHUNK):
                parser.feed(chunk)
                silent += len(chunk)
                for event in parser.read_events():
                    silent = 0
                    yield event
                if silent > MOST_SILENT:
                    raise unreadable_workbook()
            parser.close()
            yield from parser.read_events()

    @property
    def texts(self) -> list[str]:
        """The shared texts, which cells name by number."""
        if self._texts is None:
            self._texts = []
            if "xl/sharedStrings.xml" in self.archive.namelist():
                self._texts = list(self._shared_texts())
        return self._texts

    def _shared_texts(self) -> Iterator[str]:
        whole, waiting = None, 0
        for event, element in self._events("xl/sharedStrings.xml", ElementTree.XMLPullParser(("start", "end"))):
            waiting += event == "end"
            if whole is None:
                whole = element
            elif event == "end" and local(element) == "si":
                yield text_in(element)
                whole.clear()
                waiting = 0
            elif waiting > MOST_ELEMENTS:
                raise unreadable_workbook()

    @property
    def kinds(self) -> list[str]:
        """What each style makes of a number: "day", "month" (a date shown without its day), or "" for a number."""
        if self._kinds is None:
            self._kinds = self._read_kinds() if "xl/styles.xml" in self.archive.namelist() else []
        return self._kinds

    def _read_kinds(self) -> list[str]:
        own: dict[int, str] = {}
        kinds: list[str] = []
        for element in self._tree("xl/styles.xml"):
            if local(element) == "numFmts":
                own = {int(item.get("numFmtId", 0)): item.get("formatCode", "") for item in element}
            if local(element) == "cellXfs":
                for item in element:
                    number = int(item.get("numFmtId", 0))
                    kinds.append(_kind_of(own.get(number) or BUILTIN_FORMATS.get(number, "General")))
        return kinds

    def sheet(self, name: str) -> Sheet:
        found = next((sheet for sheet in self.sheets if sheet.name == name), None)
        if found is None:
            raise FileRefused(_("The workbook has no sheet of this name. Choose a sheet from the list."))
        return found

    def rows(self, name: str, seen: Seen | None = None) -> Iterator[Line]:
        """The rows of the sheet that hold something, as text. Raises FileRefused."""
        sheet = self.sheet(name)
        reader = SheetReader(self, seen or Seen())
        rows = reader.read(sheet.part)
        while True:
            try:
                line = next(rows, None)
            except BROKEN as error:
                raise unreadable_workbook() from error
            if line is None:
                return
            yield line

    def merges(self, part: str) -> dict[int, list[tuple[int, int]]]:
        """Cells merged downwards: first row → (column, last row). They stand behind the rows in the file."""
        if part not in self._merges:
            self._merges[part] = self._read_merges(part)
        return self._merges[part]

    def _read_merges(self, part: str) -> dict[int, list[tuple[int, int]]]:
        found: dict[int, list[tuple[int, int]]] = {}
        rest, count = b"", 0
        with self.archive.open(part) as stream:
            while chunk := stream.read(1 << 20):
                text = rest + chunk
                for match in MERGED.finditer(text):
                    left, top, bottom = column_index_from_string(match[1].decode()), int(match[2]), int(match[4])
                    if bottom > top and count < MOST_MERGES:
                        count += 1
                        found.setdefault(top, []).append((left - 1, bottom))
                last = text.rfind(b"<")
                rest = text[last:] if last > len(text) - LONGEST_TAG else b""
        return found


class SheetReader:
    """Reads one sheet: numbers by their formats, merged cells with the value of their first."""

    def __init__(self, book: Workbook, seen: Seen) -> None:
        self.book, self.seen = book, seen
        self.space = ""  # the namespace before each name, with its braces
        self.columns: dict[str, int] = {}  # of the letters that were seen

    def read(self, part: str) -> Iterator[Line]:
        merges, waiting = self.book.merges(part), dict[int, tuple[int, str]]()
        number = 0
        for element in self._row_elements(part):
            at = int(element.get("r") or number + 1)
            if at <= number or at > EXCEL_ROWS:
                raise too_many_rows(EXCEL_ROWS) if at > EXCEL_ROWS else ValueError("rows out of order")
            number = at
            cells = self._cells(element, number)
            if merges or waiting:
                self._fill(number, cells, merges, waiting)
            if not is_blank(cells):
                is_hidden = element.get("hidden") in ("1", "true")
                self.seen.hidden_rows += is_hidden
                yield Line(number, cells, (_("This row is hidden in the workbook."),) if is_hidden else ())

    def _row_elements(self, part: str) -> Iterator[Any]:
        """Each row with its cells, and no more in memory than one row may hold."""
        rows, row, cell = None, "", ""
        waiting = cells = 0
        for event, element in self.book._events(part, ElementTree.XMLPullParser(("start", "end"))):
            waiting += event == "end"
            if rows is None:
                if local(element) == "sheetData":
                    rows, self.space = element, element.tag.removesuffix("sheetData")
                    row, cell = f"{self.space}row", f"{self.space}c"
            elif event == "end":
                if element.tag == row:
                    yield element
                    rows.clear()
                    waiting = cells = 0
                elif element is rows:
                    return
                elif element.tag == cell:
                    cells += 1
            if waiting > MOST_ELEMENTS or cells > EXCEL_COLUMNS:
                raise unreadable_workbook()

    def _cells(self, row: Any, number: int) -> list[str]:
        cells: list[str] = []
        following = 0  # where a cell without a reference stands, be the one before it empty or not
        for cell in row.iterfind(f"{self.space}c"):
            reference = cell.get("r")
            column = self._column(reference) if reference else following
            if column < following:
                raise cells_out_of_order(number)
            following = column + 1
            if not (text := self._text(cell)):
                continue
            if column >= MAX_COLUMNS:
                raise too_many_columns(number)
            if len(text) > MAX_CELL:
                raise cell_too_long(number)
            cells += [""] * (column - len(cells))
            cells.append(text)
        return cells

    def _column(self, reference: str) -> int:
        """From nought, of "C7"."""
        letters = reference.rstrip("0123456789")
        if letters not in self.columns:
            self.columns[letters] = column_index_from_string(letters) - 1
        return self.columns[letters]

    def _text(self, cell: Any) -> str:
        kind, space = cell.get("t"), self.space
        value = cell.findtext(f"{space}v")
        if kind == "s" and value:
            return self.book.texts[int(value)]
        if not value:
            if kind == "inlineStr" and (inline := cell.find(f"{space}is")) is not None:
                return text_in(inline)
            if kind != "str" and cell.find(f"{space}f") is not None:
                self.seen.formulas += 1
                return NO_VALUE
            return ""
        if kind is None or kind == "n":
            return self._number(value, cell.get("s"))
        if kind == "b":
            return "TRUE" if value in ("1", "true") else "FALSE"
        return cell_text(from_ISO8601(value)) if kind == "d" else value

    def _number(self, value: str, style: str | None) -> str:
        kind = ""
        if style and style != "0":
            kinds = self.book.kinds
            kind = kinds[int(style)] if int(style) < len(kinds) else ""
        if not kind:
            return value if value.isdecimal() else cell_text(float(value))
        try:
            moment = from_excel(float(value), self.book.epoch)
        except (ValueError, OverflowError):
            return value
        text = cell_text(moment)
        # Whoever typed "Dec-24" got the first of December.
        return text[:7] if kind == "month" and len(text) == 10 and text.endswith("-01") else text

    def _fill(
        self,
        number: int,
        cells: list[str],
        merges: dict[int, list[tuple[int, int]]],
        waiting: dict[int, tuple[int, str]],
    ) -> None:
        for column, (last, text) in list(waiting.items()):
            if number > last:
                del waiting[column]
            elif column >= len(cells) or not cells[column]:
                cells += [""] * (column + 1 - len(cells))
                cells[column] = text
        for column, last in merges.get(number, ()):
            if column < len(cells) and cells[column]:
                waiting[column] = (last, cells[column])
                letter = get_column_letter(column + 1)
                self.seen.filled.append(f"{letter}{number}:{letter}{last}")


def local(element: Any) -> str:
    return element.tag.rpartition("}")[2]


def text_in(element: Any) -> str:
    """The text of an item in its pieces, without what says how to pronounce it."""
    pieces = []
    for part in element:
        name = local(part)
        if name == "t":
            pieces.append(part.text or "")
        elif name == "r":
            pieces += [piece.text or "" for piece in part if local(piece) == "t"]
    return "".join(pieces).replace("_x000D_", "\r")


def refuse_entities(stream: Any) -> None:
    """Raise ValueError for a part that declares a document type: the beginning of every attack by entities."""
    parser = expat.ParserCreate()

    def declared(*_details: Any) -> None:
        raise ValueError("document type")

    begun: list[str] = []
    parser.StartDoctypeDeclHandler = declared
    parser.StartElementHandler = lambda name, _attributes: begun.append(name)
    while not begun and (chunk := stream.read(CHUNK)):
        parser.Parse(chunk)


def _kind_of(code: str) -> str:
    if not is_date_format(code):
        return ""
    plain = re.sub(r"\[[^\]]*\]|\"[^\"]*\"|\\.", "", code).lower()
    return "month" if "y" in plain and "d" not in plain and "h" not in plain else "day"


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
