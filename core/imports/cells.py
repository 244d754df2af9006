"""Form fields that read a cell the way offices write it."""

import datetime
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from core.folding import words
from core.imports.declaration import DateRules
from core.imports.workbook import NO_VALUE
from core.money import CENT, MoneyFormField

NOTHING = {"n/a", "na", "none", "null", "nil", "-", "--", "—", "#n/a", "unknown", "?", ".", "tbd"}
EXCEL_ERRORS = {"#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"}
# A day number of five digits: 1927 to 2099. One of four digits is a year.
EXCEL_DAYS = range(10_000, 73_051)
EPOCHS = {False: datetime.date(1899, 12, 30), True: datetime.date(1904, 1, 1)}
YMD = re.compile(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?:[ T]\d{1,2}:.*)?", re.ASCII)
DIGITS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?: \d{1,2}:.*)?", re.ASCII)
DMY_WORDS = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4}|\d{2})", re.ASCII)
MDY_WORDS = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})", re.ASCII)
MONTH_WORDS = re.compile(r"([A-Za-z]{3,9})\.?[ ,/-]+'?(\d{4}|\d{2})", re.ASCII)
MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})", re.ASCII)
YEAR_MONTH = re.compile(r"((?:19|20)\d{2})[-/.]?(\d{2})", re.ASCII)
MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
# Commas between groups of three digits; "32,50" is none.
GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)
# They show nothing and would make two equal names differ: spaces without width, marks of direction, soft hyphens.
SHOWING_NOTHING = dict.fromkeys(map(ord, "\u00ad\u200b\u200e\u200f\u061c\u2060\ufeff"))
AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)
# Our own exports put an apostrophe before what a spreadsheet would run, Excel before digits that are text.
APOSTROPHE = re.compile(r"'(?=[\d=+\-@＝＋－＠])")


def plain_text(text: str) -> str:
    """A cell without what programs put round its text, composed, and without characters that show nothing."""
    text = text.strip()
    if text.startswith("=") and (found := AS_TEXT.fullmatch(text)):
        text = found[1].replace('""', '"')
    elif text.startswith("'") and APOSTROPHE.match(text):
        text = text[1:]
    return text if text.isascii() else unicodedata.normalize("NFC", text.translate(SHOWING_NOTHING)).strip()


def same_text(one: str, other: str) -> bool:
    """Whether two plain values differ in capital letters or Unicode form at most."""
    return one == other or _form(one) == _form(other)


def _form(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


class Cell(forms.CharField):
    """Text of one line: spaces single, Excel's error values refused."""

    nothing: frozenset[str] = frozenset()

    def to_python(self, value: Any) -> str:
        text = " ".join(value.split())
        if text in EXCEL_ERRORS:
            raise ValidationError(_("Excel shows an error in this cell. Correct the formula."))
        if text == NO_VALUE:
            raise ValidationError(
                _("A formula without its value. Open the file in Excel, save it there and upload it again.")
            )
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
    """ISO dates, dates in digits by the order of their column, months in letters and Excel's day numbers.

    `to_month_end`: a month without a day means its last day.
    """

    def __init__(
        self,
        *,
        rules: DateRules,
        order: str,
        never_later_than: datetime.date | None = None,
        to_month_end: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.epoch, self.order = EPOCHS[rules.from_1904], order
        self.latest, self.to_month_end = never_later_than, to_month_end

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text.strip("0-/. :"):
            return None
        try:
            if found := self._day(text) or self._month(text):
                return found
        except (ValueError, KeyError):
            pass
        if text.isascii() and text.isdigit() and len(text) == 5 and int(text) in EXCEL_DAYS:
            return self.epoch + datetime.timedelta(int(text))
        raise ValidationError(_("Not a date. Write it like 12/31/2024 or 2024-12-31."))

    def _day(self, text: str) -> datetime.date | None:
        if found := YMD.fullmatch(text):
            return datetime.date(*map(int, found.groups()))
        if found := DIGITS.fullmatch(text):
            return self._in_digits(int(found[1]), int(found[3]), found[4])
        if found := DMY_WORDS.fullmatch(text):
            return self._date(found[3], MONTHS[found[2][:3].lower()], int(found[1]))
        if found := MDY_WORDS.fullmatch(text):
            return self._date(found[3], MONTHS[found[1][:3].lower()], int(found[2]))
        return None

    def _in_digits(self, first: int, second: int, year: str) -> datetime.date:
        if not self.order:
            raise ValidationError(
                _("This column writes some dates with the day first and others with the month first. Write 2024-12-31.")
            )
        day, month = (first, second) if self.order == "dmy" else (second, first)
        return self._date(year, month, day)

    def _month(self, text: str) -> datetime.date | None:
        if found := MONTH_WORDS.fullmatch(text):
            year, month = found[2], MONTHS[found[1][:3].lower()]
        elif found := MONTH_YEAR.fullmatch(text):
            year, month = found[2], int(found[1])
        elif found := YEAR_MONTH.fullmatch(text):
            year, month = found[1], int(found[2])
        else:
            return None
        first = self._date(year, month, 1)
        if not self.to_month_end:
            raise ValidationError(_("Only a month. Write the day too, like 12/31/2024 or 2024-12-31."))
        return (first + datetime.timedelta(31)).replace(day=1) - datetime.timedelta(1)

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
        if text.casefold() in NOTHING:
            return None
        if "," in text and not GROUPED.fullmatch(text):
            raise ValidationError(_("Write an amount with a point before the cents, like 32.50."))
        return super().to_python(text.replace(",", ""))

    def clean(self, value: Any) -> Any:
        amount = super().clean(value)
        return None if amount is None else amount.quantize(CENT)


def plain(value: Any) -> str:
    """A field's value as JSON keeps it and as two values are compared."""
    if type(value) is str:
        return value
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
