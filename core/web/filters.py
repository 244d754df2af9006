"""The base of every list's filter: one set for the page and the API."""

from typing import Any, ClassVar

import django_filters as filters
from django import forms
from django.db import models
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core.validators import validate_single_line
from core.web.picking import labels_of

MAX_QUERY = 200


class SearchField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": MAX_QUERY, "strip": True, **kwargs})
        self.validators.append(validate_single_line)
        self.error_messages["max_length"] = _("Search for fewer words.")


class SearchFilter(filters.CharFilter):
    field_class = SearchField


class ListFilterSet(filters.FilterSet):
    """`q` searches; an invalid filter finds nothing and says why beside the field."""

    _form_class: ClassVar[type[forms.Form]]

    def get_form_class(self) -> type[forms.Form]:
        """Made once for each filter set; what one form changes of its fields stays in that form."""
        own = type(self)
        if "_form_class" not in vars(own):
            drawn = super().get_form_class()
            for field in drawn.base_fields.values():
                select = isinstance(field.widget, forms.Select)
                field.widget.attrs.setdefault("class", "form-select" if select else "form-control")
            own._form_class = drawn
        return own._form_class

    @property
    def text(self) -> str:
        """What is searched for, cleaned; empty when nothing is."""
        return self.form.cleaned_data.get("q", "") if self.data and self.is_valid() else ""

    @property
    def qs(self) -> models.QuerySet:
        return super().qs if self.is_valid() else self.queryset.none()

    @property
    def exact(self) -> models.QuerySet:
        """`qs` without what `forgiven` adds; a page asks for that itself, once it knows that nothing was found."""
        return self.qs

    def forgiven(self) -> models.QuerySet:
        """What a search that found nothing may have meant."""
        return self.queryset.none()

    def chosen(self) -> list[tuple[str, str, str]]:
        """(parameter, label, chosen words) of each filter in use, for the chips."""
        if not self.data or not self.is_valid():
            return []
        found = []
        for name, field in self.form.fields.items():
            value = self.form.cleaned_data.get(name)
            if value not in (None, "", []):
                found.append((name, str(field.label), self._words(field, value)))
        return found

    def offered(self) -> list[tuple[str, str]]:
        """(label, query) of each record that a word may mean which fits several."""
        found = []
        for name, errors in self.form.errors.as_data().items():
            for label in labels_of(errors):
                query = QueryDict(mutable=True)
                query.update(self.data)
                query[name] = label
                found.append((label, f"?{query.urlencode()}"))
        return found

    @staticmethod
    def _words(field: forms.Field, value: Any) -> str:
        if isinstance(field, forms.MultipleChoiceField):
            labels = dict(field.choices)  # type: ignore[arg-type]
            return ", ".join(str(labels.get(item, item)) for item in value)
        if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
            return str(dict(field.choices).get(str(value), value))  # type: ignore[arg-type]
        return str(value)
