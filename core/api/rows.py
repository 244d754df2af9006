"""Rows as JSON: what the fields of a serializer read, and how it is written, is worked out once a process.

REST framework copies every field for each instance of a serializer, and walks the path of each field for each row.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import cache, cached_property
from operator import attrgetter
from typing import Any

from django.db.models import UUIDField
from django.utils.timezone import get_current_timezone
from rest_framework import serializers
from rest_framework.fields import empty

Way = Callable[[Any], Any]
NOTHING: frozenset[str] = frozenset()
# What every record tells of its making.
STAMPS = ("version", "created_at", "updated_at")
# How the values of a field are written, where that is the same for every field of its class.
WAYS: dict[type[serializers.Field], Way | None] = {
    serializers.BigIntegerField: int,
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
    paths: dict[str, str]
    values: attrgetter
    ways: tuple[tuple[str, Way], ...]
    moments: tuple[str, ...]
    one: tuple[tuple[str, type[serializers.Serializer]], ...]
    whole_row: tuple[tuple[str, Way], ...]


class RowSerializer(serializers.ModelSerializer):
    # No docstring: the schema would show it. For reading only; the methods of its fields are called on one instance
    # that lives as long as the process, and so without a context. A list in it is what `Parts` made.
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
    told = _told(plan, plan.read, plan.values(row), zone)
    for name, part in plan.one:
        if (value := told[name]) is not None:
            told[name] = written(part, value, zone=zone)
    for name, way in plan.whole_row:
        told[name] = way(row)
    return told


def _told(plan: Plan, names: Iterable[str], values: Iterable[Any], zone: tzinfo | None) -> dict[str, Any]:
    """The fields that are columns, from the `values` of those called `names`; there may be more values."""
    told = dict.fromkeys(plan.names)
    told.update(zip(names, values, strict=False))
    for name, way in plan.ways:
        if (value := told[name]) is not None:
            told[name] = way(value)
    for name in plan.moments:
        if (value := told[name]) is not None:
            told[name] = _moment(value, zone or get_current_timezone())
    return told


def write_columns(kind: type[serializers.Serializer]) -> tuple[list[str], Callable[..., dict[str, Any]]]:
    """Columns for `values_list()`, those of single related rows last, and what makes of their values what `kind` says.

    For a `kind` without fields that a method or a default answers.
    """
    plan = _plan(kind, NOTHING)
    taken = [name for name in plan.read if name not in dict(plan.one)]
    paths, parts = [_column(plan, name) for name in taken], []
    for name, other in plan.one:
        part = _plan(other, NOTHING)
        parts.append((name, part, len(paths), len(paths) + len(part.read)))
        paths += [f"{_column(plan, name)}__{_column(part, inner)}" for inner in part.read]

    def write(*values: Any) -> dict[str, Any]:
        told = _told(plan, taken, values, None)
        for name, part, start, stop in parts:
            told[name] = _told(part, part.read, values[start:stop], None)
        return told

    return paths, write


def _column(plan: Plan, name: str) -> str:
    return plan.paths[name].replace(".", "__")


def without(fields: Iterable[str], *names: str) -> list[str]:
    """The fields that a service takes, but for those that no answer tells."""
    return [field for field in fields if field not in names]


def columns(kind: Any, at: str = "") -> list[str]:
    """Names for `only()`: the columns that the fields of `kind` read of its own rows, which stand at the relation
    `at` of others.
    """
    known = {field.name for field in kind.Meta.model._meta.concrete_fields}
    return [f"{at}__{name}" if at else name for name in kind.Meta.fields if name in known]


@cache
def _plan(kind: Any, hidden: frozenset[str]) -> Plan:
    serializer = kind()
    found: dict[str, list[Any]] = {"ways": [], "moments": [], "one": [], "whole_row": []}
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
    return Plan(tuple(serializer.fields), tuple(paths), paths, values, **sorted_out)


def _placed(name: str, field: Any) -> tuple[str, Any]:
    """The member of the plan to which a field belongs, "" when its value needs nothing, and what stands there."""
    if isinstance(field, serializers.SerializerMethodField):
        return "whole_row", (name, getattr(field.parent, field.method_name))
    if isinstance(field, serializers.ListSerializer):
        return "", None
    if isinstance(field, serializers.Serializer):
        return "one", (name, type(field))
    if type(field) is serializers.DateTimeField:
        return "moments", name
    way = WAYS.get(type(field), field.to_representation)
    if field.default is not empty:
        return "whole_row", (name, _or_default(field, way))
    if isinstance(field, serializers.PrimaryKeyRelatedField):
        way = str if isinstance(_relation(field).target_field, UUIDField) else None
    return ("ways", (name, way)) if way else ("", None)


def _or_default(field: Any, way: Way | None) -> Way:
    """Of a path that may end on its way, at a relation to nothing."""
    read = attrgetter(field.source)

    def told(row: Any) -> Any:
        try:
            value = read(row)
        except AttributeError:
            return field.default
        return way(value) if way and value is not None else value

    return told


def _path(field: Any) -> str:
    return _relation(field).attname if isinstance(field, serializers.PrimaryKeyRelatedField) else field.source


def _relation(field: Any) -> Any:
    return field.parent.Meta.model._meta.get_field(field.source)


def _moment(value: datetime, zone: tzinfo) -> str:
    text = value.astimezone(zone).isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text
