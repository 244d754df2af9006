"""The search of a changelist whose rows have a `search_text`: by words, as on the portal's lists."""

from typing import Any

from django.db import models
from django.http import HttpRequest

from members.services.search import search


class WordSearch:
    """Before a GatedAdmin."""

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("search_text",)

    def get_search_results(self, request: HttpRequest, queryset: models.QuerySet, search_term: str) -> Any:
        text = search_term.replace("\0", "").strip()
        return (search(queryset, text) if text else queryset), False
