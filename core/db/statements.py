"""Queries whose SQL is made once a process, for what every request asks: making it anew costs more than asking."""

import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Expression, QuerySet
from psycopg import Cursor


class Place(Expression):
    """A value in a query that is given when the query is asked."""

    def __init__(self, name: str) -> None:
        super().__init__(output_field=None)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        return "%s", [self]


class Compiled:
    """The SQL of a queryset with places among its parameters; no SQL where the queryset cannot find anything.

    `keeps_plan`: PostgreSQL may plan it once a connection and not for each asking. Of who asks, planning takes three
    quarters; but a list planned without its values may be read in the wrong order.
    """

    def __init__(self, queryset: QuerySet, *, keeps_plan: bool = True) -> None:
        self.queryset, self.keeps_plan = queryset, keeps_plan
        self.compiler = queryset.query.get_compiler(connection=connection)
        try:
            self.sql, parameters = self.compiler.as_sql()
        except EmptyResultSet:
            self.sql, parameters = "", ()
        self.parameters = tuple(parameters)
        shown = self.compiler.select[: self.compiler.col_count] if self.sql else []
        self.converters = self.compiler.get_converters([column for column, _sql, _alias in shown])

    def filled(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        """The parameters, with a value of `given` in each place."""
        return tuple(_for_database(given[item.name]) if isinstance(item, Place) else item for item in self.parameters)

    def ask(self, given: Mapping[str, Any], sql: str = "") -> list[tuple[Any, ...]]:
        """The rows as the database gives them; `sql` is asked instead where another text has the same places."""
        with connection.cursor() as cursor:
            # Where statements are logged, a planned one would be logged without its text.
            if self.keeps_plan and connection.vendor == "postgresql" and not connection.queries_logged:
                cursor.cursor = Cursor(connection.connection)
            cursor.execute(sql or self.sql, self.filled(given))
            return cursor.fetchall()


class Statement:
    """`Statement(lambda: …filter(key=Place("key")).values_list(…))`, then `.rows(key="…")`; a tuple for each row."""

    def __init__(self, query: Callable[[], QuerySet]) -> None:
        self._query = query

    @cached_property
    def _compiled(self) -> Compiled:
        return Compiled(self._query())

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        text = self._compiled
        if not text.sql:
            return []
        found = text.ask(values)
        return list(map(tuple, text.compiler.apply_converters(found, text.converters))) if text.converters else found

    def first(self, **values: Any) -> tuple[Any, ...] | None:
        return next(iter(self.rows(**values)), None)


def _for_database(value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    if isinstance(value, uuid.UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value
