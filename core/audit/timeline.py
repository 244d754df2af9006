"""A record's history in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.module_loading import import_string
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.audit.trail import stream_of
from core.classification import is_vault, project_models
from core.db.prepared import prepared
from core.models import AuditEvent
from core.money import MoneyField

Value = str | date | Decimal

SHOWN = 100
FIRST_ACTIONS = ("created", "imported")
ICONS = {
    "created": "plus",
    "changed": "pencil",
    "deleted": "trash",
    "restored": "restore",
    "imported": "file-import",
}


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    actor_name: str
    text: str
    changes: Sequence[tuple[str, Value, Value]]
    reason: str
    icon: str


@cache
def action_labels() -> dict[str, Any]:
    return {value: label for path in settings.AUDIT_ACTIONS for value, label in import_string(path).choices}


def action_label(action: str) -> str:
    return str(action_labels().get(action, action))


def subject_label(label: str) -> str:
    """What records of the model of this label are called; the label itself where nobody knows the model."""
    return _subject_labels(get_language()).get(label, label)


@cache
def _subject_labels(language: str | None) -> dict[str, str]:
    return dict(subject_choices())


def subject_choices() -> list[tuple[str, str]]:
    """What an event may be about, without asking the table of events."""
    shown = [model for model in project_models() if not is_vault(model)]
    found = [(model._meta.label_lower, str(model._meta.verbose_name).capitalize()) for model in shown]
    return sorted(found, key=lambda item: item[1])


def history(subjects: Iterable[models.Model]) -> list[Entry]:
    """The newest events in the streams of the given records, newest first."""
    streams = [stream_of(subject) for subject in subjects]
    return [entry_of(event) for event in _newest(None, streams=tuple(streams))]


@prepared
def _newest(_asker: Any, *, streams: Any) -> models.QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(stream__in=streams).order_by("-id")[:SHOWN]


def entry_of(event: AuditEvent) -> Entry:
    model = apps.get_model(event.subject_type)
    # A new record changed in every field at once, which tells nobody anything.
    changed = [] if _is_first(event) else event.body.get("changes", [])
    told = [change for change in changed if _can_be_told(model, change)]
    hidden = [_field_label(model, change["field"]) for change in changed if change not in told]
    text = action_label(event.action)
    if hidden:
        text = _("%(act)s: %(fields)s") % {"act": text, "fields": ", ".join(hidden)}
    return Entry(
        at=event.at,
        actor_name=event.actor_name or _("The portal"),
        text=text,
        changes=[
            (
                capfirst(_field_label(model, change["field"])),
                _value_label(model, change["field"], change["old"]),
                _value_label(model, change["field"], change["new"]),
            )
            for change in told
        ],
        reason=event.reason,
        icon=ICONS.get(event.action.rpartition(".")[2], "history"),
    )


def _is_first(event: AuditEvent) -> bool:
    changed = event.body.get("changes", [])
    begun = event.seq == 1 and all(change.get("old") is None for change in changed)
    return begun or event.action in FIRST_ACTIONS


def _field(model: type[models.Model], name: str) -> models.Field | None:
    try:
        found = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, models.Field) else None


def _can_be_told(model: type[models.Model], change: dict[str, Any]) -> bool:
    """Whether both values are there and read as words; what holds lists and names of parts is only called changed."""
    return "new" in change and not isinstance(_field(model, change["field"]), models.JSONField)


def _field_label(model: type[models.Model], name: str) -> str:
    """As people know it; of rows that belong to the record, as they are called together."""
    if field := _field(model, name):
        return str(field.verbose_name)
    parts = {relation.get_accessor_name(): relation.related_model for relation in model._meta.related_objects}
    return str(parts[name]._meta.verbose_name_plural) if name in parts else name.replace("_", " ")


def _value_label(model: type[models.Model], name: str, value: Any) -> Value:
    field = _field(model, name)
    if value is None or value == "":
        return _("empty")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.DateField | MoneyField) and isinstance(value, str):
        return _kept_value(field, value)
    return str(value)


def _kept_value(field: models.Field, value: str) -> Value:
    """The day, moment or amount itself, which the page writes as it writes every other; what is none stays as it is."""
    kind = datetime if isinstance(field, models.DateTimeField) else date
    try:
        return Decimal(value) if isinstance(field, MoneyField) else kind.fromisoformat(value)
    except (ValueError, InvalidOperation):
        return value
