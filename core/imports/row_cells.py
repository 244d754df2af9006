"""A row's cells together: each read by its form field, a text that came before not read again."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

MOST_REMEMBERED = 4_000  # texts of one column: all choices and towns, the frequent names, many days


class RowCells:
    """The fields of the matched columns. A Django form would do the same, and take four times as long.

    `read` fills `cleaned` and, by field, `refusals`; a value that was refused is in `cleaned` no more.
    """

    def __init__(self, fields: Mapping[str, forms.Field]) -> None:
        self._fields = [(name, field, {}) for name, field in fields.items()]
        self.cleaned: dict[str, Any] = {}
        self.refusals: dict[str, list[str]] = {}

    def read(self, texts: Mapping[str, str]) -> None:
        self.cleaned, self.refusals = {}, {}
        for name, field, known in self._fields:
            text = texts[name]
            if text in known:
                self.cleaned[name] = known[text]
                continue
            try:
                value = self.cleaned[name] = field.clean(text)
            except ValidationError as error:
                self.refuse(name, error)
            else:
                if len(known) < MOST_REMEMBERED:
                    known[text] = value
        self.settle()

    def refuse(self, name: str, error: ValidationError) -> None:
        self.refusals.setdefault(name, []).extend(error.messages)
        self.cleaned.pop(name, None)

    def settle(self) -> None:
        """What takes several cells to say; called when each has been read."""
