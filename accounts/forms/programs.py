"""What is typed about a program that is to use the API."""

from ipaddress import ip_network
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Program
from accounts.services import programs
from accounts.services.programs import PROGRAM_FIELDS
from accounts.services.roles import name_of, words_of


class NetworkField(forms.CharField):
    """Also takes a range by any address in it."""

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return str(ip_network(text, strict=False))
        except ValueError:
            return text  # the model says what is wrong with it


class ProgramForm(forms.ModelForm):
    network = NetworkField(
        label=_("Address range"),
        max_length=50,
        help_text=_("From where the program comes, such as 203.0.113.7 or 203.0.113.0/24."),
    )
    permissions = forms.MultipleChoiceField(
        label=_("The program may"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Tick what the program may do, from the list."),
            "invalid_choice": _("Tick what the program may do, from the list."),
        },
    )

    class Meta:
        model = Program
        fields = list(PROGRAM_FIELDS)
        help_texts = {
            "name": _("As it stands in histories, such as “Payroll”."),
            "last_day": _("At most a year from now; the token opens nothing after it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(name_of(item), words_of(item)) for item in programs.choosable()]
        self.fields["permissions"].choices = choices  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in PROGRAM_FIELDS}
