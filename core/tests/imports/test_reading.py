"""Which rows the importer reads out of a file, and the sentence for each file that it cannot read."""

import datetime
import io
import zipfile

import openpyxl
import pytest

from core.imports.layout import Source, data_rows, detect_layout, number_headers
from core.imports.refusals import MAX_CELL, FileRefused
from core.imports.workbook import cell_text

KNOWN = frozenset({"number", "name", "city", "born"})
TEXT = "Number,Name,City\n1,José Núñez,Peoria\n2,Ann Lee,Pekin\n"
ROWS = [(2, ["1", "José Núñez", "Peoria"]), (3, ["2", "Ann Lee", "Pekin"])]


def read(content, **options):
    source = Source(io.BytesIO(content))
    layout = detect_layout(source, KNOWN, **options)
    return layout, [(line.number, line.cells) for line in data_rows(source, layout)]


def refusal(content, **options):
    with pytest.raises(FileRefused) as caught:
        read(content, **options)
    return caught.value.sentence


def workbook(*sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "codec", "name"),
    [
        (TEXT.encode(), "utf-8", "UTF-8"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8-sig", "UTF-8"),
        (TEXT.encode("utf-16"), "utf-16", "UTF-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16", "UTF-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le", "UTF-16-LE"),
        (TEXT.encode("utf-16-be"), "utf-16-be", "UTF-16-BE"),
        (TEXT.encode("utf-32"), "utf-32", "UTF-32"),
        (TEXT.encode("cp1252"), "cp1252", "Windows-1252"),
    ],
)
def test_encodings(content, codec, name):
    layout, rows = read(content)

    assert layout.encoding == codec
    assert layout.headers == ["Number", "Name", "City"]
    assert rows == ROWS
    assert name in layout.sentence


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(delimiter, line_end):
    layout, rows = read(TEXT.replace(",", delimiter).replace("\n", line_end).encode())

    assert (layout.delimiter, rows) == (delimiter, ROWS)


def test_mixed_line_ends_quotes_and_ragged_rows():
    content = b'Number,Name,City\r\n1,"Lee, ""Ann""","Two\nlines"\r2,Short\n\n3,Long,Pekin,,\r\n4,Longer,Pekin,more\n'

    _layout, rows = read(content)

    assert rows == [
        (2, ["1", 'Lee, "Ann"', "Two\nlines"]),
        (3, ["2", "Short"]),
        (5, ["3", "Long", "Pekin", "", ""]),
        (6, ["4", "Longer", "Pekin", "more"]),
    ]


def test_titles_above_the_header_are_passed_over():
    titles = "Local 77 membership list\nPrinted 2026-11-20,,\n\n"

    layout, rows = read((titles + TEXT).encode())

    assert (layout.header_row, layout.headers) == (4, ["Number", "Name", "City"])
    assert rows == [(number + 3, cells) for number, cells in ROWS]


def test_a_header_row_may_be_given():
    layout, rows = read(TEXT.encode(), header_row=2)

    assert (layout.headers, rows) == (["1", "José Núñez", "Peoria"], ROWS[1:])
    assert refusal(TEXT.encode(), header_row=9) == "Row 9 is empty, so it cannot be the header."


def test_headers_are_numbered_and_named():
    assert number_headers(["Phone", " phone ", "", "PHONE", "Zip\ncode", "", ""]) == [
        "Phone",
        "phone (2)",
        "Column C",
        "PHONE (3)",
        "Zip code",
    ]


def test_a_formula_counts_by_its_value():
    row = '<row r="2"><c r="A2"><f>100+1</f><v>101</v></c><c r="B2" t="str"><f>"Ann"</f><v>Ann</v></c></row>'

    assert read(with_sheet(row))[1] == [(2, ["101", "Ann"])]


def test_a_workbook_gives_dates_and_numbers():
    content = workbook(
        ("Notes", [["Nothing here"]]),
        (
            "List",
            [
                ["Members of local 77"],
                ["Number", "Name", "Born", "Rate", "Active"],
                [101.0, "Ann Lee", datetime.date(1980, 2, 3), 31.5, True],
                [None, None, None, None, None],
                [102, "José Núñez", datetime.datetime(1981, 1, 1, 10, 30), 30, None],  # noqa: DTZ001
            ],
        ),
    )

    layout, rows = read(content, sheet="List")

    assert layout.format == "xlsx"
    assert layout.sheets == ["Notes", "List"]
    assert layout.sheet == "List"
    assert layout.header_row == 2
    assert rows == [
        (3, ["101", "Ann Lee", "1980-02-03", "31.5", "TRUE"]),
        (5, ["102", "José Núñez", "1981-01-01T10:30:00", "30"]),
    ]
    assert refusal(content, sheet="Nope") == "The workbook has no sheet “Nope”. Its sheets are: Notes, List."


def test_the_sheet_with_the_best_header_is_taken():
    cover, table = ("Cover", [["Local 77"], ["Printed in November"]]), ("2026", [["Number", "Name"], [1, "Ann Lee"]])

    layout, rows = read(workbook(("Empty", []), cover, table))

    assert layout.sheet == "2026"
    assert layout.sheets == ["Empty", "Cover", "2026"]
    assert rows == [(2, ["1", "Ann Lee"])]
    assert refusal(workbook(("Empty", []))) == "The file is empty. Choose the file that holds the list."


def test_cells_as_text():
    assert [cell_text(value) for value in (None, 7, 7.0, 0.25, False, "x", datetime.time(7, 5))] == [
        "",
        "7",
        "7",
        "0.25",
        "FALSE",
        "x",
        "07:05:00",
    ]


DAMAGED = "This Excel file is damaged or protected. Open it in Excel, save a copy and upload the copy."
REFUSED = {
    "empty": (b"", "The file is empty. Choose the file that holds the list."),
    "only blank lines": (b"\n \n,,\n", "The file is empty. Choose the file that holds the list."),
    "NUL": (
        b"Number,Name\n1,A\0nn\n",
        "Row 2 holds a NUL character, so this is not a clean text file."
        " Save the list as CSV (UTF-8) or XLSX and upload it again.",
    ),
    "no header": (
        b"1,2,3\n4,5,6\n",
        "No header was found in the first 30 rows. Put the columns' names in one row above the list.",
    ),
    "cut UTF-16": (
        b"\xff\xfeN\0a\0m",
        "The file's letters cannot be read. In Excel, save it as “CSV UTF-8” or as XLSX and upload it again.",
    ),
    "not any encoding": (
        b"Number,Name\n1,\x81\x8d\x9d\n",
        "The file's letters cannot be read. In Excel, save it as “CSV UTF-8” or as XLSX and upload it again.",
    ),
    "old Excel": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "This Excel file is in the old format or has a password. Save it as XLSX without a password.",
    ),
    "a PDF": (b"%PDF-1.7\n", "This is not a list. Save the list as CSV or XLSX and upload that file."),
    "a cut zip": (b"PK\x03\x04rubbish", DAMAGED),
    "too many columns": (
        b"Number,Name\n1,Ann" + b",x" * 400,
        "Row 2 has more than 300 columns. Delete the columns you do not need and upload it again.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_a_sentence(case):
    content, sentence = REFUSED[case]

    assert refusal(content) == sentence


@pytest.mark.parametrize("text", ["x" * 10_000_000, "x " * 5_000_000, '"' + "x\n" * 5_000_000])
def test_a_cell_of_10_mb_is_refused(text):
    assert "holds more than 100,000 characters" in refusal(f"Number,Name\n1,{text}\n".encode())


def test_a_cell_of_10_mb_in_a_workbook_is_refused():
    # openpyxl itself cuts at Excel's limit when it writes, so the sheet is written here.
    sheet = '<c r="B2" t="inlineStr"><is><t>' + "x" * (MAX_CELL + 1) + "</t></is></c>"

    assert "holds more than 100,000 characters" in refusal(with_sheet(f'<row r="2">{sheet}</row>'))


def with_sheet(rows, *, name="xl/worksheets/sheet1.xml", prolog=""):
    """Make a workbook: its first sheet has the header and then the given XML."""
    source, target = zipfile.ZipFile(io.BytesIO(workbook(("List", [["Number", "Name"]])))), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        for part in source.infolist():
            content = source.read(part)
            if part.filename == name:
                content = content.replace(b"</sheetData>", rows.encode() + b"</sheetData>")
                content = prolog.encode() + content
            book.writestr(part.filename, content)
    return target.getvalue()


def test_a_zip_bomb_is_refused():
    content = with_sheet("<row/>" * 4_000_000)

    assert len(content) < 100_000
    assert refusal(content) == "This Excel file unpacks to far more than a list holds. Save the list as CSV instead."


def test_an_entity_bomb_is_refused():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    cell = '<row r="2"><c r="A2" t="inlineStr"><is><t>&b;</t></is></c></row>'

    assert refusal(with_sheet(cell, prolog=bomb)) == DAMAGED


def test_an_archive_that_is_no_workbook_is_refused():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("list.csv", TEXT)

    assert refusal(target.getvalue()) == (
        "This is an archive, not a list. Unpack it and upload the XLSX or CSV file in it."
    )


def test_the_row_limit(settings):
    settings.IMPORT_MAX_ROWS = 2
    assert read(TEXT.encode())[1] == ROWS

    assert refusal((TEXT + "3,Third,Pekin\n").encode()) == (
        "The file has more than 2 rows. Split it into smaller files."
    )
