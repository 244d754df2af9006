import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.http import Http404

from core.web import exports

NEW_YORK = ZoneInfo("America/New_York")
HEADER = ["Name", "Amount", "Day", "Moment"]
ROWS = [
    ["=1+1", Decimal("12.50"), date(2026, 9, 1), datetime(2026, 1, 1, 4, 59, 59, 123, tzinfo=UTC)],
    ['Ann, “the” "boss"\nline', 0, None, None],
    ["Łukasz 李小龍", -3, "", ""],
]


by_the_clock = datetime.fromisoformat  # what spreadsheets hold: a moment without a zone


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(start):
    assert exports.cell(f"{start}cmd|'/c calc'!A0", NEW_YORK) == f"'{start}cmd|'/c calc'!A0"


@pytest.mark.parametrize("value", [True, 0, -5, 2.5, Decimal("-1.00"), date(2026, 9, 1), "a=b", "1-2", "", "'=1"])
def test_other_values_stay(value):
    found = exports.cell(value, NEW_YORK)
    assert (found, type(found)) == (value, type(value))


def test_nothing_is_empty_and_a_moment_is_told_by_the_local_clock():
    assert [exports.cell(value, NEW_YORK) for value in (None, ROWS[0][3])] == ["", by_the_clock("2025-12-31T23:59:59")]


def test_csv():
    answer = exports.response("csv", file_name="people", header=HEADER, rows=ROWS)
    text = b"".join(answer.streaming_content).decode()
    assert text[0] == "\ufeff"
    assert list(csv.reader(io.StringIO(text[1:]))) == [
        HEADER,
        ["'=1+1", "12.50", "2026-09-01", "2026-01-01 04:59:59"],
        ['Ann, “the” "boss"\nline', "0", "", ""],
        ["Łukasz 李小龍", "-3", "", ""],
    ]
    assert {name: answer[name] for name in ("Content-Type", "Content-Disposition", "X-Content-Type-Options")} == {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="people.csv"',
        "X-Content-Type-Options": "nosniff",
    }


def test_xlsx():
    answer = exports.response(
        "xlsx", file_name="people", header=HEADER, rows=[*ROWS, ["bell\x07 and \x0bmore", 1, "", ""]]
    )
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    cells = list(book.active.iter_rows())
    assert [[cell.value for cell in row] for row in cells] == [
        HEADER,
        ["'=1+1", 12.5, by_the_clock("2026-09-01"), by_the_clock("2026-01-01T04:59:59")],
        ['Ann, “the” "boss"\nline', 0, None, None],
        ["Łukasz 李小龍", -3, None, None],
        ["bell and more", 1, None, None],
    ]
    assert [cell.data_type for row in cells for cell in row].count("f") == 0
    assert answer["Content-Type"] == exports.XLSX
    assert answer["Content-Disposition"] == 'attachment; filename="people.xlsx"'
    assert (book.properties.creator, book.properties.title) == ("openpyxl", None)


def test_a_long_csv_leaves_in_parts(monkeypatch):
    monkeypatch.setattr(exports, "CHUNK", 10)
    parts = list(exports.csv_lines(["n"], ([number] for number in range(25)), UTC))
    assert [part.count("\n") for part in parts] == [0, 10, 10, 6]
    assert "".join(parts)[1:].split() == ["n", *map(str, range(25))]


@pytest.mark.parametrize("kind", ["pdf", "", "CSV", "../csv"])
def test_other_kinds_do_not_exist(kind):
    with pytest.raises(Http404):
        exports.response(kind, file_name="people", header=HEADER, rows=ROWS)
