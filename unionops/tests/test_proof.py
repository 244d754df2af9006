"""`make test` ends with what it cost and with pytest's own closing line, and fails when a leg or lint fails."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

from unionops.costs import dear, report

TESTS = """
import os
import pytest

@pytest.mark.parametrize("number", [1, 2, 3])
def test_each(number):
    assert number

def test_on_sqlite():
    assert os.environ.get("TEST_DB") != "sqlite" or os.environ["VERDICT"] == "good"
"""

# Only the plugins that a run of both legs needs: the others take seconds to load.
BARE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
INI = """
[pytest]
addopts = -p xdist -p randomly
markers =
  race
  story
  heavy
"""


def prove(folder, *, verdict: str, make: str) -> tuple[int, list[str]]:
    """Run both legs on a file of its own; return (exit code, lines)."""
    (folder / "pytest.ini").write_text(INI)
    (folder / "test_small.py").write_text(TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "unionops.proof", "--seed", "7", str(folder)],
        cwd=settings.BASE_DIR,
        env={**os.environ, **BARE, "MAKE": make, "VERDICT": verdict},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, [
        re.sub(r"\d+\.\d+s( \([\d:]+\))?|\d+ min \d+ s", "T", line) for line in done.stdout.splitlines()
    ]


ENDS = [
    ("good", "false", ["lint failed; what it found stands above.", "SQLite: 4 passed in T"]),
    ("bad", "true", ["lint passed.", "SQLite failed; what it found stands above."]),
]


@pytest.mark.race
@pytest.mark.parametrize("turn", range(2) if os.environ.get("BATTERY") else [0])
def test_a_run_ends_with_its_costs_and_the_closing_line(tmp_path, seed, turn):
    """A run that fails by lint alone, and one that fails by a leg: by turns on commits, both in the battery."""
    verdict, make, ends = ENDS[(seed + turn) % 2]
    returned, lines = prove(tmp_path, verdict=verdict, make=make)
    assert (returned, lines[-4:]) == (1, ["Seed of the order: 7.", *ends, "4 passed in T"]), "\n".join(lines)
    assert ("1 failed, 3 passed in T" in lines) == (verdict == "bad")
    assert lines[-7:-5] == ["PostgreSQL: T.", "SQLite: T."]
    slowest = next(number for number, line in enumerate(lines) if line.startswith("Slowest 20 test functions"))
    assert {line.split()[1] for line in lines[slowest + 1 : -7]} == {
        "test_small.py::test_each",
        "test_small.py::test_on_sqlite",
    }


def test_the_report_adds_up_legs_and_names_dear_functions_without_a_reason(monkeypatch):
    monkeypatch.delenv("BATTERY", raising=False)  # its repetitions make many functions dear
    first = {"leg": "One", "began": 100.0, "seconds": 61.0, "functions": {"a.py::f": 6.0, "a.py::g": 1.0}}
    second = {"leg": "Two", "began": 165.0, "seconds": 5.0, "functions": {"a.py::f": 5.5}}
    assert report([first, second]) == [
        "Slowest 20 test functions, seconds of the processor (One, Two):",
        "   11.5  a.py::f  (6.0 + 5.5)",
        "    1.0  a.py::g  (1.0 + 0.0)",
        "Over 10 s and without a reason in dear.txt: a.py::f",
        "One: 1 min 1 s.",
        "Two: 0 min 5 s.",
        "Whole: 1 min 10 s, 0.2 minutes of the processor in tests.",
    ]


def test_every_dear_function_exists_and_has_its_reason():
    for function, reason in dear().items():
        path, _colons, name = function.partition("::")
        assert re.search(rf"^ *def {name}\(", (settings.BASE_DIR / path).read_text(), re.MULTILINE), function
        assert len(reason.split()) > 3, function
