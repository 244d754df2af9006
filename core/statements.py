"""Queries whose SQL is made once a process, for what every request asks: making it anew costs more than asking."""

import uuid
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Expression, QuerySet


class Place(Expression):
    """A value in a query that is given when the query is asked."""

    def __init__(self, name: str) -> None:
        super().__init__(output_field=None)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        return "%s", [self]


class Statement:
    """`Statement(lambda: …filter(key=Place("key")).values_list(…))`, then `.rows(key="…")`; a tuple for each row."""

    def __init__(self, query: Callable[[], QuerySet]) -> None:
        self._query = query

    @cached_property
    def _compiled(self) -> tuple[str, list[Any], Any, dict[int, Any]]:
        compiler = self._query().query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        converters = compiler.get_converters([column for column, _sql, _alias in compiler.select])
        return sql, list(parameters), compiler, converters

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        sql, parameters, compiler, converters = self._compiled
        given = {name: _for_database(value) for name, value in values.items()}
        with connection.cursor() as cursor:
            cursor.execute(sql, [given[item.name] if isinstance(item, Place) else item for item in parameters])
            found = cursor.fetchall()
        return list(map(tuple, compiler.apply_converters(found, converters))) if converters else found

    def first(self, **values: Any) -> tuple[Any, ...] | None:
        return next(iter(self.rows(**values)), None)


def _for_database(value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, uuid.UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value
