"""A hundred wrong passwords at once over HTTP, against four processes: five are looked at, then the door is shut."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings

from accounts.factories import PASSWORD, UserFactory
from accounts.models import SignInThrottle

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("sqlite" in settings.DATABASES["default"]["ENGINE"], reason="races are proven on PostgreSQL"),
]

ROUNDS = 20 if os.environ.get("BATTERY") else 3
GUESSES, PROCESSES, THREADS = 100, 4, 4
ADDRESS = "ann@people.example"
LOGIN = "/accounts/login/"


@dataclass
class Server:
    port: int
    counter: Path

    def request(self, method: str, path: str, body: str = "", cookie: str = "") -> tuple[int, str, str]:
        """(status, first cookie, body)."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": "application/x-www-form-urlencoded", **({"Cookie": cookie} if cookie else {})}
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        found = response.status, response.headers.get("Set-Cookie", "").partition(";")[0], response.read().decode()
        connection.close()
        return found

    def door(self) -> tuple[str, str]:
        """A CSRF cookie and the token that goes with it."""
        _status, cookie, page = self.request("GET", LOGIN)
        return cookie, re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]

    def sign_in(self, password: str, cookie: str, token: str) -> int:
        body = urlencode({"login": ADDRESS, "password": password, "csrfmiddlewaretoken": token})
        return self.request("POST", LOGIN, body, cookie)[0]

    def evaluations(self) -> int:
        return self.counter.stat().st_size

    def storm(self) -> tuple[int, set[int]]:
        """Guesses at once from as many clients: (evaluations, statuses)."""
        SignInThrottle.objects.all().delete()
        self.counter.write_bytes(b"")
        cookie, token = self.door()
        barrier, statuses = threading.Barrier(GUESSES), []

        def guess(number: int) -> None:
            barrier.wait(60)
            statuses.append(self.sign_in(f"wrong guess number {number}", cookie, token))

        clients = [threading.Thread(target=guess, args=(number,)) for number in range(GUESSES)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        assert len(statuses) == GUESSES
        return self.evaluations(), set(statuses)


@contextmanager
def serving(backend: str, database_url: str, folder: Path) -> Iterator[Server]:
    counter = folder / "evaluations"
    counter.write_bytes(b"")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--log-level", "critical"]
    command += ["--workers", str(PROCESSES), "--threads", str(THREADS), "accounts.tests.counting_wsgi:application"]
    environment = {**os.environ, "DATABASE_URL": database_url, "BACKEND": backend, "EVALUATIONS": str(counter)}
    process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR)
    server = Server(port, counter)
    try:
        _wait_until_it_answers(server)
        yield server
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_it_answers(server: Server) -> None:
    for _turn in range(150):
        try:
            if server.request("GET", "/livez")[0] == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("gunicorn did not start")


def test_five_of_a_hundred_parallel_guesses_are_looked_at(database_url, tmp_path):
    UserFactory(email=ADDRESS)
    with serving("accounts.backends.PortalBackend", database_url, tmp_path) as server:
        for _round in range(ROUNDS):
            assert server.storm() == (settings.LOCKOUT_FAILURES, {422})
            assert server.sign_in(PASSWORD, *server.door()) == 422
            assert server.evaluations() == settings.LOCKOUT_FAILURES
        SignInThrottle.objects.all().delete()
        assert server.sign_in(PASSWORD, *server.door()) == 302


def test_control_without_the_reservation_more_are_looked_at(database_url, tmp_path):
    UserFactory(email=ADDRESS)
    with serving("accounts.tests.counting.LooksThenHashesThenCounts", database_url, tmp_path) as server:
        found = [server.storm()[0] for _round in range(ROUNDS)]
    assert sum(count > settings.LOCKOUT_FAILURES for count in found) >= ROUNDS - ROUNDS // 20, found
