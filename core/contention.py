"""Two writers met, and the database made one of them give way: nothing was written, and it works a little later."""

import sqlite3

from django.db import OperationalError
from django.utils.translation import gettext_lazy as _

# A lock waited for too long or asked for in vain, a deadlock, a clash of serializable transactions, a statement that
# took too long (most often because it waited).
SQLSTATES = {"55P03", "40P01", "40001", "57014"}
SQLITE_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
BUSY = "busy"
SENTENCE = _("Somebody else is changing this record just now. Wait a minute and try again.")


def is_contention(error: BaseException | None) -> bool:
    """Whether `error`, or what it came from, is such a meeting; a database that is away is not."""
    while error is not None and not isinstance(error, OperationalError):
        error = error.__cause__
    if error is None:
        return False
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in SQLITE_CODES
    return getattr(cause, "sqlstate", None) in SQLSTATES
