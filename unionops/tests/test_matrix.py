import os
import re
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client

from unionops.tests import matrix
from unionops.tests.matrix import METHODS, PERSONAS, Row, World, known_routes, table

PROPOSAL = os.environ.get("MATRIX_PROPOSAL")
ROWS = [] if PROPOSAL else table()
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


def test_every_route_has_its_rows():
    wanted = {(route, "", method) for route in known_routes() for method in METHODS}
    listed = [row.key for row in ROWS]
    if PROPOSAL:
        pytest.skip("writing a proposal")
    assert {
        "missing": wanted - {*listed},
        "unknown": {key for key in listed if (key[0], "", key[2]) not in wanted},
    } == {
        "missing": set(),
        "unknown": set(),
    }
    assert len(listed) == len({*listed})
    assert {len(row.cells) for row in ROWS} == {len(PERSONAS)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row.key))
def test_every_persona_gets_what_the_table_says(world, row):
    assert str(Row(*row.key, world.statuses(*row.key))) == str(row)


OWN_PAGES = [
    row for row in ROWS if not row.route.startswith(("admin/", "api/")) and row.route not in ("livez", "readyz")
]


@pytest.mark.parametrize("row", OWN_PAGES, ids=lambda row: " ".join(row.key))
def test_htmx_headers_open_and_close_nothing(world, row):
    path = world.address(row.route, row.case)
    headers = {"HX-Request": "true", "HX-Target": "main", "HX-Current-URL": "http://testserver/users/"}
    for persona, expected in zip(PERSONAS, row.cells, strict=True):
        answer = world.ask(persona, row.method, path, **headers)
        plain = world.ask(persona, row.method, path) if expected == 302 and persona in ("anon", "sus") else {}
        signed_out = plain.get("Location", "").startswith("/accounts/login/?next=")
        # What is open may come as a part of the page instead of a redirect; what is closed stays closed.
        found = "open" if answer.status_code < 400 else answer.status_code
        assert (persona, found) == (persona, 401 if signed_out else "open" if expected < 400 else expected)


WRITES = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')


# A GET of these tells something about people, so it says in the trail who looked.
TELLING = [
    "accounts/security/reads/",
    "admin/accounts/doorcount/",
    "admin/accounts/doorcount/<path:object_id>/change/",
    "admin/accounts/doorcount/<path:object_id>/history/",
    "admin/accounts/installation/",
    "admin/accounts/installation/<path:object_id>/change/",
    "admin/accounts/installation/<path:object_id>/history/",
    "admin/accounts/installationseat/",
    "admin/accounts/installationseat/<path:object_id>/change/",
    "admin/accounts/installationseat/<path:object_id>/history/",
    "admin/accounts/mailedcode/",
    "admin/accounts/mailedcode/<path:object_id>/change/",
    "admin/accounts/mailedcode/<path:object_id>/history/",
    "admin/accounts/refreshtoken/",
    "admin/accounts/refreshtoken/<path:object_id>/change/",
    "admin/accounts/refreshtoken/<path:object_id>/history/",
    "admin/accounts/roleassignment/",
    "admin/accounts/roleassignment/<path:object_id>/change/",
    "admin/accounts/roleassignment/<path:object_id>/history/",
    "admin/accounts/session/",
    "admin/accounts/session/<path:object_id>/change/",
    "admin/accounts/session/<path:object_id>/history/",
    "admin/accounts/sessionrecord/",
    "admin/accounts/sessionrecord/<path:object_id>/change/",
    "admin/accounts/sessionrecord/<path:object_id>/history/",
    "admin/accounts/signinthrottle/",
    "admin/accounts/signinthrottle/<path:object_id>/change/",
    "admin/accounts/signinthrottle/<path:object_id>/history/",
    "admin/accounts/user/",
    "admin/accounts/user/<path:object_id>/change/",
    "admin/accounts/user/<path:object_id>/history/",
    "admin/benevolence/benevolenceapplication/",
    "admin/core/auditevent/",
    "admin/core/auditevent/<path:object_id>/change/",
    "admin/core/auditevent/<path:object_id>/history/",
    "admin/core/listcolumns/",
    "admin/core/outbox/",
    "admin/core/outbox/<path:object_id>/change/",
    "admin/core/outbox/<path:object_id>/history/",
    "admin/core/readevent/",
    "admin/core/readevent/<path:object_id>/change/",
    "admin/core/readevent/<path:object_id>/history/",
    "admin/core/savedfilter/",
    "admin/grievances/grievance/",
    "admin/grievances/grievance/<path:object_id>/change/",
    "admin/grievances/grievance/<path:object_id>/history/",
    "admin/grievances/grievance/<path:object_id>/moves/<slug:move>/",
    "admin/grievances/grievanceintake/",
    "admin/grievances/grievanceintake/<path:object_id>/change/",
    "admin/grievances/grievanceintake/<path:object_id>/history/",
    "admin/grievances/grievancesteprecord/",
    "admin/grievances/grievancesteprecord/<path:object_id>/change/",
    "admin/grievances/grievancesteprecord/<path:object_id>/history/",
    "admin/grievances/grievant/",
    "admin/grievances/grievant/<path:object_id>/change/",
    "admin/grievances/grievant/<path:object_id>/history/",
    "admin/grievances/grievanttold/",
    "admin/grievances/grievanttold/<path:object_id>/change/",
    "admin/grievances/grievanttold/<path:object_id>/history/",
    "admin/grievances/resolution/",
    "admin/grievances/resolution/<path:object_id>/change/",
    "admin/grievances/resolution/<path:object_id>/history/",
    "admin/members/employment/",
    "admin/members/employment/<path:object_id>/change/",
    "admin/members/employment/<path:object_id>/history/",
    "admin/members/importbatch/",
    "admin/members/importbatch/<path:object_id>/change/",
    "admin/members/importbatch/<path:object_id>/history/",
    "admin/members/importrow/",
    "admin/members/importrow/<path:object_id>/change/",
    "admin/members/importrow/<path:object_id>/history/",
    "admin/members/member/",
    "admin/members/member/<path:object_id>/change/",
    "admin/members/member/<path:object_id>/history/",
    "admin/members/organizationcontact/",
    "admin/members/organizationcontact/<path:object_id>/change/",
    "admin/members/organizationcontact/<path:object_id>/history/",
    "admin/members/searchword/",
    "admin/members/searchword/<path:object_id>/change/",
    "admin/members/searchword/<path:object_id>/history/",
    "admin/organizing/campaign/",
    "admin/organizing/campaignassignment/",
    "admin/organizing/campaignmember/",
    "admin/organizing/saltingactivity/",
    "api/v1/^benevolence-applications/$",
    "api/v1/^campaigns/$",
    "api/v1/^grievances/$",
    r"api/v1/^grievances/(?P<pk>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/$",
    "api/v1/^members/$",
    r"api/v1/^members/(?P<pk>[0-9]{1,18})/$",
    "api/v1/^organizations/$",
    r"api/v1/^organizations/(?P<pk>[0-9]{1,18})/$",
    "api/v1/^role-assignments/$",
    r"api/v1/^role-assignments/(?P<pk>[0-9]{1,18})/$",
    "api/v1/^roles/$",
    "api/v1/^roles/(?P<name>[-a-z0-9_]{1,80})/$",
    "api/v1/^salting-activities/$",
    "api/v1/^users/$",
    r"api/v1/^users/(?P<pk>[0-9]{1,18})/$",
    "audit/",
    "audit/reads/",
    "benevolence/applications/",
    "contacts/<int:pk>/edit/",
    "employments/<int:pk>/edit/",
    "grievances/",
    "grievances/<uuid:pk>/",
    "grievances/<uuid:pk>/assign/",
    "grievances/<uuid:pk>/lift/",
    "grievances/<uuid:pk>/moves/<slug:move>/",
    "grievances/<uuid:pk>/notes/",
    "grievances/<uuid:pk>/restrict/",
    "grievances/drafts/",
    "grievances/drafts/<uuid:pk>/",
    "grievances/drafts/<uuid:pk>/edit/",
    "grievances/export/<slug:kind>/",
    "grievances/steps/<uuid:pk>/replace/",
    "imports/",
    "imports/<uuid:pk>/",
    "imports/<uuid:pk>/match/",
    "imports/<uuid:pk>/result/<slug:kind>/",
    "installations/",
    "installations/<uuid:pk>/",
    "installations/<uuid:pk>/handover/",
    "installations/<uuid:pk>/handover/<slug:part>/<int:person>/",
    "installations/<uuid:pk>/sheet/",
    "members/",
    "members/<int:pk>/",
    "members/<int:pk>/edit/",
    "members/<int:pk>/merge/",
    "members/<int:pk>/merge/<int:other>/",
    "members/export/<slug:kind>/",
    "organizations/<int:pk>/",
    "organizations/export/<slug:kind>/",
    "organizing/",
    "organizing/activities/",
    "roles/ending/",
    "roles/held/",
    "search/",
    "terms/waiting/",
    "users/",
    "users/<int:pk>/",
    "users/<int:pk>/edit/",
]


@pytest.mark.parametrize("route", known_routes())
def test_reading_writes_nothing_but_who_read(world, route):
    written, told = set(), set()
    secrets = world.secrets()
    path = world.address(route) + (f"?q={world.records['members'].member_number}" if route == "search/" else "")

    def watch(execute, sql, params, many, context):
        written.update(WRITES.findall(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        for persona in ("adm", "off", "stf", "mem"):
            answer = world.ask(persona, "GET", path)
            told |= {secret for secret in secrets if not answer.streaming and secret in answer.text}
            world.ask(persona, "HEAD", path)
    if route in TELLING:
        assert written == {"core_readevent"}
    else:
        assert (written, told) == (set(), set())


READERS = ("admin/", "accounts/signup/")


@pytest.mark.parametrize("route", known_routes())
def test_no_other_method_does_anything(world, route):
    """The admin's views, and the page that says that nobody signs up, read on any method; all others refuse it."""
    path = world.address(route)
    for method in ("PUT", "DELETE"):
        for persona in ("anon", "adm", "stf"):
            status = world.ask(persona, method, path).status_code
            read = world.ask(persona, "GET", path).status_code if route.startswith(READERS) else 0
            assert 300 < status < 500 or status == read, (persona, method)


def test_nothing_is_sent_without_a_token(world):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    for persona in ("anon", "adm", "stf"):
        client.cookies = SimpleCookie(world.cookies[persona])
        paths = [world.address(route) for route in known_routes() if not route.startswith("api/")]
        assert {path for path in paths if client.post(path).status_code != 403} == set()


def without_ids(text: str) -> str:
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+|csrfmiddlewaretoken\" value=\"\w+\"", "#", text)


NOBODY = {"int": "999999999", "uuid": "00000000-0000-4000-8000-000000000000"}
KEYED = [row for row in ROWS if re.search("<(int|uuid):pk>", row.route) and not row.case and 404 in row.cells]


@pytest.mark.parametrize("row", KEYED, ids=lambda row: " ".join(row.key))
def test_a_hidden_record_looks_like_one_that_does_not_exist(world, row):
    kind = re.search("<(int|uuid):pk>", row.route)[1]
    there, absent = world.address(row.route), world.address(row.route, key=NOBODY[kind])
    for persona, status in zip(PERSONAS, row.cells, strict=True):
        if status == 404:
            hidden, none = world.ask(persona, row.method, there), world.ask(persona, row.method, absent)
            assert (none.status_code, without_ids(none.text)) == (404, without_ids(hidden.text))


@pytest.mark.skipif(not PROPOSAL, reason="only on request: MATRIX_PROPOSAL=file")
def test_write_a_proposal(world):
    cases = [(route, "") for route in known_routes()]
    cases += [("members/<int:pk>/", "own"), ("members/<int:pk>/edit/", "own"), ("grievances/<uuid:pk>/", "own")]
    cases += [(f"benevolence/applications/<uuid:pk>/{act}", "own") for act in ("", "edit/", "moves/<slug:move>/")]
    cases += [
        (f"{kind}/<int:pk>/{act}", "deleted") for kind in ("members", "organizations") for act in ("", "restore/")
    ]
    rows = [
        Row(route, case, method, world.statuses(route, case, method)) for route, case in cases for method in METHODS
    ]
    Path(PROPOSAL).write_text("\n".join([matrix.heading(), *map(str, rows)]) + "\n")
