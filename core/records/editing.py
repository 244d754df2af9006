"""Two people edit one record: neither version is lost.

Whoever opens a form gets a mark of each value in it. When somebody else has saved meanwhile, the marks tell who changed
which field: what only one of the two changed stands, and only about a field that both changed a person is asked.
"""

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _


@dataclass
class Merged:
    """`theirs`: fields that only the other person changed; `clashes`: those that both did, each in another way."""

    theirs: list[str] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)


def marks(form: forms.ModelForm, row: models.Model) -> str:
    """What a page sends along unseen: a short mark of the value of each field of the form, as JSON."""
    return json.dumps({name: _mark(form, name, _saved(row, name)) for name in form._meta.fields or ()})


def read_marks(text: str) -> dict[str, str]:
    """The marks that came back; of what is none, nothing."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def compare(form: forms.ModelForm, current: models.Model, seen: Mapping[str, str]) -> Merged:
    """Tell by the marks of what was seen whose change of each field it is; one without a mark both changed."""
    merged = Merged()
    for name in form._meta.fields or ():
        mine, theirs = _mark(form, name, form.cleaned_data.get(name)), _mark(form, name, _saved(current, name))
        if mine == theirs or seen.get(name) == theirs:
            continue
        (merged.theirs if seen.get(name) == mine else merged.clashes).append(name)
    return merged


def take(form: forms.ModelForm, name: str, current: models.Model) -> None:
    """Let the form hold what is saved; its data may be changed."""
    value = form.fields[name].prepare_value(_saved(current, name))
    form.cleaned_data[name] = getattr(current, name)
    if isinstance(value, list | tuple):
        form.data.setlist(name, [str(item) for item in value])  # type: ignore[attr-defined]
    else:
        form.data[name] = str(value) if value not in (None, False) else ""  # type: ignore[index]


def conflict_rows(form: forms.ModelForm, current: models.Model, names: list[str]) -> list[tuple[str, str, str]]:
    """(label, saved meanwhile, typed here) of these fields."""
    return [conflict_row(form, name, _saved(current, name), form.cleaned_data.get(name)) for name in names]


def conflict_row(form: forms.BaseForm, name: str, saved: Any, typed: Any) -> tuple[str, str, str]:
    theirs, mine = (form_value(form, name, _raw(value)) or _("empty") for value in (saved, typed))
    return str(form.fields[name].label), theirs, mine


def _saved(row: models.Model, name: str) -> Any:
    return getattr(row, row._meta.get_field(name).attname)


def _raw(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value


def _mark(form: forms.ModelForm, name: str, value: Any) -> str:
    """Equal for values that the form shows alike, whichever way they were written."""
    value = form.fields[name].prepare_value(_raw(value))
    if isinstance(value, Decimal):
        value = value.normalize()
    elif isinstance(value, datetime.datetime):
        value = value.timestamp()
    elif isinstance(value, str):
        value = value.replace("\r\n", "\n").strip()
    elif isinstance(value, list | tuple):
        value = sorted(map(str, value))
    return sha256(f"{name}:{'' if value in (None, []) else value}".encode()).hexdigest()[:12]


def form_value(form: forms.BaseForm, name: str, value: Any) -> str:
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
