"""Lists as files for spreadsheets: text that looks like a formula is made harmless, numbers stay numbers."""

import csv
import datetime as dt
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.http import FileResponse, Http404, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter

CHUNK = 1_000
COLUMN_WIDTH = 20
FORMATS = {"xlsx": _("Excel (XLSX)"), "csv": _("Text (CSV)")}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A spreadsheet would run what begins with one of these; full-width forms are folded to them by some programs.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")


def cell(value: Any, zone: dt.tzinfo) -> Any:
    """What a spreadsheet may get: numbers and dates as they are, moments by the clock of `zone` (spreadsheets know no
    zones), a would-be formula behind an apostrophe.
    """
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.astimezone(zone).replace(tzinfo=None, microsecond=0)
    if isinstance(value, bool | int | float | Decimal | dt.date):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def response(kind: str, *, file_name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponseBase:
    """`rows` as a download of `kind`; raises Http404 for a kind that is not in FORMATS."""
    if kind not in FORMATS:
        raise Http404
    name = f"{file_name}.{kind}"
    zone = timezone.get_current_timezone()  # a streamed answer is written when the request's own zone is gone
    if kind == "csv":
        answer: HttpResponseBase = StreamingHttpResponse(
            csv_lines(header, rows, zone), content_type="text/csv; charset=utf-8"
        )
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    else:
        answer = FileResponse(xlsx_file(header, rows, zone), as_attachment=True, filename=name, content_type=XLSX)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]], zone: dt.tzinfo) -> Iterator[str]:
    """UTF-8 with a byte order mark, which Excel needs to read accents."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield "\ufeff"
    for number, row in enumerate(_with_header(header, rows)):
        writer.writerow([cell(value, zone) for value in row])
        if number % CHUNK == CHUNK - 1:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def xlsx_file(header: Sequence[str], rows: Iterable[Sequence[Any]], zone: dt.tzinfo) -> Any:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("List")
    sheet.freeze_panes = "A2"
    for number in range(1, len(header) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = COLUMN_WIDTH
    for row in _with_header(header, rows):
        sheet.append([_printable(cell(value, zone)) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115  (FileResponse closes it)
    book.save(file)
    file.seek(0)
    return file


def _with_header(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    yield header
    yield from rows


def _printable(value: Any) -> Any:
    return ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
