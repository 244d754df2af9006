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
