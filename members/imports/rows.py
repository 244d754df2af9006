"""The forms that read a row of a member list or of an organization list, and what a row needs as a whole."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.folding import words
from core.imports.cells import Cell
from core.imports.readings import Reading
from members.imports.cells import cell_for
from members.imports.fields import EMPLOYMENT_FIELDS
from members.imports.names import split_name
from members.models import Employment, Member, Organization


class MemberRow(forms.Form):
    """Takes the full name apart."""

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


def member_form(names: Sequence[str], today: datetime.date) -> type[forms.Form]:
    """A form for the matched fields only: a form of thirty fields a row would cost ten times as much."""
    return type("MemberRow", (MemberRow,), {name: _member_cell(name, today) for name in names})


def _member_cell(name: str, today: datetime.date) -> forms.Field:
    if name in EMPLOYMENT_FIELDS:
        return cell_for(Employment._meta.get_field(name), today=today)
    if name == "full_name":
        return Cell(required=False, max_length=310)
    if name == "employer_state":
        return cell_for(Organization._meta.get_field("state"), today=today)
    if name in ("employer", "employer_city"):
        source = Organization._meta.get_field("name" if name == "employer" else "city")
        return Cell(required=False, validators=source.validators)
    return cell_for(Member._meta.get_field(name), today=today)


def organization_form(names: Sequence[str], today: datetime.date) -> type[forms.Form]:
    fields = {name: cell_for(Organization._meta.get_field(name), today=today) for name in names}
    return type("OrganizationRow", (forms.Form,), fields)


def complete_member(reading: Reading, header_of: Mapping[str, str]) -> None:
    _require_letters(reading, "last_name")
    _require_letters(reading, "employer")
    _require_filled(reading, ("first_name", "last_name"), header_of)


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
