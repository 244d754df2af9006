"""What is said at a field that is empty or out of bounds, in our own words: on pages, in the admin and to programs.

A form that can say what it asks for does: `error_messages={"required": _("Say what was agreed.")}`.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.money import MoneyFormField

# The first kind that fits; every other field is one to write in.
SENTENCES: tuple[tuple[type[forms.Field], Any], ...] = (
    (forms.ModelMultipleChoiceField, _("Tick at least one.")),
    (forms.MultipleChoiceField, _("Tick at least one.")),
    (forms.ChoiceField, _("Choose one.")),
    (forms.BooleanField, _("Tick this to go on.")),
    (forms.FileField, _("Choose a file.")),
    (forms.DateField, _("Enter a date.")),
    (forms.EmailField, _("Enter an e-mail address.")),
    (MoneyFormField, _("Enter an amount.")),
)
FILL_IN = _("Fill this in.")
# As REST framework calls a value that is not there.
MISSING = ("required", "blank", "null", "empty")


# What a number is refused with that is too small or too large.
BOUNDS = {"min_value": _("Enter %(limit_value)s or more."), "max_value": _("Enter %(limit_value)s or less.")}


def say_it_plainly(form: forms.BaseForm) -> None:
    """Replace the framework's sentence at each field whose form has none of its own."""
    theirs = forms.Field.default_error_messages["required"]
    for field in form.fields.values():
        if isinstance(field, forms.IntegerField):  # and of decimals, which are a kind of it
            field.error_messages = {**BOUNDS, **field.error_messages}
        if field.error_messages.get("required") == theirs:
            field.error_messages["required"] = sentence_for(field)


def said_plainly(detail: Any) -> Any:
    """What a serializer refuses, as REST framework nests it, with our sentence wherever a value is missing."""
    if isinstance(detail, dict):
        return {name: said_plainly(found) for name, found in detail.items()}
    if isinstance(detail, list):
        return [said_plainly(found) for found in detail]
    return str(FILL_IN) if getattr(detail, "code", "") in MISSING else detail


def sentence_for(field: forms.Field) -> Any:
    return next((words for kind, words in SENTENCES if isinstance(field, kind)), FILL_IN)
