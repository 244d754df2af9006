"""A plugin of pytest (`-p unionops.costs`) that tells what each test function cost of the processor.

A function counts with all its parametrised items, and with the processes that they began and ended, so without the
browser; a world that a module shares counts for the item that made it. Legs of one run leave their figures in
$PROOF_FOLDER, where the one that is seen adds them up (unionops.proof). Nothing is asserted about time.
"""

import json
import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SLOWEST = 20
# A function that costs more in a whole run stands in the list, with its reason.
DEAR_SECONDS = 10
DEAR = Path(__file__).parent / "tests" / "dear.txt"
BEGAN, CALLED = pytest.StashKey[os.times_result](), pytest.StashKey[os.times_result]()


def dear() -> dict[str, str]:
    """Function → why it may cost more than DEAR_SECONDS."""
    lines = [line for line in DEAR.read_text().splitlines() if line.strip() and not line.startswith("#")]
    return {function: reason.strip() for function, _gap, reason in (line.partition("  ") for line in lines)}


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Costs(config), "unionops-costs")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Play files with dear functions first, so that small ones are left when a worker runs dry."""
    files = {function.partition("::")[0] for function in dear()}
    items.sort(key=lambda item: item.nodeid.partition("::")[0] not in files)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    item.stash[BEGAN] = item.stash[CALLED] = os.times()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Iterator[None]:
    """Send the cost with the report of the item's last phase, from the worker to whoever adds up."""
    if call.when == "call":
        item.stash[CALLED] = os.times()
    if call.when == "teardown":
        item.user_properties.append(("processor", _spent(item.stash[BEGAN], item.stash[CALLED], os.times())))
    return (yield)


def _spent(began: os.times_result, called: os.times_result, ended: os.times_result) -> float:
    """Add the processes that ended before the teardown: the browser of all ends in that of the last item."""
    own = ended.user + ended.system - began.user - began.system
    return own + called.children_user + called.children_system - began.children_user - began.children_system


class Costs:
    """Adds up a leg and, in the one that is seen, whatever runs beside it."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.started = time.time()
        self.functions: defaultdict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        costs = [float(str(value)) for name, value in report.user_properties if name == "processor"]
        if report.when == "teardown":
            self.functions[report.nodeid.partition("[")[0]] += sum(costs)

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        leg, folder = os.environ.get("PROOF_LEG", "this run"), Path(os.environ.get("PROOF_FOLDER", ""))
        found: dict[str, Any] = {"leg": leg, "began": self.started, "seconds": time.time() - self.started}
        legs = [found | {"functions": self.functions}]
        if "PROOF_FOLDER" in os.environ:
            (folder / f"{leg}.json").write_text(json.dumps(legs[0]))
        beside = os.environ.get("PROOF_BESIDE", "").split()
        if "PROOF_FOLDER" in os.environ and not beside:
            return  # the leg that is seen tells of this one
        ends = {part: _end_of(part, folder) for part in beside}
        for part, end in ends.items():
            if end != "passed":
                terminalreporter.write_line((folder / f"{part}.txt").read_text())
        legs += [json.loads(path.read_text()) for part in beside if (path := folder / f"{part}.json").exists()]
        for line in report(legs):
            terminalreporter.write_line(line)
        terminalreporter.write_line(f"Seed of the order: {self.config.getoption('randomly_seed', '')}.")
        for part, end in ends.items():
            terminalreporter.write_line(_ended(part, end, folder))


def _end_of(part: str, folder: Path) -> str:
    """Wait until what runs beside has ended."""
    while not (folder / f"{part}.end").exists():
        time.sleep(0.1)
    return (folder / f"{part}.end").read_text()


def _ended(part: str, end: str, folder: Path) -> str:
    if end != "passed":
        return f"{part} failed; what it found stands above."
    lines = (folder / f"{part}.txt").read_text().splitlines()
    return f"{part}: {lines[-1]}" if part != "lint" else "lint passed."


def report(legs: list[dict[str, Any]]) -> list[str]:
    """Write the slowest functions and the times of these legs as lines."""
    total: Counter[str] = Counter()
    for leg in legs:
        total.update(leg["functions"])
    lines = [f"Slowest {SLOWEST} test functions, seconds of the processor ({', '.join(leg['leg'] for leg in legs)}):"]
    for function, seconds in total.most_common(SLOWEST):
        parts = " + ".join(f"{leg['functions'].get(function, 0):.1f}" for leg in legs)
        lines.append(f"{seconds:7.1f}  {function}" + (f"  ({parts})" if len(legs) > 1 else ""))
    # The battery's repetitions make many functions dear that cost little on a commit.
    known = total if os.environ.get("BATTERY") else dear()
    unlisted = [function for function, seconds in total.items() if seconds > DEAR_SECONDS and function not in known]
    lines += [f"Over {DEAR_SECONDS} s and without a reason in {DEAR.name}: {function}" for function in sorted(unlisted)]
    lines += [f"{leg['leg']}: {_minutes(leg['seconds'])}." for leg in legs]
    whole = max(leg["began"] + leg["seconds"] for leg in legs) - min(leg["began"] for leg in legs)
    return [*lines, f"Whole: {_minutes(whole)}, {sum(total.values()) / 60:.1f} minutes of the processor in tests."]


def _minutes(seconds: float) -> str:
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
