"""Whether a row meets the check constraints of its table, all asked in one statement that is made once a process.

Django asks for each of them, between a savepoint and its release: three statements a constraint, at every save that is
cleaned. Where one is broken Django asks again, for its words.
"""

from contextlib import nullcontext
from functools import lru_cache
from itertools import chain
from typing import Any

from django.core.exceptions import FieldError
from django.db import DatabaseError, connection, models, transaction
from django.db.models import BooleanField, CheckConstraint, Expression, Q, Value
from django.db.models.functions import Coalesce
from django.db.models.sql import Query

Text = tuple[str, tuple[Any, ...]]


class _FieldPlace(Expression):
    """The value of a field of the row that is asked about."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        return "%s", [self]

    def of(self, row: models.Model) -> Any:
        return self.output_field.get_db_prep_value(self.value(row), connection)

    def value(self, row: models.Model) -> Any:
        return getattr(row, self.output_field.attname)


def hold(row: models.Model, exclude: set[str] | None = None) -> bool:
    """Tell whether `row` meets all constraints but those about a field of `exclude`; False also where SQL must tell."""
    sql, parameters = _statement(type(row), frozenset(exclude or ()))
    if not sql:
        return True
    places = [item for item in parameters if isinstance(item, _FieldPlace)]
    if any(hasattr(place.value(row), "resolve_expression") for place in places):
        return False
    values = [item.of(row) if isinstance(item, _FieldPlace) else item for item in parameters]
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext(), connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchone() is not None
    except DatabaseError:
        return False


@lru_cache(256)
def _statement(model: type[models.Model], exclude: frozenset[str]) -> Text:
    """Return the text and its parameters; no text where no constraint is left to ask about."""
    query, asked = Query(None), False
    for field in model._meta.concrete_fields:
        if field.name not in exclude:
            query.add_annotation(_FieldPlace(output_field=field), field.name, select=False)
    if "pk" not in exclude:
        query.add_annotation(_FieldPlace(output_field=model._meta.pk), "pk", select=False)
    query.add_annotation(Value(1), "_check")
    for constraint in chain.from_iterable(owner._meta.constraints for owner in (model, *model._meta.all_parents)):
        if isinstance(constraint, CheckConstraint):
            try:
                query.add_q(Q(Coalesce(constraint.condition, True, output_field=BooleanField())))
            except FieldError:  # about an excluded field
                continue
            asked = True
    if not asked:
        return "", ()
    sql, parameters = query.get_compiler(connection=connection).as_sql()
    return sql, tuple(parameters)
