"""Insert many rows the quickest way that the database has. Validated and recorded is in core.records.bulk."""

import datetime
import uuid
from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

from core.db.copying import copy_in, current
from core.db.literals import array, array_type, json_texts

STATEMENT_ROWS = 500
COPY_FROM = 20  # below, one INSERT costs less than a COPY
BATCHES_AHEAD = 4
# What PostgreSQL's driver takes as it is; to ask the field about each such value would be most of the work.
AS_IT_IS: dict[type[models.Field], type] = {
    models.BigAutoField: int,
    models.BigIntegerField: int,
    models.BooleanField: bool,
    models.CharField: str,
    models.DateField: datetime.date,
    models.EmailField: str,
    models.IntegerField: int,
    models.PositiveBigIntegerField: int,
    models.PositiveIntegerField: int,
    models.PositiveSmallIntegerField: int,
    models.TextField: str,
    models.URLField: str,
    models.UUIDField: uuid.UUID,
}


def insert_many(rows: Sequence[models.Model]) -> None:
    """Insert rows of one model; each row has its key afterwards. Must run inside a transaction.

    Inside core.db.copying.sending the rows are on their way only.
    """
    if not rows:
        return
    model = type(rows[0])
    if not copies(rows):
        model._base_manager.bulk_create(rows, batch_size=STATEMENT_ROWS)
        return
    give_keys(rows)
    fields = [field for field in model._meta.concrete_fields if not field.generated and not field.has_db_default()]
    copy_in(_into(model, [str(field.column) for field in fields]), [stored(field, rows) for field in fields])
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def copies(rows: Sequence[Any]) -> bool:
    return connection.vendor == "postgresql" and len(rows) >= COPY_FROM


def insert_values(model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """As `insert_many` for rows that never become objects: each the values of the attributes `names`, in that order.

    The values are those that go to the database, so a JSON column's is a text.
    """
    into = _into(model, [str(model._meta.get_field(name).column) for name in names])
    if copies(rows):
        copy_in(into, list(zip(*rows, strict=True)))
    elif rows:
        places = ", ".join(["%s"] * len(names))
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {into} VALUES ({places})", rows)  # noqa: S608


def insert_missing(model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """As `insert_values`, in the order of the rows, without those of which a unique value is in the table already."""
    if not rows:
        return
    into = _into(model, [str(model._meta.get_field(name).column) for name in names])
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            source, values = unnested(model, names, list(zip(*rows, strict=True)))
            cursor.execute(f"INSERT INTO {into} SELECT * FROM {source} ON CONFLICT DO NOTHING", values)  # noqa: S608
        else:
            places = ", ".join(["%s"] * len(names))
            cursor.executemany(f"INSERT INTO {into} VALUES ({places}) ON CONFLICT DO NOTHING", rows)  # noqa: S608


def unnested(
    model: type[models.Model], names: Sequence[str], columns: Sequence[Sequence[Any]]
) -> tuple[str, list[str]]:
    """PostgreSQL only: rows given by column, as a source of a statement with its parameters, one array a column."""
    types = [array_type(model._meta.get_field(name)) for name in names]
    return f"unnest({', '.join(f'%s::{name}' for name in types)})", list(map(array, columns))


def present(model: type[models.Model], name: str, values: Collection[Any]) -> set[Any]:
    """Which of these values of one field are in the table already."""
    field = model._meta.get_field(name)
    if connection.vendor == "postgresql" and type(field) in AS_IT_IS:
        quote = connection.ops.quote_name
        column, table = quote(str(field.column)), quote(model._meta.db_table)
        given = f"%s::{array_type(field)}"  # one parameter for all, where the ORM has one for each
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {column} FROM {table} WHERE {column} = ANY({given})", [array(list(values))])  # noqa: S608
            return {row[0] for row in cursor.fetchall()}
    return set(model._base_manager.filter(**{f"{name}__in": values}).values_list(name, flat=True))


def give_keys(rows: Sequence[models.Model]) -> None:
    """Where they will be copied, keys from the table's sequence for rows that have none yet."""
    lacking = [row for row in rows if row.pk is None] if copies(rows) else []
    if lacking:
        for row, key in zip(lacking, reserve_keys(type(rows[0]), len(lacking)), strict=True):
            row.pk = key


def reserve_keys(model: type[models.Model], count: int) -> list[int]:
    """PostgreSQL only: `count` numbers from the sequence of the model's key."""
    sender = current.get()
    if sender is None:
        return _next_keys(model, count)
    table = model._meta.db_table
    if table not in sender.keys:
        sender.keys[table] = []
        return _next_keys(model, count)
    # It goes on: asked for now and then, so that a long write seldom waits for an answer.
    if len(sender.keys[table]) < count:
        sender.keys[table] += _next_keys(model, BATCHES_AHEAD * count)
    taken, sender.keys[table] = sender.keys[table][:count], sender.keys[table][count:]
    return taken


def _next_keys(model: type[models.Model], count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            # The sequence is looked up once: in one expression it would be for every key.
            "WITH key AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, %s)::regclass AS sequence)"
            " SELECT nextval(sequence) FROM key, generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, count],
        )
        return [row[0] for row in cursor.fetchall()]


def _into(model: type[models.Model], columns: Sequence[str]) -> str:
    quote = connection.ops.quote_name
    return f"{quote(model._meta.db_table)} ({', '.join(map(quote, columns))})"


def stored(field: models.Field, rows: Sequence[models.Model]) -> Sequence[Any]:
    """What is stored of one field, row by row."""
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        now = field.pre_save(rows[0], True)
        for row in rows:
            setattr(row, field.attname, now)
        return [now] * len(rows)
    if type(field).pre_save is models.Field.pre_save:
        values = list(map(attrgetter(field.attname), rows))
    else:
        values = [field.pre_save(row, True) for row in rows]
    if _goes_as_it_is(field, set(map(type, values))):
        return values
    if type(field) is models.JSONField and field.encoder is None:
        return json_texts(values)
    database = connections[DEFAULT_DB_ALIAS]  # `connection` looks it up anew for every value
    return [None if value is None else field.get_db_prep_save(value, database) for value in values]


def _goes_as_it_is(field: models.Field, types: set[type]) -> bool:
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    expected = AS_IT_IS.get(type(field))
    return all(
        found is type(None) or found is expected or (expected is str and issubclass(found, str)) for found in types
    )
