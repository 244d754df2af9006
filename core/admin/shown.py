"""How a value looks in the admin: as in the portal, and a link only where it can be followed."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from core.money import MoneyField
from core.web import formats

Shown = str | Callable[[Any], Any]
# The first that fits; a moment is a day, too.
FORMATS: tuple[tuple[type[models.Field], Callable[[Any], Any]], ...] = (
    (models.DateTimeField, formats.person_datetime),
    (models.DateField, formats.person_date),
    (MoneyField, formats.money),
    (models.BooleanField, lambda value: formats.absent() if value is None else (_("yes") if value else _("no"))),
)


def as_column(model: type[models.Model], name: Any) -> Shown:
    """What a list shows in the column `name`: the name itself where Django shows it as the portal does."""
    field = _field(model, name)
    draw = next((draw for kind, draw in FORMATS if isinstance(field, kind)), None)
    return name if field is None or draw is None else _drawn(field, lambda row: draw(getattr(row, field.name)))


def as_fields(model_admin: Any, request: HttpRequest, record: models.Model, names: Iterable[Any]) -> list[Any]:
    """The same for the fields of a record that is only read; some stand in one line, as a tuple."""
    open_to = _OpenTo(model_admin, request, record)
    return [
        tuple(_read(open_to, name) for name in item) if isinstance(item, list | tuple) else _read(open_to, item)
        for item in names
    ]


class _OpenTo:
    """The records that a record points to, as far as the person may open them; asked once a model."""

    def __init__(self, model_admin: Any, request: HttpRequest, record: models.Model) -> None:
        self.model, self.site, self.request, self.record = model_admin.model, model_admin.admin_site, request, record
        self._keys: dict[Any, set[Any]] = {}

    def holds(self, other: models.Model) -> bool:
        model = type(other)
        if model not in self._keys:
            theirs = self.site._registry.get(model)
            sees = theirs is not None and theirs.has_view_permission(self.request)
            self._keys[model] = set(self._seen(theirs, model)) if sees else set()
        return other.pk in self._keys[model]

    def _seen(self, theirs: Any, model: type[models.Model]) -> Iterable[Any]:
        fields = [field for field in self.model._meta.concrete_fields if field.related_model is model]
        keys = {key for field in fields if (key := getattr(self.record, field.attname)) is not None}
        return theirs.get_queryset(self.request).filter(pk__in=keys).values_list("pk", flat=True)


def _read(open_to: _OpenTo, name: Any) -> Shown:
    field = _field(open_to.model, name)
    if field is not None and (field.many_to_one or field.one_to_one):
        return _drawn(field, lambda row: _linked(open_to, getattr(row, field.name)))
    return as_column(open_to.model, name)


def _field(model: type[models.Model], name: Any) -> Any:
    try:
        return model._meta.get_field(name) if isinstance(name, str) else None
    except FieldDoesNotExist:
        return None


def _drawn(field: Any, draw: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def shown(row: Any) -> Any:
        return draw(row)

    shown.__name__ = field.name
    return admin.display(description=field.verbose_name)(shown)


def _linked(open_to: _OpenTo, other: models.Model | None) -> Any:
    """The record's name, which leads to its page if the person may open that."""
    if other is None:
        return formats.absent()
    if not open_to.holds(other):
        return str(other)
    place = f"admin:{other._meta.app_label}_{other._meta.model_name}_change"
    return format_html('<a href="{}">{}</a>', reverse(place, args=[quote(other.pk)]), other)
