"""What people type to do something with a case that is no move of it; page and API read the same forms."""

from typing import Any

from django import forms

from core.permissions import Actor
from core.validators import validate_paragraphs, validate_sensible_date, validate_single_line
from core.web.forms import PlainlyAsked, ReasonForm
from grievances.models import LONGEST_NOTE, Grievance


def day_field(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, validators=[validate_sensible_date], **options)


def text_field(label: Any, limit: int = 200, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=limit, validators=[validate_single_line], **options)


def note_field(label: Any, rows: int = 4, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": rows}),
        validators=[validate_paragraphs],
        **options,
    )


class ActForm(PlainlyAsked, forms.Form):
    """What an act on `record` asks for; `named` may be chosen by the address of the page."""

    named: tuple[str, ...] = ()

    def __init__(self, *args: Any, record: Grievance, actor: Actor | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record, self.actor = record, actor

    def values(self) -> dict[str, Any]:
        """The arguments of the service, with plain line ends."""
        return {
            name: value.replace("\r\n", "\n") if isinstance(value, str) else value
            for name, value in self.cleaned_data.items()
        }

    def go_on(self) -> None:
        """Begin from what is there now, after somebody was quicker."""


class ActReasonForm(ActForm):
    reason = ReasonForm.base_fields["reason"]
