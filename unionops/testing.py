"""The pytest plugin of the portal (`-p unionops.testing`): a throw-away database, a cast of people, forked races.

Tests run on a PostgreSQL of their own; `TEST_DB=sqlite` takes SQLite, `DATABASE_URL` a server that exists already, as
its superuser.
"""

import atexit
import ctypes
import faulthandler
import gc
import multiprocessing
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import FunctionType
from typing import Any

import hypothesis
import pytest
from _pytest import runner
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.cache import cache
from django.db import connection, connections, transaction
from django.test import Client, TransactionTestCase
from django.utils import timezone
from psycopg import BaseConnection
from psycopg._preparing import PrepareManager

from accounts.entry.hashers import Argon2id
from core import kept
from core.db import triggers
from unionops.ephemeral_postgres import EphemeralPostgres

TEST_SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "unionops.settings",
    "UNIONOPS_ENV": "development",
    "UNIONOPS_TESTING": "1",
    "SECRET_KEY": "only-for-tests-" + "x" * 50,
    "AUTH_JWT_SECRET_KEY": "signs-the-tokens-of-tests-" + "y" * 50,
    "AUDIT_KEYS": "test1:" + "QQ" * 21 + "Q=",
    "FIELD_KEYS": "test1:" + "Qk" * 21 + "I=",
    "EMAIL_URL": "memorymail://",
    "LOG_LEVEL": "CRITICAL",
    # What asks signed-in people once more is switched on by the tests that are about it.
    "SECOND_FACTOR_ROLES": "",
    "STEP_UP_MINUTES": "0",
    **dict.fromkeys(("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME"), ""),
}


# How long one example takes says nothing of it: garbage is looked for seldom, and then for a third of a second.
hypothesis.settings.register_profile("portal", deadline=None)
hypothesis.settings.load_profile("portal")

# Seconds until a test, or the end of a worker, is taken for stuck: a commit's longest test takes one minute, the
# battery's ten.
STUCK_AFTER = 3600 if os.environ.get("BATTERY") else 420
# Seconds for which one watch serves the tests that begin in them.
SHARED_FOR = 10
_watched_since = -1.0 * SHARED_FOR
# What pytest catches is not the terminal; this still is.
TERMINAL = os.dup(sys.__stderr__.fileno()) if sys.__stderr__ else 2

# Of Linux: a page of 2 MiB, and the advice to make such pages now.
HUGE_PAGE, MADV_COLLAPSE = 1 << 21, 25

# KiB that Argon2 takes at least, and those that the portal's hasher gives it.
LEAST_MEMORY, MEMORY = 8, 46 * 1024


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """Set the environment before pytest-django reads it. Workers of xdist inherit what their controller has set.

    Each has a folder of files of its own: the same keys in two databases are not the same work.
    """
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        os.environ["VAR_DIR"] = os.path.join(os.environ["VAR_DIR"], worker)
        os.makedirs(os.environ["VAR_DIR"], exist_ok=True)
    else:
        os.environ.update(TEST_SETTINGS)
        folder = tempfile.mkdtemp(prefix="unionops-test-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ["VAR_DIR"] = folder
        # A run that is stopped from outside cleans up too.
        signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(143))
        if os.environ.get("TEST_DB") == "sqlite":
            os.environ["DATABASE_URL"] = f"sqlite:///{folder}/unionops.sqlite3"
        elif not os.environ.get("DATABASE_URL"):
            os.environ["DATABASE_URL"] = _throw_away_postgres()
    return (yield)


# By one of these a test says that it asks the database, itself or through a world that its module shares.
ASKING = {"db", "transactional_db", "django_db_setup"}


def asks_database(item: pytest.Item) -> bool:
    """Without a word of it pytest-django refuses each query of a test."""
    return item.get_closest_marker("django_db") is not None or not ASKING.isdisjoint(getattr(item, "fixturenames", ()))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In the second leg of a whole run leave out what asks no database: the first has played it, alike in each."""
    if os.environ.get("PROOF_LEG") == "SQLite":
        config.hook.pytest_deselected(items=[item for item in items if not asks_database(item)])
        items[:] = [item for item in items if asks_database(item)]


def _call(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)


# CPython 3.11 takes the memory of its frames in pieces of 16 KiB, and gives one back as soon as its first frame ends: a
# loop that calls at the edge of a piece maps and unmaps memory at every turn, which was a tenth of a run. A frame that
# asks for this many places gets a piece of 1 MiB; whoever is called from there finds room in the rest of it.
_with_room = FunctionType(_call.__code__.replace(co_stacksize=80_000), globals())


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    _watch()
    return _with_room(runner.pytest_runtest_protocol, item, nextitem)


def _watch() -> None:
    """Show where every thread stands, and end this process, unless it comes on within STUCK_AFTER seconds.

    A run that hangs is cut off from outside and says nothing. pytest's own limit ends with the first failure, and so
    misses what hangs while a failed test cleans up. Each watch is a thread of its own, so quick tests share one.
    """
    global _watched_since  # noqa: PLW0603  one process, one watch
    # Far off both ways: a test that has frozen time may have been watched on a clock of its own.
    if abs(time.monotonic() - _watched_since) >= SHARED_FOR:
        _watched_since = time.monotonic()
        faulthandler.dump_traceback_later(STUCK_AFTER + SHARED_FOR, exit=True, file=TERMINAL)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    _watch()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if os.environ.get("PYTEST_XDIST_WORKER"):
        _watch()


def _throw_away_postgres() -> str:
    try:
        return EphemeralPostgres().start().url
    except FileNotFoundError as error:
        raise pytest.UsageError(f"{error}, or set TEST_DB=sqlite") from error


@pytest.fixture(scope="session", autouse=True)
def _flush_append_only_tables() -> Iterator[None]:
    """Let a test database be emptied between tests; nothing else may empty an append-only table.

    The first time Django fills it anew with content types, permissions and roles; what it has made is copied, and
    afterwards put back where a test has changed it. Then only tables that hold rows are emptied: to truncate all of
    them costs PostgreSQL ten times as much, and what is written anew each time leaves its dead rows to all that follow.
    """
    flush = TransactionTestCase._fixture_teardown
    tables: list[str] = []
    copied: list[str] = []

    def lift_and_flush(self: TransactionTestCase) -> None:
        with _without_triggers():
            if copied:
                with transaction.atomic(), connection.cursor() as cursor:
                    changed = _changed_tables(copied)
                    for table in set(_with_rows(tables)).difference(copied).union(changed):
                        cursor.execute(f"DELETE FROM {table}")
                    for table in changed:
                        cursor.execute(f"INSERT INTO {table} SELECT * FROM copy_of_{table}")
            else:
                flush(self)
                tables.extend(connection.introspection.django_table_names(only_existing=True, include_views=False))
                copied.extend(_with_rows(tables))
                _copy(copied)
            cache.clear()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lift_and_flush)
        # PostgreSQL's process of a new connection reads its catalogue anew: 50 ms where a flush takes 10.
        if connection.vendor == "postgresql":
            patch.setattr(TransactionTestCase, "_should_reload_connections", lambda self: False)
        yield


@contextmanager
def _without_triggers() -> Iterator[None]:
    """Lift them; on PostgreSQL for this connection alone, and with them the foreign keys.

    To drop them there and make them anew costs more than a flush, and has all other connections plan theirs again.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            try:
                yield
            finally:
                cursor.execute("SET session_replication_role = DEFAULT")
    else:
        triggers.remove(connection)
        try:
            yield
        finally:
            triggers.install(connection)


def _with_rows(tables: list[str]) -> list[str]:
    """Return those that are not empty."""
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables))
        return sorted(row[0] for row in cursor.fetchall())


def _changed_tables(copied: list[str]) -> list[str]:
    """Return those whose rows are no longer the ones of their copies."""
    differ = (
        f"SELECT '{table}' WHERE EXISTS (SELECT * FROM {table} EXCEPT SELECT * FROM copy_of_{table})"
        f" OR EXISTS (SELECT * FROM copy_of_{table} EXCEPT SELECT * FROM {table})"
        for table in copied
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(differ))
        return [row[0] for row in cursor.fetchall()]


def _copy(tables: list[str]) -> None:
    """Copy each into one named copy_of_…, for as long as the database stands."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DROP TABLE IF EXISTS copy_of_{table}")
            cursor.execute(f"CREATE TABLE copy_of_{table} AS SELECT * FROM {table}")


@pytest.fixture(scope="session", autouse=True)
def _cheap_hashes() -> Iterator[None]:
    """Hash passwords by the portal's own class, with memory that costs 0.1 ms in place of 66."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Argon2id, "memory_cost", LEAST_MEMORY)
        yield


@pytest.fixture(scope="module")
def real_hashes(_cheap_hashes: None) -> Iterator[None]:
    """Hash at the real cost in this module: where hashing, its time, or a server that hashes is the subject."""
    from accounts.factories import hash_of  # noqa: PLC0415  the apps are not there before

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Argon2id, "memory_cost", MEMORY)
        hash_of.cache_clear()
        yield
        hash_of.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def _plans_outlive_a_rollback() -> Iterator[None]:
    """Keep prepared statements when a test is rolled back, as in production, where no request ends so.

    psycopg forgets them on each ROLLBACK, because tables that were made before it might be gone; in tests none is.
    Planning who asks anew costs 2.5 ms a request.
    """
    if connection.vendor != "postgresql":
        yield
        return
    roll_back, discards = BaseConnection._rollback_gen, PrepareManager._should_discard

    def keep(self: BaseConnection) -> Generator[Any, Any, None]:
        setattr(self._prepared, "clear", lambda: False)  # noqa: B010  a method, for this one object
        try:
            yield from roll_back(self)
        finally:
            delattr(self._prepared, "clear")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseConnection, "_rollback_gen", keep)
        patch.setattr(
            PrepareManager,
            "_should_discard",
            lambda self, prep, results: discards(
                self, prep, [result for result in results if result.command_status != b"ROLLBACK"]
            ),
        )
        yield


@pytest.fixture(scope="session", autouse=True)
def _collect_rarely() -> Iterator[None]:
    """Look for garbage a hundred times more rarely: the portal's classes are many, and they stay.

    So what is young here is much, and an import looks for its own among the youngest alone.
    """
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(70_000, 20, 20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.records.bulk.YOUNG", 0)
        yield
    gc.set_threshold(*usual)


@pytest.fixture(autouse=True)
def _forget_caches() -> None:
    from django.contrib.contenttypes.models import ContentType  # noqa: PLC0415  the apps are not there before

    ContentType.objects.clear_cache()
    kept.forget_all()
    # However slow the machine, a page asks as much the second time.
    settings.KEEP_SECONDS = 3600


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Return what the draws of a grid depend on: the seed that pytest prints, so that they can be repeated."""
    return int(request.config.getoption("randomly_seed", 0))


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


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """Return the test database as other processes reach it."""
    place = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{place['NAME']}"
    port = f"&port={place['PORT']}" if place["PORT"] else ""
    if str(place["HOST"]).startswith("/"):
        return f"postgresql://{place['USER']}@/{place['NAME']}?host={place['HOST']}{port}"
    return f"postgresql://{place['USER']}:{place['PASSWORD']}@{place['HOST']}:{place['PORT'] or 5432}/{place['NAME']}"


def forget_connections() -> None:
    """Forget the parent's connections, in a forked process, without a word to the server about them."""
    for alias in connections:
        if hasattr(connections._connections, alias):
            del connections[alias]


def _use_huge_pages() -> None:
    """Gather this process's memory in pages of 2 MiB, where Linux can (6.1 and newer).

    A fork copies the list of all pages and its end goes through it, for a worker that has gathered its tests 25 to 35
    ms of the kernel's time, a fifth of that with huge pages.
    """
    maps = Path("/proc/self/maps")
    if not maps.exists():
        return
    madvise = ctypes.CDLL(None).madvise
    for line in maps.read_text().splitlines():
        place, rights, _offset, _device, _inode, *name = line.split()
        begin, end = (int(part, 16) for part in place.split("-"))
        if rights == "rw-p" and name in ([], ["[heap]"]) and end - begin >= HUGE_PAGE:
            # What cannot be gathered stays as it is.
            madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), MADV_COLLAPSE)


def run_in_processes(work: Callable[[int], Any], *, processes: int = 4) -> list[Any]:
    """Call `work(number)` in forked processes that start at the same moment; return what each returned.

    An exception in one of them is raised here. None of them outlives this call.
    """
    if connection.vendor == "sqlite":  # which loses its locks when another process closes the file
        connections.close_all()
    _use_huge_pages()
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(processes), context.Queue()

    def run(number: int) -> None:
        forget_connections()
        try:
            barrier.wait(30)
            results.put((number, work(number), ""))
        except BaseException:
            results.put((number, None, traceback.format_exc()))
        finally:
            connections.close_all()

    started = [context.Process(target=run, args=(number,)) for number in range(processes)]
    for process in started:
        process.start()
    try:
        found = sorted((results.get(timeout=120) for _process in started), key=lambda result: result[0])
        for process in started:
            process.join(30)
    finally:
        for process in started:
            process.kill()
            process.join()
    if failures := [text for _number, _result, text in found if text]:
        raise AssertionError(failures[0])
    return [result for _number, result, _text in found]
