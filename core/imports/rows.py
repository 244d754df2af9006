"""Rows of a file through the list's fields: cells in, readings out."""

from collections.abc import Mapping, Sequence

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
    """Turns lines into Readings."""

    def __init__(
        self, what: ImportedList, headers: Sequence[str], mapping: Mapping[str, str], *, dates: DateRules
    ) -> None:
        self.what, self.width = what, len(headers)
        # In the file's order; a JSON column of PostgreSQL does not keep the mapping's.
        self.columns = sorted((headers.index(header), header, name) for header, name in mapping.items())
        self.header_of = {name: header for header, name in mapping.items()}
        self.cells = what.cells([name for _index, _header, name in self.columns], dates)
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
        self.cells.read(data)
        for name, sentences in self.cells.refusals.items():
            self._blame(reading, name, sentences)
        reading.values = {name: text for name, value in self.cells.cleaned.items() if (text := plain(value))}
        self.what.complete(reading, self.header_of)

    def _blame(self, reading: Reading, name: str, sentences: Sequence[str]) -> None:
        header = self.header_of.get(name, "")
        if self.what.targets[name].vital:
            for sentence in sentences:
                reading.refuse(sentence, column=header)
        else:
            reading.leave_out(_("left out: %(why)s") % {"why": " ".join(sentences)}, column=header)
