"""The pytest plugin of the portal (`-p unionops.testing`): a throw-away database, and how a run goes.

Tests run on a PostgreSQL of their own; `TEST_DB=sqlite` takes SQLite, `DATABASE_URL` a server that exists already, as
its superuser.
"""

import atexit
import faulthandler
import gc
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import hypothesis
import pytest
from _pytest import runner
from django.conf import settings
from django.template.base import Template
from django.test.signals import template_rendered

from accounts.entry.hashers import Argon2id
from core import kept
from unionops.covering import left_out
from unionops.ephemeral_postgres import EphemeralPostgres

pytest_plugins = ["unionops.testing.cast", "unionops.testing.database", "unionops.testing.races"]

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


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[Any]:
    """Look for no garbage while five hundred modules are read: all of it stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


# By one of these a test says that it asks the database, itself or through a world that its module shares.
ASKING = {"db", "transactional_db", "django_db_setup"}


def asks_database(item: pytest.Item) -> bool:
    """Without a word of it pytest-django refuses each query of a test."""
    return item.get_closest_marker("django_db") is not None or not ASKING.isdisjoint(getattr(item, "fixturenames", ()))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In SQLite's leg of a whole run leave out what asks no database: PostgreSQL's has it, alike in each.

    On a commit also the items of a grid that send it nothing which others do not send; see unionops.covering.
    """
    if os.environ.get("PROOF_LEG") != "SQLite":
        return
    alike = set() if "BATTERY" in os.environ else left_out([item.nodeid for item in items])
    parts: dict[bool, list[pytest.Item]] = {True: [], False: []}
    for item in items:
        parts[asks_database(item) and item.nodeid not in alike].append(item)
    config.hook.pytest_deselected(items=parts[False])
    items[:] = parts[True]


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
        # What is left ends with the process; pytest would look for garbage in all of it, twice.
        gc.freeze()


def _throw_away_postgres() -> str:
    try:
        return EphemeralPostgres().start().url
    except FileNotFoundError as error:
        raise pytest.UsageError(f"{error}, or set TEST_DB=sqlite") from error


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
def _collect_rarely() -> Iterator[None]:
    """Look for garbage a hundred times more rarely: the portal's classes are many, and they stay.

    So what is young here is much, and an import looks for its own among the youngest alone.
    """
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(70_000, 100, 20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.records.bulk.YOUNG", 0)
        yield
    gc.set_threshold(*usual)


@pytest.fixture(scope="session", autouse=True)
def _contexts_of_pages_alone(django_test_environment: None) -> Iterator[None]:
    """Let the test client keep each context once, of the template that it was made for.

    It would copy it for each of the hundred parts that a page includes.
    """

    def render(template: Template, context: Any) -> Any:
        if context.__dict__.get("told") != id(context):  # a context that is made of another has its marks
            context.told = id(context)
            template_rendered.send(sender=template, template=template, context=context)
        return template.nodelist.render(context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", render)
        yield


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
