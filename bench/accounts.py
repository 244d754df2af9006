"""The bench's part about signing in, in a process of its own. Prints two tables.

The first: what each way in costs, and each call after it, beside one check of a password in the same round; with few
old devices and role holders, and with many. The two are minutes apart, so their shares of a check are compared and not
their times. The second: a wrong password for every kind of account that there is.
"""

import json
import os
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults

import django
from django.conf import settings

from bench.measuring import Samples
from bench.report import table

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "40"))
FEW_DEVICES, MANY_DEVICES, HOLDERS = 10, 100_000, 50_000
ADDRESS, WRONG, TOKEN = "bench@people.example", "not the password at all", "c" * 32
LOGIN = "/accounts/login/"


def main() -> None:
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    # everything comes from one network
    settings.RATE_LIMITS = {door: (10**9, minutes) for door, (_limit, minutes) in settings.RATE_LIMITS.items()}
    settings.SECOND_FACTOR_ROLES = []
    user = _person()
    _old_devices(user, FEW_DEVICES)
    few = _ways_in(user)
    _old_devices(user, MANY_DEVICES - FEW_DEVICES)
    _holders()
    many = _ways_in(user)
    print(_drawn(few, many))
    print("\n" + _kinds())


# --- rows -------------------------------------------------------------------------------------------


def _person() -> Any:
    from accounts.factories import RoleAssignmentFactory, UserFactory

    user = UserFactory(email=ADDRESS)
    RoleAssignmentFactory(user=user, role="staff")
    return user


def _old_devices(user: Any, count: int) -> None:
    """Signed out, of the same name and account: the worst that can lie around before it is cleaned up."""
    from uuid import uuid4

    from django.utils import timezone

    from accounts.models import RefreshToken

    now, place = timezone.now(), {"ip_address": "127.0.0.1", "network": "127.0.0.0/24"}
    shared = {"user": user, "session_epoch": user.session_epoch, "device_info": "Bench", **place}
    rows = (RefreshToken(**shared, token_hash=uuid4().hex, expires_at=now, revoked_at=now) for _number in range(count))
    RefreshToken.objects.bulk_create(rows, batch_size=5_000)
    _analyze()


def _holders() -> None:
    from accounts.models import Role, RoleAssignment, User

    people = [User(email=f"h{n}@people.example", first_name="H", last_name="P", password="!") for n in range(HOLDERS)]
    made = User.objects.bulk_create(people, batch_size=5_000)
    role = Role.objects.get(name="staff")
    terms = (RoleAssignment(user=person, role=role, reason="For the bench") for person in made)
    RoleAssignment.objects.bulk_create(terms, batch_size=5_000)
    _analyze()


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


# --- measuring --------------------------------------------------------------------------------------


class Caller:
    """Calls the portal's handler as gunicorn does, without a socket."""

    def __init__(self) -> None:
        from django.core.wsgi import get_wsgi_application

        self.handler, self.device = get_wsgi_application(), ""

    def send(self, method: str, path: str, body: bytes = b"", kind: str = "", **headers: str) -> tuple[int, Any, bytes]:
        environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "HTTP_HOST": "localhost", **headers}
        environ |= {"REMOTE_ADDR": "127.0.0.1", "CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(body))}
        setup_testing_defaults(environ)
        environ["wsgi.input"] = BytesIO(body)
        seen: list[Any] = []
        response = self.handler(environ, lambda status, headers, *_: seen.extend((status, headers)))
        text = b"".join(response)
        response.close()
        return int(seen[0][:3]), seen[1], text

    def page(self, address: str, password: str) -> int:
        """The sign-in page's form, from a browser that the account knows once it has signed in."""
        body = urlencode({"login": address, "password": password, "csrfmiddlewaretoken": TOKEN}).encode()
        cookies = f"csrftoken={TOKEN}{self.device}"
        form = "application/x-www-form-urlencoded"
        status, headers, _text = self.send("POST", LOGIN, body, form, HTTP_COOKIE=cookies)
        for name, value in headers:
            if name == "Set-Cookie" and value.startswith("device="):
                self.device = f"; {value.partition(';')[0]}"
        return status

    def api(self, path: str, body: Any = None, token: str = "") -> Any:
        headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
        data = b"" if body is None else json.dumps(body).encode()
        method = "GET" if body is None else "POST"
        status, _headers, text = self.send(method, f"/api/v1/auth/{path}/", data, "application/json", **headers)
        if status != 200:
            raise RuntimeError(f"{path} answered {status}")
        return json.loads(text)


def _timed(samples: Samples, work: Callable[[], Any]) -> Any:
    started = time.perf_counter()
    answer = work()
    samples.values.append((time.perf_counter() - started) * 1000)
    return answer


WAYS = ("password check alone", "sign-in page (POST)", "token login", "refresh", "one API read (me)")


def _ways_in(user: Any) -> dict[str, Samples]:
    from django.contrib.auth.hashers import check_password

    from accounts.factories import PASSWORD

    caller, found = Caller(), {way: Samples() for way in WAYS}
    check, page, login, refresh, read = found.values()
    given = {"email": ADDRESS, "password": PASSWORD, "device": "Bench"}
    caller.page(ADDRESS, PASSWORD)
    pair = caller.api("login", given)
    for _round in range(ROUNDS):
        _timed(check, lambda: check_password(PASSWORD, user.password))
        if _timed(page, lambda: caller.page(ADDRESS, PASSWORD)) != 302:
            raise RuntimeError("nobody was signed in")
        pair = _timed(login, lambda: caller.api("login", given))
        pair = _timed(refresh, lambda pair=pair: caller.api("refresh", {"refresh": pair["refresh"]}))
        _timed(read, lambda pair=pair: caller.api("me", token=pair["access"]))
    return found


def _drawn(few: dict[str, Samples], many: dict[str, Samples]) -> str:
    header = (
        *("signing in, ms", f"{FEW_DEVICES} old devices, 1 holder: p50", "p95", "of a check"),
        *(f"{MANY_DEVICES:,} and {HOLDERS:,}: p50", "p95", "of a check", "grown"),
    )
    rows = []
    for way in WAYS:
        row = [way]
        shares = [found[way].p50 / found[WAYS[0]].p50 for found in (few, many)]
        for found, share in zip((few, many), shares, strict=True):
            row += [f"{found[way].p50:.1f}", f"{found[way].p95:.1f}", f"{share:.2f}"]
        rows.append([*row, f"{shares[1] / shares[0]:.2f}"])
    return table(header, rows)


# --- kinds of account -------------------------------------------------------------------------------


def _kinds() -> str:
    """They take turns, so that a busy moment of the machine falls on all of them."""
    from accounts.models import SignInThrottle

    caller, addresses = Caller(), _people_of_every_kind()
    found = {kind: Samples() for kind in addresses}
    for _round in range(ROUNDS):
        for kind, address in addresses.items():
            if kind != "locked":
                SignInThrottle.objects.filter(key=SignInThrottle.key_for(address)).delete()
            if _timed(found[kind], lambda address=address: caller.page(address, WRONG)) != 422:
                raise RuntimeError(f"{kind} was not refused")
    known = found["known"].p50
    rows = [[kind, f"{s.p50:.1f}", f"{s.p95:.1f}", f"{s.p50 / known:.2f}"] for kind, s in found.items()]
    return table(("wrong password, ms", "p50", "p95", "of known"), rows)


def _people_of_every_kind() -> dict[str, str]:
    import bcrypt

    from accounts.factories import PASSWORD, UserFactory

    old = "bcrypt$" + bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(12, prefix=b"2b")).decode()
    made: dict[str, dict[str, Any]] = {
        "known": {},
        "switched off": {"is_active": False},
        "locked": {},
        "without a password": {"password": "!"},
        "old hash (bcrypt)": {"password": old},
    }
    found = {kind: UserFactory(**fields).email for kind, fields in made.items()}
    caller = Caller()
    for _turn in range(settings.LOCKOUT_FAILURES):
        caller.page(found["locked"], WRONG)
    return {"unknown": "nobody@people.example", **found}


if __name__ == "__main__":
    main()
