"""How one page is timed: the whole request through the WSGI handler, and in it the time that the database took."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from wsgiref.util import setup_testing_defaults

from django.core.wsgi import get_wsgi_application
from django.db import connection


@dataclass
class Samples:
    """Milliseconds."""

    values: list[float] = field(default_factory=list)

    @property
    def p50(self) -> float:
        return median(self.values)

    @property
    def p95(self) -> float:
        return quantiles(self.values, n=20)[-1] if len(self.values) > 1 else self.values[0]


class QueryClock:
    """For connection.execute_wrapper: how many queries ran and how long they took, their rows on the way included."""

    def __init__(self) -> None:
        self.milliseconds, self.queries, self.backend = 0.0, 0, 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            self.milliseconds += (time.perf_counter() - started) * 1000
            self.queries += 1
            self.backend = connection.connection.info.backend_pid


def processor_milliseconds(backends: Iterable[int]) -> float:
    """What these processes have computed so far: unlike the time on the wall, a busy machine hardly lengthens it."""
    schedules = [Path(f"/proc/{backend}/schedstat") for backend in backends]
    return sum(int(schedule.read_text().split()[0]) / 1e6 for schedule in schedules if schedule.exists())


@dataclass(frozen=True, slots=True)
class Answer:
    body: str
    milliseconds: float
    database_milliseconds: float
    database_processor_milliseconds: float
    queries: int


class Browser:
    """Calls the portal's handler as gunicorn does, without a socket."""

    def __init__(self, cookie: str) -> None:
        self.handler, self.cookie = get_wsgi_application(), cookie
        self.backends: set[int] = set()  # of the pool's connections, which take turns

    def get(self, path: str) -> Answer:
        environ: dict[str, Any] = {
            "PATH_INFO": path.partition("?")[0],
            "QUERY_STRING": path.partition("?")[2],
            "SERVER_NAME": "localhost",
            "HTTP_HOST": "localhost",
            "HTTP_COOKIE": self.cookie,
        }
        setup_testing_defaults(environ)
        clock, statuses, before = QueryClock(), [], processor_milliseconds(self.backends)
        with connection.execute_wrapper(clock):
            started = time.perf_counter()
            response = self.handler(environ, lambda status, headers, *_: statuses.append(status))
            body = b"".join(response)
            response.close()
            spent = (time.perf_counter() - started) * 1000
        computed = processor_milliseconds(self.backends) - before
        self.backends.add(clock.backend)
        if not statuses[0].startswith("200"):
            raise RuntimeError(f"{path} answered {statuses[0]}")
        return Answer(body.decode(), spent, clock.milliseconds, computed, clock.queries)
