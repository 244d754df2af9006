"""A column whose value is among some: those that another query finds, or values that are given."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, Func, QuerySet, Subquery, Value

from core.db.literals import array, array_type


class _Values(Subquery):
    empty_result_set_value = NotImplemented  # of no values nothing is one: OneOf, not this, is then known


class OneOf(Func):
    """Whether `column` is one of the values of `rows`, a query of one column that does not look at the outer row.

    `column__in=rows` lets PostgreSQL join: beside OR or NOT it then reads the whole other table, or every row of this
    one. Here it reads the values first, once a statement and in its snapshot, and finds the rows by the index of the
    column. For few values: each row is compared with all of them. A NULL among the values makes NOT lose rows.
    """

    output_field = BooleanField()
    empty_result_set_value = False
    template = "%(expressions)s"
    arg_joiner = " IN "

    def __init__(self, column: str, rows: QuerySet) -> None:
        super().__init__(column, _Values(rows))

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s)", arg_joiner=" = ANY(ARRAY", **extra)


class AmongKeys(Func):
    """Whether `column` is one of `keys`, numbers in one text with commas between them, which may be a Place."""

    output_field = BooleanField()

    def __init__(self, column: str, keys: Any) -> None:
        super().__init__(column, Value(keys) if isinstance(keys, str) else keys)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template, joiner = "%(expressions)s, ',')::bigint[])", " = ANY(string_to_array("
        return self.as_sql(compiler, connection, template=template, arg_joiner=joiner, **extra)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template, joiner = "%(expressions)s || ']'))", " IN (SELECT value FROM json_each('[' || "
        return self.as_sql(compiler, connection, template=template, arg_joiner=joiner, **extra)


class Among(Func):
    """Whether `column` is one of `values`, of which there may be thousands: as `column__in`, but PostgreSQL gets one
    array, where a parameter for each takes longer to write into the statement than the rows take to be found.
    """

    output_field = BooleanField()
    empty_result_set_value = False

    def __init__(self, column: str, values: Iterable[Any]) -> None:
        super().__init__(column)
        self.values = [value for value in values if value is not None]

    def as_postgresql(self, compiler: Any, _connection: Any, **_extra: Any) -> Any:
        column, parameters = self._column(compiler)
        kind = array_type(self.get_source_expressions()[0].output_field)
        return f"{column} = ANY(%s::{kind})", [*parameters, array(self.values)]

    def as_sql(self, compiler: Any, connection: Any, **_extra: Any) -> Any:
        column, parameters = self._column(compiler)
        field = self.get_source_expressions()[0].output_field
        values = [field.get_db_prep_value(value, connection) for value in self.values]
        return f"{column} IN ({', '.join(['%s'] * len(values))})", [*parameters, *values]

    def _column(self, compiler: Any) -> tuple[str, Any]:
        if not self.values:
            raise EmptyResultSet
        return compiler.compile(self.get_source_expressions()[0])
