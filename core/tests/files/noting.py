"""A place of files that notes inside how many transactions each of them was stored."""

from typing import Any, ClassVar

from django.db import connection

from core.files.folder import PrivateFolder


def transactions() -> int:
    return len(connection.atomic_blocks)


class NotingFolder(PrivateFolder):
    noted: ClassVar[list[int]] = []

    def _save(self, name: str, content: Any) -> str:
        self.noted.append(transactions())
        return super()._save(name, content)


def noted_in(folder: Any, settings: Any) -> list[int]:
    """From now on files are stored in `folder`; returns the list in which that is noted."""
    NotingFolder.noted.clear()
    options = {"BACKEND": "core.tests.files.noting.NotingFolder", "OPTIONS": {"location": folder}}
    settings.STORAGES = {**settings.STORAGES, "attachments": options}
    return NotingFolder.noted


def stored_in(folder: Any) -> set[str]:
    place = folder / "attachments"
    return {path.name for path in place.iterdir()} if place.exists() else set()
