"""The menu, as data: grouped by work, only what the person may open."""

from collections.abc import Callable
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
    # Not for somebody who may this, or for whom this says no.
    unless: str = ""
    only: Callable[[Any], bool] | None = None


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
            Place(_("Records"), "admin:index", "database", accounts.ENTER_ADMIN),
        ],
    ),
]


def menu(user: Any, path: str) -> list[dict[str, Any]]:
    groups = [
        (label, [(place, reverse(place.route)) for place in places if _is_shown(place, user)]) for label, places in MENU
    ]
    here = _here([(place, url) for _label, shown in groups for place, url in shown], path)
    return [
        {
            "label": label,
            "items": [
                {"label": place.label, "url": url, "icon": place.icon, "active": place is here} for place, url in shown
            ],
        }
        for label, shown in groups
        if shown
    ]


def _here(shown: list[tuple[Place, str]], path: str) -> Place | None:
    """The place that the path belongs to: of several that it lies below, the nearest."""
    fits = [
        (len(beginning), place)
        for place, url in shown
        for beginning in (url, *place.also)
        if path == beginning or (beginning != "/" and path.startswith(beginning))
    ]
    return max(fits, key=lambda fit: fit[0])[1] if fits else None


def _is_shown(place: Place, user: Any) -> bool:
    allowed = may(user, place.permission) and not (place.unless and may(user, place.unless))
    return allowed and (place.only is None or place.only(user))


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav": []}
    return {"nav": menu(user, request.path)}
