"""Runs `make test` and `make battery`: lint and both legs of the tests side by side, and a report of what they cost.

    python -m unionops.proof            both legs, as on each commit
    python -m unionops.proof --battery  with the repetitions and amounts of the battery
    python -m unionops.proof --covering write anew which items of a grid SQLite plays on a commit
    python -m unionops.proof --seed N   in the order of an earlier run
    python -m unionops.proof accounts   only these files or folders

Each leg is one run of pytest with the plugin unionops.costs. PostgreSQL's is seen while it runs. Its tests also wait,
for each other, for servers and for a browser; SQLite's leg and lint take the time that they leave. It ends with what
failed beside it, the slowest functions of both legs, their times, the seed of their order, and how all of it ended.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

LEGS: dict[str, dict[str, str]] = {"PostgreSQL": {"TEST_DB": ""}, "SQLite": {"TEST_DB": "sqlite"}}
SEEN, BESIDE = LEGS
# What runs beside gives way, and has as many workers, for it goes on alone at the end.
WORKERS, GIVE_WAY = "2", ["nice", "-n", "10"]
# What is proven on one database only: races, what needs a browser, and what is long; the battery plays most on both.
ON_A_COMMIT = {BESIDE: "not race and not story and not heavy"}
# What an item of a grid can send shows only where it is played with the amounts of the battery.
PLAYED = {"test": ON_A_COMMIT, "covering": ON_A_COMMIT, "battery": {BESIDE: "not story"}}


def main() -> int:
    """Return 0 only if lint and both legs passed; when one of them fails, the others are played all the same."""
    parser = argparse.ArgumentParser(prog="python -m unionops.proof")
    parser.add_argument("--battery", dest="size", action="store_const", const="battery", default="test")
    parser.add_argument("--covering", dest="size", action="store_const", const="covering")
    parser.add_argument("--seed", type=int)
    parser.add_argument("paths", nargs="*")
    wanted = parser.parse_args()
    seed = random.SystemRandom().randrange(2**32) if wanted.seed is None else wanted.seed
    arguments = [f"--randomly-seed={seed}", *wanted.paths]
    with tempfile.TemporaryDirectory(prefix="unionops-proof-") as name:
        folder = Path(name)
        if wanted.size == "covering":
            return _play(BESIDE, wanted.size, arguments, folder)
        codes: dict[str, int] = {}
        beside = [
            threading.Thread(target=_run_beside, args=(part, command, environment, folder, codes))
            for part, command, environment in (
                ("lint", [os.environ.get("MAKE", "make"), "--no-print-directory", "lint"], dict(os.environ)),
                (BESIDE, *_leg(BESIDE, wanted.size, arguments, folder)),
            )
        ]
        for thread in beside:
            thread.start()
        codes[SEEN] = _play(SEEN, wanted.size, arguments, folder)
        for thread in beside:
            thread.join()
        return 1 if any(codes.values()) else 0


def _run_beside(
    part: str, command: list[str], environment: dict[str, str], folder: Path, codes: dict[str, int]
) -> None:
    """Keep what it says; leave its end for the report of the leg that is seen."""
    with (folder / f"{part}.txt").open("w") as output:
        done = subprocess.run(
            [*GIVE_WAY, *command], stdout=output, stderr=subprocess.STDOUT, env=environment, check=False
        )
    codes[part] = done.returncode
    ended = folder / f"{part}.ending"
    ended.write_text("failed" if done.returncode else "passed")
    ended.rename(folder / f"{part}.end")  # whole at once for whoever waits for it


def _play(leg: str, size: str, arguments: list[str], folder: Path) -> int:
    command, environment = _leg(leg, size, arguments, folder)
    return subprocess.run(command, env=environment, check=False).returncode


def _leg(leg: str, size: str, arguments: list[str], folder: Path) -> tuple[list[str], dict[str, str]]:
    command = [sys.executable, "-m", "pytest", "-q", "-n", WORKERS, "--dist", "worksteal", "-p", "unionops.costs"]
    if chosen := PLAYED[size].get(leg):
        command += ["-m", chosen]
    if leg == BESIDE and size != "test":
        command += ["-p", "unionops.covering"]
    environment = {**os.environ, **LEGS[leg], "PROOF_LEG": leg, "PROOF_FOLDER": str(folder)}
    # Given to each leg, for this may run inside a leg of another run.
    environment["PROOF_BESIDE"] = f"lint {BESIDE}" if leg == SEEN else ""
    # Compiled once for all workers, servers and both legs, also where the machine's habit is to compile anew each time.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if size != "test":
        environment["BATTERY"] = "1"
    if size == "covering":
        environment["COVERING"] = "write"
    return [*command, *arguments], environment


if __name__ == "__main__":
    sys.exit(main())
