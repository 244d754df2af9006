"""Permission names of core, and the one way a service asks for a permission."""

from typing import Any

from django.core.exceptions import PermissionDenied

VIEW_SETTINGS = "core.view_sitesettings"
CHANGE_SETTINGS = "core.change_sitesettings"
VIEW_AUDIT = "core.view_audit"
VIEW_HISTORY = "core.view_history"
VIEW_SYSTEM = "core.view_system"
ENTER_OFFICE = "core.enter_office"


def require(actor: Any, *permissions: str) -> None:
    """Raise PermissionDenied unless `actor` holds at least one of the permissions by a live role."""
    if actor is None or not any(actor.has_perm(permission) for permission in permissions):
        raise PermissionDenied(permissions[0])
