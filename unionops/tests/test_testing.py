"""The plugin that all other tests lean on, and what tests may import."""

import ast
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import environ
import pytest
from django.conf import settings
from django.db import connection

from accounts.models import Role
from accounts.services.roles import name_of
from core.audit import trail
from core.db import triggers
from core.models import AuditEvent
from core.tests.sample.models import Ticket
from unionops.access import GRANTS, ROLES
from unionops.covering import known
from unionops.ephemeral_postgres import EphemeralPostgres, binaries
from unionops.testing import pytest_collection_modifyitems
from unionops.testing.cast import CAST
from unionops.testing.races import run_in_processes


def test_the_cast(people):
    assert {*CAST} == {"anon", "nobody", "expired", "suspended", *ROLES}
    assert {name: people[name].role_names for name in ROLES} == {name: {name} for name in ROLES}
    assert [people[name].role_names for name in ("nobody", "expired")] == [frozenset(), frozenset()]
    assert people["expired"].assignments.get().role.name == "officer"
    assert people["suspended"].is_active is False
    assert people["suspended"].role_names == {"staff"}
    assert [name for name in ROLES if people[name].member_id] == ["member"]
    assert people["staff"] is people["staff"]


class Run:
    """What a run tells pytest of the items that it leaves out."""

    def __init__(self):
        self.hook, self.left_out = self, []

    def pytest_deselected(self, items):
        self.left_out += items


SURPLUS = next(f"{function}[surplus]" for function in known())
FIRST_KEPT = next(f"{function}[{kept[0]}]" for function, kept in known().items())


@pytest.mark.parametrize(
    ("environment", "left_out"),
    [
        ({"PROOF_LEG": "SQLite"}, ["plain", SURPLUS]),
        ({"PROOF_LEG": "SQLite", "BATTERY": "1"}, ["plain"]),
        ({"PROOF_LEG": "PostgreSQL"}, []),
        ({}, []),
    ],
)
def test_the_leg_of_sqlite_leaves_out_what_asks_no_database_and_what_asks_it_nothing_new(
    monkeypatch, environment, left_out
):
    for name in ("PROOF_LEG", "BATTERY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    made = [
        SimpleNamespace(nodeid=name, fixturenames=fixtures, get_closest_marker={marker: marker}.get)
        for name, fixtures, marker in [
            ("plain", ["seed"], "heavy"),
            ("marked", [], "django_db"),
            ("by_fixture", ["db"], ""),
            ("in_a_world", ["django_db_setup"], ""),
            (FIRST_KEPT, ["db"], ""),
            (SURPLUS, ["db"], ""),
        ]
    ]
    run, items = Run(), [*made]
    pytest_collection_modifyitems(run, items)
    assert [item.nodeid for item in run.left_out] == left_out
    assert items == [item for item in made if item not in run.left_out]


def imported_by(path: Path) -> set[str]:
    """Return the last word of every module that this file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            found |= {(node.module or "").rpartition(".")[2], *(alias.name for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name.rpartition(".")[2] for alias in node.names}
    return found


def files_beside_tests() -> list[Path]:
    return [path for folder in settings.BASE_DIR.glob("*/tests") for path in folder.parent.rglob("*.py")]


def test_no_file_imports_a_file_of_tests():
    """What two of them need stands in a module of its own beside them."""
    paths = files_beside_tests()
    modules = {path.stem for path in paths if path.stem.startswith("test_")}
    found = {str(path): imported_by(path) & modules for path in paths}
    assert len(modules) > 100
    assert {path: names for path, names in found.items() if names} == {}


def test_no_file_is_formatted_by_hand():
    mark = re.compile(r"# fmt: (skip|off)$", re.MULTILINE)
    assert {path.name for path in files_beside_tests() if mark.search(path.read_text())} == set()


def compares_many_facts(node: ast.AST) -> bool:
    match node:
        case ast.Assert(test=ast.Compare(left=ast.Tuple(elts=facts), ops=[ast.Eq()], comparators=[ast.Tuple()])):
            return len(facts) > 3
    return False


def test_no_assertion_compares_many_facts_at_once():
    """A failure names the fact that is wrong when each has an assertion of its own."""
    assert compares_many_facts(ast.parse("assert (a, b, c, d) == (1, 2, 3, 4)").body[0])
    found = {
        f"{path}:{node.lineno}"
        for path in files_beside_tests()
        if path.stem.startswith("test_")
        for node in ast.walk(ast.parse(path.read_text()))
        if compares_many_facts(node)
    }
    assert found == set()


def test_clients_are_signed_in_as_whom_they_are_of(client_of, people):
    for name in ("staff", "nobody"):
        assert client_of(name).session["_auth_user_id"] == str(people[name].pk)
    assert "_auth_user_id" not in client_of("anon").session


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_finds_the_append_only_tables_empty_and_guarded(people, turn):
    from django.db import transaction

    assert (AuditEvent.objects.count(), triggers.missing(connection)) == (0, [])
    with transaction.atomic():
        trail.record(Ticket.objects.create(title="A"), "created", actor=people["staff"])
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2, 3])
def test_each_test_finds_the_roles_that_migrate_makes_and_what_they_may(turn):
    found = {
        role.name: {name_of(permission) for permission in role.permissions.select_related("content_type")}
        for role in Role.objects.all()
    }
    assert found == {name: {permission for permission, roles in GRANTS.items() if name in roles} for name in ROLES}
    Role.objects.create(name="dispatcher", display_name="Dispatcher", is_custom=True)
    for role in Role.objects.all():
        role.permissions.clear()


def test_forked_work_starts_together_and_comes_back_in_order(db):
    started = time.monotonic()
    found = run_in_processes(lambda number: (number, os.getpid(), time.monotonic() - started))
    assert [number for number, _pid, _at in found] == [0, 1, 2, 3]
    assert len({pid for _number, pid, _at in found} | {os.getpid()}) == 5
    times = [at for _number, _pid, at in found]
    assert max(times) - min(times) < 5  # forked one by one they would still start together, on a busy machine too


def test_a_failure_in_forked_work_is_told(db):
    def work(number):
        if number == 2:
            raise ValueError("the third one")

    with pytest.raises(AssertionError, match="the third one"):
        run_in_processes(work)


def test_other_processes_reach_the_test_database(database_url):
    Ticket.objects.create(title="Seen from outside")
    settings = environ.Env.db_url_config(database_url)
    assert settings["NAME"] == connection.settings_dict["NAME"]
    script = (
        "import django; django.setup(); from core.tests.sample.models import Ticket; print(Ticket.objects.get().title)"
    )
    environment = {**os.environ, "DATABASE_URL": database_url, "PYTHONPATH": "."}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "Seen from outside\n"


@pytest.mark.race
@pytest.mark.skipif(binaries() is None, reason="needs PostgreSQL's binaries")
def test_a_throw_away_server_starts_stops_and_leaves_nothing():
    import psycopg

    server = EphemeralPostgres()
    for _turn in range(2):
        server.start()
        with psycopg.connect(server.url) as link:
            assert link.execute("SELECT 1").fetchone() == (1,)
        server.stop()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.url)
    server.remove()
    assert not server.base.exists()
