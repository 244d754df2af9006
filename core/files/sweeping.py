"""Removes from the store what no row names: the content of an upload whose process died before the row was saved."""

import uuid
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from core.files import store
from core.files.models import attachment_models

# Nobody uploads for so long; younger content may belong to a row that is being saved.
SETTLED = timedelta(days=1)
CHUNK = 500


class Swept(NamedTuple):
    """How many objects were removed, and how many were left although no row names them."""

    removed: int
    left: int


def sweep() -> Swept:
    """Remove what no row names, but for a store of which no row names anything: its database is still to be restored.

    Raises StoreAway.
    """
    with store.reached() as place:
        try:
            _folders, names = place.listdir(store.FOLDER)
        except FileNotFoundError:
            return Swept(0, 0)
    nameless: list[str] = []
    for start in range(0, len(names), CHUNK):
        nameless += sorted(_nameless(names[start : start + CHUNK]))
    if len(nameless) == sum(_key(name) is not None for name in names):
        return Swept(0, len(nameless))
    return Swept(sum(_remove(f"{store.FOLDER}/{name}") for name in nameless), 0)


def _nameless(names: list[str]) -> set[str]:
    """Those that no row names; what is not named as we name content is not ours to remove."""
    keys = {name: key for name in names if (key := _key(name)) is not None}
    named: set[uuid.UUID] = set()
    for model in attachment_models():
        for column in ("storage_key", "shown_key"):
            rows = model._base_manager.filter(**{f"{column}__in": list(keys.values())})
            named.update(rows.values_list(column, flat=True))
    return {name for name, key in keys.items() if key not in named}


def _key(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(name)
    except ValueError:
        return None


def _remove(name: str) -> int:
    with store.reached() as place:
        try:
            if place.get_modified_time(name) > timezone.now() - SETTLED:
                return 0
        except FileNotFoundError:
            return 0
        place.delete(name)
    return 1
