"""COPY, PostgreSQL's quickest way in: the text that it reads, and a thread that sends it while more is being made."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg
from django.db import connection

from core.db.literals import escaped, texts

NULL = "\\N"
ESCAPED = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
MOST_WAITING = 8  # pieces of data in memory
Work = Callable[[Any], Any]  # with a cursor


class Sender:
    """Sends to one connection in order, in a thread. psycopg lets no two threads at a connection at once."""

    def __init__(self, raw: psycopg.Connection, pool: ThreadPoolExecutor) -> None:
        self.raw, self.pool = raw, pool
        self.waiting: deque[Future[None]] = deque()
        self.keys: dict[str, list[int]] = {}  # by table: what core.db.insert has reserved and not used

    def send(self, work: Work) -> None:
        while len(self.waiting) >= MOST_WAITING or (self.waiting and self.waiting[0].done()):
            self._finish_first()
        self.waiting.append(self.pool.submit(self._do, work))

    def _do(self, work: Work) -> None:
        with self.raw.cursor() as cursor:
            work(cursor)

    def settle(self) -> None:
        """Everything is with the server after this. Raises what the server said to the first that it refused."""
        while self.waiting:
            self._finish_first()

    def _finish_first(self) -> None:
        try:
            with connection.wrap_database_errors:
                self.waiting.popleft().result()
        except BaseException:
            self.waiting.clear()  # what follows fails because this has failed
            raise

    def before_statement(self, execute: Callable[..., Any], *statement: Any) -> Any:
        self.settle()
        return execute(*statement)


current: ContextVar[Sender | None] = ContextVar("sender", default=None)


@contextmanager
def sending() -> Iterator[None]:
    """Inside, a COPY only begins, and rows are stored while the next ones are made. Every statement waits for it.

    What the database refuses is raised by whatever comes next, at the latest by the end of this.
    """
    if connection.vendor != "postgresql":
        yield
    elif outer := current.get():
        yield
        outer.settle()
    else:
        with ThreadPoolExecutor(1) as pool:
            sender = Sender(connection.connection, pool)
            token = current.set(sender)
            try:
                with connection.execute_wrapper(sender.before_statement):
                    yield
                sender.settle()
            finally:
                current.reset(token)


def copy_in(into: str, columns: Sequence[Sequence[Any]]) -> None:
    """Store rows given by column. `into` is the table with the names of its columns, as SQL."""
    data = text_of(columns).encode()

    def store(cursor: Any) -> None:
        with cursor.copy(f"COPY {into} FROM STDIN") as copy:
            copy.write(data)

    _in_turn(store)


def check_links() -> None:
    """Have the foreign keys of the rows so far checked now; else those of all rows are checked at the commit."""
    if connection.vendor == "postgresql":
        _in_turn(lambda cursor: cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"))


def _in_turn(work: Work) -> None:
    if sender := current.get():
        sender.send(work)
    else:
        with connection.wrap_database_errors, connection.cursor() as cursor:
            work(cursor)


def text_of(columns: Sequence[Sequence[Any]]) -> str:
    rows = zip(*map(_column, columns), strict=True)
    return "".join([f"{line}\n" for line in map("\t".join, rows)])


def _column(values: Sequence[Any]) -> Sequence[str]:
    return [NULL if item is None else item for item in escaped(texts(values), ESCAPED)]
