"""Files in a private folder of this host."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage

PIECE = 64 * 1024


class PrivateFolder(FileSystemStorage):
    """Says that a file is kept when it is on the disk, and reads any part of one."""

    problems: tuple[type[Exception], ...] = (OSError,)

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700, **options})

    def _save(self, name: str, content: Any) -> str:
        name = super()._save(name, content)
        path = Path(self.path(name))
        for place in (path, path.parent):
            handle = os.open(place, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        return name

    def pieces(self, name: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` up to, not including, `end`."""
        with self.open(name, "rb") as file:
            file.seek(start)
            while start < end and (piece := file.read(min(PIECE, end - start))):
                start += len(piece)
                yield piece
