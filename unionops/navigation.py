"""The menu, as data: grouped by work, only what the person may open."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import get_urlconf, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import permissions as accounts
from accounts.panels import CONFIRMATIONS
from benevolence import permissions as benevolence
from benevolence.models import FULL_PERMISSIONS, PAST_HELP_PERMISSIONS, REVIEW_PERMISSIONS
from core import permissions as core
from core.permissions import SIGNED_IN, Actor
from core.web.keyset import count_in_words
from core.web.waiting import total_of
from grievances import permissions as grievances
from members import permissions as members
from organizing import permissions as organizing
from organizing.panels import is_salt
from unionops.dashboard import counted


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    label: Any
    route: str
    icon: str
    permission: str | tuple[str, ...]
    # Paths that belong to this place besides those below its own.
    also: tuple[str, ...] = ()
    # Not for somebody who may this, or for whom this says no.
    unless: str | tuple[str, ...] = ()
    only: Callable[[Any], bool] | None = None
    # The kind of work that waits there.
    waits: str = ""


SEES_PAYMENTS = (benevolence.PAY, benevolence.VIEW_DECIDED, benevolence.COUNTERSIGN)
AGREEMENTS = (grievances.VIEW_AGREEMENTS, grievances.VIEW_OWN_AGREEMENTS)
OTHERS_APPLICATIONS = (benevolence.APPLY_FOR_MEMBER, *FULL_PERMISSIONS)

MENU: list[tuple[Any, list[Place]]] = [
    ("", [Place(_("Home"), "home", "home", SIGNED_IN)]),
    (
        "",
        [
            Place(
                _("My cases"),
                "grievance_list",
                "gavel",
                grievances.VIEW_OWN_GRIEVANCES,
                unless=grievances.VIEW_GRIEVANCES,
            ),
            Place(
                _("My applications"),
                "application_list",
                "heart-handshake",
                benevolence.VIEW_OWN_APPLICATIONS,
                unless=OTHERS_APPLICATIONS,
            ),
            Place(_("My entries"), "entry_list", "notebook", organizing.LOG_OWN_ACTIVITY, only=is_salt),
            Place(_("My record"), "my_record", "id-badge", members.VIEW_OWN_RECORD),
        ],
    ),
    (
        _("People and places"),
        [
            Place(_("Members"), "member_list", "users", members.VIEW_MEMBERS, ("/employments/",)),
            Place(_("Employers"), "organization_list", "building", members.VIEW_ORGANIZATIONS, ("/contacts/",)),
            Place(_("Imports"), "import_list", "file-import", members.VIEW_IMPORTS),
        ],
    ),
    (
        _("Grievances"),
        [
            Place(_("Cases"), "grievance_list", "gavel", grievances.VIEW_GRIEVANCES),
            Place(_("Deadlines"), "deadline_board", "clock", (grievances.VIEW_GRIEVANCES, grievances.DRAFT_GRIEVANCES)),
            Place(_("Dockets"), "docket_list", "calendar-event", grievances.VIEW_GRIEVANCES),
            Place(_("Drafts"), "intake_list", "ballpen", grievances.DRAFT_GRIEVANCES),
            Place(_("Agreements"), "agreement_list", "file-text", AGREEMENTS),
            Place(_("Patterns"), "grievance_patterns", "chart-bar", grievances.VIEW_GRIEVANCES),
            Place(_("Letters"), "letter_list", "mail", grievances.CHANGE_LETTERS),
            Place(_("Rules"), "grievance_rules", "scale", grievances.VIEW_POLICY),
        ],
    ),
    (
        _("Benevolence"),
        [
            Place(_("Queue"), "application_queue", "inbox", (*REVIEW_PERMISSIONS.values(), benevolence.PAY)),
            Place(_("Applications"), "application_list", "heart-handshake", OTHERS_APPLICATIONS),
            Place(_("Payments"), "payment_list", "cash", SEES_PAYMENTS),
            Place(_("Fund"), "fund", "report-money", benevolence.VIEW_FUND),
            Place(_("Past help"), "past_help_list", "history", PAST_HELP_PERMISSIONS),
            Place(_("Audit"), "packet", "list-check", benevolence.VIEW_DECIDED),
            Place(_("Reports"), "benevolence_reports", "chart-bar", benevolence.VIEW_TOTALS),
            Place(_("Seats"), "seat_list", "users", (benevolence.APPOINT, benevolence.VIEW_POLICY)),
            Place(_("Whom I know"), "relationship_list", "users", benevolence.DECLARE_RELATIONSHIP),
            Place(_("Rules"), "benevolence_rules", "scale", benevolence.VIEW_POLICY),
        ],
    ),
    (
        _("Organizing"),
        [
            Place(_("Campaigns"), "campaign_list", "target", organizing.VIEW_CAMPAIGNS),
            Place(_("Activities"), "activity_list", "list-check", organizing.VIEW_CAMPAIGNS),
            Place(_("Oversight"), "oversight", "eye", organizing.OVERSEE_CAMPAIGNS),
        ],
    ),
    (
        _("Administration"),
        [
            Place(_("Users"), "users", "user-shield", accounts.VIEW_USERS, ("/terms/",)),
            Place(_("Roles"), "roles", "shield-lock", accounts.VIEW_ROLES),
            Place(_("Programs"), "programs", "key", accounts.VIEW_USERS),
            Place(_("Installations"), "installations", "users-group", accounts.VIEW_ROLES),
            Place(_("Confirmations"), "terms_waiting", "user-check", accounts.CONFIRM_ROLES, waits=CONFIRMATIONS),
            Place(_("The local"), "site_settings", "settings", (core.VIEW_SETTINGS, core.CHANGE_SETTINGS)),
            Place(_("Audit trail"), "audit_list", "history", core.VIEW_AUDIT),
            Place(_("System"), "system", "server", core.VIEW_SYSTEM),
            Place(_("Records"), "admin:index", "database", accounts.ENTER_ADMIN),
        ],
    ),
]


class Item(NamedTuple):
    label: str
    url: str
    icon: str
    active: bool
    waiting: int


class Group(NamedTuple):
    label: str
    items: tuple[Item, ...]


def menu(user: Actor, path: str, counts: Mapping[str, int]) -> tuple[Group, ...]:
    """The groups of places that the person may open now, the one that the path belongs to marked.

    `counts`: how many rows of each kind of work wait.
    """
    permissions = frozenset(user.get_all_permissions())
    places = tuple(place for place in _allowed(permissions) if place.only is None or place.only(user))
    waiting = tuple(counts.get(place.waits, 0) for place in places)
    return _groups(places, _here(places, path), waiting, get_language(), get_urlconf())


@lru_cache(256)
def _allowed(permissions: frozenset[str]) -> tuple[Place, ...]:
    """Places for whoever is signed in and holds these permissions."""
    held = permissions | {SIGNED_IN}
    every = (place for _label, places in MENU for place in places)
    return tuple(place for place in every if held & _names(place.permission) and not held & _names(place.unless))


def _names(permission: str | tuple[str, ...]) -> set[str]:
    return {permission} if isinstance(permission, str) else set(permission)


def _here(places: tuple[Place, ...], path: str) -> Place | None:
    """The place that the path belongs to: of several that it lies below, the nearest."""
    for beginning, place in _beginnings(places, get_urlconf()):
        if path == beginning or (beginning != "/" and path.startswith(beginning)):
            return place
    return None


@lru_cache(256)
def _beginnings(places: tuple[Place, ...], urlconf: str) -> list[tuple[str, Place]]:
    """The paths that belong to each place, the longest first."""
    every = [(beginning, place) for place in places for beginning in (reverse(place.route, urlconf), *place.also)]
    return sorted(every, key=lambda pair: -len(pair[0]))


@lru_cache(512)
def _groups(
    places: tuple[Place, ...], here: Place | None, counts: tuple[int, ...], language: str, urlconf: str
) -> tuple[Group, ...]:
    items = {
        place: Item(str(place.label), reverse(place.route, urlconf), place.icon, place is here, count)
        for place, count in zip(places, counts, strict=True)
    }
    groups = [(label, tuple(items[place] for place in group if place in items)) for label, group in MENU]
    return tuple(Group(str(label), shown) for label, shown in groups if shown)


def waiting_words(counts: Mapping[str, int]) -> str:
    """How much waits in all, or nothing."""
    return count_in_words(total_of(counts)) if counts else ""


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Only a page with the frame calls these: a fragment asks for neither."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav": ()}
    return {
        "nav": lambda: menu(user, request.path, counted(request)),
        "waiting_count": lambda: waiting_words(counted(request)),
    }
