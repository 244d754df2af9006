"""What an app says of its imports to the pages: which lists, which routes, how a row's record is called."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from django.db import models
from django.urls import path, reverse

from core.imports.declaration import ImportedList
from core.imports.models import Batch, Row

# The steps of an import and their addresses below its own.
STEPS = {
    "layout": "layout/",
    "match": "match/",
    "check": "check/",
    "decide": "decide/",
    "decide_all": "decide-all/",
    "apply": "apply/",
    "progress": "progress/",
    "result": "result/<slug:kind>/",
    "undo": "undo/",
    "discard": "discard/",
}


class NameOfRow(Protocol):
    def __call__(self, row: Row) -> str:
        """What the row calls its record; "" where it does not say."""


@dataclass(frozen=True, kw_only=True)
class ImportArea:
    """The imports of one app.

    `route` begins the name of every route ("import" → `import_list`); `look` is the permission to look at an import,
    `run` that for each other step. `titles` are those of an import's page, by kind. `record_url` leads to a row's
    record, `value_label` says one value of a field in words. `undoing` says on the page of an undo what will happen.
    """

    kinds: type[models.TextChoices]
    lists: Mapping[str, ImportedList]
    titles: Mapping[str, Any]
    route: str
    look: str
    run: str
    undoing: Any
    name_of: NameOfRow
    record_url: Callable[[Batch, Row], str]
    value_label: Callable[[Batch, str, str], str]

    @cached_property
    def routes(self) -> Mapping[str, str]:
        return {step: f"{self.route}_{step}" for step in ("list", "upload", "detail", *STEPS)}

    def list_of(self, batch: Batch) -> ImportedList:
        return self.lists[str(batch.kind)]

    def title_of(self, batch: Batch) -> str:
        return str(self.titles[self.kinds(batch.kind)])

    def url(self, step: str, *args: Any) -> str:
        return reverse(self.routes[step], args=args)


def import_urls(area: ImportArea, views: Mapping[str, Any]) -> list[Any]:
    """The addresses of an app's pages; `views` by step."""
    return [
        path("", views["list"].as_view(), name=area.routes["list"]),
        path("new/", views["upload"].as_view(), name=area.routes["upload"]),
        path("<uuid:pk>/", views["detail"].as_view(), name=area.routes["detail"]),
        *(path(f"<uuid:pk>/{end}", views[step].as_view(), name=area.routes[step]) for step, end in STEPS.items()),
    ]
