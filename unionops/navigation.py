"""The menu, as data: grouped by work, only what the person may open."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import permissions as accounts
from core import permissions as core
from core.views import SIGNED_IN, may
from members import permissions as members


@dataclass(frozen=True, slots=True)
class Place:
    label: Any
    route: str
    icon: str
    permission: str | tuple[str, ...]
    # Paths that belong to this place besides those below its own.
    also: tuple[str, ...] = ()


MENU: list[tuple[Any, list[Place]]] = [
    ("", [Place(_("Home"), "home", "home", SIGNED_IN)]),
    ("", [Place(_("My record"), "my_record", "id-badge", members.VIEW_OWN_RECORD)]),
    (
        _("People and places"),
        [
            Place(_("Members"), "member_list", "users", members.VIEW_MEMBERS, ("/employments/",)),
            Place(_("Employers"), "organization_list", "building", members.VIEW_ORGANIZATIONS, ("/contacts/",)),
            Place(_("Imports"), "import_list", "file-import", members.VIEW_IMPORTS),
        ],
    ),
    (
        _("Administration"),
        [
            Place(_("Users"), "users", "user-shield", accounts.VIEW_USERS),
            Place(_("Roles"), "roles", "shield-lock", accounts.VIEW_ROLES),
            Place(_("The local"), "site_settings", "settings", (core.VIEW_SETTINGS, core.CHANGE_SETTINGS)),
            Place(_("Audit trail"), "audit_list", "history", core.VIEW_AUDIT),
            Place(_("System"), "system", "server", core.VIEW_SYSTEM),
            Place(_("Records"), "admin:index", "database", accounts.ENTER_ADMIN),
        ],
    ),
]


def menu(user: Any, path: str) -> list[dict[str, Any]]:
    groups = []
    for label, places in MENU:
        items = [
            {"label": place.label, "url": url, "icon": place.icon, "active": _is_here(place, url, path)}
            for place in places
            if may(user, place.permission)
            for url in [reverse(place.route)]
        ]
        if items:
            groups.append({"label": label, "items": items})
    return groups


def _is_here(place: Place, url: str, path: str) -> bool:
    return path == url or (url != "/" and path.startswith(url)) or path.startswith(place.also or ("\0",))


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav": []}
    return {"nav": menu(user, request.path)}
