"""Permission names of core, and the one place that asks for a permission and refuses.

A `permission` is one name, several of which one is enough, or SIGNED_IN; none grants nothing.
"""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied

VIEW_SETTINGS = "core.view_sitesettings"
CHANGE_SETTINGS = "core.change_sitesettings"
VIEW_AUDIT = "core.view_audit"
VIEW_HISTORY = "core.view_history"
VIEW_SYSTEM = "core.view_system"
ENTER_OFFICE = "core.enter_office"

SIGNED_IN = "signed-in"


def may(user: Any, permission: str | Sequence[str]) -> bool:
    """Whether a live role of `user` grants the permission."""
    if permission == SIGNED_IN:
        return user.is_authenticated
    return any(user.has_perm(name) for name in _names(permission))


def require(user: Any, permission: str | Sequence[str]) -> None:
    """Raise PermissionDenied, which names the first permission that would have done, unless `user` may."""
    if user is None or not may(user, permission):
        raise PermissionDenied(*_names(permission)[:1])


def allow(actor: Any, permission: str | Sequence[str]) -> None:
    """Do as `require`, for a service; actor None is a management command, which a trusted person runs in a shell."""
    if actor is not None:
        require(actor, permission)


def _names(permission: str | Sequence[str]) -> Sequence[str]:
    return (permission,) if isinstance(permission, str) else permission
