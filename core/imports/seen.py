"""Which keys earlier rows of the same file had, kept on disk so that a million rows fit in little memory."""

import sqlite3
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from core.imports.enums import RowOutcome
from core.imports.readings import Reading


class SeenKeys:
    """The rows of each key, the first one of each note about them; SQLite's own temporary file, deleted when closed."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode=OFF")
        self._database.execute("CREATE TABLE seen (key, note, row INTEGER, PRIMARY KEY (key, note)) WITHOUT ROWID")
        self._database.execute("BEGIN")

    def all(self, key: str) -> Iterator[tuple[int, str]]:
        return self._database.execute("SELECT row, note FROM seen WHERE key = ? ORDER BY row", [key])

    def first(self, key: str) -> tuple[int, str] | None:
        return next(self.all(key), None)

    def add(self, keys: Iterable[str], row: int, note: str = "") -> None:
        self._database.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", [(key, note, row) for key in keys])

    def is_second(self, reading: Reading) -> bool:
        """Whether an earlier row is about the same record; then this one only repeats it. See `writer_of`."""
        if reading.record_id is None:
            return False
        key = f"record {reading.record_id}"
        earlier = self.first(key)
        self.add([key], reading.number, reading.outcome)
        if earlier is None:
            return False
        reading.outcome, reading.made["row"] = RowOutcome.REPEATED, earlier[0]
        reading.record_id, reading.record_version, reading.before, reading.after = None, None, {}, {}
        reading.note(_("The same record as row %(row)s.") % {"row": earlier[0]})
        return True

    def writer_of(self, record_id: int | None) -> int | None:
        """The earlier row that changes or restores this record, of those that `is_second` was asked about."""
        earlier = self.first(f"record {record_id}")
        return earlier[0] if earlier and earlier[1] in (RowOutcome.CHANGED, RowOutcome.NEW) else None

    def close(self) -> None:
        self._database.close()
