"""Values that a process keeps for a few seconds: the same for everybody, never personal, nothing about roles."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakSet

from django.conf import settings
from django.db import connection, transaction

T = TypeVar("T")
_all: "WeakSet[Kept]" = WeakSet()


class Kept(Generic[T]):
    """What `read` found, for at most KEEP_SECONDS; another process may go on with the older value for so long."""

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._held: tuple[T, float] | None = None
        self._unsettled_until = 0.0
        _all.add(self)

    def __call__(self) -> T:
        held, now = self._held, time.monotonic()
        if held is not None and now < held[1]:
            return held[0]
        value = self._read()
        if now >= self._unsettled_until:
            self._held = (value, now + settings.KEEP_SECONDS)
        return value

    def forget(self) -> None:
        self._held, self._unsettled_until = None, 0.0

    def forget_with_commit(self) -> None:
        """For a change in a transaction, which may be undone: nothing is kept until it is committed, or gone."""
        self.forget()
        if connection.in_atomic_block:
            self._unsettled_until = time.monotonic() + settings.KEEP_SECONDS
            transaction.on_commit(self.forget)


def forget_all() -> None:
    """For tests, whose database goes back to where it was."""
    for kept in _all:
        kept.forget()
