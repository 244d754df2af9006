"""Stand-in until the branch `outbox` brings its own: the audit event without the mail."""

from typing import Any

from core import audit


def record(user: Any, event: str, *, request: Any = None, **data: Any) -> None:
    audit.record(user, event, actor=user, **data)
