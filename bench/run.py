"""`make bench`: how the portal does with a million of everything, on a PostgreSQL of its own.

Prints figures and asserts nothing. What is measured:

* Pages (bench.pages): pages and API calls by HTTP, from gunicorn as the README starts it, with 1,000, 100,000 and
  1,000,000 rows in each list's own table (bench.records), by one client and by eight; beside each a bare Django page of
  the same rows and its statement alone, the function calls of one request, and the goals. Then 64 clients for a minute,
  where the processor is (list, case, empty page, refusal), memory and time to start. About 15 minutes on two quiet
  cores when the rows are there.
* Reminders (bench.reminders): one run of the clock of cases, beside the same rows found and marked by psycopg alone.
* Accounts (bench.accounts): one password check, a whole sign-in by page and by program, a refresh and one API read, in
  one run and as shares of the check; the same with many old devices and role holders, and wrong passwords of each kind
  of account. In a process and a database of its own, without the million members.
* Import: a CSV of 100,000 members with employers through the import engine as `manage.py import_members` calls it, in
  a process of its own on a copy of a database with a million members, with its memory; the same file again;
  verify_audit of what it wrote.

The members (bench.population) have names as frequent as in the American census and the columns that the models
compute; all rows are written without history, which the import shows instead. The server has 512 MB of shared
buffers and PostgreSQL's other defaults but for durability (bench.server): fsync is off.

Options, as variables: BENCH_KEEP=folder keeps the server's files there, and the next run finds its rows built.
For pages BENCH_SIZES=1000,1000000 (rows), BENCH_ROUNDS=3, BENCH_SECONDS=0.75 (each page in each round, for one client
and again for eight), BENCH_CROWD_SECONDS=60; for accounts BENCH_ROUNDS=40; for the import BENCH_MEMBERS=1000000 (in the
portal) and BENCH_IMPORT_ROWS=100000 (in the file). Parts that are named do alone:
make bench ARGS="pages". A machine that does other work lengthens everything: look at the load in the first line, at
ratios and at function calls.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from bench import server
from bench.report import machine, table
from unionops.ephemeral_postgres import EphemeralPostgres

PORTAL, COPY, ACCOUNTS = "portal", "portal_copy", "portal_accounts"
PARTS = ("pages", "reminders", "accounts", "import")
# As in real life but for https, and for what would end a long run: sessions and tokens that grow old, door counts.
PRODUCTION = {
    "UNIONOPS_ENV": "production",
    "SECRET_KEY": "only-for-the-bench-" + "x" * 50,
    "AUTH_JWT_SECRET_KEY": "signs-the-tokens-of-the-bench-" + "y" * 50,
    "AUDIT_KEYS": "bench1:" + "QQ" * 21 + "Q=",
    "FIELD_KEYS": "bench1:" + "Qk" * 21 + "I=",
    "ALLOWED_HOSTS": "localhost",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "SECURE_SSL_REDIRECT": "0",
    "SECOND_FACTOR_ROLES": "",
    "SESSION_IDLE_MINUTES": "600",
    "AUTH_ACCESS_TOKEN_EXPIRE_MINUTES": "600",
    "RATE_REFRESH": "1000000000/15",
    "STATEMENT_TIMEOUT_MS": "0",
}


def main() -> None:
    keep, parts = os.environ.get("BENCH_KEEP", ""), sys.argv[1:] or PARTS
    if strange := set(parts) - set(PARTS):
        sys.exit(f"There is no part {', '.join(sorted(strange))}: name some of {', '.join(PARTS)}.")
    # A run that is stopped from outside stops its servers too.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="unionops-bench-"))
    try:
        postgres = server.start(Path(keep).resolve() if keep else None)
        _settings(postgres, folder)
        if "import" in parts:
            _prepare(postgres)
        with psycopg.connect(postgres.url) as connection:
            print(machine(connection.info.server_version))
        if "pages" in parts:
            print("\n" + _pages(postgres, folder))
        if "reminders" in parts:
            print("\n" + _reminders(postgres))
        if "accounts" in parts:
            print("\n" + _accounts(postgres))
        if "import" in parts:
            print("\n" + _import(postgres, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _settings(postgres: EphemeralPostgres, folder: Path) -> None:
    """Of this process and those that it starts."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="unionops.settings",
        UNIONOPS_ENV="development",
        DATABASE_URL=server.url_of(postgres, PORTAL),
        VAR_DIR=str(folder),
        LOG_LEVEL="ERROR",
    )


def _prepare(postgres: EphemeralPostgres) -> None:
    """The rows, unless the kept server has them."""
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [PORTAL]).fetchone()
        if not known:
            connection.execute(f"CREATE DATABASE {PORTAL}")
    import django

    django.setup()
    if not known:
        _build(os.environ["DATABASE_URL"])


def _build(url: str) -> None:
    from django.core.management import call_command

    from bench.population import build

    started = time.perf_counter()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    members = int(os.environ.get("BENCH_MEMBERS", "1000000"))
    build(url, members)
    print(f"{members:,} members in {time.perf_counter() - started:.0f} s.")


def _pages(postgres: EphemeralPostgres, folder: Path) -> str:
    from bench import pages

    environment = os.environ.copy()
    os.environ.update(PRODUCTION, STATIC_ROOT=str(folder / "static"))
    try:
        _manage("collectstatic", "--no-input", "--verbosity", "0")
        urls = {size: _database(postgres, size) for size in pages.sizes()}
        return pages.measure(
            urls,
            rounds=int(os.environ.get("BENCH_ROUNDS", "3")),
            seconds=float(os.environ.get("BENCH_SECONDS", "0.75")),
            crowd_seconds=float(os.environ.get("BENCH_CROWD_SECONDS", "60")),
        )
    finally:
        os.environ.clear()
        os.environ.update(environment)


def _database(postgres: EphemeralPostgres, size: int) -> str:
    """The address of the database of that size, built unless the kept server has it, with the newest migrations."""
    name, new = f"portal_{size}", f"building_{size}"
    with psycopg.connect(postgres.url, autocommit=True) as admin:
        known = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not known:
            admin.execute(f"DROP DATABASE IF EXISTS {new}")
            admin.execute(f"CREATE DATABASE {new}")
    os.environ["DATABASE_URL"] = server.url_of(postgres, name if known else new)
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "bench.building", "0" if known else str(size)], check=True)
    if not known:
        print(f"{size:,} rows of each table in {time.perf_counter() - started:.0f} s.", flush=True)
        with psycopg.connect(postgres.url, autocommit=True) as admin:
            admin.execute(f"ALTER DATABASE {new} RENAME TO {name}")
    return server.url_of(postgres, name)


def _manage(*arguments: str) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], check=True, stdout=subprocess.DEVNULL)


def _reminders(postgres: EphemeralPostgres) -> str:
    """A run of the clock of cases; at 1,000,000 rows 130,000 cases are open."""
    from bench import pages

    before, rows = os.environ["DATABASE_URL"], []
    try:
        for size in pages.sizes():
            url = _database(postgres, size)
            command, environment = [sys.executable, "-m", "bench.reminders"], {**os.environ, "DATABASE_URL": url}
            done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
            rows += [[f"{line[0]}, {size:,}", *line[1:]] for line in map(_cells, done.stdout.splitlines())]
    finally:
        os.environ["DATABASE_URL"] = before
    return table(("clock of cases", "rows", "statements", "ms", "psycopg ms"), rows)


def _cells(line: str) -> list[str]:
    return line.split("\t")


def _accounts(postgres: EphemeralPostgres) -> str:
    with psycopg.connect(postgres.url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {ACCOUNTS}")
        admin.execute(f"CREATE DATABASE {ACCOUNTS}")
    environment = {**os.environ, "DATABASE_URL": server.url_of(postgres, ACCOUNTS)}
    command = [sys.executable, "-m", "bench.accounts"]
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout.rstrip()


def _import(postgres: EphemeralPostgres, folder: Path) -> str:
    """In the copy, so that a kept database stays as it was built."""
    from django.db import connection

    connection.close()
    connection.close_pool()
    with psycopg.connect(postgres.url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {COPY}")
        admin.execute(f"CREATE DATABASE {COPY} TEMPLATE {PORTAL}")
    try:
        rows = _steps(folder, server.url_of(postgres, COPY))
    finally:
        with psycopg.connect(postgres.url, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {COPY} WITH (FORCE)")
    return table(("import", "rows", "seconds", "rows/s", "peak MB", "found"), rows)


def _steps(folder: Path, url: str) -> list[list[str]]:
    command = [sys.executable, "-m", "bench.importing", str(folder)]
    environment = {**os.environ, "DATABASE_URL": url}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return [line.split("\t") for line in done.stdout.splitlines()]


if __name__ == "__main__":
    main()
