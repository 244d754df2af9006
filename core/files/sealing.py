"""How the content of a file is encrypted: AES-256-GCM in chunks, so that any part of it can be read by itself.

Each file has a key of its own, which the row of the file keeps encrypted under the field keys. Each object in the
store has a key derived from that and from the object's name, so the nonces can count the chunks. What a chunk is
bound to says which object it belongs to, where it stands in it, and whether it is the last: chunks that were swapped,
moved to another file, or cut off are not opened.
"""

import hmac
import io
import os
from collections.abc import Iterable, Iterator
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.crypto import DecryptionError

CHUNK = 64 * 1024
TAG = 16
SEALED_CHUNK = CHUNK + TAG
KEY_BYTES = 32
NONCE_BYTES = 12


def new_key() -> bytes:
    return os.urandom(KEY_BYTES)


def chunks_of(size: int) -> int:
    """An empty object has one chunk too, or cutting all of it off would not be noticed."""
    return max(1, -(-size // CHUNK))


def sealed_size(size: int) -> int:
    return size + TAG * chunks_of(size)


class Seal:
    """Closes and opens the chunks of the object `name`."""

    def __init__(self, key: bytes, name: str) -> None:
        self._bound = f"file v1 {name}".encode()
        self._cipher = AESGCM(hmac.digest(key, self._bound, "sha256"))

    def close(self, number: int, chunk: bytes, *, is_last: bool) -> bytes:
        return self._cipher.encrypt(number.to_bytes(NONCE_BYTES, "big"), chunk, self._binding(is_last))

    def open(self, number: int, sealed: bytes, *, is_last: bool) -> bytes:
        """Raises DecryptionError."""
        try:
            return self._cipher.decrypt(number.to_bytes(NONCE_BYTES, "big"), sealed, self._binding(is_last))
        except InvalidTag as error:
            raise DecryptionError(f"chunk {number} cannot be opened") from error

    def _binding(self, is_last: bool) -> bytes:
        return self._bound + (b" last" if is_last else b" more")


class Sealing(io.RawIOBase):
    """The sealed bytes of a plain stream of `size` bytes, made as they are read."""

    def __init__(self, plain: Any, size: int, seal: Seal) -> None:
        self._plain, self._left, self._seal = plain, size, seal
        self._number, self._last = 0, chunks_of(size) - 1
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        """Raises OSError when the stream is shorter than was said."""
        if not self._ready and self._number <= self._last:
            self._ready = self._next()
        taken = min(len(target), len(self._ready))
        target[:taken], self._ready = self._ready[:taken], self._ready[taken:]
        return taken

    def _next(self) -> bytes:
        due = min(CHUNK, self._left)
        chunk = self._plain.read(due) if due else b""
        if len(chunk) != due:
            raise OSError("the file became shorter while it was read")
        sealed = self._seal.close(self._number, chunk, is_last=self._number == self._last)
        self._number, self._left = self._number + 1, self._left - due
        return sealed


def place_of(size: int, start: int, end: int) -> tuple[int, int]:
    """Where in the sealed object the plain bytes from `start` up to, not including, `end` stand."""
    first, last = start // CHUNK, max(end - 1, start) // CHUNK
    return first * SEALED_CHUNK, min((last + 1) * SEALED_CHUNK, sealed_size(size))


def opened(sealed: Iterable[bytes], seal: Seal, size: int, start: int, end: int) -> Iterator[bytes]:
    """The plain bytes from `start` to `end`, out of the sealed bytes that stand at `place_of` them.

    Raises DecryptionError at the first chunk that is not as it was written, also when there is less than there was.
    """
    number, last = start // CHUNK, chunks_of(size) - 1
    end_number = max(end - 1, start) // CHUNK
    for chunk in regrouped(sealed, SEALED_CHUNK):
        if number > end_number:
            return
        plain = seal.open(number, chunk, is_last=number == last)
        begin = number * CHUNK
        yield plain[max(start - begin, 0) : end - begin]
        number += 1
    if number <= end_number:
        raise DecryptionError("the end of the file is missing")


def regrouped(pieces: Iterable[bytes], length: int) -> Iterator[bytes]:
    """The same bytes in pieces of `length`; the last one may be shorter."""
    ready = bytearray()
    for piece in pieces:
        ready += piece
        while len(ready) >= length:
            yield bytes(ready[:length])
            del ready[:length]
    if ready:
        yield bytes(ready)
