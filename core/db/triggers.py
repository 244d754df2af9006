"""Append-only tables: the database itself refuses UPDATE, DELETE and TRUNCATE.

A model says `append_only = True`. SQLite's table rebuild drops triggers silently, so they are installed after
every migrate and compared by a system check.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def append_only_tables() -> list[str]:
    return sorted(model._meta.db_table for model in apps.get_models() if getattr(model, "append_only", False))


def _trigger_sql(connection: BaseDatabaseWrapper, table: str) -> Iterator[tuple[str, str]]:
    """(name, CREATE TRIGGER statement) of every trigger that `table` must carry on this database."""
    quoted = connection.ops.quote_name(table)
    if connection.vendor == "postgresql":
        yield (
            f"{table}_no_rewrite",
            f"CREATE TRIGGER {table}_no_rewrite BEFORE UPDATE OR DELETE ON {quoted} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_rewrite()",
        )
        yield (
            f"{table}_no_truncate",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {quoted} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite()",
        )
    else:
        for verb in ("UPDATE", "DELETE"):
            name = f"{table}_no_{verb.lower()}"
            yield (
                name,
                f"CREATE TRIGGER {name} BEFORE {verb} ON {quoted} "
                f"BEGIN SELECT RAISE(ABORT, 'table {table} is append-only'); END",
            )


def installed(connection: BaseDatabaseWrapper) -> set[str]:
    """Names of the enabled triggers in this database."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {row[0] for row in cursor.fetchall()}


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    present, tables = installed(connection), set(connection.introspection.table_names())
    return [
        name
        for table in append_only_tables()
        if table in tables
        for name, _statement in _trigger_sql(connection, table)
        if name not in present
    ]


def install(connection: BaseDatabaseWrapper) -> None:
    tables, lacking = set(connection.introspection.table_names()), set(missing(connection))
    with connection.cursor() as cursor:
        if lacking and connection.vendor == "postgresql":
            cursor.execute(FUNCTION)
        for table in append_only_tables():
            for name, statement in _trigger_sql(connection, table) if table in tables else ():
                if name in lacking:
                    cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Lift the triggers; only the test plugin does this, round the flush of a test database."""
    with connection.cursor() as cursor:
        for table in append_only_tables():
            for name, _statement in _trigger_sql(connection, table):
                where = f" ON {connection.ops.quote_name(table)}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{where}")


def install_after_migrate(using: str, sender: Any = None, **kwargs: Any) -> None:
    install(connections[using])
