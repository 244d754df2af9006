"""Migrations that make many tables at once."""

from itertools import groupby
from typing import Any

from django.db.migrations import CreateModel, Migration
from django.db.migrations.state import ProjectState


class MakesTables(Migration):
    """Makes the tables of neighbouring CreateModels in the state that all of them lead to.

    Django draws every model that is related to a new one anew at each operation: with a hundred tables that is most of
    what an empty database takes to be ready. Here they are drawn once.
    """

    def apply(self, project_state: ProjectState, schema_editor: Any, collect_sql: bool = False) -> ProjectState:
        if collect_sql:
            return super().apply(project_state, schema_editor, collect_sql)
        for are_tables, found in groupby(self.operations, lambda operation: isinstance(operation, CreateModel)):
            operations = list(found)
            if are_tables:
                before, project_state = project_state, project_state.clone()
                vars(project_state).pop("apps", None)
                for operation in operations:
                    operation.state_forwards(self.app_label, project_state)
                for operation in operations:
                    operation.database_forwards(self.app_label, schema_editor, before, project_state)
            else:
                others = Migration(self.name, self.app_label)
                others.operations = operations
                project_state = others.apply(project_state, schema_editor)
        return project_state
