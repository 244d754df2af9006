"""Migration operations that one of the two databases does not need."""

from typing import Any

from django.db import migrations
from django.db.migrations.operations.base import Operation


class AddPostgresIndex(migrations.AddIndex):
    """An index type that only PostgreSQL has; SQLite's small tables do without."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)


class CompareByBytes(Operation):
    """Give a text column of PostgreSQL the collation that SQLite has, so that lists sort alike everywhere."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, model_name: str, name: str) -> None:
        self.model_name, self.name = model_name, name

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._collate(app_label, schema_editor, to_state, '"C"')

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._collate(app_label, schema_editor, from_state, '"default"')

    def _collate(self, app_label: str, schema_editor: Any, state: Any, collation: str) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        model = state.apps.get_model(app_label, self.model_name)
        field = model._meta.get_field(self.name)
        quote = schema_editor.quote_name
        schema_editor.execute(
            f"ALTER TABLE {quote(model._meta.db_table)} ALTER COLUMN {quote(field.column)} "
            f"TYPE {field.db_type(schema_editor.connection)} COLLATE {collation}"
        )

    def describe(self) -> str:
        return f"Compare {self.model_name}.{self.name} by bytes"


class SampleMore(Operation):
    """Let ANALYZE keep more of a column that is searched by LIKE.

    Of the usual hundred samples often none holds a word that ten thousand rows hold; the planner then thinks that it
    is rare, and reads all of its rows.
    """

    reversible = True
    reduces_to_sql = True
    SAMPLES = 1_000

    def __init__(self, model_name: str, name: str) -> None:
        self.model_name, self.name = model_name, name

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._keep(app_label, schema_editor, to_state, self.SAMPLES)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._keep(app_label, schema_editor, from_state, -1)

    def _keep(self, app_label: str, schema_editor: Any, state: Any, samples: int) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        model = state.apps.get_model(app_label, self.model_name)
        quote = schema_editor.quote_name
        column = quote(model._meta.get_field(self.name).column)
        schema_editor.execute(
            f"ALTER TABLE {quote(model._meta.db_table)} ALTER COLUMN {column} SET STATISTICS {samples}"
        )

    def describe(self) -> str:
        return f"Sample more of {self.model_name}.{self.name}"
