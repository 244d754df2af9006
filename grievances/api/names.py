"""What programs call otherwise than the services do: as the answers of cases call it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.api.records import Given, known_only
from core.api.viewsets import InvalidBody

NAMES = {"employer": "organization", "grievants": "members", "representative": "person"}
OURS = {service: ours for ours, service in NAMES.items()}


def renamed(given: Given) -> Given:
    """Under the names of the services, which a body may not use. Raises InvalidBody."""
    known_only(given, [name for name in given if name not in OURS])
    return {NAMES.get(name, name): value for name, value in given.items()}


@contextmanager
def our_names() -> Iterator[None]:
    """Faults under the names that the body has."""
    try:
        yield
    except InvalidBody as error:
        told: Any = error.detail
        raise InvalidBody({OURS.get(name, name): found for name, found in told.items()}) from error
