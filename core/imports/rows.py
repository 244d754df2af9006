"""Rows of a file through the list's form: cells in, readings out."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from core.imports.cells import plain, plain_text
from core.imports.declaration import DateRules, ImportedList
from core.imports.encodings import mended
from core.imports.lines import Line
from core.imports.never_stored import is_security_number
from core.imports.not_records import NotRecords
from core.imports.readings import Reading

# The longest field holds 4,000 characters; a longer cell is an error, of which the beginning is enough.
LONGEST_RAW = 4_000


class RowReader:
    """Turns lines into Readings; the form is made once and cleaned again for every row."""

    def __init__(
        self, what: ImportedList, headers: Sequence[str], mapping: Mapping[str, str], *, dates: DateRules
    ) -> None:
        self.what, self.width = what, len(headers)
        # In the file's order; a JSON column of PostgreSQL does not keep the mapping's.
        self.columns = sorted((headers.index(header), header, name) for header, name in mapping.items())
        self.header_of = {name: header for header, name in mapping.items()}
        self.form: Any = what.form([name for _index, _header, name in self.columns], dates)({})
        self.not_records = NotRecords(what, headers)

    def read(self, line: Line) -> Reading:
        cells = line.cells
        raw = {header: cells[index] if index < len(cells) else "" for index, header, _name in self.columns}
        withheld = [header for header, text in raw.items() if is_security_number(text.strip())]
        raw |= dict.fromkeys(withheld, "")
        reading = Reading(line.number, {header: text.strip()[:LONGEST_RAW] for header, text in raw.items()})
        for note in line.notes:
            reading.note(note)
        if why := self.not_records.why(cells):
            reading.set_aside(why)
            return reading
        for header in withheld:
            sentence = _("This looks like a social security number, which is never stored. Correct the cell.")
            reading.refuse(sentence, column=header)
        self._look_beyond(cells, reading)
        self._fill(reading, {name: self._text(raw[header], header, reading) for _index, header, name in self.columns})
        return reading

    def _text(self, raw: str, header: str, reading: Reading) -> str:
        if not raw.isascii() and (whole := mended(raw.strip())):
            said = {"text": raw.strip()[:60], "whole": whole[:60]}
            reading.note(_("“%(text)s” had been decoded wrongly before; it was read as “%(whole)s”.") % said)
            return plain_text(whole)
        return plain_text(raw)

    def _look_beyond(self, cells: Sequence[str], reading: Reading) -> None:
        """More cells than the header has: another value of the last column, or a row that has slipped."""
        beyond = [text for cell in cells[self.width :] if (text := cell.strip())]
        if not beyond:
            return
        index, header, name = self.columns[-1]
        target = self.what.targets[name]
        if index == self.width - 1 and target.by_shape and target.shape and all(map(target.shape.fullmatch, beyond)):
            reading.leave_out(_("A further value in the row was left out."), column=header)
        else:
            reading.refuse(_("The row has more cells than the header. Perhaps a quotation mark is missing."))

    def _fill(self, reading: Reading, data: Mapping[str, str]) -> None:
        form = self.form
        form.data = data
        form._errors = None
        form.full_clean()
        for name, errors in form.errors.items():
            self._blame(reading, name, errors)
        reading.values = {name: text for name, value in form.cleaned_data.items() if (text := plain(value))}
        self.what.complete(reading, self.header_of)

    def _blame(self, reading: Reading, name: str, errors: Sequence[Any]) -> None:
        header = self.header_of.get(name, "")
        if self.what.targets[name].vital:
            for sentence in errors:
                reading.refuse(str(sentence), column=header)
        else:
            why = " ".join(str(sentence) for sentence in errors)
            reading.leave_out(_("left out: %(why)s") % {"why": why}, column=header)
