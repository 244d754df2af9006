"""Rows of a file through the list's form: cells in, readings out."""

import datetime
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from core.imports.cells import plain
from core.imports.declaration import ImportedList
from core.imports.never_stored import is_security_number
from core.imports.readings import Reading

# The longest field holds 4,000 characters; a longer cell is an error, of which the beginning is enough.
LONGEST_RAW = 4_000


class RowReader:
    """Turns cells into Readings; the form is made once and cleaned again for every row."""

    def __init__(
        self, what: ImportedList, headers: Sequence[str], mapping: Mapping[str, str], *, today: datetime.date
    ) -> None:
        self.what, self.width = what, len(headers)
        # In the file's order; a JSON column of PostgreSQL does not keep the mapping's.
        self.columns = sorted((headers.index(header), header, name) for header, name in mapping.items())
        self.header_of = {name: header for header, name in mapping.items()}
        self.form = what.form([name for _index, _header, name in self.columns], today)({})

    def read(self, number: int, cells: Sequence[str]) -> Reading:
        raw = {header: cells[index] if index < len(cells) else "" for index, header, _name in self.columns}
        withheld = [header for header, text in raw.items() if is_security_number(text.strip())]
        raw |= dict.fromkeys(withheld, "")
        reading = Reading(number, {header: text.strip()[:LONGEST_RAW] for header, text in raw.items()})
        for header in withheld:
            reading.refuse(
                _("This looks like a social security number, which is never stored. Correct the cell."), column=header
            )
        if any(cell.strip() for cell in cells[self.width :]):
            reading.refuse(_("The row has more cells than the header. Perhaps a quotation mark is missing."))
        form = self.form
        form.data = {name: raw[header] for _index, header, name in self.columns}
        form._errors = None
        form.full_clean()
        for name, errors in form.errors.items():
            for sentence in errors:
                reading.refuse(str(sentence), column=self.header_of.get(name, ""))
        reading.values = {name: text for name, value in form.cleaned_data.items() if (text := plain(value))}
        self.what.complete(reading, self.header_of)
        return reading
