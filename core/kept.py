"""Values that a process keeps for a few seconds: the same for everybody, never personal, nothing about roles."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakSet

from django.conf import settings
from django.db import transaction

T = TypeVar("T")
_all: "WeakSet[Kept]" = WeakSet()


class Kept(Generic[T]):
    """What `read` found, for at most KEEP_SECONDS; another process may go on with the older value for so long."""

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._held: tuple[T, float] | None = None
        _all.add(self)

    def __call__(self) -> T:
        held, now = self._held, time.monotonic()
        if held is None or now >= held[1]:
            held = self._held = (self._read(), now + settings.KEEP_SECONDS)
        return held[0]

    def forget(self) -> None:
        self._held = None

    def forget_with_commit(self) -> None:
        """Now, for whoever asks in this transaction, and after it, for who has read the older value meanwhile."""
        self.forget()
        transaction.on_commit(self.forget)


def forget_all() -> None:
    """For tests, whose database goes back to where it was."""
    for kept in _all:
        kept.forget()
