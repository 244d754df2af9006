"""Sessions in the database under a digest of the cookie: whoever has a copy of the table has no cookie."""

from hashlib import sha256
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.exceptions import SessionInterrupted
from django.utils import timezone
from django.utils.translation import gettext as _

# As many characters of the digest as the column takes: 160 bits.
STORED = 40


def digest(session_key: str | None) -> str:
    return sha256((session_key or "").encode()).hexdigest()


class SessionStore(DatabaseStore):
    """The portal has no asynchronous views; asked asynchronously, this store finds nothing."""

    def _get_session_from_db(self) -> Any:
        found = self.model.objects.filter(
            session_key=digest(self.session_key)[:STORED], expire_date__gt=timezone.now()
        ).first()
        if found is None:
            self._session_key = None
        return found

    def exists(self, session_key: str) -> bool:
        return super().exists(digest(session_key)[:STORED])

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row = super().create_model_instance(data)
        row.session_key = digest(row.session_key)[:STORED]
        return row

    def cycle_key(self) -> None:
        """As Django's, except that a session which somebody ended meanwhile does not come back under another key."""
        data, key = dict(self.items()), self.session_key
        if key is not None and not self.model.objects.filter(session_key=digest(key)[:STORED]).delete()[0]:
            raise SessionInterrupted(_("This session was ended. Sign in again."))
        self.create()
        self._session_cache = data

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            self.model.objects.filter(session_key=digest(key)[:STORED]).delete()
