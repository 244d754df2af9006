"""Where a page of a list ends, as programs send it back.

It holds what the row was sorted by when it was told, so a row that is renamed, removed or hidden meanwhile moves no
page. That may be a name, and names do not stand in addresses: the place is sealed, for the list and the account.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from core.crypto import DecryptionError, decrypt, encrypt
from core.permissions import Actor
from core.web.keyset import Sort


class PlaceUnknown(ValidationError):
    """The cursor in the parameter `name` is none that we gave this account for this list."""

    status_code, default_code = 400, "place_unknown"

    def __init__(self, name: str) -> None:
        self.sentence = _(
            "This page of the list cannot be found any more. Begin with the first page, without “after” and “before”,"
            " and follow “next”."
        )
        super().__init__({name: [self.sentence]})


@dataclass(frozen=True, slots=True)
class Places:
    """Of one list, for one account. Values go through the text that their fields make and read."""

    model: Any
    sort: Sort
    asker: Actor

    @property
    def _field(self) -> Any:
        meta = self.model._meta
        return meta.pk if self.sort.field == "pk" else meta.get_field(self.sort.field)

    @property
    def _binding(self) -> str:
        return f"place {self.model._meta.label}.{self.sort.field}:{self.asker.pk}"

    def of(self, row: Any) -> str:
        return encrypt(json.dumps([self._field.value_to_string(row), str(row.pk)]), binding=self._binding)

    def read(self, name: str, text: str) -> tuple[Any, Any]:
        """Sort value and key of the row after which, or before which, the page begins. Raises PlaceUnknown."""
        try:
            value, key = json.loads(decrypt(text, binding=self._binding))
        except DecryptionError as error:
            raise PlaceUnknown(name) from error
        return self._field.to_python(value), self.model._meta.pk.to_python(key)
