"""Two people edit one record: neither version is lost."""

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _


def conflict_rows(form: forms.ModelForm, current: models.Model) -> list[tuple[str, str, str]]:
    """(label, saved meanwhile, typed here) of every field where the two differ."""
    rows = []
    for name in form._meta.fields or ():
        saved, typed = getattr(current, current._meta.get_field(name).attname), _raw(form.cleaned_data.get(name))
        theirs, mine = form_value(form, name, saved), form_value(form, name, typed)
        if saved != typed and theirs != mine:
            rows.append((str(form.fields[name].label), theirs or _("empty"), mine or _("empty")))
    return rows


def _raw(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value


def form_value(form: forms.ModelForm, name: str, value: Any) -> str:
    """A field's value in the words that the form uses."""
    field = form.fields[name]
    value = field.prepare_value(value)
    if value in (None, "", []):
        return ""
    if isinstance(value, list):
        return ", ".join(form_value(form, name, item) for item in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(field, forms.ModelChoiceField):
        found = field.queryset.filter(pk=value).first()
        return str(found) if found else str(value)
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    return str(value)
