"""Runs `make test` and `make battery`: lint beside both legs of the tests, and a report of what they cost.

    python -m unionops.proof            both legs, as on each commit
    python -m unionops.proof --battery  with the repetitions and amounts of the battery
    python -m unionops.proof --seed N   in the order of an earlier run
    python -m unionops.proof accounts   only these files or folders

Each leg is one run of pytest with the plugin unionops.costs. The last one prints, above its own closing line, the
slowest functions of both legs, the time of each, the seed and how lint ended.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TextIO

LEGS: dict[str, dict[str, str]] = {"PostgreSQL": {"TEST_DB": ""}, "SQLite": {"TEST_DB": "sqlite"}}
LAST = list(LEGS)[-1]
# What is proven on one database only: races, what needs a browser, and what is long; the battery plays most on both.
PLAYED = {"test": {"SQLite": "not race and not story and not heavy"}, "battery": {"SQLite": "not story"}}


def main() -> int:
    """Return 0 only if lint and both legs passed; when one of them fails, the others are played all the same."""
    parser = argparse.ArgumentParser(prog="python -m unionops.proof")
    parser.add_argument("--battery", dest="size", action="store_const", const="battery", default="test")
    parser.add_argument("--seed", type=int)
    parser.add_argument("paths", nargs="*")
    wanted = parser.parse_args()
    seed = random.SystemRandom().randrange(2**32) if wanted.seed is None else wanted.seed
    with tempfile.TemporaryDirectory(prefix="unionops-proof-") as name:
        folder = Path(name)
        codes = {}
        with (folder / "lint.txt").open("w") as output, _lint(output) as lint:
            for leg in LEGS:
                if leg == LAST:
                    codes["lint"] = _end(lint, folder)
                codes[leg] = _play(leg, wanted.size, [f"--randomly-seed={seed}", *wanted.paths], folder)
    return 1 if any(codes.values()) else 0


def _lint(output: TextIO) -> "subprocess.Popen[bytes]":
    make = os.environ.get("MAKE", "make")
    return subprocess.Popen([make, "--no-print-directory", "lint"], stdout=output, stderr=subprocess.STDOUT)


def _end(lint: "subprocess.Popen[bytes]", folder: Path) -> int:
    """Wait for lint, show what it found, and leave its end for the report of the last leg."""
    code = lint.wait()
    if code:
        sys.stdout.write((folder / "lint.txt").read_text())
        sys.stdout.flush()
    (folder / "lint.end").write_text("failed; what it found stands above" if code else "passed")
    return code


def _play(leg: str, size: str, arguments: list[str], folder: Path) -> int:
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal", "-p", "unionops.costs"]
    if chosen := PLAYED[size].get(leg):
        command += ["-m", chosen]
    environment = {**os.environ, **LEGS[leg], "PROOF_LEG": leg, "PROOF_LAST": LAST, "PROOF_FOLDER": str(folder)}
    # Compiled once for all workers, servers and both legs, also where the machine's habit is to compile anew each time.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if size == "battery":
        environment["BATTERY"] = "1"
    return subprocess.run([*command, *arguments], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
