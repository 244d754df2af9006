"""What reads a row of a member list or of an organization list, and what a row needs as a whole."""

from collections.abc import Mapping, Sequence

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.folding import words
from core.imports.cells import Cell
from core.imports.declaration import DateRules
from core.imports.readings import Reading
from core.imports.row_cells import RowCells
from members.imports.cells import NameCell, cell_for, split_place
from members.imports.fields import EMPLOYER_FIELDS, EMPLOYMENT_FIELDS
from members.imports.names import split_name
from members.models import Employment, Member, Organization

# What lists write in the employer's column of people who have none.
NO_EMPLOYER = {
    *("none", "na", "n a", "null", "nil", "unknown", "not known", "tbd", "no employer", "not employed", "unemployed"),
    *("laid off", "layoff", "retired", "retiree", "pensioner", "disabled", "deceased", "withdrawn", "student"),
    *("out of work", "out of work list", "bench", "on the bench", "on the book", "book 1", "book 2", "self"),
    *("self employed", "other", "various", "same"),
}


class PlaceCells(RowCells):
    """Takes "Lansing, MI" apart where the row gives no other state."""

    places: tuple[tuple[str, str], ...] = (("city", "state"),)

    def settle(self) -> None:
        cleaned = self.cleaned
        for city, state in self.places:
            if "," in (text := cleaned.get(city) or ""):
                name, found = split_place(text)
                if found and cleaned.get(state) in (None, "", found) and state not in self.refusals:
                    cleaned[city], cleaned[state] = name, found


class MemberCells(PlaceCells):
    """Takes the full name apart."""

    places: tuple[tuple[str, str], ...] = (("city", "state"), ("employer_city", "employer_state"))

    def settle(self) -> None:
        super().settle()
        if text := self.cleaned.pop("full_name", ""):
            try:
                names = split_name(text)
            except ValidationError as error:
                self.refuse("full_name", error)
            else:
                for name, part in zip(("first_name", "middle_name", "last_name"), names, strict=True):
                    self._accept(name, part)

    def _accept(self, name: str, part: str) -> None:
        if name == "middle_name" and self.cleaned.get(name):
            return
        try:
            self.cleaned[name] = Member._meta.get_field(name).clean(part, None)
        except ValidationError as error:
            self.refuse("full_name", error)


def member_cells(names: Sequence[str], dates: DateRules) -> RowCells:
    return MemberCells({name: _member_cell(name, dates) for name in names})


def _member_cell(name: str, dates: DateRules) -> forms.Field:
    if name in EMPLOYMENT_FIELDS:
        return cell_for(Employment._meta.get_field(name), dates=dates, name=name)
    if name == "full_name":
        return Cell(required=False, max_length=310)
    if name in ("employer_state", "employer_city"):
        return cell_for(Organization._meta.get_field(name.removeprefix("employer_")), dates=dates)
    if name == "employer":
        return NameCell(required=False, validators=Organization._meta.get_field("name").validators)
    return cell_for(Member._meta.get_field(name), dates=dates)


def organization_cells(names: Sequence[str], dates: DateRules) -> RowCells:
    return PlaceCells({name: cell_for(Organization._meta.get_field(name), dates=dates) for name in names})


def complete_member(reading: Reading, header_of: Mapping[str, str]) -> None:
    _settle_employer(reading, header_of)
    for name in ("first_name", "last_name"):
        _require_letters(reading, name)
    _require_filled(reading, ("first_name", "last_name"), header_of)


def _settle_employer(reading: Reading, header_of: Mapping[str, str]) -> None:
    """A job needs an employer by name and, where the list gives one, a place that can be read."""
    employer = reading.values.get("employer", "")
    header = header_of.get("employer", "")
    if employer and (not words(employer) or " ".join(words(employer)) in NO_EMPLOYER):
        reading.leave_out(_("“%(text)s” is no employer, so no job was read.") % {"text": employer}, column=header)
        employer = ""
    elif not employer and set(EMPLOYMENT_FIELDS) & reading.values.keys():
        reading.leave_out(_("Job details without an employer were left out."), column=header)
    elif employer and any(item["column"] == header_of.get("employer_state") for item in reading.problems):
        reading.leave_out(_("The employer’s place cannot be read, so no job was read."), column=header)
        employer = ""
    if not employer:
        for name in EMPLOYER_FIELDS:
            reading.values.pop(name, None)


def complete_organization(reading: Reading, header_of: Mapping[str, str]) -> None:
    _require_letters(reading, "name")
    _require_filled(reading, ("name",), header_of)


def _require_letters(reading: Reading, name: str) -> None:
    if name in reading.values and not words(reading.values[name]):
        reading.refuse(_("A name needs at least one letter or digit."))


def _require_filled(reading: Reading, names: Sequence[str], header_of: Mapping[str, str]) -> None:
    for name in names:
        header = header_of.get(name) or header_of.get("full_name", "")
        if name not in reading.values and not any(item["column"] == header for item in reading.problems):
            reading.refuse(_("This cell is empty; a name is needed."), column=header)
