"""Form fields that read a cell the way offices write it."""

import datetime
import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from core.folding import words
from core.money import CENT, MoneyFormField

NOTHING = {"n/a", "na", "none", "null", "nil", "-", "--", "—", "#n/a", "unknown"}
EXCEL_ERRORS = {"#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"}
EXCEL_EPOCH = datetime.date(1899, 12, 30)
EXCEL_DAYS = range(1, 73_416)
YMD = re.compile(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?:[ T]\d{1,2}:.*)?", re.ASCII)
MDY = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?: \d{1,2}:.*)?", re.ASCII)
DMY_WORDS = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4}|\d{2})", re.ASCII)
MDY_WORDS = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})", re.ASCII)
MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}


class Cell(forms.CharField):
    """Text of one line: spaces single, Excel's error values refused."""

    nothing: frozenset[str] = frozenset()

    def to_python(self, value: Any) -> str:
        text = " ".join(value.split())
        if text in EXCEL_ERRORS:
            raise ValidationError(_("Excel shows an error in this cell. Correct the formula."))
        return "" if text.casefold() in self.nothing else text


class OptionalCell(Cell):
    nothing = frozenset(NOTHING)


class NotesCell(forms.CharField):
    def to_python(self, value: Any) -> str:
        return "\n".join(line.rstrip() for line in value.strip().splitlines())


class ChoiceCell(OptionalCell):
    """A choice by its value, its label or the words that offices use for it."""

    def __init__(
        self, choices: type[models.TextChoices], *, common: Mapping[str, str], refusal: str, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.refusal = refusal
        self.known = {" ".join(words(text)): value for text, value in common.items()}
        for item in choices:
            self.known |= {" ".join(words(item.value)): item.value, " ".join(words(str(item.label))): item.value}
            self.known[" ".join(words(item.value.replace("_", " ")))] = item.value

    def to_python(self, value: Any) -> str:
        folded = " ".join(words(value.replace("_", " ")))
        if folded in self.known:
            return self.known[folded]
        if not super().to_python(value):
            return ""
        raise ValidationError(self.refusal)


class DateCell(OptionalCell):
    """ISO dates, American dates, months in letters and Excel's day numbers."""

    def __init__(self, *, never_later_than: datetime.date | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.latest = never_later_than

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text.strip("0-/. :"):
            return None
        try:
            if found := YMD.fullmatch(text):
                return datetime.date(*map(int, found.groups()))
            if found := MDY.fullmatch(text):
                month, _mark, day, year = found.groups()
                return self._date(year, int(month), int(day))
            if found := DMY_WORDS.fullmatch(text):
                return self._date(found[3], MONTHS[found[2][:3].lower()], int(found[1]))
            if found := MDY_WORDS.fullmatch(text):
                return self._date(found[3], MONTHS[found[1][:3].lower()], int(found[2]))
        except (ValueError, KeyError):
            text = ""
        if text.isascii() and text.isdigit() and int(text[:6]) in EXCEL_DAYS and len(text) <= 5:
            return EXCEL_EPOCH + datetime.timedelta(int(text))
        raise ValidationError(_("Not a date. Write it like 12/31/2024 or 2024-12-31."))

    def _date(self, year: str, month: int, day: int) -> datetime.date:
        """A year of two digits is in this century unless that lies too far ahead."""
        if len(year) == 4:
            return datetime.date(int(year), month, day)
        found = datetime.date(2000 + int(year), month, day)
        if self.latest is not None and found > self.latest:
            found = found.replace(year=found.year - 100)
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return True


class MoneyCell(MoneyFormField):
    def to_python(self, value: Any) -> Any:
        text = re.sub(r"\s*(/|per)\s*(hr|hour)\.?\Z", "", value.strip().lstrip("$").strip(), flags=re.IGNORECASE)
        return None if text.casefold() in NOTHING else super().to_python(text.replace(",", ""))

    def clean(self, value: Any) -> Any:
        amount = super().clean(value)
        return None if amount is None else amount.quantize(CENT)


def plain(value: Any) -> str:
    """A field's value as JSON keeps it and as two values are compared."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def typed(field: models.Field, text: str) -> Any:
    """The opposite of `plain`."""
    if text:
        return field.to_python(text)
    return None if field.null else ""


def plain_values(row: models.Model, names: Mapping[str, Any] | tuple[str, ...] | list[str]) -> dict[str, str]:
    return {name: plain(getattr(row, name)) for name in names}
