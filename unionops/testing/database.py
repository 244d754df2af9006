"""What makes the database of a run cheap: a flush of what was written alone, statements that are planned once."""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import TestCase, TransactionTestCase
from psycopg import BaseConnection
from psycopg._preparing import PrepareManager

from core.db import triggers


@pytest.fixture(scope="session", autouse=True)
def _flush_append_only_tables() -> Iterator[None]:
    """Let a test database be emptied between tests; nothing else may empty an append-only table.

    The first time Django fills it anew with content types, permissions and roles; what it has made is copied, and
    afterwards put back where a test has changed it. Then only tables that hold rows are emptied: to truncate all of
    them costs PostgreSQL ten times as much, and what is written anew each time leaves its dead rows to all that follow.
    """
    flush = TransactionTestCase._fixture_teardown
    tables: list[str] = []
    copied: list[str] = []

    def lift_and_flush(self: TransactionTestCase) -> None:
        with _without_triggers():
            if copied:
                with transaction.atomic(), connection.cursor() as cursor:
                    changed = _changed_tables(copied)
                    for table in set(_with_rows(tables)).difference(copied).union(changed):
                        cursor.execute(f"DELETE FROM {table}")
                    for table in changed:
                        cursor.execute(f"INSERT INTO {table} SELECT * FROM copy_of_{table}")
            else:
                flush(self)
                tables.extend(connection.introspection.django_table_names(only_existing=True, include_views=False))
                copied.extend(_with_rows(tables))
                _copy(copied)
            cache.clear()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lift_and_flush)
        # PostgreSQL's process of a new connection reads its catalogue anew: 50 ms where a flush takes 10.
        if connection.vendor == "postgresql":
            patch.setattr(TransactionTestCase, "_should_reload_connections", lambda self: False)
        yield


@contextmanager
def _without_triggers() -> Iterator[None]:
    """Lift them; on PostgreSQL for this connection alone, and with them the foreign keys.

    To drop them there and make them anew costs more than a flush, and has all other connections plan theirs again.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            try:
                yield
            finally:
                cursor.execute("SET session_replication_role = DEFAULT")
    else:
        triggers.remove(connection)
        try:
            yield
        finally:
            triggers.install(connection)


def _with_rows(tables: list[str]) -> list[str]:
    """Return those that are not empty."""
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables))
        return sorted(row[0] for row in cursor.fetchall())


def _changed_tables(copied: list[str]) -> list[str]:
    """Return those whose rows are no longer the ones of their copies."""
    differ = (
        f"SELECT '{table}' WHERE EXISTS (SELECT * FROM {table} EXCEPT SELECT * FROM copy_of_{table})"
        f" OR EXISTS (SELECT * FROM copy_of_{table} EXCEPT SELECT * FROM {table})"
        for table in copied
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(differ))
        return [row[0] for row in cursor.fetchall()]


def _copy(tables: list[str]) -> None:
    """Copy each into one named copy_of_…, for as long as the database stands."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DROP TABLE IF EXISTS copy_of_{table}")
            cursor.execute(f"CREATE TABLE copy_of_{table} AS SELECT * FROM {table}")


@pytest.fixture(scope="session", autouse=True)
def _foreign_keys_are_proven_once() -> Iterator[None]:
    """Leave out Django's look for rows that name none, which on SQLite reads every table after each test.

    PostgreSQL's leg plays the same tests and looks after each; the battery looks on both.
    """
    with pytest.MonkeyPatch.context() as patch:
        if connection.vendor == "sqlite" and os.environ.get("PROOF_LEG") and not os.environ.get("BATTERY"):
            patch.setattr(TestCase, "_should_check_constraints", lambda self, connection: False)
        yield


@pytest.fixture(scope="session", autouse=True)
def _plans_outlive_a_rollback() -> Iterator[None]:
    """Keep prepared statements when a test is rolled back, as in production, where no request ends so.

    psycopg forgets them on each ROLLBACK, because tables that were made before it might be gone; in tests none is.
    Planning who asks anew costs 2.5 ms a request.
    """
    if connection.vendor != "postgresql":
        yield
        return
    roll_back, discards = BaseConnection._rollback_gen, PrepareManager._should_discard

    def keep(self: BaseConnection) -> Generator[Any, Any, None]:
        setattr(self._prepared, "clear", lambda: False)  # noqa: B010  a method, for this one object
        try:
            yield from roll_back(self)
        finally:
            delattr(self._prepared, "clear")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseConnection, "_rollback_gen", keep)
        patch.setattr(
            PrepareManager,
            "_should_discard",
            lambda self, prep, results: discards(
                self, prep, [result for result in results if result.command_status != b"ROLLBACK"]
            ),
        )
        yield
