"""Every page that a person can open, in light and dark and on a phone: nothing for axe, nothing for the CSP."""

import pytest
from django.db import transaction

from organizing.factories import AssignmentFactory, CampaignMemberFactory
from unionops.tests.matrix import World, known_routes

pytestmark = [pytest.mark.story, pytest.mark.django_db(transaction=True)]
NOT_PAGES = ("api/", "livez", "readyz", "settings/logo/", "admin/jsi18n/", "accounts/logout/")
FILES = ("/export/", "/result/")
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 800}


@pytest.fixture
def world(transactional_db):
    """Here the organizer is inside the campaign, and the member acts in it."""
    with transaction.atomic():
        made = World()
        campaign = made.records["organizing/campaigns"]
        AssignmentFactory(campaign=campaign, user=made.people["organizer"], duty="deputy")
        CampaignMemberFactory(campaign=campaign, member=made.people["member"].member)
        return made


def pages(world: World, persona: str, *prefixes: str) -> list[str]:
    """The paths that answer this persona with a page, of the routes that begin so; of the portal's own by default."""
    found = []
    for route in known_routes():
        skipped = route.startswith(NOT_PAGES) or any(part in route for part in FILES)
        wanted = route.startswith(prefixes) if prefixes else not route.startswith("admin/")
        if wanted and not skipped:
            path = world.address(route)
            answer = world.ask(persona, "GET", path)
            if answer.status_code == 200 and "<html" in answer.text:
                found.append(path)
    return found


def crawl(visit, world, persona, paths):
    window = visit()
    window.take_cookies(world.cookies[persona])
    faults = []
    for path in paths:
        window.page.set_viewport_size(WIDE)
        window.open(path)
        found = [f"light {fault}" for fault in window.theme("light").axe()]
        found += [f"dark {fault}" for fault in window.theme("dark").axe()]
        window.page.set_viewport_size(PHONE)
        if (too_wide := window.sideways()) > 0:
            found.append(f"{too_wide} pixels too wide for a phone")
        faults += [f"{path} {fault}" for fault in found]
    assert not faults, "\n" + "\n".join(faults)


@pytest.mark.parametrize(
    ("persona", "prefixes", "least"),
    [
        ("anon", (), 2),
        ("stf", (), 35),
        ("adm", (), 25),
        ("mem", (), 8),
        ("off", ("grievances/",), 12),
        ("off", ("terms/", "roles/"), 6),
        ("bvp", ("benevolence/",), 6),
        ("org", ("organizing/",), 8),
        ("odr", ("organizing/",), 3),
        ("adm", ("admin/",), 40),
        ("off", ("admin/grievances/", "admin/organizing/"), 12),
        ("bvp", ("admin/benevolence/",), 8),
    ],
)
def test_every_page(visit, world, persona, prefixes, least):
    paths = pages(world, persona, *prefixes)
    assert len(paths) >= least
    crawl(visit, world, persona, paths)


@pytest.mark.parametrize("path", ["/nowhere/", "/members/999999/", "/users/"])
def test_error_pages(visit, world, path):
    window = visit().take_cookies(world.cookies["stf"])
    window.open(path)
    window.accessible()
    window.theme("dark").accessible()
    assert window.page.locator("h1").count() == 1
