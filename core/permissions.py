"""What a permission is, those of core, and the one place that asks for a permission and refuses.

Asked for is one permission, several of which one is enough, or SIGNED_IN; none grants nothing.
"""

from collections.abc import Collection, Sequence
from typing import Any, Protocol, Self

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _


class Actor(Protocol):
    """Whoever looks or acts, with `str()` as their name. Somebody who is not signed in holds no permission.

    The clock and commands are None.
    """

    @property
    def pk(self) -> Any: ...

    @property
    def is_authenticated(self) -> bool: ...

    def has_perm(self, permission: str, /) -> bool: ...

    def get_all_permissions(self) -> Collection[str]: ...


class Permission(str):
    """A permission by its name, `<app>.<codename>`; the apps list theirs in the order in which people read them.

    `words` say what it lets a person do and finish the sentence "This role may …". A role with a `grave` one counts
    only once an officer other than giver and holder confirms it. Of the pages behind an `unlogged` one no log line says
    who asked for them.
    """

    words: Any
    grave: bool
    unlogged: bool

    def __new__(cls, name: str, words: Any, *, grave: bool = False, unlogged: bool = False) -> Self:
        row = super().__new__(cls, name)
        row.words, row.grave, row.unlogged = words, grave, unlogged
        return row

    @property
    def codename(self) -> str:
        return self.partition(".")[2]

    @property
    def app_label(self) -> str:
        return self.partition(".")[0]


ENTER_OFFICE = Permission("core.enter_office", _("Work in the office and be told when the portal is ill"))
VIEW_SETTINGS = Permission("core.view_sitesettings", _("See the settings of the local"))
CHANGE_SETTINGS = Permission("core.change_sitesettings", _("Change the settings of the local"), grave=True)
VIEW_HISTORY = Permission("core.view_history", _("Read the history of records they may see"))
VIEW_AUDIT = Permission("core.view_audit", _("Read the audit trail"), grave=True)
VIEW_SYSTEM = Permission("core.view_system", _("Open the system page, send a test mail and retry mails"), grave=True)

SIGNED_IN = "signed-in"


def is_unlogged(permission: str | Sequence[str]) -> bool:
    """Whether what asks for the permission, or for one of several, names nobody in the log."""
    return any(getattr(name, "unlogged", False) for name in _names(permission))


def may(user: Actor, permission: str | Sequence[str]) -> bool:
    """Whether a live role of `user` grants the permission."""
    if permission == SIGNED_IN:
        return user.is_authenticated
    return any(user.has_perm(name) for name in _names(permission))


def require(user: Actor | None, permission: str | Sequence[str]) -> None:
    """Raise PermissionDenied, which names the first permission that would have done, unless `user` may."""
    if user is None or not may(user, permission):
        raise PermissionDenied(*_names(permission)[:1])


def allow(actor: Actor | None, permission: str | Sequence[str]) -> None:
    """Do as `require`, for a service; actor None is a management command, which a trusted person runs in a shell."""
    if actor is not None:
        require(actor, permission)


def _names(permission: str | Sequence[str]) -> Sequence[str]:
    return (permission,) if isinstance(permission, str) else permission
