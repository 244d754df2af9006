"""Sessions in the database under a digest of the cookie: whoever has a copy of the table has no cookie."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.exceptions import SessionInterrupted
from django.utils.translation import gettext as _

from accounts.entry import identity
from accounts.models import Session, User, digest


class SessionStore(DatabaseStore):
    """The portal has no asynchronous views; asked asynchronously, this store finds nothing."""

    # whose session it is, with what they hold now, as it was read
    person: User | None = None

    @classmethod
    def get_model_class(cls) -> Any:
        return Session

    def load(self) -> dict[str, Any]:
        found = identity.of_session(digest(self.session_key))
        if found is None:
            self._session_key = None
            return {}
        text, self.person = found
        return self.decode(text)

    def exists(self, session_key: str) -> bool:
        return super().exists(digest(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.session_key, row.user_id = digest(row.session_key), data.get(SESSION_KEY)
        return row

    def cycle_key(self) -> None:
        """As Django's, except that a session which somebody ended meanwhile does not come back under another key."""
        data, key = dict(self.items()), self.session_key
        if key is not None and not self.model.objects.filter(session_key=digest(key)).delete()[0]:
            raise SessionInterrupted(_("This session was ended. Sign in again."))
        self.create()
        self._session_cache = data

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            self.model.objects.filter(session_key=digest(key)).delete()
