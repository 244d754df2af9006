from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from benevolence.services.periods import FiscalYear


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
