"""What the treasurer types of a bank statement."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from benevolence.services.statements import end_of
from core.money import MoneyFormField
from core.site import local_today
from core.validators import validate_single_line

MONTHS_OFFERED = 24


def months_over() -> list[date]:
    """The newest first."""
    found, month = [], local_today().replace(day=1)
    for _number in range(MONTHS_OFFERED):
        month = (month - timedelta(days=1)).replace(day=1)
        found.append(month)
    return found


class StatementForm(forms.Form):
    month = forms.TypedChoiceField(label=_("Statement of"), coerce=date.fromisoformat)
    balance = MoneyFormField(label=_("Balance on the statement"), help_text=_("That of the last day of the month."))
    note = forms.CharField(
        label=_("Note"),
        max_length=200,
        required=False,
        validators=[validate_single_line],
        help_text=_("Why it differs from the books, if it does."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["month"]
        field.choices = [(month.isoformat(), date_format(end_of(month), "F Y")) for month in months_over()]
