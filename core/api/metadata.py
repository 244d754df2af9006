"""What OPTIONS answers."""

from typing import Any

from django import forms
from rest_framework.metadata import SimpleMetadata
from rest_framework.request import Request

from core.web.forms import VersionField

# The first kind that fits says how a value is sent; any other field takes a text.
KINDS: tuple[tuple[type[forms.Field], str], ...] = (
    (forms.BooleanField, "boolean"),
    (forms.DecimalField, "decimal"),
    (forms.IntegerField, "integer"),
    (forms.DateField, "date"),
    (forms.MultipleChoiceField, "list"),
    (forms.ModelMultipleChoiceField, "list"),
)


class Description(SimpleMetadata):
    """What an address is for; the fields of a body stand in the schema."""

    def determine_actions(self, request: Request, view: Any) -> dict[str, Any]:
        return {}


def fields_of(form: forms.BaseForm) -> dict[str, dict[str, Any]]:
    """The fields of a form by name, for a program that fills them."""
    return {name: _told(field) for name, field in form.fields.items()}


def _told(field: forms.Field) -> dict[str, Any]:
    kind = next((word for of, word in KINDS if isinstance(field, of)), "string")
    # Without the version that was seen a change is refused.
    is_required = field.required or isinstance(field, VersionField)
    told = {"label": str(field.label or ""), "type": kind, "required": is_required}
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        told["choices"] = [str(value) for value, _label in field.choices]
    return told
