"""Cleaning many rows of one model as `full_clean` cleans one, without asking twice about the same value."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import DatabaseDefault

MOST_REMEMBERED = 30_000  # values of one field; all days of a life are fewer
# Fields of short values; a text may be long, and an encrypted one has no business in here.
REMEMBERING = (models.BooleanField, models.CharField, models.DateField, models.IntegerField)
TEXT = {name: getattr(models.CharField, name) for name in ("clean", "run_validators", "to_python", "validate")}
# Equal values of one of these types are the same value; 1.0 and 1.00 are equal, and differ.
PLAIN = (str, int, bool, datetime.date)


class Cleaner:
    """For rows of one model. Links, and what needs the database (uniqueness, constraints), are left to others."""

    def __init__(self, model: type[models.Model]) -> None:
        self._links = [field.name for field in model._meta.concrete_fields if field.is_relation]
        own = [field for field in model._meta.concrete_fields if not field.is_relation and not field.generated]
        self._remembering = [_RememberingField(field) for field in own if isinstance(field, REMEMBERING)]
        self._others = [field for field in own if not isinstance(field, REMEMBERING)]

    def clean(self, row: models.Model) -> None:
        """Raises the ValidationError that the row's own `full_clean` raises."""
        try:
            for remembering in self._remembering:
                remembering.clean(row)
            for field in self._others:
                _clean(field, row)
            row.clean()
        except (ValidationError, TypeError):
            # Everything that is wrong with the row, and not only the first of it.
            row.full_clean(exclude=self._links, validate_unique=False, validate_constraints=False)


class _RememberingField:
    __slots__ = ("attname", "field", "taken", "validators")

    def __init__(self, field: models.Field) -> None:
        self.field, self.attname = field, field.attname
        # All that Django does about a text that is not empty, where the field adds nothing to it.
        plain = not field.choices and all(getattr(type(field), name) is text for name, text in TEXT.items())
        self.validators = field.validators if plain else None
        # Values that were taken as they are, with their types: True equals 1.
        self.taken: dict[Any, type] = {None: type(None), "": str} if field.blank else {}

    def clean(self, row: models.Model) -> None:
        value = getattr(row, self.attname)
        if self.taken.get(value) is type(value):
            return
        if self.validators is not None and value and type(value) is str:
            for validate in self.validators:
                validate(value)
            cleaned = value
        else:
            cleaned = _clean(self.field, row)
        if cleaned is value and isinstance(value, PLAIN) and len(self.taken) < MOST_REMEMBERED:
            self.taken[value] = type(value)


def _clean(field: models.Field, row: models.Model) -> Any:
    """What Model.clean_fields does about one field; returns what is on the row then."""
    value = getattr(row, field.attname)
    if not (field.blank and value in field.empty_values) and not isinstance(value, DatabaseDefault):
        value = field.clean(value, row)
        setattr(row, field.attname, value)
    return value
