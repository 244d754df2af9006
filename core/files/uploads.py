"""A large upload on its way: Django would put it into a plain temporary file; here the disk only sees it sealed.

The key lives as long as the request and is never written down.
"""

import io
import os
import tempfile
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from core.files.sealing import CHUNK, SEALED_CHUNK, Seal, new_key


class SealedTemporary(io.RawIOBase):
    """A temporary file that is written once, to its end, and then read from anywhere."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  closed with this object
        self._seal = Seal(new_key(), "temporary")
        self._waiting = bytearray()
        self._written = self._size = self._position = 0
        self._known: tuple[int, bytes] = (-1, b"")

    def append(self, data: bytes) -> None:
        self._waiting += data
        while len(self._waiting) >= CHUNK:
            self._put(bytes(self._waiting[:CHUNK]))
            del self._waiting[:CHUNK]

    def finish(self) -> int:
        """Returns how many bytes there are."""
        if self._waiting:
            self._put(bytes(self._waiting))
            self._waiting.clear()
        return self._size

    def _put(self, chunk: bytes) -> None:
        sealed = self._seal.close(self._written, chunk, is_last=False)
        if os.write(self._file.fileno(), sealed) != len(sealed):
            raise OSError("the temporary file could not be written")
        self._written, self._size = self._written + 1, self._size + len(chunk)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("a position before the beginning")
        self._position = start + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, target: Any) -> int:
        if self._position >= self._size:
            return 0
        number, begin = divmod(self._position, CHUNK)
        part = self._chunk(number)[begin : begin + len(target)]
        target[: len(part)] = part
        self._position += len(part)
        return len(part)

    def _chunk(self, number: int) -> bytes:
        if self._known[0] != number:
            self._file.seek(number * SEALED_CHUNK)
            sealed = self._file.read(SEALED_CHUNK)
            self._known = (number, self._seal.open(number, sealed, is_last=False))
        return self._known[1]

    def close(self) -> None:
        self._file.close()
        super().close()


class SealedUploadHandler(FileUploadHandler):
    """Takes every upload that is too large for memory."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file = SealedTemporary()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.file.append(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        size = self.file.finish()
        return UploadedFile(
            file=io.BufferedReader(self.file, CHUNK),
            name=self.file_name,
            content_type=self.content_type,
            size=size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )

    def upload_interrupted(self) -> None:
        if getattr(self, "file", None) is not None:
            self.file.close()
