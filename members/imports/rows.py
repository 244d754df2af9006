"""One row of a list: its cells through a Django form, its values, its problems."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.folding import words
from members.enums import ImportKind, RowOutcome
from members.imports.cells import Cell, cell_for, plain
from members.imports.fields import EMPLOYMENT_FIELDS, TARGETS
from members.imports.names import split_name
from members.imports.never_stored import is_security_number
from members.models import Employment, Member, Organization

# The longest field holds 4,000 characters; a longer cell is an error, of which the beginning is enough.
LONGEST_RAW = 4_000
RECORDS = {ImportKind.ORGANIZATIONS: Organization, ImportKind.MEMBERS: Member}


@dataclass(slots=True)
class Reading:
    """What a row says (`values`, as `plain` writes them; empty cells are absent) and what the check makes of it."""

    number: int
    raw: dict[str, str]
    values: dict[str, str] = field(default_factory=dict)
    problems: list[dict[str, str]] = field(default_factory=list)
    outcome: str = ""
    record_id: int | None = None
    record_version: int | None = None
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    made: dict[str, Any] = field(default_factory=dict)

    def refuse(self, sentence: str, *, column: str = "") -> None:
        self.problems.append({"kind": "error", "column": column, "text": sentence})
        self.outcome = RowOutcome.ERROR

    def ask(self, sentence: str) -> None:
        self.problems.append({"kind": "question", "column": "", "text": sentence})
        self.outcome = RowOutcome.DUPLICATE

    def note(self, sentence: str) -> None:
        self.problems.append({"kind": "note", "column": "", "text": sentence})


class RowForm(forms.Form):
    """Names composed, and what no single cell can say."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if text := cleaned.pop("full_name", ""):
            try:
                names = split_name(text)
            except ValidationError as error:
                self.add_error("full_name", error)
            else:
                for name, part in zip(("first_name", "middle_name", "last_name"), names, strict=True):
                    self._accept(name, part, cleaned)
        return cleaned

    def _accept(self, name: str, part: str, cleaned: dict[str, Any]) -> None:
        if name == "middle_name" and cleaned.get(name):
            return
        try:
            cleaned[name] = Member._meta.get_field(name).clean(part, None)
        except ValidationError as error:
            self.add_error("full_name", error)


def row_form(kind: str, names: Sequence[str], *, today: datetime.date) -> type[RowForm]:
    """A form for the matched fields only: a form of thirty fields a row would cost ten times as much."""
    record = RECORDS[ImportKind(kind)]
    fields: dict[str, forms.Field] = {}
    for name in names:
        if name in EMPLOYMENT_FIELDS:
            fields[name] = cell_for(Employment._meta.get_field(name), today=today)
        elif name == "full_name":
            fields[name] = Cell(required=False, max_length=310)
        elif name == "employer_state":
            fields[name] = cell_for(Organization._meta.get_field("state"), today=today)
        elif name in ("employer", "employer_city"):
            source = Organization._meta.get_field("name" if name == "employer" else "city")
            fields[name] = Cell(required=False, validators=source.validators)
        else:
            fields[name] = cell_for(record._meta.get_field(name), today=today)
    return type("ListRowForm", (RowForm,), fields)


class RowReader:
    """Turns cells into Readings; the form is made once and cleaned again for every row."""

    def __init__(self, kind: str, headers: Sequence[str], mapping: Mapping[str, str], *, today: datetime.date) -> None:
        self.kind, self.width = kind, len(headers)
        # In the file's order; a JSON column of PostgreSQL does not keep the mapping's.
        self.columns = sorted((headers.index(header), header, name) for header, name in mapping.items())
        self.header_of = {name: header for header, name in mapping.items()}
        self.form = row_form(kind, [name for _index, _header, name in self.columns], today=today)({})

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
        self._require(reading)
        return reading

    def _require(self, reading: Reading) -> None:
        name_text = reading.values.get("name" if self.kind == ImportKind.ORGANIZATIONS else "last_name", "x")
        if not words(name_text) or not words(reading.values.get("employer", "x")):
            reading.refuse(_("A name needs at least one letter or digit."))
        asked = ("name",) if self.kind == ImportKind.ORGANIZATIONS else ("first_name", "last_name")
        for name in asked:
            header = self.header_of.get(name) or self.header_of.get("full_name", "")
            if name not in reading.values and not any(item["column"] == header for item in reading.problems):
                reading.refuse(_("This cell is empty; a name is needed."), column=header)


def field_label(kind: str, name: str) -> str:
    return str(TARGETS[kind][name].label) if name in TARGETS[kind] else name
