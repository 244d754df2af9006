"""Signs the people of the bench in to one database, in a process of its own. Prints one line of JSON.

What is in it: cookies and access tokens by role, refresh tokens, the probes of the cases, and the statement of each
bare page.
"""

import json
from typing import Any

import django
import psycopg

REFRESHERS = 12


def main() -> None:
    django.setup()
    from django.conf import settings

    from bench.cases import CASES, filled, find_probes

    _work_is_done()
    with psycopg.connect(settings.DATABASE_URL) as connection:
        probes = find_probes(connection)
    roles = {case.role for case in CASES}
    bare = {path for case in CASES if case.bare for path in filled(case.bare, probes)}
    found = {
        "cookies": {role: _cookie(role) for role in roles},
        "tokens": {role: _device(role).access for role in roles},
        "refresh": [_device("staff").refresh for _turn in range(REFRESHERS)],
        "probes": probes,
        "statements": {path: _statement(path) for path in bare},
    }
    print(json.dumps(found))


def _work_is_done() -> None:
    """So that no page says that the regular work has not run for two hours."""
    from core.mail import heartbeats

    heartbeats.succeeded(heartbeats.RUN_DUE)


def _person(role: str) -> Any:
    from accounts.models import User
    from bench.people import address_of

    return User.objects.get(email=address_of(role))


def _cookie(role: str) -> str:
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(_person(role))
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def _device(role: str) -> Any:
    from django.test import RequestFactory

    from accounts.api import devices

    return devices.sign_in(_person(role), request=RequestFactory().get("/"), device_info="Bench")


def _statement(path: str) -> tuple[str, list[Any]]:
    """The first statement of a bare page, as psycopg takes it."""
    from django.http import QueryDict

    from bench.bare import BARE

    place, _mark, query = path.partition("?")
    name, *pk = place.strip("/").split("/")
    asked = {**QueryDict(query).dict(), "pk": "".join(pk)}
    statement, parameters = BARE[name].rows(asked).query.sql_with_params()
    return statement, [value if isinstance(value, int | bool) else str(value) for value in parameters]


if __name__ == "__main__":
    main()
