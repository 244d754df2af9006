from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from benevolence.services.periods import FiscalYear, Span

MOST_MONTHS = 36


class YearForm(forms.Form):
    """Which of the fiscal years a report is of."""

    year = forms.ChoiceField(
        label=_("Fiscal year"),
        required=False,
        error_messages={"invalid_choice": _("There is no report of that year. Choose one of the list.")},
    )

    def __init__(self, data: Any, *, years: Sequence[FiscalYear]) -> None:
        super().__init__(data)
        self.years = {year.key: year for year in years}
        field: Any = self.fields["year"]
        field.choices = [(key, str(year)) for key, year in self.years.items()]
        if any(year.quarter for year in years):
            field.label = _("Fiscal year or quarter")
        field.widget.attrs["class"] = "form-select"

    @property
    def chosen(self) -> FiscalYear:
        """The newest where none, or none that there is, was chosen."""
        newest = next(iter(self.years.values()))
        return self.years.get(self.cleaned_data.get("year", ""), newest) if self.is_valid() else newest


class MonthsForm(forms.Form):
    """From which to which month a report is; where only one is chosen, it is of that month."""

    first = forms.ChoiceField(
        label=_("From month"),
        required=False,
        error_messages={"invalid_choice": _("There is no report of that month. Choose one of the list.")},
    )
    last = forms.ChoiceField(
        label=_("To month"),
        required=False,
        error_messages={"invalid_choice": _("There is no report of that month. Choose one of the list.")},
    )

    def __init__(self, data: Any, *, months: Sequence[date]) -> None:
        super().__init__(data)
        self.months = {f"{month:%Y-%m}": month for month in months}
        choices = [("", _("Choose")), *((key, date_format(month, "M Y")) for key, month in self.months.items())]
        for name in ("first", "last"):
            field: Any = self.fields[name]
            field.choices = choices
            field.widget.attrs["class"] = "form-select"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and (span := self._span()):
            if span.last < span.first:
                raise ValidationError({"last": _("The last month is before the first. Choose a later one.")})
            if len(span.months) > MOST_MONTHS:
                sentence = _("Choose at most %(most)s months.")
                raise ValidationError({"last": sentence % {"most": MOST_MONTHS}})
        return cleaned

    def _span(self) -> Span | None:
        keys = [self.cleaned_data.get(name, "") for name in ("first", "last")]
        found = [self.months[key] for key in keys if key]
        return Span(found[0], found[-1]) if found else None

    @property
    def chosen(self) -> Span | None:
        """None where none, or none that there is, was chosen."""
        return self._span() if self.is_valid() else None
