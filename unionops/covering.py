"""A plugin of pytest (`-p unionops.covering`) that finds which items of a grid SQLite has to play on a commit.

A grid is a test function with MANY or more parametrised items. PostgreSQL plays all of them; on SQLite those are enough
that send each form of statement which some test of the leg sends. Their ids stand in tests/covering.json.
`make covering` plays all and writes the file anew, the battery plays all and fails where a form is missing: both with
the amounts of the battery, for what a commit draws by its seed differs each time.
"""

import json
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

MANY = 2
FILE = Path(__file__).parent / "tests" / "covering.json"
# Where the values decide, and not the form of the statement: what a database makes of them is proven whole.
WHOLE = (
    "core/tests/audit/",
    "core/tests/db/",
    "core/tests/records/",
    "core/tests/test_",
    "core/tests/web/test_filters.py",
    "core/tests/web/test_keyset.py",
    "unionops/tests/test_admin_questions.py",
    "unionops/tests/test_bad_input.py::test_rubbish_in_paths",
    "unionops/tests/test_matrix.py",  # has a covering set of its own, of people
    "unionops/tests/test_search.py",
)
OF_MODELS = "/tests/models/"
SAVEPOINTS = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "PRAGMA")
VALUES, ROWS, NUMBERS = (
    re.compile(r"\((?:%s|\?)(?:, ?(?:%s|\?))*\)"),
    re.compile(r"(\(…\))(?:, ?\(…\))+"),
    re.compile(r"\b\d+\b"),
)

Sent = Mapping[str, frozenset[str]]  # by item


@lru_cache(maxsize=20_000)
def form_of(sql: str) -> str:
    """A statement without its numbers, however many values it takes; "" for one that only marks a place."""
    if sql.startswith(SAVEPOINTS):
        return ""
    plain = NUMBERS.sub("0", ROWS.sub(r"\1", VALUES.sub("(…)", sql)))
    return blake2b(plain.encode(), digest_size=8).hexdigest()


def known() -> dict[str, list[str]]:
    """Function → the ids of its items that SQLite plays on a commit; all items of a function that is not there."""
    return json.loads(FILE.read_text())


def left_out(names: list[str]) -> set[str]:
    """Those of the items that SQLite need not play on a commit; none of a function none of whose known ids is there."""
    kept, found = known(), defaultdict(set)
    for name in names:
        function, _bracket, rest = name.partition("[")
        if function in kept:
            found[function].add(rest.removesuffix("]"))
    return {
        f"{function}[{key}]"
        for function, keys in found.items()
        if not keys.isdisjoint(kept[function])
        for key in keys.difference(kept[function])
    }


def cover(sent: Sent) -> dict[str, list[str]]:
    """Choose as few items of each grid as send what all others send; one at least."""
    found = defaultdict(list)
    for name in sorted(sent):
        if "[" in name and not name.startswith(WHOLE) and OF_MODELS not in name:
            found[name.partition("[")[0]].append(name)
    grids = {function: names for function, names in found.items() if len(names) >= MANY}
    in_grids = {name for names in grids.values() for name in names}
    done: set[str] = set().union(*(forms for name, forms in sent.items() if name not in in_grids))
    chosen = {}
    for function, names in grids.items():
        kept: list[str] = []
        while True:
            best = max(names, key=lambda name: len(sent[name] - done))
            if kept and not sent[best] - done:
                break
            kept.append(best)
            done |= sent[best]
        if len(kept) < len(names):
            chosen[function] = sorted(name[len(function) + 1 : -1] for name in kept)
    return chosen


def missing(sent: Sent) -> list[str]:
    """Items that send a form of statement which no item of a commit sends."""
    not_played = left_out(list(sent))
    played: set[str] = set().union(*(forms for name, forms in sent.items() if name not in not_played))
    return sorted(name for name in not_played if sent[name] - played)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    forms: set[str] = set()

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        forms.add(form_of(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        try:
            return (yield)
        finally:
            item.user_properties.append(("forms", sorted(forms - {""})))


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Collected(), "unionops-covering")


class Collected:
    """What all items of the leg have sent; written or compared at its end."""

    def __init__(self) -> None:
        self.sent: dict[str, frozenset[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            told: dict[str, Any] = dict(report.user_properties)
            self.sent[report.nodeid] = frozenset(told.get("forms", ()))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if os.environ.get("COVERING") == "write":
            FILE.write_text(json.dumps(cover(self.sent), indent=1, ensure_ascii=False) + "\n")
        elif found := missing(self.sent):
            self.found = found
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        for name in getattr(self, "found", ()):
            terminalreporter.write_line(f"Sends what no item of a commit sends to SQLite (`make covering`): {name}")
