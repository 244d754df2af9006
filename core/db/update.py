"""Update many rows with different values, one statement for all: Django's bulk_update costs ten times that.

Nothing is validated or recorded here.
"""

import re
from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection, models


def update_many(rows: Sequence[models.Model], fields: Collection[str]) -> None:
    """Write `fields` of each row as they stand on it. Must run inside a transaction; the rows are locked by then."""
    if not rows or not fields:
        return
    meta = type(rows[0])._meta
    changed: list[Any] = [meta.get_field(name) for name in sorted(fields)]
    columns = [[field.get_db_prep_save(field.pre_save(row, False), connection) for row in rows] for field in changed]
    keys = [meta.pk.get_db_prep_value(row.pk, connection) for row in rows]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_from_arrays(meta, changed), [keys, *columns])
        else:
            cursor.executemany(_row_by_row(meta, changed), list(zip(*columns, keys, strict=True)))


def _from_arrays(meta: Any, changed: Sequence[Any]) -> str:
    """One array a column, joined by the key: half the time of a statement a row, prepared or not."""
    quote = connection.ops.quote_name
    names = [quote(field.column) for field in (meta.pk, *changed)]
    arrays = ", ".join(f"%s::{_array_type(field)}" for field in (meta.pk, *changed))
    assignments = ", ".join(f"{name} = given.{name}" for name in names[1:])
    table = quote(meta.db_table)
    return (
        f"UPDATE {table} SET {assignments} FROM unnest({arrays}) AS given({', '.join(names)})"  # noqa: S608
        f" WHERE {table}.{names[0]} = given.{names[0]}"
    )


def _array_type(field: Any) -> str:
    """Without a length: a cast to it would cut a text silently, where the column refuses it."""
    own = field.rel_db_type(connection) if field.primary_key else field.db_type(connection)
    return re.sub(r"\(.*?\)", "", own) + "[]"


def _row_by_row(meta: Any, changed: Sequence[Any]) -> str:
    quote = connection.ops.quote_name
    assignments = ", ".join(f"{quote(field.column)} = %s" for field in changed)
    return f"UPDATE {quote(meta.db_table)} SET {assignments} WHERE {quote(meta.pk.column)} = %s"  # noqa: S608
