"""Every page that a person can open, in light and dark, on a phone and without JavaScript: nothing for axe or the CSP.

Also enlarged, in forced colours, by what its controls are called, and by Tab alone.

On each commit axe reads every 12th page, and of the admin's pages, which share Django's few templates, every 24th,
beginning elsewhere at another seed; in one theme, light and dark by turns, every fifth without JavaScript and by Tab
too. The battery does everything on all of them, but walks by Tab and without JavaScript through every fifth of the
admin's: each of them has the same menu before its form.
"""

import os

import pytest
from django.db import transaction

from organizing.factories import AssignmentFactory, CampaignMemberFactory
from unionops.tests.matrix import PERSONAS, known_routes, table
from unionops.tests.matrix_world import World
from unionops.tests.reach import PHONE, TWICE, WIDE, contrast, cut_off, names, walk

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]
NOT_PAGES = ("api/", "livez", "readyz", "settings/logo/", "admin/jsi18n/", "accounts/logout/")
FILES = ("/export/", "/result/")
# Here the organizer and the member may open more than the matrix says.
MORE_OPEN = ("organizing/",)
WHOLE = bool(os.environ.get("BATTERY"))
FEW = 5
PORTAL_EVERY, ADMIN_EVERY = (1, 1) if WHOLE else (12, 24)
# Persona, beginnings of routes (none: the portal's own), and how many pages there are at least.
# Several rounds, or a whole one would take as long as a test that is stuck.
ROUNDS = {
    "portal, staff": [("stf", (), 35)],
    "portal, others": [("anon", (), 2), ("mem", (), 8)],
    "offices, administrator": [("adm", (), 25)],
    "offices, others": [
        ("off", ("grievances/",), 12),
        ("off", ("terms/", "roles/"), 6),
        ("bvp", ("benevolence/",), 6),
        ("org", ("organizing/",), 8),
        ("odr", ("organizing/",), 3),
    ],
    "admin, administrator": [("adm", ("admin/",), 40)],
    "admin, others": [
        ("off", ("admin/grievances/", "admin/organizing/"), 12),
        ("bvp", ("admin/benevolence/",), 8),
    ],
}
# Fewer pages are one round or two: each makes the world anew.
if not WHOLE:
    ADMINS = [name for name in ROUNDS if name.startswith("admin, ")]
    ROUNDS = {
        "portal": [people for name in ROUNDS if name not in ADMINS for people in ROUNDS[name]],
        "admin": [people for name in ADMINS for people in ROUNDS[name]],
    }


@pytest.fixture
def world(transactional_db):
    """Here the organizer is inside the campaign, and the member acts in it."""
    with transaction.atomic():
        made = World()
        campaign = made.records["organizing/campaigns"]
        AssignmentFactory(campaign=campaign, user=made.people["organizer"], duty="deputy")
        CampaignMemberFactory(campaign=campaign, member=made.people["member"].member)
        return made


def open_routes(persona: str) -> set[str]:
    """The routes that the matrix opens to this persona."""
    column = list(PERSONAS).index(persona)
    return {row.route for row in table() if row.method == "GET" and row.cells[column] == 200}


def pages(world: World, persona: str, prefixes: tuple[str, ...], seed: int) -> list[str]:
    """The paths that answer this persona with a page, of the routes that begin so."""
    found, opened, routes, every = [], open_routes(persona), [], how_many(prefixes)
    for route in known_routes():
        skipped = route.startswith(NOT_PAGES) or any(part in route for part in FILES)
        wanted = route.startswith(prefixes) if prefixes else not route.startswith("admin/")
        if wanted and not skipped and (route in opened or route.startswith(MORE_OPEN)):
            routes.append(route)
    for route in routes[seed % every :: every]:
        path = world.address(route)
        answer = world.ask(persona, "GET", path)
        is_page = answer.headers.get("Content-Type", "").startswith("text/html") and not answer.streaming
        if answer.status_code == 200 and is_page and "<html" in answer.text:
            found.append(path)
    return found


def how_many(prefixes: tuple[str, ...]) -> int:
    """Of how many pages one is drawn."""
    return ADMIN_EVERY if is_admin(prefixes) else PORTAL_EVERY


def is_walked(number: int, prefixes: tuple[str, ...]) -> bool:
    """Whether the page of this number is gone through by Tab, and without JavaScript."""
    return (WHOLE and not is_admin(prefixes)) or number % FEW == 0


def is_admin(prefixes: tuple[str, ...]) -> bool:
    return any(prefix.startswith("admin/") for prefix in prefixes)


def crawl(visit, cookies, paths, prefixes) -> list[str]:
    """What is wrong with these pages for somebody with these cookies."""
    window, plain, faults = visit().take_cookies(cookies), visit(javascript=False).take_cookies(cookies), []
    for number, path in enumerate(paths):
        window.page.set_viewport_size(WIDE)
        window.open(path)
        found = []
        for theme in ("light", "dark") if WHOLE else (("light", "dark")[number % 2],):
            found += [f"{theme} {fault}" for fault in window.theme(theme).axe()]
        found += [*names(window), *contrast(window)]
        if is_walked(number, prefixes):
            found += walk(window)
        window.page.emulate_media(forced_colors="none")
        found += [*cut_off(window, TWICE), *cut_off(window, PHONE)]
        if is_walked(number, prefixes) and plain.open(path).locator("main h1").count() != 1:
            found.append("no heading without JavaScript")
        faults += [f"{path} {fault}" for fault in found]
    return faults


@pytest.mark.parametrize("name", ROUNDS)
def test_every_page(visit, world, name, seed):
    faults, too_few = [], []
    for persona, prefixes, least in ROUNDS[name]:
        paths = pages(world, persona, prefixes, seed)
        # Two of those that were drawn may lead elsewhere.
        if len(paths) < least // how_many(prefixes) - (0 if WHOLE else 2):
            too_few.append((persona, prefixes, len(paths)))
        faults += [f"{persona} {fault}" for fault in crawl(visit, world.cookies[persona], paths, prefixes)]
    assert too_few == []
    assert not faults, "\n" + "\n".join(faults)


def test_error_pages(visit, world):
    window = visit().take_cookies(world.cookies["stf"])
    for path in ("/nowhere/", "/members/999999/", "/users/"):
        window.open(path)
        window.theme("light").accessible()
        window.theme("dark").accessible()
        assert window.page.locator("h1").count() == 1, path
