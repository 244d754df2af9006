"""Which rows the importer reads out of a file, and the sentence for each file that it cannot read."""

import datetime
import io
import time
import tracemalloc
import zipfile

import openpyxl
import pytest
from openpyxl.utils.datetime import MAC_EPOCH

from core.imports.encodings import mended
from core.imports.layout import Account, Source, data_rows, detect_layout, number_headers
from core.imports.refusals import MAX_CELL, FileRefused
from core.imports.workbook import NO_VALUE, cell_text

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


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        ("<c><v>1</v></c><c><v>2</v></c><c><v>3</v></c><c/><c><v>5</v></c>", ["1", "2", "3", "", "5"]),
        ('<c r="B2"><v>2</v></c><c/><c><v>4</v></c><c r="F2"><v>6</v></c>', ["", "2", "", "4", "", "6"]),
    ],
)
def test_cells_without_a_reference_stand_behind_the_one_before(cells, texts):
    assert read(with_sheet(f'<row r="2">{cells}</row>'))[1] == [(2, texts)]


@pytest.mark.parametrize("cells", ['<c r="C2"/><c r="A2"><v>1</v></c>', '<c/><c/><c r="B2"><v>1</v></c>'])
def test_cells_out_of_order_refuse_the_file(cells):
    assert refusal(with_sheet(f'<row r="2">{cells}</row>')) == (
        "The cells of row 2 are not in the order of their columns, so nobody can tell what belongs where. "
        "Open the file in Excel, save a copy and upload the copy."
    )


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


@pytest.mark.parametrize(
    ("titles", "chosen", "remarks"),
    [
        (["A–M"], "", []),
        (
            ["A–M", "N–Z"],
            "",
            ["Another sheet was not read: N–Z. To import it too, upload the file again and choose that sheet."],
        ),
        (
            ["A–M", "N–Z"],
            "N–Z",
            ["Another sheet was not read: A–M. To import it too, upload the file again and choose that sheet."],
        ),
        (
            ["A–F", "G–M", "N–Z"],
            "",
            ["Other sheets were not read: G–M, N–Z. To import them too, upload the file again for each and choose it."],
        ),
    ],
)
def test_every_visible_sheet_that_is_not_read_is_named(titles, chosen, remarks):
    """Not those that hold nothing."""
    sheets = [(title, [["Number", "Name"], [1, "Ann Lee"]]) for title in titles]

    layout, rows = read(workbook(*sheets, ("Sheet3", [])), sheet=chosen)

    assert (layout.sheet, layout.remarks) == (chosen or titles[0], remarks)
    assert rows == [(2, ["1", "Ann Lee"])]


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


OPEN = (
    "A quotation mark that opens in line {} does not close where its cell ends, so rows would be lost. "
    "Correct that line (a mark inside a quoted cell is written twice) or save the list as XLSX."
)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b'Number,Name\n1,"Smith,Ann\n2,"Jones,Bob\n3,Hill\n', 2),
        (b'Number,Name\n1,Quote"\n2,"Bob\n3,Cy', 3),
        (b'Number,Name\n1,"two\nlines"\n2,"5 inch\n3,ok\n4,"quoted"\n', 4),
        (b'Number,Name\n1,"Robert "Bob" Roe"\n', 2),
        (b'Number, Name\n1, "say ""hi"", she\n2, "Bob"\n', 2),
    ],
)
def test_an_open_quotation_mark_refuses_the_file_and_names_its_line(content, line):
    assert refusal(content) == OPEN.format(line)


SWALLOWED = {
    "rows between": (b'Number,Name,Notes\n1,Ann,ok\n2,Bob,"5 inch\n3,Cy,ok\n4,Di,"\n5,Ed,ok\n', 3),
    "a row at the end, and what follows it": (b'Number,Last,First,Phone\n1,Smith,"John,555\n2,Jones,Ann",556\n', 2),
    "a row at the end": (b'Number,Last,First,Notes\n1,Smith,John,"ladder\n2,Jones,Ann,has 6"\n', 2),
    "a row of two cells": (b'Number,Notes\n1,ok\n2,"ladder\r\n3,has 6"\n', 3),
    "the header above titles": (b'Local 77\n\nNumber,Last,Notes\n1,Lee,"a\n2,Roe,b"\n', 4),
    "behind a cell of several lines": (b'Number,Name,Notes\n1,"Two\nlines","6\n2,Ann,has 6"\n', 3),
    "a row with empty cells behind": (b'Number,Name,Notes\n1,Ann,"6\n2,Bob,ok,,\n3,Cy,has 6"\n', 2),
    "words alone": (b'Last,First,Notes\nLee,Ann,"6 feet\nDe La Cruz,Bob,has 6"\n', 2),
    "a list with spaces": (b'Number, Last, Notes\n1, Lee, "6 feet\n2, Roe, has 6"\n', 2),
    "no number": (b'Number,Last,Notes\n1,Lee,"6 feet\n,Roe,has 6"\n', 2),
}


@pytest.mark.parametrize("case", SWALLOWED)
def test_a_cell_that_holds_whole_rows_refuses_the_file(case):
    content, line = SWALLOWED[case]
    assert refusal(content) == (
        f"A cell that begins in line {line} holds whole rows of the list; a quotation mark is missing there. "
        "Correct that line or save the list as XLSX."
    )


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Number,Name,Notes", ["1", "Ann", "called\nasked, waited, no answer\nclosed"]),
        ("Number,Name,Notes", ["1", "Ann", "called\nasked,waited,no answer"]),
        ("Number,Name,Notes", ["1", "Ann", "3/4 called,asked,no\n3/5 called,asked,no"]),
        ("Last,First,Notes", ["Lee", "Ann", "called\nasked, waited, no answer"]),
        ("Last,Notes,City,State", ["Lee", "called\nasked, waited", "Peoria", "IL"]),
        ("Name,Number,City", ["Lee\nAnn", "1", "Peoria"]),
        ("Number,Address", ["1", "12 Main St\nPeoria, IL"]),
        ("Notes", ["called\n1,2"]),
    ],
)
def test_notes_of_several_lines_are_kept(header, cells):
    row = ",".join(f'"{cell}"' if "\n" in cell else cell for cell in cells)

    assert read(f"{header}\n{row}\n".encode())[1] == [(2, cells)]


def test_a_space_before_a_quotation_mark_does_no_harm():
    content = b'Number, Last, First, Employer, City\n900501, "Smith, Jr.", John, Acme, \n'

    assert read(content)[1] == [(2, ["900501", "Smith, Jr.", "John", "Acme", ""])]


@pytest.mark.parametrize("lines", [b'","\n' * 400_000, (b'","' + b"x" * 90_000 + b"\n") * 20])
def test_a_row_without_end_is_refused(lines):
    assert refusal(b'Number,Name\n1,"\n' + lines) == (
        "The row that begins in line 2 is far longer than a row of a list; perhaps a quotation mark is missing. "
        "Correct that line or save the list as XLSX."
    )


def test_marks_inside_a_cell_are_kept():
    assert read(b'Number,Name\n1,Robert "Bob"\n2,"Robert ""Rob"""\n')[1] == [
        (2, ["1", 'Robert "Bob"']),
        (3, ["2", 'Robert "Rob"']),
    ]


def test_every_line_is_accounted_for():
    source = Source(io.BytesIO(b'Local 77\n\nNumber,Name\n1,Ann\n,\n2,"Two\nlines"\n\n'))
    account = Account()
    layout = detect_layout(source, KNOWN)

    assert [line.number for line in data_rows(source, layout, account)] == [4, 6]
    assert account.as_json() == {"lines": 8, "above": 3, "blank": 2, "rows": 2, "inside": 1}


def test_the_first_line_may_name_the_delimiter():
    assert read(b"sep=;\r\nNumber;Name\r\n1;Ann, Bob\r\n")[1] == [(3, ["1", "Ann, Bob"])]


def test_a_file_of_utf8_with_other_letters_is_mended_and_its_row_named():
    source = Source(io.BytesIO("Number,Name\n1,José Núñez\n2,Ana Peña\n".encode().replace("ña\n".encode(), b"\xf1a\n")))
    layout = detect_layout(source, KNOWN)

    assert [(line.cells, bool(line.notes)) for line in data_rows(source, layout)] == [
        (["1", "José Núñez"], False),
        (["2", "Ana Peña"], True),
    ]
    assert layout.sentence.startswith("The file is UTF-8, except for some letters")


@pytest.mark.parametrize("line_end", ["\r", "\n"])
def test_old_macs(line_end):
    layout, rows = read(f"Number,Name{line_end}1,José Nuñez{line_end}2,René Roe{line_end}".encode("mac_roman"))

    assert layout.encoding == "mac_roman"
    assert rows == [(2, ["1", "José Nuñez"]), (3, ["2", "René Roe"])]


@pytest.mark.parametrize("notes", [["Acme™"], ["wait…", "then…", "call…,x"], ["Co™ Inc"]])
def test_signs_behind_a_word_make_no_mac(notes):
    rows = "".join(f'{number},"{note}"\n' for number, note in enumerate(["José", *notes], 1))

    layout, found = read(f"Number,Name\n{rows}".encode("cp1252"))

    assert layout.encoding == "cp1252"
    assert [cells[1] for _number, cells in found] == ["José", *notes]


def test_signs_alone_make_no_mac():
    assert read("Number,Name\n1,Acme™\n2,wait…\n".encode("cp1252"))[1] == [(2, ["1", "Acme™"]), (3, ["2", "wait…"])]


def test_old_macs_have_these_letters_too():
    layout, rows = read("Number,Name\n1,Jérôme\n2,Benoît\n".encode("mac_roman"))

    assert (layout.encoding, rows) == ("mac_roman", [(2, ["1", "Jérôme"]), (3, ["2", "Benoît"])])


@pytest.mark.parametrize("names", [b"Lee, Jos\xe9", "Núñez, Jos".encode() + b"\xe9"], ids=["one letter", "with others"])
def test_the_mark_of_utf8_is_no_letter_where_another_letter_is_not_utf8(names):
    layout, rows = read(b'\xef\xbb\xbf"Name, First",Number\n"' + names + b'",1\n')

    assert layout.headers == ["Name, First", "Number"]
    assert rows == [(2, [names.replace(b"\xe9", "é".encode()).decode(), "1"])]


def test_text_that_was_decoded_wrongly_before():
    assert [mended(text) for text in ("JosÃ©", "GarcÃ\xada", "José", "Ann", "D’Arcy")] == ["José", "García", "", "", ""]


def sheet_of(*rows, change=None, epoch=None):
    book = openpyxl.Workbook()
    if epoch:
        book.epoch = epoch
    for row in rows:
        book.active.append(row)
    if change:
        change(book.active)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_merged_cells_are_filled_downwards():
    content = sheet_of(
        ["Number", "Name"], [1, "Alder"], [2], [3], [4, "Birch"], change=lambda sheet: sheet.merge_cells("B2:B4")
    )

    assert [cells for _number, cells in read(content)[1]] == [
        ["1", "Alder"],
        ["2", "Alder"],
        ["3", "Alder"],
        ["4", "Birch"],
    ]


def test_hidden_rows_and_sheets_are_pointed_out():
    def hide(sheet):
        sheet.row_dimensions[3].hidden = True
        former = sheet.parent.create_sheet("Former")
        former.append(["Number", "Name", "City", "Born"])
        former.append([9, "Old", "Pekin", "1950"])
        former.sheet_state = "veryHidden"

    source = Source(io.BytesIO(sheet_of(["Number", "Name"], [1, "Ann"], [2, "Bob"], change=hide)))
    layout = detect_layout(source, KNOWN)

    assert (layout.sheet, layout.sheets) == ("Sheet", ["Sheet", "Former"])
    assert layout.remarks == ["A hidden sheet was not looked at: Former."]
    assert [(line.number, line.notes) for line in data_rows(source, layout)] == [
        (2, ()),
        (3, ("This row is hidden in the workbook.",)),
    ]
    assert detect_layout(source, KNOWN, sheet="Former").headers == ["Number", "Name", "City", "Born"]


def test_a_formula_without_its_value_says_so():
    content = sheet_of(["Number", "Name"], [1, '="Ann"'])

    assert read(content)[1] == [(2, ["1", NO_VALUE])]


def test_formatting_far_down_costs_nothing():
    def paint(sheet):
        for row in range(3, 3_000):
            sheet.cell(row, 1).number_format = "0.00"

    source = Source(io.BytesIO(sheet_of(["Number", "Name"], [1, "Ann"], change=paint)))
    account = Account()

    assert [line.cells for line in data_rows(source, detect_layout(source, KNOWN), account)] == [["1", "Ann"]]
    assert account.as_json() == {"lines": 2, "above": 1, "blank": 0, "rows": 1, "inside": 0}


def test_days_by_their_epoch_and_months_by_their_format():
    def form(sheet):
        sheet["C2"].number_format, sheet["D2"].number_format = "mmm-yy", "yyyy-mm-dd"

    day = datetime.date(2019, 3, 4)
    content = sheet_of(
        ["Number", "Name", "Paid", "Hired"], [1, "Ann", datetime.date(2024, 12, 1), day], change=form, epoch=MAC_EPOCH
    )
    layout, rows = read(content)

    assert rows == [(2, ["1", "Ann", "2024-12", "2019-03-04"])]
    assert layout.from_1904 is True


UNPACKS = "This Excel file unpacks to far more than a list holds. Save the list as CSV instead."
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
    "a web page": (
        b"<html><table><tr><td>Number",
        "This is a web page, whatever its name says. Open it in Excel, save it as XLSX and upload that file.",
    ),
    "Excel 2003 XML": (
        b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?><Workbook/>',
        "This is an Excel 2003 XML sheet. Open it in Excel, save it as XLSX and upload that file.",
    ),
    "a password": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 64 + "EncryptedPackage".encode("utf-16-le"),
        "This Excel file has a password. Open it, save it without one and upload it again.",
    ),
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
    assert refusal(content) == UNPACKS


HOSTILE = {
    "cells without end": "<row>" + "<c/>" * 300_000 + "</row>",
    "parts of a cell without end": "<row><c>" + "<x/>" * 300_000 + "</c></row>",
    "no rows without end": "<x/>" * 300_000,
    "a text without end": '<row r="2"><c t="inlineStr"><is><t>' + "x" * 2_000_000 + "</t></is></c></row>",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_sheet_that_asks_for_much_memory_is_refused(case):
    tracemalloc.start()
    sentence = refusal(with_sheet(HOSTILE[case]))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sentence == DAMAGED
    assert most < 15 * 2**20


def test_shared_texts_without_end_are_refused():
    texts = "<sst><si>" + "<r/>" * 300_000 + "</si></sst>"
    cell = '<row r="2"><c r="A2" t="s"><v>0</v></c></row>'

    assert refusal(with_part(with_sheet(cell), "xl/sharedStrings.xml", texts.encode())) == DAMAGED


def test_merged_cells_that_never_end_are_read_in_no_time():
    content = with_sheet('<row r="2"><c r="A2"><v>1</v></c></row><!--' + "<mergeCell " * 80_000 + "-->")
    begun = time.process_time()

    assert read(content)[1] == [(2, ["1"])]
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("name", ["xl/styles.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
def test_small_parts_are_small(name):
    assert refusal(with_part(with_sheet(""), name, b" " * (10 * 2**20 + 1))) == UNPACKS


def with_part(content, name, part, *, method=zipfile.ZIP_STORED):
    """Put `part` into the workbook in place of what it has under this name."""
    source, target = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(target, "w") as book:
        for item in source.infolist():
            if item.filename != name:
                book.writestr(item.filename, source.read(item))
        book.writestr(name, part, method)
    return target.getvalue()


def test_a_part_that_cannot_be_unpacked_is_refused():
    content = with_part(with_sheet(""), "xl/styles.xml", b"<styleSheet/>" * 50, method=zipfile.ZIP_LZMA)
    cell = b'<row r="2"><c r="A2" s="1"><v>1</v></c></row>'
    content = with_part(content, "xl/worksheets/sheet1.xml", cell * 50, method=zipfile.ZIP_LZMA)
    begin = content.rindex(b"xl/worksheets/sheet1.xml", 0, content.index(b"PK\x01\x02")) + 24 + 9

    assert refusal(content[:begin] + b"\xff" * 12 + content[begin + 12 :]) == DAMAGED


def test_an_archive_with_a_password_is_refused():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    content = bytearray(target.getvalue())
    for begin, flags in ((content.index(b"PK\x03\x04"), 6), (content.index(b"PK\x01\x02"), 8)):
        content[begin + flags] |= 1

    sentence = "This is an archive, not a list. Unpack it and upload the XLSX or CSV file in it."
    assert refusal(bytes(content)) == sentence


def test_an_entity_bomb_is_refused():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    cell = '<row r="2"><c r="A2" t="inlineStr"><is><t>&b;</t></is></c></row>'

    assert refusal(with_sheet(cell, prolog=bomb)) == DAMAGED


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("list.csv", TEXT, "This is an archive, not a list. Unpack it and upload the XLSX or CSV file in it."),
        (
            "mimetype",
            "application/vnd.oasis.opendocument.spreadsheet",
            "This is an OpenDocument sheet (.ods). Save it as Excel (XLSX) or CSV and upload that file.",
        ),
        (
            "xl/workbook.bin",
            "",
            "This is a binary workbook (.xlsb). In Excel, save it as XLSX and upload that file.",
        ),
    ],
)
def test_an_archive_that_is_no_workbook_is_refused(name, content, sentence):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, content)

    assert refusal(target.getvalue()) == sentence


def test_the_row_limit(settings):
    settings.IMPORT_MAX_ROWS = 2
    assert read(TEXT.encode())[1] == ROWS

    assert refusal((TEXT + "3,Third,Pekin\n").encode()) == (
        "The file has more than 2 rows. Split it into smaller files."
    )
