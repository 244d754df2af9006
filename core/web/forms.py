from typing import Any

from django import forms
from django.db.models.fields import BLANK_CHOICE_DASH
from django.utils.translation import gettext_lazy as _

from core.models import Versioned
from core.validators import validate_single_line
from core.web.required import say_it_plainly

NOTHING = _("None chosen")
DASHES = BLANK_CHOICE_DASH[0][1]


class ReasonForm(forms.Form):
    """Why an act is done; shown in the record's history."""

    reason = forms.CharField(
        label=_("Reason"),
        error_messages={"required": _("Say why.")},
        max_length=300,
        validators=[validate_single_line],
        help_text=_("Others read this in the history."),
    )


class VersionField(forms.IntegerField):
    """The version that the person saw, which the page sends along unseen; compared by the service.

    Where it is missing it is 0, which no record has: nobody changes or decides what they did not see.
    """

    widget = forms.HiddenInput

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, min_value=0, max_value=2**31 - 1, **options)

    def clean(self, value: Any) -> int:
        return super().clean(value) or 0


class PlainlyAsked:
    """Says what is missing in our words, whether a page, the admin or a program fills the form."""

    def full_clean(self) -> None:
        say_it_plainly(self)  # type: ignore[arg-type]
        super().full_clean()


class VersionedForm(PlainlyAsked, forms.Form):
    """A form about `record` that is not made from its model."""

    version = VersionField()

    def __init__(self, *args: Any, record: Versioned, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record
        self.fields["version"].initial = record.version


class VersionedModelForm(PlainlyAsked, forms.ModelForm):
    """Carries the version that the person saw, so that a newer one by somebody else is noticed.

    `one_statement`: fields that say one thing together, of which one person's are never mixed with another's.
    """

    one_statement: tuple[str, ...] = ()

    version = VersionField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version if self.instance.pk else None
        for field in self.fields.values():
            name_nothing(field)

    def values(self) -> dict[str, Any]:
        """What the service is to save."""
        return {name: _with_plain_breaks(self.cleaned_data[name]) for name in self._meta.fields}

    def saved_values(self, row: Any) -> dict[str, Any]:
        """By field what `row` holds, to be compared with what is typed; a form adds what is no column of the row."""
        return {name: row._meta.get_field(name).value_from_object(row) for name in self._meta.fields}


def name_nothing(field: Any, words: Any = NOTHING) -> None:
    """Say in `words` what the framework writes as a line of dashes; what a form has named itself stays."""
    known = (BLANK_CHOICE_DASH[0], ("", NOTHING))
    if isinstance(field, forms.ModelChoiceField):
        field.empty_label = words if field.empty_label == DASHES else field.empty_label
    elif isinstance(field, forms.ChoiceField):
        choices: list[Any] = list(field.choices)  # type: ignore[arg-type]
        if any(choice in known for choice in choices):
            field.choices = [("", words) if choice in known else choice for choice in choices]


def _with_plain_breaks(value: Any) -> Any:
    """Browsers send CR LF for every line end; kept like that, an untouched text would count as changed."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value
