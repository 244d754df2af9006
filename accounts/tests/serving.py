"""The portal as it is served: gunicorn, two processes (four in the battery), real HTTP. For the races."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

BATTERY = bool(os.environ.get("BATTERY"))
PROCESSES, THREADS = (4 if BATTERY else 2), 4
ROUNDS = 20 if BATTERY else 1
# How many use one code, token or invitation at once: more than the threads that serve them.
USES = 50 if BATTERY else 18
# In how many of the battery's rounds a control must show its fault.
CONTROLS_FAIL = 19
# A control may take so many turns to show it once on a commit, however busy the machine is.
MOST_TURNS = 5
LOGIN = "/accounts/login/"


@dataclass
class Server:
    port: int
    counter: Path
    master: int = 0

    def request(self, method: str, path: str, body: str = "", cookie: str = "") -> tuple[int, str, str]:
        """Return (status, first cookie, body)."""
        kind = "application/x-www-form-urlencoded"
        status, headers, text = self.send(method, path, body, {"Content-Type": kind, "Cookie": cookie})
        return status, (headers.get("Set-Cookie") or "").partition(";")[0], text

    def send(self, method: str, path: str, body: str, headers: dict[str, str]) -> tuple[int, Any, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, {name: value for name, value in headers.items() if value})
        response = connection.getresponse()
        found = response.status, response.headers, response.read().decode()
        connection.close()
        return found

    def api(self, path: str, body: Any = None, *, token: str = "") -> tuple[int, Any]:
        """POST `body`, or GET without one; return (status, what the JSON says)."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}" if token else ""}
        text = "" if body is None else json.dumps(body)
        status, _headers, answer = self.send("GET" if body is None else "POST", f"/api/v1/{path}", text, headers)
        return status, json.loads(answer) if answer else None

    def door(self) -> tuple[str, str]:
        """Return a CSRF cookie and the token that goes with it."""
        _status, cookie, page = self.request("GET", LOGIN)
        return cookie, re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]

    def sign_in(self, address: str, password: str, cookie: str, token: str) -> int:
        body = urlencode({"login": address, "password": password, "csrfmiddlewaretoken": token})
        return self.request("POST", LOGIN, body, cookie)[0]

    def evaluations(self) -> int:
        return self.counter.stat().st_size

    def memory(self, what: str = "VmRSS") -> dict[str, int]:
        """Return the MiB of each worker; `VmHWM` is the most it ever had."""
        workers = Path(f"/proc/{self.master}/task/{self.master}/children").read_text().split()
        found = {pid: re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text()) for pid in workers}
        return {pid: int(match[1]) // 1024 for pid, match in found.items()}


def at_once(work: Callable[[int], Any], clients: int) -> list[Any]:
    """Call `work(number)` in so many threads that start together; return what each returned."""
    barrier, found = threading.Barrier(clients), []

    def run(number: int) -> None:
        barrier.wait(60)
        found.append(work(number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == clients
    return found


@contextmanager
def serving(database_url: str, folder: Path, **environment: str) -> Iterator[Server]:
    """Serve the portal; `NAIVE="1"` serves the variants that must fail, see accounts.tests.counting."""
    counter = folder / "evaluations"
    counter.write_bytes(b"")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--preload", "--bind", f"127.0.0.1:{port}", "--log-level", "critical"]
    command += ["--workers", str(PROCESSES), "--threads", str(THREADS), "accounts.tests.counting_wsgi:application"]
    environment = {**os.environ, "DATABASE_URL": database_url, "EVALUATIONS": str(counter), **environment}
    process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR)
    server = Server(port, counter, process.pid)
    try:
        _wait_until_it_answers(server)
        yield server
    finally:
        process.terminate()
        process.wait(60)  # gunicorn itself gives its workers 30 seconds


def _wait_until_it_answers(server: Server) -> None:
    for _turn in range(150):
        try:
            if server.request("GET", "/livez")[0] == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("gunicorn did not start")


def fails(play: Callable[[], bool]) -> bool:
    """Tell whether a control, the naive variant, shows its fault: `play` says whether one round of it did."""
    if BATTERY:
        return sum(play() for _round in range(ROUNDS)) >= CONTROLS_FAIL
    return fails_once(play)


def fails_once(play: Callable[[], bool]) -> bool:
    """Tell whether the fault shows at all, of a control that needs luck for it in the battery too."""
    return any(play() for _turn in range(max(ROUNDS, MOST_TURNS)))
