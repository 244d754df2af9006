"""Update many rows with different values: on PostgreSQL by one statement, which joins an array a column, else by one
prepared statement. Django's bulk_update costs ten times that; a COPY to a temporary table costs the same, and needs
the right to make one.

Nothing is validated or recorded here.
"""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection, models

from core.db.insert import stored, unnested


def update_many(rows: Sequence[models.Model], fields: Collection[str]) -> None:
    """Write `fields` of each row as they stand on it. Must run inside a transaction; the rows are locked by then."""
    if not rows or not fields:
        return
    model = type(rows[0])
    meta = model._meta
    changed: list[Any] = [meta.pk, *(meta.get_field(name) for name in sorted(fields))]
    names = [field.attname for field in changed]
    if connection.vendor == "postgresql":
        _join(model, names, [stored(field, rows) for field in changed])
    else:
        columns = [
            [field.get_db_prep_save(field.pre_save(row, False), connection) for row in rows] for field in changed
        ]
        _one_by_one(model, names, columns)


def update_values(model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """As `update_many` for rows that never become objects: each its key and the values of the other `names`.

    The values are those that go to the database, so a JSON column's is a text.
    """
    if rows:
        update = _join if connection.vendor == "postgresql" else _one_by_one
        update(model, names, list(zip(*rows, strict=True)))


def _join(model: type[models.Model], names: Sequence[str], columns: Sequence[Sequence[Any]]) -> None:
    table, key, *others = _quoted(model, names)
    source, values = unnested(model, names, columns)
    assignments = ", ".join(f"{column} = given.{column}" for column in others)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {assignments} FROM {source} AS given({', '.join([key, *others])})"  # noqa: S608
            f" WHERE {table}.{key} = given.{key}",
            values,
        )


def _one_by_one(model: type[models.Model], names: Sequence[str], columns: Sequence[Sequence[Any]]) -> None:
    table, key, *others = _quoted(model, names)
    assignments = ", ".join(f"{column} = %s" for column in others)
    keys, *values = columns
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET {assignments} WHERE {key} = %s",  # noqa: S608
            list(zip(*values, keys, strict=True)),
        )


def _quoted(model: type[models.Model], names: Sequence[str]) -> list[str]:
    columns = [str(model._meta.get_field(name).column) for name in names]
    return [connection.ops.quote_name(name) for name in (model._meta.db_table, *columns)]
