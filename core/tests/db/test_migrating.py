import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

from core.db.migrating import MakesTables


def operations():
    key = ("id", models.BigAutoField(primary_key=True))
    return [
        migrations.CreateModel("Union", [key, ("name", models.CharField(max_length=9))]),
        migrations.CreateModel("Local", [key, ("union", models.ForeignKey("sample.Union", models.CASCADE))]),
        migrations.AddField("Local", "number", models.IntegerField(null=True)),
        migrations.CreateModel("Steward", [key, ("local", models.ForeignKey("sample.Local", models.CASCADE))]),
    ]


def sql_and_state(kind):
    migration = kind("0001_initial", "sample")
    migration.operations = operations()
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        state = migration.apply(ProjectState(), editor)
    return editor.collected_sql, state


@pytest.mark.django_db(transaction=True)
def test_the_tables_are_those_that_djangos_own_migration_makes():
    sql, state = sql_and_state(MakesTables)
    djangos_sql, djangos_state = sql_and_state(migrations.Migration)
    assert (sql, state) == (djangos_sql, djangos_state)
    assert len([line for line in sql if line.startswith("CREATE TABLE")]) >= 3
    assert [model.__name__ for model in state.apps.get_models()] == ["Union", "Local", "Steward"]
