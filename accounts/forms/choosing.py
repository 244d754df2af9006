"""A person of the portal, chosen from a list."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class PersonField(forms.ModelChoiceField):
    """One of a few people by name; the form sets `queryset`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"queryset": User.objects.none(), "empty_label": _("Choose a person"), **kwargs})

    def label_from_instance(self, obj: Any) -> str:
        return obj.full_name

    def to_python(self, value: Any) -> Any:
        """Look among those who are offered: a form that names two people asks the database no more than twice."""
        if value in self.empty_values:
            return None
        key = str(getattr(value, "pk", value))
        found = next((person for person in self.queryset or () if str(person.pk) == key), None)
        if found is None:
            raise forms.ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value}
            )
        return found
