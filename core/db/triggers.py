"""Triggers: what the database itself refuses or keeps in step, whoever writes.

A model says `append_only = True`, then UPDATE, DELETE and TRUNCATE are refused, or names its own `triggers`. SQLite's
table rebuild drops triggers silently, so they are installed after every migrate and compared by a system check.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
"""

REFUSALS = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
{checks}
RETURN {row};
END $$
"""


@dataclass(frozen=True, slots=True)
class Trigger:
    """`function` and `postgresql` make it there (CREATE OR REPLACE FUNCTION, CREATE TRIGGER), `sqlite` on SQLite.

    Empty where that database cannot hold it.
    """

    name: str
    postgresql: str = ""
    function: str = ""
    sqlite: str = ""


def refusing(name: str, table: str, when: str, refusals: Sequence[tuple[str, str]]) -> Trigger:
    """Refuses what `when` ("BEFORE UPDATE OF status") would write where one of the conditions holds, with its words.

    A condition is SQL that both databases read, over NEW and OLD.
    """
    checks = "\n".join(
        f"IF {condition} THEN RAISE EXCEPTION '{words}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
        for condition, words in refusals
    )
    raised = " ".join(f"SELECT RAISE(ABORT, '{words}') WHERE {condition};" for condition, words in refusals)
    row = "OLD" if "DELETE" in when else "NEW"
    return Trigger(
        name,
        postgresql=f"CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        function=REFUSALS.format(name=name, checks=checks, row=row),
        sqlite=f"CREATE TRIGGER {name} {when} ON {table} BEGIN {raised} END",
    )


def own_triggers() -> list[tuple[str, Trigger]]:
    """(table, trigger) of what models declare."""
    found = [(model._meta.db_table, list(getattr(model, "triggers", ()))) for model in apps.get_models()]
    return [(table, trigger) for table, triggers in sorted(found, key=lambda pair: pair[0]) for trigger in triggers]


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


def _all_sql(connection: BaseDatabaseWrapper) -> Iterator[tuple[str, str, str]]:
    """(table, name, CREATE TRIGGER statement) of every trigger of this database."""
    for table in append_only_tables():
        for name, statement in _trigger_sql(connection, table):
            yield table, name, statement
    for table, trigger in own_triggers():
        if statement := trigger.postgresql if connection.vendor == "postgresql" else trigger.sqlite:
            yield table, trigger.name, statement


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
    return [name for table, name, _statement in _all_sql(connection) if table in tables and name not in present]


def install(connection: BaseDatabaseWrapper) -> None:
    tables, lacking = set(connection.introspection.table_names()), set(missing(connection))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            if lacking:
                cursor.execute(FUNCTION)
            for table, trigger in own_triggers():
                if trigger.function and table in tables:
                    cursor.execute(trigger.function)
        for table, name, statement in _all_sql(connection):
            if name in lacking:
                cursor.execute(_dropping(connection, table, name))  # one that was switched off is there
                cursor.execute(statement)


def _dropping(connection: BaseDatabaseWrapper, table: str, name: str) -> str:
    where = f" ON {connection.ops.quote_name(table)}" if connection.vendor == "postgresql" else ""
    return f"DROP TRIGGER IF EXISTS {name}{where}"


def remove(connection: BaseDatabaseWrapper) -> None:
    """Lift the triggers; only the test plugin does this, round the flush of a test database."""
    with connection.cursor() as cursor:
        for table, name, _statement in _all_sql(connection):
            cursor.execute(_dropping(connection, table, name))


def install_after_migrate(using: str, sender: Any = None, **kwargs: Any) -> None:
    install(connections[using])


def lift_before_migrate(using: str, sender: Any = None, **kwargs: Any) -> None:
    """SQLite renames no table while a trigger of another one names a table that is being rebuilt."""
    if connections[using].vendor == "sqlite":
        with connections[using].cursor() as cursor:
            for _table, trigger in own_triggers():
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}")
