"""The place where the content of files is kept, sealed: a folder of this host, or an S3-compatible store by setting."""

import io
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from django.core.files.base import File
from django.core.files.storage import storages
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.files.sealing import SEALED_CHUNK, Seal, Sealing, opened, place_of

logger = logging.getLogger("unionops.files")
ALIAS = "attachments"
FOLDER = "attachments"


class StoreAway(DomainError):
    """The store does not answer, is full, or does not have what it was given."""

    code = "files_unavailable"


def name_of(key: uuid.UUID) -> str:
    return f"{FOLDER}/{key}"


@contextmanager
def reached() -> Iterator[Any]:
    """The store; what goes wrong with it is told to a person as one sentence, and to the log by its kind."""
    store: Any = storages[ALIAS]
    try:
        yield store
    except store.problems as error:
        logger.error("store of files", extra={"problem": type(error).__name__})
        raise StoreAway(
            _(
                "The place where files are kept does not answer. Nothing is lost: try again in a few minutes, "
                "and tell who looks after the portal if it goes on."
            )
        ) from error


def put(plain: BinaryIO, size: int, *, file_key: bytes) -> uuid.UUID:
    """Seal `size` bytes into the store. Returns the key under which they stand. Raises StoreAway."""
    key = uuid.uuid4()
    sealing = Sealing(plain, size, Seal(file_key, str(key)))
    with reached() as store:
        store.save(name_of(key), File(io.BufferedReader(sealing, SEALED_CHUNK), name=str(key)))
    return key


def read(key: uuid.UUID, size: int, *, file_key: bytes, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The plain bytes from `start` up to `end`.

    The first is there when this returns, so a store that is away is noticed before anything is sent. Raises StoreAway,
    and DecryptionError when the content is not what was kept.
    """
    end = size if end is None else end
    found = _read(key, size, file_key, start, end)
    first = next(found, b"")
    return _again(first, found)


def _read(key: uuid.UUID, size: int, file_key: bytes, start: int, end: int) -> Iterator[bytes]:
    with reached() as store:
        sealed = store.pieces(name_of(key), *place_of(size, start, end))
        yield from opened(sealed, Seal(file_key, str(key)), size, start, end)


def _again(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def forget(*keys: uuid.UUID | None) -> None:
    """Remove what no row will name. What cannot be removed now is left to the sweeper."""
    for key in keys:
        if key is not None:
            try:
                with reached() as store:
                    store.delete(name_of(key))
            except StoreAway:
                continue
