"""A column whose value is among a few: those that another query finds, or keys that are given."""

from typing import Any

from django.db.models import BooleanField, Func, QuerySet, Subquery, Value


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
