"""What reads a row of a list of cases, and what a row needs as a whole."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from core.imports.cells import Cell, ChoiceCell, DateCell, MoneyCell, NotesCell, OptionalCell
from core.imports.declaration import DateRules
from core.imports.readings import Reading
from core.imports.row_cells import RowCells
from core.validators import validate_single_line
from grievances.enums import RESOLVED, GrievanceStatus, GrievanceType, Step
from grievances.imports.fields import STATUS_WORDS, STEP_WORDS, TYPE_WORDS
from grievances.imports.people import numbers_of
from grievances.models import Grievance
from members.imports.cells import cell_for
from members.models import Organization

CHOICES: dict[str, tuple[type[models.TextChoices], Mapping[str, str]]] = {
    "grievance_type": (GrievanceType, TYPE_WORDS),
    "status": (GrievanceStatus, STATUS_WORDS),
    "current_step": (Step, STEP_WORDS),
}
LINES = {"grievant": 1_000, "member_number": 300, "representative": 254, "what_is_due": 60, "employer": 200}


class PastDay(DateCell):
    """A day that has come: nothing was filed, happened or ended on a later one."""

    def clean(self, value: str) -> object:
        day = super().clean(value)
        if day is not None and self.latest is not None and day > self.latest:
            raise ValidationError(_("This day is still to come. Check the year."))
        return day


class NumbersCell(OptionalCell):
    """The member numbers of one row."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        numbers_of(text)
        return text


class CaseCells(RowCells):
    """What one cell says of another is settled in `complete_case`."""


def case_cells(names: Sequence[str], dates: DateRules) -> RowCells:
    return CaseCells({name: _cell(name, dates) for name in names})


def _cell(name: str, dates: DateRules) -> forms.Field:
    if name in CHOICES:
        choices, common = CHOICES[name]
        labels = ", ".join(str(item.label) for item in choices)
        refusal = _("Not one of the choices. Write one of: %(choices)s.") % {"choices": labels}
        return ChoiceCell(choices, common=common, refusal=refusal, required=False)
    if name in LINES:
        kind = {"employer": Cell, "member_number": NumbersCell}.get(name, OptionalCell)
        return kind(required=False, max_length=LINES[name], validators=[validate_single_line])
    if name in ("employer_city", "employer_state"):
        place: Any = Organization._meta.get_field(name.removeprefix("employer_"))
        return cell_for(place, dates=dates)
    if name == "next_due":
        return _day(DateCell, name, dates, Grievance._meta.get_field("filed_date"))
    field: Any = Grievance._meta.get_field(name)
    if isinstance(field, models.DateField):
        return _day(PastDay, name, dates, field)
    if name == "settlement_amount":
        return MoneyCell(required=False)
    if isinstance(field, models.TextField):
        return NotesCell(required=False, max_length=field.max_length, validators=field.validators)
    return OptionalCell(required=False, max_length=field.max_length, validators=field.validators)


def _day(kind: type[DateCell], name: str, dates: DateRules, field: Any) -> DateCell:
    latest = dates.today if kind is PastDay else None
    return kind(
        rules=dates,
        order=dates.order_of(name),
        never_later_than=latest,
        required=False,
        validators=field.validators,
    )


def complete_case(reading: Reading, header_of: Mapping[str, str]) -> None:
    """A case needs whom it is for, against whom, since when; one that is over, the day it ended."""
    if any(item["kind"] == "error" for item in reading.problems):
        return
    needed = {"employer": _("The employer is missing."), "filed_date": _("The day it was filed is missing.")}
    for name, sentence in needed.items():
        if name not in reading.values:
            reading.refuse(sentence, column=header_of.get(name, ""))
    for settle in (_settle_people, _settle_state, _settle_days):
        if not reading.outcome:
            settle(reading, header_of)


def _settle_people(reading: Reading, header_of: Mapping[str, str]) -> None:
    values = reading.values
    named = values.get("member_number") or values.get("grievant")
    kind = values.get("grievance_type")
    if kind == GrievanceType.POLICY and named:
        sentence = _("A policy grievance has no grievants. Take the name out, or write another type.")
        reading.refuse(sentence, column=header_of.get("grievance_type", ""))
    elif kind != GrievanceType.POLICY and not named:
        reading.refuse(_("Nobody can tell whom this case is for. Write the grievant, or the type Policy."))


def _settle_state(reading: Reading, header_of: Mapping[str, str]) -> None:
    """Step and status agree, whatever the list writes of either."""
    values = reading.values
    over = values.get("status") in RESOLVED
    if "status" not in values and "resolution_date" in values:
        sentence = _("It has a day on which it ended, and no status. Write settled, withdrawn or closed.")
        reading.refuse(sentence, column=header_of.get("resolution_date", ""))
        return
    status = values.setdefault("status", GrievanceStatus.OPEN.value)
    step = values.setdefault(
        "current_step", Step.ARBITRATION.value if status == GrievanceStatus.ARBITRATION else Step.STEP_1.value
    )
    if status == GrievanceStatus.ARBITRATION and step != Step.ARBITRATION:
        values["current_step"] = Step.ARBITRATION.value
        reading.note(_("It is at arbitration, so its step is arbitration too."))
    elif step == Step.ARBITRATION and not over and status != GrievanceStatus.ARBITRATION:
        values["status"] = GrievanceStatus.ARBITRATION.value
        reading.note(_("Its step is arbitration, so it counts as at arbitration."))
    if status != GrievanceStatus.SETTLED and values.pop("settlement_amount", ""):
        reading.leave_out(_("Only a settled case has an amount; it was left out."))


def _settle_days(reading: Reading, header_of: Mapping[str, str]) -> None:
    values = reading.values
    filed, over = values["filed_date"], values["status"] in RESOLVED
    if values.get("incident_date", "") > filed:
        sentence = _("It was filed before it happened. Check the two days.")
        reading.refuse(sentence, column=header_of.get("incident_date", ""))
    if over and "resolution_date" not in values:
        reading.refuse(_("This case is over. Write the day on which it ended."))
    elif not over and "resolution_date" in values:
        reading.refuse(_("It has a day on which it ended, but its status says that it goes on. Correct one of them."))
    elif values.get("resolution_date", filed) < filed:
        sentence = _("It ended before it was filed. Check the two days.")
        reading.refuse(sentence, column=header_of.get("resolution_date", ""))
    if over and "next_due" in values:
        del values["next_due"]
        reading.leave_out(_("The case is over, so nothing is due; the date was left out."))
    elif values.get("next_due", filed) < filed:
        sentence = _("What is due is due before it was filed. Check the two days.")
        reading.refuse(sentence, column=header_of.get("next_due", ""))
