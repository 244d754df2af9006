"""How one page is timed: the whole request through the WSGI handler, and in it the time that the database took."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
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
        self.milliseconds, self.queries = 0.0, 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            self.milliseconds += (time.perf_counter() - started) * 1000
            self.queries += 1


@dataclass(frozen=True, slots=True)
class Answer:
    body: str
    milliseconds: float
    database_milliseconds: float
    queries: int


class Browser:
    """Calls the portal's handler as gunicorn does, without a socket."""

    def __init__(self, cookie: str) -> None:
        self.handler, self.cookie = get_wsgi_application(), cookie

    def get(self, path: str) -> Answer:
        environ: dict[str, Any] = {
            "PATH_INFO": path.partition("?")[0],
            "QUERY_STRING": path.partition("?")[2],
            "SERVER_NAME": "localhost",
            "HTTP_HOST": "localhost",
            "HTTP_COOKIE": self.cookie,
        }
        setup_testing_defaults(environ)
        clock, statuses = QueryClock(), []
        with connection.execute_wrapper(clock):
            started = time.perf_counter()
            response = self.handler(environ, lambda status, headers, *_: statuses.append(status))
            body = b"".join(response)
            response.close()
            spent = (time.perf_counter() - started) * 1000
        if not statuses[0].startswith("200"):
            raise RuntimeError(f"{path} answered {statuses[0]}")
        return Answer(body.decode(), spent, clock.milliseconds, clock.queries)
