"""`make mutations`: does the suite notice when a check, a lock, a constraint or a record is taken away?

bench/mutations.toml lists such faults. Each is made in a copy of the tree and looked for by the test modules that it
names; where they miss it by all tests of its app, and then by the whole suite as `make test` selects it. It is caught
when a test fails, not when something cannot be imported. At the end every test that caught something runs once more on
the tree as it is, where it has to pass. Exit code 1: fewer than 95 % are caught, one about money or the vault is not,
or something is broken.

    make mutations                          all of them, two side by side
    make mutations ARGS=check               only: each old text is there once, each new one compiles, each test exists
    make mutations ARGS="money grievances"  those of this name, kind, app or subject
    --jobs 1                                how many side by side
    --reach modules                         no further than the named modules (app: nor than the app's tests)
"""

import argparse
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from unionops.ephemeral_postgres import EphemeralPostgres
from unionops.testing import TEST_SETTINGS

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("permission", "visibility", "guard", "lock", "constraint", "audit")
SUBJECTS, DATABASES, REACHES = ("", "money", "vault"), ("sqlite", "postgresql"), ("modules", "app", "suite")
VERDICTS = ("caught", "survived", "broken")
LEAST_CAUGHT, LEAST_LISTED, SECONDS = 0.95, 60, 3600
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "var", "staticfiles", "__pycache__", ".*_cache")
PYTEST = ["-m", "pytest", "-x", "-q", "-rf", "--tb=no", "-p", "no:cacheprovider", "-p", "no:randomly"]
SUITE = {"sqlite": ["-n", "2", "-m", "not race and not story"], "postgresql": ["-n", "2"]}
FAILED = re.compile(r"^FAILED (\S+::.+?)(?: - .*)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Change:
    file: str
    old: str
    new: str = ""


@dataclass(frozen=True, slots=True)
class Mutation:
    """`lets`: what becomes possible. `changes` are all places of the fault. `by` is the test that caught it."""

    name: str
    lets: str
    kind: str
    tests: list[str]
    changes: list[Change]
    about: str = ""
    database: str = "sqlite"
    verdict: str = ""
    by: str = ""

    @property
    def app(self) -> str:
        return self.changes[0].file.partition("/")[0]

    @property
    def is_of_tables(self) -> bool:
        """Whether the fault is in what makes the database."""
        return self.kind == "constraint"

    def texts(self, root: Path) -> dict[str, str]:
        """File → its text with the fault."""
        found: dict[str, str] = {}
        for change in self.changes:
            text = found.get(change.file) or (root / change.file).read_text()
            found[change.file] = text.replace(change.old, change.new)
        return found


def listed() -> list[Mutation]:
    found = []
    for item in tomllib.loads((ROOT / "bench" / "mutations.toml").read_text())["mutation"]:
        places = [item, *item.pop("also", ())]
        changes = [Change(place.pop("file"), place.pop("old"), place.pop("new", "")) for place in places]
        found.append(Mutation(changes=changes, **item))
    return found


def faults(mutations: list[Mutation]) -> Iterator[str]:
    """What is wrong with the list."""
    if len({mutation.name for mutation in mutations}) < max(len(mutations), LEAST_LISTED):
        yield f"Two have one name, or there are fewer than {LEAST_LISTED}."
    for mutation in mutations:
        known = mutation.kind in KINDS, mutation.about in SUBJECTS, mutation.database in DATABASES, mutation.tests
        if not all(known):
            yield f"{mutation.name}: an unknown kind, subject or database, or no tests"
        yield from (f"{mutation.name}: no file {test}" for test in mutation.tests if not (ROOT / test).exists())
        for change in mutation.changes:
            if (count := (ROOT / change.file).read_text().count(change.old)) != 1:
                yield f"{mutation.name}: {count} times in {change.file}: {change.old.strip()[:60]!r}"
        for file, text in mutation.texts(ROOT).items():
            try:
                compile(text, file, "exec")
            except SyntaxError as error:
                yield f"{mutation.name}: {file}:{error.lineno} {error.msg}"


class Copy:
    """A copy of the tree, in which one fault at a time is made, with databases of its own."""

    def __init__(self, number: int, folder: Path, postgres: EphemeralPostgres) -> None:
        self.name, self.folder, self.postgres = f"copy{number}", folder, postgres
        self.tree = folder / self.name
        shutil.copytree(ROOT, self.tree, ignore=NOT_COPIED)

    def judge(self, mutation: Mutation, reach: str) -> Mutation:
        as_they_are = {file: (self.tree / file).read_bytes() for file in mutation.texts(self.tree)}
        for file, text in mutation.texts(self.tree).items():
            (self.tree / file).write_text(text)
        try:
            for arguments, database, is_new in attempts(mutation, reach):
                code, words = self.test(arguments, database, is_new=is_new)
                found = FAILED.search(words)
                if code == 1 and found:
                    return replace(mutation, verdict="caught", by=found[1], database=database)
                if code != 0:
                    return replace(mutation, verdict="broken", by=f"exit code {code}: {words.strip()[-200:]}")
            return replace(mutation, verdict="survived")
        finally:
            for file, content in as_they_are.items():
                (self.tree / file).write_bytes(content)

    def test(self, arguments: list[str], database: str, *, is_new: bool = False) -> tuple[int, str]:
        """The exit code and the words of pytest, in a fresh copy of the database or in one made anew."""
        environment = {name: text for name, text in os.environ.items() if name not in ("TEST_DB", "BATTERY")}
        environment["DATABASE_URL"] = getattr(self, f"_{database}")(is_new)
        command = [sys.executable, *PYTEST, "--create-db" if is_new else "--reuse-db", *arguments]
        try:
            done = subprocess.run(
                command, check=False, cwd=self.tree, env=environment, timeout=SECONDS, capture_output=True, text=True
            )
        except subprocess.TimeoutExpired:
            return -1, f"It did not end in {SECONDS} seconds."
        return done.returncode, done.stdout + done.stderr

    def _sqlite(self, is_new: bool) -> str:
        base = self.folder / f"{self.name}-sqlite"
        shutil.rmtree(base, ignore_errors=True)
        base.mkdir()
        if not is_new:
            shutil.copy2(self.folder / "pattern.sqlite3", base / "test.sqlite3")
        return f"sqlite:///{base}/portal.sqlite3"

    def _postgresql(self, is_new: bool) -> str:
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS test_{self.name} WITH (FORCE)")
            if not is_new:
                connection.execute(f"CREATE DATABASE test_{self.name} TEMPLATE pattern")
        return self.postgres.url.replace("/postgres?", f"/{self.name}?")


def attempts(mutation: Mutation, reach: str) -> Iterator[tuple[list[str], str, bool]]:
    """(arguments, database, whether that is made anew), ever further from the fault."""
    yield mutation.tests, mutation.database, mutation.is_of_tables
    if reach != "modules":
        yield [f"{mutation.app}/tests"], mutation.database, mutation.is_of_tables
    if reach == "suite":
        yield from ((SUITE[name], name, True) for name in sorted(SUITE, key=lambda name: name != mutation.database))


def make_patterns(folder: Path, postgres: EphemeralPostgres) -> None:
    """The databases of the tree as it is, of which each run gets a copy."""
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE pattern")
    for url in (f"sqlite:///{folder}/pattern.sqlite3", postgres.url.replace("/postgres?", "/pattern?")):
        environment = os.environ | TEST_SETTINGS | {"DATABASE_URL": url, "VAR_DIR": str(folder)}
        for command in (["migrate", "--verbosity", "0"], ["createcachetable"]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)


def play(mutations: list[Mutation], *, jobs: int, reach: str) -> list[Mutation]:
    folder = Path(tempfile.mkdtemp(prefix="unionops-mutations-"))
    try:
        postgres, copies = EphemeralPostgres().start(), queue.SimpleQueue[Copy]()
        make_patterns(folder, postgres)
        for number in range(jobs):
            copies.put(Copy(number, folder, postgres))

        def judged(mutation: Mutation) -> Mutation:
            copy, started = copies.get(), time.monotonic()
            try:
                found = copy.judge(mutation, reach)
            finally:
                copies.put(copy)
            print(f"{found.verdict:8} {found.name} ({time.monotonic() - started:.0f} s) {found.by}", flush=True)
            return found

        pool = ThreadPoolExecutor(jobs)
        try:
            return controlled(list(pool.map(judged, mutations)), copies.get())
        finally:
            pool.shutdown(cancel_futures=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def controlled(found: list[Mutation], copy: Copy) -> list[Mutation]:
    """A test that fails without the fault has caught nothing."""
    failing: set[str] = set()
    for database in DATABASES:
        if tests := sorted({one.by for one in found if one.verdict == "caught" and one.database == database}):
            code, words = copy.test([*tests, "--maxfail=1000"], database)
            failing |= set(FAILED.findall(words)) or (set(tests) if code else set())
    return [
        replace(one, verdict="broken", by=f"also fails without it: {one.by}") if one.by in failing else one
        for one in found
    ]


def summary(found: list[Mutation]) -> Iterator[str]:
    width = max(len(one.name) for one in found)
    for one in found:
        yield f"{one.name:{width}}  {one.kind:10}  {one.about:5}  {one.verdict:8}  {one.by}\n{'':{width}}  {one.lets}"
    yield f"\n{'':10}  {'  '.join(VERDICTS)}"
    for kind in (*KINDS, "all"):
        counts = Counter(one.verdict for one in found if kind in (one.kind, "all"))
        yield f"{kind:10}  {'  '.join(f'{counts[verdict]:{len(verdict)}}' for verdict in VERDICTS)}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make mutations")
    parser.add_argument("words", nargs="*", help="check; or names, kinds, apps, money, vault")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--reach", choices=REACHES, default="suite")
    given = parser.parse_args()
    mutations, words = listed(), set(given.words)
    if wrong := list(faults(mutations)):
        sys.exit("\n".join(wrong))
    if words == {"check"}:
        print(f"{len(mutations)} mutations can be made.")
        return
    chosen = [one for one in mutations if not words or words & {one.name, one.kind, one.app, one.about}]
    if not chosen:
        sys.exit("No mutation is called that.")
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(143))  # so that nothing is left running
    found = play(chosen, jobs=given.jobs, reach=given.reach)
    print("", *summary(found), sep="\n")
    caught = [one for one in found if one.verdict == "caught"]
    is_enough = len(caught) >= LEAST_CAUGHT * len(found) and all(one in caught for one in found if one.about)
    sys.exit(0 if is_enough and all(one.verdict != "broken" for one in found) else 1)


if __name__ == "__main__":
    main()
