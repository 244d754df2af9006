"""What an import says when a file cannot be used."""

from django.utils.translation import gettext as _

from core.errors import DomainError


class FileRefused(DomainError):
    """The file as a whole cannot be read."""

    code = "file_refused"


def unreadable_workbook() -> FileRefused:
    return FileRefused(_("This Excel file is damaged or protected. Open it in Excel, save a copy and upload the copy."))


def cell_too_long(number: int, line: int = 0) -> FileRefused:
    """`line` is where the cell began, in a file of lines."""
    where = _("It begins in line %(line)s.") % {"line": f"{line:,}"} if line else ""
    sentence = _(
        "A cell near row %(number)s holds more than %(limit)s characters; perhaps a quotation mark is missing. "
        "Correct the file and upload it again."
    ) % {"number": number, "limit": f"{MAX_CELL:,}"}
    return FileRefused(f"{sentence} {where}".strip())


def row_too_long(line: int) -> FileRefused:
    return FileRefused(
        _(
            "The row that begins in line %(line)s is far longer than a row of a list; perhaps a quotation mark is "
            "missing. Correct that line or save the list as XLSX."
        )
        % {"line": f"{line:,}"}
    )


def quotation_mark_open(line: int) -> FileRefused:
    return FileRefused(
        _(
            "A quotation mark that opens in line %(line)s does not close where its cell ends, so rows would be lost. "
            "Correct that line (a mark inside a quoted cell is written twice) or save the list as XLSX."
        )
        % {"line": f"{line:,}"}
    )


def swallowed_rows(line: int) -> FileRefused:
    return FileRefused(
        _(
            "A cell that begins in line %(line)s holds whole rows of the list; a quotation mark is missing there. "
            "Correct that line or save the list as XLSX."
        )
        % {"line": f"{line:,}"}
    )


def too_many_columns(number: int) -> FileRefused:
    return FileRefused(
        _("Row %(number)s has more than %(limit)s columns. Delete the columns you do not need and upload it again.")
        % {"number": number, "limit": MAX_COLUMNS}
    )


def cells_out_of_order(number: int) -> FileRefused:
    return FileRefused(
        _(
            "The cells of row %(number)s are not in the order of their columns, so nobody can tell what belongs where. "
            "Open the file in Excel, save a copy and upload the copy."
        )
        % {"number": f"{number:,}"}
    )


def too_many_rows(limit: int) -> FileRefused:
    return FileRefused(
        _("The file has more than %(limit)s rows. Split it into smaller files.") % {"limit": f"{limit:,}"}
    )


def holds_nul(number: int) -> FileRefused:
    return FileRefused(
        _(
            "Row %(number)s holds a NUL character, so this is not a clean text file. "
            "Save the list as CSV (UTF-8) or XLSX and upload it again."
        )
        % {"number": number}
    )


def empty_file() -> FileRefused:
    return FileRefused(_("The file is empty. Choose the file that holds the list."))


# Excel's own limit is 32,767; exports of databases go further.
MAX_CELL = 100_000
MAX_COLUMNS = 300
