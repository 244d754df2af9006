"""A token opens exactly what a session of the same person opens: no more, no less, on every route of the API."""

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import RequestFactory

from accounts.api import devices
from core.checks import exempt_routes, routes
from core.papers.typeset import PDF
from unionops.tests.matrix import METHODS, PERSONAS, table
from unionops.tests.matrix_world import World

pytestmark = pytest.mark.django_db
# Public doors read neither, and the documentation is a page.
ROUTES = [
    (method, route)
    for route in dict.fromkeys(route for route, _pattern in routes())
    for method in (*METHODS, *(("DELETE",) if "sessions/" in route else ()))
    if route.startswith("api/v1/") and route != "api/v1/docs/" and route not in exempt_routes()
]

MATRIX = {row.key: row for row in table()}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        made = World()
        request = RequestFactory().get("/")
        made.tokens = {
            name: devices.sign_in(made.people[person], request=request).access
            for name, person in PERSONAS.items()
            if person != "anon"
        }
        yield made
        transaction.set_rollback(True)


def verdict(answer: HttpResponseBase) -> tuple[int, object]:
    """Return the status and which fields are answered; values that name the device or the moment differ anyway."""
    if answer.streaming or answer.headers.get("Content-Type") == PDF:  # a file
        return answer.status_code, answer.headers["Content-Type"]
    body = answer.json() if answer.content else None
    return answer.status_code, sorted(body) if isinstance(body, dict) else type(body).__name__


@pytest.mark.heavy
@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_token_and_session_are_answered_alike(world, method, route, seed):
    """On each commit for one whom the matrix lets in and one whom it refuses, in the battery for everybody."""
    row = MATRIX.get((route, "", method))
    path, found = world.address(route), {}
    for persona in row.pair(seed, world.tokens) if row else world.tokens:
        token = world.tokens[persona]
        by_session = world.ask(persona, method, path)
        by_token = world.ask("anon", method, path, Authorization=f"Bearer {token}")
        found[persona] = (verdict(by_session), verdict(by_token))
    assert {persona: pair for persona, pair in found.items() if pair[0] != pair[1]} == {}


def test_a_page_reads_no_token(world):
    for path in ("/", "/members/", "/users/", "/admin/", "/api/v1/docs/"):
        answer = world.ask("anon", "GET", path, Authorization=f"Bearer {world.tokens['adm']}")
        assert (path, answer.status_code) == (path, 302)
