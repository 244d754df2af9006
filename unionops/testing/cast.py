"""The people of the tests, and browsers that they are signed in with."""

import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.test import Client
from django.utils import timezone

# The people of the tests: heading in the matrix → name. "anon" has not signed in.
PERSONAS = {
    "anon": "anon",
    "nob": "nobody",
    "exp": "expired",
    "sus": "suspended",
    "adm": "admin",
    "off": "officer",
    "stf": "staff",
    "org": "organizer",
    "ins": "instructor",
    "mem": "member",
    "rep": "representative",
    "stw": "steward",
    "gch": "grievance-chair",
    "odr": "organizing-director",
    "trs": "treasurer",
    "tru": "trustee",
    "bvp": "benevolence-vp",
    "bad": "benevolence-admin",
    "bma": "benevolence-manager",
    "bpr": "benevolence-president",
}
CAST = tuple(PERSONAS.values())


class People:
    """`people["staff"]`: a saved user who holds that role now; made when first asked for.

    Every role name of unionops.access, and: "nobody" (no role), "expired" (an officer whose term is over),
    "suspended" (staff, switched off). "member" is linked to a member's record.
    """

    def __init__(self) -> None:
        from core.mail import heartbeats  # noqa: PLC0415  the apps are not there before
        from core.site import site_settings  # noqa: PLC0415  as above

        self._made: dict[str, Any] = {}
        # A process that has answered before: the first request asks no more than any other.
        site_settings()
        heartbeats.alarms()

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> Any:
        from accounts.factories import RoleAssignmentFactory, UserFactory  # noqa: PLC0415  the apps are not there before
        from accounts.models import Role  # noqa: PLC0415  as above
        from members.factories import MemberFactory  # noqa: PLC0415  as above

        user = UserFactory(
            email=f"{name}@people.example",
            first_name=name.title(),
            last_name="Person",
            is_active=name != "suspended",
            member=MemberFactory() if name == "member" else None,
        )
        role = {"nobody": "", "expired": "officer", "suspended": "staff"}.get(name, name)
        if role:
            now = timezone.now()
            term = (now - timedelta(days=800), now - timedelta(days=1)) if name == "expired" else (now, None)
            RoleAssignmentFactory(user=user, role=Role.objects.get(name=role), starts_at=term[0], expires_at=term[1])
        return user


@pytest.fixture(scope="module")
def everybody(django_db_setup: None, django_db_blocker: Any) -> Iterator[People]:
    """Return the cast with all of it made, for a world that a module shares; it is undone after the module.

    Such a module overrides `people` by it: whoever is made inside a test would be undone with the test.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        people = People()
        for name in CAST:
            if name != "anon":
                people[name]
        yield people
        transaction.set_rollback(True)


@pytest.fixture
def people(db: None) -> People:
    return People()


def session_of(user: Any) -> dict[str, str]:
    """Sign `user` in and return the cookie of the session: the row alone, a third of what signing in costs."""
    from accounts.entry.session_store import SessionStore  # noqa: PLC0415  the apps are not there before

    session = SessionStore(secrets.token_hex(16))
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session.save(must_create=True)
    return {settings.SESSION_COOKIE_NAME: str(session.session_key)}


@pytest.fixture
def client_of(people: People) -> Callable[..., Any]:
    """`client_of("staff")`: a signed-in browser without a screen; `client_of("anon")` has not signed in."""

    def make(name: str, **options: Any) -> Client:
        client = Client(**options)
        if name != "anon":
            client.cookies.load(session_of(people[name]))
        return client

    return make


def shown_values(response: Any) -> list[list[Any]]:
    """Return what the list of an answer shows, row by row, as an export writes it."""
    columns = [column for column, _url, _direction in response.context["columns"]]
    return [[column.value(row) for column in columns] for row in response.context["rows"]]
