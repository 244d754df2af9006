from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from core.audit import trail
from core.db import triggers
from core.enums import ReadKind
from core.models import AuditEvent, ReadEvent

MODELS = [AuditEvent, ReadEvent]


@pytest.fixture
def recorded(ticket, actor):
    with transaction.atomic():
        trail.record(ticket, "changed", actor=actor)
        trail.read(ticket, ReadKind.OPENED, actor=actor)
    return {model: list(model.objects.values()) for model in MODELS}


def refused(statement):
    with connection.cursor() as cursor:
        connection.check_constraints()
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            cursor.execute(statement)


@pytest.mark.parametrize("model", MODELS)
def test_rows_can_be_neither_changed_nor_deleted(recorded, model):
    table = model._meta.db_table
    refused(f"UPDATE {table} SET request_id = 'x'")
    refused(f"UPDATE {table} SET id = id + 1")
    refused(f"DELETE FROM {table}")
    for act in (lambda: model.objects.update(request_id="x"), model.objects.all().delete, model.objects.get().save):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            act()
    assert list(model.objects.values()) == recorded[model]


@pytest.mark.parametrize("model", MODELS)
def test_the_ways_round(recorded, model):
    table = model._meta.db_table
    columns = ", ".join(connection.ops.quote_name(field.column) for field in model._meta.concrete_fields)
    if connection.vendor == "postgresql":
        refused(f"TRUNCATE {table} CASCADE")
        refused(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} ON CONFLICT (id) DO UPDATE SET id = 9")
        refused(f"WITH gone AS (DELETE FROM {table} RETURNING 1) SELECT * FROM gone")
    else:
        refused(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
        refused(f"REPLACE INTO {table} SELECT * FROM {table}")
        refused(f"INSERT INTO {table} SELECT * FROM {table} WHERE true ON CONFLICT (id) DO UPDATE SET id = 9")
    assert list(model.objects.values()) == recorded[model]


def test_an_account_in_the_trail_cannot_be_deleted(recorded, actor):
    with pytest.raises(Exception, match="protected"):
        actor.delete()


def test_a_missing_trigger_is_found_and_put_back_by_migrate(db):
    assert triggers.missing(connection) == []
    triggers.remove(connection)
    lacking = triggers.missing(connection)
    endings = ("no_rewrite", "no_truncate") if connection.vendor == "postgresql" else ("no_update", "no_delete")
    tables = triggers.append_only_tables()
    assert {"core_auditevent", "core_readevent"} <= set(tables)
    own = [trigger.name for _table, trigger in triggers.own_triggers() if getattr(trigger, connection.vendor)]
    assert lacking == [f"{table}_{ending}" for table in tables for ending in endings] + own
    call_command("migrate", stdout=StringIO())
    triggers.install(connection)
    assert triggers.missing(connection) == []


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite cannot switch a trigger off")
def test_a_trigger_that_is_switched_off_counts_as_missing(db):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditevent DISABLE TRIGGER core_auditevent_no_rewrite")
    assert triggers.missing(connection) == ["core_auditevent_no_rewrite"]
    triggers.install(connection)
    assert triggers.missing(connection) == []
