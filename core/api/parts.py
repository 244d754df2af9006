"""What hangs on the rows of an answer, in one statement of a text that is made once a process."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Self

from django.db import connection
from django.db.models import F, Lookup, Model, QuerySet
from rest_framework import serializers

from core.api.rows import write_columns
from core.db.statements import Place, Statement


class Among(Lookup):
    """Keys as one parameter, whatever their number."""

    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, given = self.process_lhs(compiler, connection)
        return f"{left} IN (SELECT value FROM json_each(%s))", [*given, self.rhs]  # noqa: S608

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, given = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s)", [*given, self.rhs]


class Parts:
    """`rows`, which hold no value of their own, by the key of their parent; `make` gets the values of `columns`."""

    def __init__(
        self, attribute: str, rows: QuerySet, *, by: str, columns: Sequence[str], make: Callable[..., Any]
    ) -> None:
        self.attribute, self.make = attribute, make
        self.parent: Any = rows.model._meta.get_field(by)
        asked = rows.filter(Among(F(by), Place("keys"))).values_list(self.parent.attname, *columns)
        self.statement = Statement(lambda: asked)

    @classmethod
    def sent(cls, attribute: str, kind: type[serializers.Serializer], rows: QuerySet, *, by: str) -> Self:
        """Written as `kind` says."""
        columns, write = write_columns(kind)
        return cls(attribute, rows, by=by, columns=columns, make=write)

    def attach(self, parents: Sequence[Model]) -> None:
        """Give each parent the list of its parts as an attribute."""
        found = defaultdict(list)
        for key, *values in self._read([parent.pk for parent in parents]) if parents else ():
            found[key].append(self.make(*values))
        for parent in parents:
            setattr(parent, self.attribute, found[parent.pk])

    def _read(self, keys: list[Any]) -> list[tuple[Any, ...]]:
        if connection.vendor == "sqlite":
            prepared = [self.parent.get_db_prep_value(key, connection) for key in keys]
            return self.statement.rows(keys=json.dumps(prepared))
        return self.statement.rows(keys=keys)
