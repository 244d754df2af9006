"""B1: a role counts to the last second of its term, on the next request of a session, a token and the admin; also while
the clocks are changed, and whatever zone the process lives in.
"""

import os
import random
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client, RequestFactory

from accounts.api import devices
from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import User
from core.site import change_settings
from members.factories import MemberFactory
from unionops.access import ROLES
from unionops.tests.matrix import PERSONAS, WHOLE, table

pytestmark = pytest.mark.django_db

ME = "/api/v1/auth/me/"
# In Chicago clocks go back at the first and forward at the second moment; where the process thinks that it is.
CHANGES = [("2026-11-01T07:00:00+00:00", "Pacific/Kiritimati"), ("2027-03-14T08:00:00+00:00", "America/Chicago")]


@pytest.fixture
def zone() -> Iterator[object]:
    before = os.environ.get("TZ")

    def change(name: str | None) -> None:
        os.environ.pop("TZ", None)
        if name is not None:
            os.environ["TZ"] = name
        time.tzset()

    yield change
    change(before)


def opened_by(role: str) -> dict[str, list[int]]:
    """Return some pages, admin pages and API routes that this role opens and nobody without a role does, and how each
    answers while the role is live, and after it.
    """
    columns = list(PERSONAS.values())
    live, over = columns.index(role), columns.index("expired")
    rows = [row for row in table() if row.method == "GET" and "<" not in row.route and "export" not in row.route]
    found = {
        f"/{row.route.strip('^$').replace('^', '').replace('$', '')}": [row.cells[live], row.cells[over]]
        for row in rows
        if row.cells[live] in (200, 302) and row.cells[live] != row.cells[over]
    }
    admin, api = ([path for path in found if path.startswith(kind)] for kind in ("/admin/", "/api/"))
    pages = [path for path in found if path not in (*admin, *api)]
    return {path: found[path] for path in (*pages[:2], *admin[:2], *api[:2])}


def holder(role: str, ends: datetime) -> User:
    user = UserFactory(email=f"{role}@people.example", member=MemberFactory() if role == "member" else None)
    RoleAssignmentFactory(user=user, role=role, starts_at=ends - timedelta(days=9), expires_at=ends)
    return user


@pytest.mark.parametrize(("moment", "place"), CHANGES)
def test_every_role_ends_to_the_second_at_every_door(zone, moment, place, seed):
    """On each commit half of the roles at either moment, all at both in the battery."""
    shuffled = random.Random(seed).sample(list(ROLES), len(ROLES))
    half = len(ROLES) // 2
    halves = dict(zip([moment for moment, _place in CHANGES], (shuffled[:half], shuffled[half:]), strict=True))
    change_settings({"time_zone": "America/Chicago"}, actor=None)
    zone(place)
    ends, asked = datetime.fromisoformat(moment), 0
    with time_machine.travel(ends - timedelta(minutes=10), tick=False) as clock:
        for role in ROLES if WHOLE else halves[moment]:
            user, browser = holder(role, ends), Client()
            clock.move_to(ends - timedelta(minutes=10))
            browser.force_login(user)
            access = devices.sign_in(user, request=RequestFactory().get("/")).access
            bearer = {"Authorization": f"Bearer {access}"}
            expected = opened_by(role)
            for at, (seconds, roles) in enumerate([(1, [role]), (0, [])]):
                clock.move_to(ends - timedelta(seconds=seconds))
                found = {path: browser.get(path).status_code for path in expected}
                by_token = {
                    path: Client().get(path, headers=bearer).status_code for path in expected if "/api/" in path
                }
                wanted = {path: statuses[at] for path, statuses in expected.items()}
                assert found == wanted, role
                assert {**found, **by_token} == wanted, role
                assert Client().get(ME, headers=bearer).json()["roles"] == roles
                asked += len(found) + len(by_token)
    assert asked > (120 if WHOLE else 60)
