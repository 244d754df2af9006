"""Events that the person concerned should know of."""

from typing import Any

from django.http import HttpRequest

from accounts.models import User
from core import audit


def record(user: User, event: str, *, request: HttpRequest | None = None, **data: Any) -> None:
    """Write the event into the account's history, in the transaction of what it tells."""
    audit.record(user, event, actor=None, **data)
