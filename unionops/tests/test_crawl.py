"""Every page that a person can open, in light and dark, on a phone and without JavaScript: nothing for axe or the CSP.

Also enlarged, in forced colours, by what its controls are called, and by Tab alone.

On each commit axe reads every 24th page, and of the admin's pages, which share Django's few templates, every 48th; in
one theme, and every fifth without JavaScript and by Tab too. Which pages, which theme and which fifth follow from the
seed. The battery does everything on all of them, but walks by Tab and without JavaScript through every fifth of the
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
PORTAL_EVERY, ADMIN_EVERY = (1, 1) if WHOLE else (24, 48)
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


def routes_of(persona: str, prefixes: tuple[str, ...]) -> list[str]:
    """The routes that begin so and may show this persona a page."""
    opened, found = open_routes(persona), []
    for route in known_routes():
        skipped = route.startswith(NOT_PAGES) or any(part in route for part in FILES)
        wanted = route.startswith(prefixes) if prefixes else not route.startswith("admin/")
        if wanted and not skipped and (route in opened or route.startswith(MORE_OPEN)):
            found.append(route)
    return found


def pages(world: World, persona: str, routes: list[str]) -> list[str]:
    """The paths of these routes that answer this persona with a page."""
    found = []
    for route in routes:
        path = world.address(route)
        answer = world.ask(persona, "GET", path)
        is_page = answer.headers.get("Content-Type", "").startswith("text/html") and not answer.streaming
        if answer.status_code == 200 and is_page and "<html" in answer.text:
            found.append(path)
    return found


def how_many(prefixes: tuple[str, ...]) -> int:
    """Of how many routes one is drawn."""
    return ADMIN_EVERY if is_admin(prefixes) else PORTAL_EVERY


def is_walked(number: int, prefixes: tuple[str, ...]) -> bool:
    """Whether the page of this number is gone through by Tab, and without JavaScript."""
    return (WHOLE and not is_admin(prefixes)) or number % FEW == 0


def is_admin(prefixes: tuple[str, ...]) -> bool:
    return any(prefix.startswith("admin/") for prefix in prefixes)


def crawl(visit, cookies, paths, prefixes, turn) -> list[str]:
    """What is wrong with these pages for somebody with these cookies; `turn` is the number of the first of them."""
    window, plain, faults = visit().take_cookies(cookies), visit(javascript=False).take_cookies(cookies), []
    for number, path in enumerate(paths, turn):
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
    faults, too_few, passed, turn = [], [], 0, seed // ADMIN_EVERY
    for persona, prefixes, least in ROUNDS[name]:
        routes, every = routes_of(persona, prefixes), how_many(prefixes)
        # counted on from one persona to the next, or all who see few pages would be drawn at once
        paths = pages(world, persona, routes[(seed - passed) % every :: every])
        if WHOLE and len(paths) < least:
            too_few.append((persona, prefixes, len(paths)))
        if paths:
            found = crawl(visit, world.cookies[persona], paths, prefixes, turn)
            faults += [f"{persona} {fault}" for fault in found]
        passed, turn = passed + len(routes), turn + len(paths)
    assert too_few == []
    assert not faults, "\n" + "\n".join(faults)


def test_error_pages(visit, people):
    window = visit().known_as(people["staff"])
    for path in ("/nowhere/", "/members/999999/", "/users/"):
        window.open(path)
        window.theme("light").accessible()
        window.theme("dark").accessible()
        assert window.page.locator("h1").count() == 1, path
