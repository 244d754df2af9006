"""The pytest plugin of the portal (`-p unionops.testing`): a throw-away database, a cast of people, forked races.

Tests run on a PostgreSQL of their own; `TEST_DB=sqlite` takes SQLite, `DATABASE_URL` a server that exists already.
"""

import atexit
import gc
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

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


def _throw_away_postgres() -> str:
    from unionops.ephemeral_postgres import EphemeralPostgres

    try:
        return EphemeralPostgres().start().url
    except FileNotFoundError as error:
        raise pytest.UsageError(f"{error}, or set TEST_DB=sqlite") from error


@pytest.fixture(scope="session", autouse=True)
def _flush_append_only_tables() -> Iterator[None]:
    """Let a test database be emptied between tests; nothing else may empty an append-only table.

    The first time Django fills it anew with content types, permissions and roles; what it has made is copied, and
    afterwards put back. Then only tables that hold rows are emptied: to truncate all of them costs PostgreSQL ten
    times as much.
    """
    from django.core.cache import cache
    from django.db import connection, transaction
    from django.test import TransactionTestCase

    from core.db import triggers

    flush = TransactionTestCase._fixture_teardown
    copied: list[str] = []

    def lift_and_flush(self: TransactionTestCase) -> None:
        triggers.remove(connection)
        try:
            if copied:
                with transaction.atomic(), connection.cursor() as cursor:
                    for table in _tables_with_rows():
                        cursor.execute(f"DELETE FROM {table}")
                    for table in copied:
                        cursor.execute(f"INSERT INTO {table} SELECT * FROM copy_of_{table}")
            else:
                flush(self)
                copied.extend(_copy_tables_with_rows())
            cache.clear()
        finally:
            triggers.install(connection)

    TransactionTestCase._fixture_teardown = lift_and_flush
    yield
    TransactionTestCase._fixture_teardown = flush


def _tables_with_rows() -> list[str]:
    """Tables of Django's that are not empty."""
    from django.db import connection

    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables))
        return sorted(row[0] for row in cursor.fetchall())


def _copy_tables_with_rows() -> list[str]:
    """Copy each table of Django's that is not empty into one named copy_of_…; return their names."""
    from django.db import connection

    found = _tables_with_rows()
    with connection.cursor() as cursor:
        for table in found:
            cursor.execute(f"DROP TABLE IF EXISTS copy_of_{table}")
            cursor.execute(f"CREATE TABLE copy_of_{table} AS SELECT * FROM {table}")
    return found


@pytest.fixture(scope="session", autouse=True)
def _cheap_hashes() -> Iterator[None]:
    """Hash passwords by the portal's own class, with memory that costs 0.1 ms in place of 66."""
    from accounts.entry.hashers import Argon2id

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Argon2id, "memory_cost", LEAST_MEMORY)
        yield


@pytest.fixture(scope="module")
def real_hashes(_cheap_hashes: None) -> Iterator[None]:
    """Hash at the real cost in this module: where hashing, its time, or a server that hashes is the subject."""
    from accounts.entry.hashers import Argon2id
    from accounts.factories import hash_of

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
    from django.db import connection

    if connection.vendor != "postgresql":
        yield
        return
    from psycopg._preparing import PrepareManager

    discards = PrepareManager._should_discard
    with pytest.MonkeyPatch.context() as patch:
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
    """Look for garbage a hundred times more rarely: the portal's classes are many, and they stay."""
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(70_000, 20, 20)
    yield
    gc.set_threshold(*usual)


@pytest.fixture(autouse=True)
def _forget_caches() -> None:
    from django.conf import settings
    from django.contrib.contenttypes.models import ContentType

    from core import kept

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
        from core.mail import heartbeats
        from core.site import site_settings

        self._made: dict[str, Any] = {}
        # A process that has answered before: the first request asks no more than any other.
        site_settings()
        heartbeats.alarms()

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> Any:
        from datetime import timedelta

        from django.utils import timezone

        from accounts.factories import RoleAssignmentFactory, UserFactory
        from accounts.models import Role
        from members.factories import MemberFactory

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
    from django.db import transaction

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


@pytest.fixture
def client_of(people: People) -> Callable[..., Any]:
    """`client_of("staff")`: a signed-in browser without a screen; `client_of("anon")` has not signed in."""
    from django.test import Client

    def make(name: str, **options: Any) -> Client:
        client = Client(**options)
        if name != "anon":
            client.force_login(people[name])
        return client

    return make


def shown_values(response: Any) -> list[list[Any]]:
    """Return what the list of an answer shows, row by row, as an export writes it."""
    columns = [column for column, _url, _direction in response.context["columns"]]
    return [[column.value(row) for column in columns] for row in response.context["rows"]]


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """Return the test database as other processes reach it."""
    from django.db import connection

    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    port = f"&port={settings['PORT']}" if settings["PORT"] else ""
    if str(settings["HOST"]).startswith("/"):
        return f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST']}{port}"
    return (
        f"postgresql://{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT'] or 5432}"
        f"/{settings['NAME']}"
    )


def forget_connections() -> None:
    """Forget the parent's connections, in a forked process: after a browser test close_all() does not see all."""
    from django.db import connections

    for alias in connections:
        if hasattr(connections._connections, alias):
            del connections[alias]


def run_in_processes(work: Callable[[int], Any], *, processes: int = 4) -> list[Any]:
    """Call `work(number)` in forked processes that start at the same moment; return what each returned.

    An exception in one of them is raised here.
    """
    from django.db import connections

    connections.close_all()
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
    found = sorted((results.get(timeout=120) for _process in started), key=lambda result: result[0])
    for process in started:
        process.join()
    if failures := [text for _number, _result, text in found if text]:
        raise AssertionError(failures[0])
    return [result for _number, result, _text in found]
