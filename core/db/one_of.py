"""A column whose value is among a few that another query finds."""

from typing import Any

from django.db.models import BooleanField, Func, QuerySet, Subquery


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
