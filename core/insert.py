"""Insert many rows the quickest way that the database has. Nothing is validated or recorded here: see core.bulk."""

from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

STATEMENT_ROWS = 500
COPY_FROM = 20  # below, one INSERT costs less than a COPY


def insert_many(rows: Sequence[models.Model]) -> None:
    """Insert rows of one model; each row has its key afterwards. Must run inside a transaction."""
    if not rows:
        return
    model = type(rows[0])
    if connection.vendor == "postgresql" and len(rows) >= COPY_FROM:
        give_keys(model, rows)
        _copy(model, rows)
    else:
        model._base_manager.bulk_create(rows, batch_size=STATEMENT_ROWS)


def give_keys(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Keys from the table's sequence for rows that have none yet."""
    lacking = [row for row in rows if row.pk is None]
    for row, key in zip(lacking, reserve_keys(model, len(lacking)), strict=True):
        row.pk = key


def reserve_keys(model: type[models.Model], count: int) -> list[int]:
    """PostgreSQL only: `count` numbers from the sequence of the model's key."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, count],
        )
        return [row[0] for row in cursor.fetchall()]


def _copy(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    fields = [field for field in model._meta.concrete_fields if not field.generated and not field.has_db_default()]
    quote = connection.ops.quote_name
    database = connections[DEFAULT_DB_ALIAS]  # `connection` looks it up anew for every value
    columns = ", ".join(quote(str(field.column)) for field in fields)
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row([_stored(field, row, database) for field in fields])
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _stored(field: models.Field, row: models.Model, database: Any) -> Any:
    value = field.pre_save(row, True)
    return None if value is None else field.get_db_prep_save(value, database)
