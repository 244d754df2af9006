"""Two people edit one record: neither version is lost.

Whoever opens a form gets a mark of each value in it. When somebody else has saved meanwhile, the marks tell who changed
which field: what only one of the two changed stands, and only about a field that both changed a person is asked. The
form, a core.web.forms.VersionedModelForm, says what is compared.
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


def marks(form: Any, row: models.Model) -> str:
    """What a page sends along unseen: a short mark of each of the form's `saved_values`, as JSON."""
    return json.dumps({name: _mark(form, name, saved) for name, saved in form.saved_values(row).items()})


def read_marks(text: str) -> dict[str, str]:
    """The marks that came back; of what is none, nothing."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def compare(form: Any, current: models.Model, seen: Mapping[str, str]) -> Merged:
    """Tell by the marks of what was seen whose change of each field it is; one without a mark both changed.

    Of the fields of the form's `one_statement` all are clashes where each of the two changed some.
    """
    merged, mine_alone = Merged(), list[str]()
    for name, saved in form.saved_values(current).items():
        mine, theirs = _mark(form, name, form.cleaned_data.get(name)), _mark(form, name, saved)
        if mine == theirs:
            continue
        if seen.get(name) == theirs:
            mine_alone.append(name)
        elif seen.get(name) == mine:
            merged.theirs.append(name)
        else:
            merged.clashes.append(name)
    one = set(form.one_statement)
    if not one.isdisjoint(merged.theirs) and not one.isdisjoint(mine_alone + merged.clashes):
        merged.clashes += [name for name in (*mine_alone, *merged.theirs) if name in one]
        merged.theirs = [name for name in merged.theirs if name not in one]
    return merged


def take(form: Any, name: str, current: models.Model) -> None:
    """Let the form hold what is saved; its data may be changed."""
    saved = form.saved_values(current)[name]
    columns = {field.name for field in current._meta.concrete_fields}
    form.cleaned_data[name] = getattr(current, name) if name in columns else saved
    value, key = form.fields[name].prepare_value(saved), form.add_prefix(name)
    if isinstance(value, list | tuple):
        form.data.setlist(key, [str(item) for item in value])
    else:
        form.data[key] = "" if value is None or value is False else str(value)


def conflict_rows(form: Any, current: models.Model, names: list[str]) -> list[tuple[str, str, str]]:
    """(label, saved meanwhile, typed here) of these fields, in the order of the form."""
    saved = form.saved_values(current)
    return [conflict_row(form, name, saved[name], form.cleaned_data.get(name)) for name in saved if name in names]


def conflict_row(form: forms.BaseForm, name: str, saved: Any, typed: Any) -> tuple[str, str, str]:
    theirs, mine = (form_value(form, name, _raw(value)) or _("empty") for value in (saved, typed))
    return str(form.fields[name].label), theirs, mine


def _raw(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value


def _mark(form: forms.BaseForm, name: str, value: Any) -> str:
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
