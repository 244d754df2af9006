"""Rows as JSON: what the fields of a serializer read, and how it is written, is worked out once a process.

REST framework copies every field for each instance of a serializer, and walks the path of each field for each row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import cache, cached_property
from operator import attrgetter
from typing import Any

from django.db.models import Manager, UUIDField
from django.utils.timezone import get_current_timezone
from rest_framework import serializers
from rest_framework.fields import empty

Way = Callable[[Any], Any]
NOTHING: frozenset[str] = frozenset()
# How the values of a field are written, where that is the same for every field of its class.
WAYS: dict[type[serializers.Field], Way | None] = {
    serializers.BooleanField: None,
    serializers.CharField: str,
    serializers.ChoiceField: None,
    serializers.DateField: date.isoformat,
    serializers.EmailField: str,
    serializers.IntegerField: int,
    serializers.URLField: str,
    serializers.UUIDField: str,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """How a row is written: `values` reads most fields at once, the other members say what is done with which."""

    names: tuple[str, ...]
    read: tuple[str, ...]
    values: attrgetter
    ways: tuple[tuple[str, Way], ...]
    moments: tuple[str, ...]
    parts: tuple[tuple[str, type[serializers.Serializer], bool], ...]
    whole_row: tuple[tuple[str, Way], ...]


class RowSerializer(serializers.ModelSerializer):
    # No docstring: the schema would show it. For reading only; the methods of its fields are called on one instance
    # that lives as long as the process, and so without a context.

    @cached_property
    def zone(self) -> tzinfo:
        return get_current_timezone()

    def to_representation(self, row: Any) -> dict[str, Any]:
        return written(type(self), row, zone=self.zone)


def written(
    kind: type[serializers.Serializer],
    row: Any,
    *,
    zone: tzinfo | None = None,
    hidden: frozenset[str] = NOTHING,
) -> dict[str, Any]:
    """One row as `kind` says; `hidden` fields are null and not even read. `zone` defaults to the current one."""
    plan = _plan(kind, hidden)
    told = dict.fromkeys(plan.names)
    told.update(zip(plan.read, plan.values(row), strict=False))
    for name, way in plan.ways:
        if (value := told[name]) is not None:
            told[name] = way(value)
    for name in plan.moments:
        if (value := told[name]) is not None:
            told[name] = _moment(value, zone or get_current_timezone())
    for name, part, many in plan.parts:
        value = told[name]
        if many:
            rows = value.all() if isinstance(value, Manager) else value
            told[name] = [written(part, item, zone=zone) for item in rows]
        elif value is not None:
            told[name] = written(part, value, zone=zone)
    for name, way in plan.whole_row:
        told[name] = way(row)
    return told


@cache
def _plan(kind: Any, hidden: frozenset[str]) -> Plan:
    serializer = kind()
    found: dict[str, list[Any]] = {"ways": [], "moments": [], "parts": [], "whole_row": []}
    paths = {}
    for name, field in serializer.fields.items():
        if name not in hidden:
            group, what = _placed(name, field)
            if group:
                found[group].append(what)
            if group != "whole_row":
                paths[name] = _path(field)
    # of one attribute alone an attrgetter would make no tuple
    values = attrgetter(*paths.values(), "__class__", "__class__")
    sorted_out: dict[str, Any] = {group: tuple(items) for group, items in found.items()}
    return Plan(tuple(serializer.fields), tuple(paths), values, **sorted_out)


def _placed(name: str, field: Any) -> tuple[str, Any]:
    """The member of the plan to which a field belongs, "" when its value needs nothing, and what stands there."""
    if isinstance(field, serializers.SerializerMethodField):
        return "whole_row", (name, getattr(field.parent, field.method_name))
    if isinstance(field, serializers.ListSerializer):
        return "parts", (name, type(field.child), True)
    if isinstance(field, serializers.Serializer):
        return "parts", (name, type(field), False)
    if field.default is not empty:
        return "whole_row", (name, _by_itself(field))
    if type(field) is serializers.DateTimeField:
        return "moments", name
    way = WAYS.get(type(field), field.to_representation)
    if isinstance(field, serializers.PrimaryKeyRelatedField):
        way = str if isinstance(_relation(field).target_field, UUIDField) else None
    return ("ways", (name, way)) if way else ("", None)


def _by_itself(field: Any) -> Way:
    def way(row: Any) -> Any:
        value = field.get_attribute(row)
        return None if value is None else field.to_representation(value)

    return way


def _path(field: Any) -> str:
    return _relation(field).attname if isinstance(field, serializers.PrimaryKeyRelatedField) else field.source


def _relation(field: Any) -> Any:
    return field.parent.Meta.model._meta.get_field(field.source)


def _moment(value: datetime, zone: tzinfo) -> str:
    text = value.astimezone(zone).isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text
