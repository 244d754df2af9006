"""What reads a row of a list of past help, and what a row needs as a whole."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from benevolence.enums import Reason
from benevolence.imports.fields import REASON_WORDS
from benevolence.models import PastHelp
from core.imports.cells import Cell, ChoiceCell, DateCell, MoneyCell, OptionalCell
from core.imports.declaration import DateRules
from core.imports.readings import Reading
from core.imports.row_cells import RowCells
from members.imports.cells import cell_for
from members.imports.rows import MemberCells
from members.models import Member


class AmountCell(MoneyCell):
    """An amount that was paid: above nothing. A credit in brackets is none."""

    def clean(self, value: str) -> object:
        text = value.strip()
        if text.startswith("(") or text.lstrip("$ ").startswith("-"):
            raise ValidationError(_("This is a credit, not a payment. Take the row out, or write what was paid."))
        amount = super().clean(value)
        if amount is not None and amount <= 0:
            raise ValidationError(_("An amount above zero is needed."))
        return amount


class PaidCell(DateCell):
    """A day on which help was paid: none that is still to come."""

    def clean(self, value: str) -> object:
        day = super().clean(value)
        if day is not None and self.latest is not None and day > self.latest:
            raise ValidationError(_("This day is still to come. Only help that was paid counts."))
        return day


class PastHelpCells(MemberCells):
    places: tuple[tuple[str, str], ...] = ()


def past_help_cells(names: Sequence[str], dates: DateRules) -> RowCells:
    return PastHelpCells({name: _cell(name, dates) for name in names})


def _cell(name: str, dates: DateRules) -> forms.Field:
    if name == "full_name":
        return Cell(required=False, max_length=310)
    if name == "amount":
        return AmountCell(required=False)
    if name == "paid_on":
        validators = PastHelp._meta.get_field(name).validators
        return PaidCell(
            rules=dates, order=dates.order_of(name), never_later_than=dates.today, required=False, validators=validators
        )
    if name == "reason":
        labels = ", ".join(str(item.label) for item in Reason)
        refusal = _("not one of the reasons (%(labels)s), so it counts as “Other”") % {"labels": labels}
        return ChoiceCell(Reason, common=REASON_WORDS, refusal=refusal, required=False)
    if name == "reference":
        reference: Any = PastHelp._meta.get_field(name)
        return OptionalCell(required=False, max_length=reference.max_length, validators=reference.validators)
    field: Any = Member._meta.get_field(name)
    return cell_for(field, dates=dates)


def complete_past_help(reading: Reading, header_of: Mapping[str, str]) -> None:
    """A payment needs its day, its amount and whom it was for."""
    needed = {"paid_on": _("The day of the payment is missing."), "amount": _("The amount is missing.")}
    for name, sentence in needed.items():
        header = header_of.get(name, "")
        if name not in reading.values and not any(item["column"] == header for item in reading.problems):
            reading.refuse(sentence, column=header)
    names = {"last_name", "first_name", "date_of_birth"}
    if not reading.outcome and "member_number" not in reading.values and not names <= reading.values.keys():
        reading.refuse(_("Nobody can tell whom this was for. Write the member number, or the name and the birth date."))
