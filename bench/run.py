"""`make bench`: how the portal does with a million members, on a PostgreSQL of its own.

Prints figures and asserts nothing. What is measured:

* Pages (bench.cases): the whole request through Django's WSGI handler in this process, as gunicorn calls it but
  without a socket; the time that the database took of it (every query of the request, sign-in and permissions
  included) and the processor time of the server's process; the number of queries. Beside each, in the same round,
  plain SQL through psycopg that fetches the same rows, and an empty signed-in page, which is what every page costs
  before it shows anything.
* Accounts (bench.accounts): one password check, a whole sign-in by page and by program, a refresh and one API read, in
  one run and as shares of the check; the same with many old devices and role holders, and wrong passwords of each kind
  of account. In a process and a database of its own, without the million members.
* Import: a CSV of 100,000 members with employers through the import engine as `manage.py import_members` calls it, in
  a process of its own on a copy of the database, with its memory; the same file again; verify_audit of what it wrote.

The million rows (bench.population) have names as frequent as in the American census and the columns that the models
compute; they are written by COPY without history, which the import shows instead. The server has 512 MB of shared
buffers and PostgreSQL's other defaults but for durability (bench.server): fsync is off.

Options, as variables: BENCH_KEEP=folder keeps the server's files there, and the next run finds its rows built;
BENCH_ROUNDS=n asks each page n times instead of 40. Parts that are named do alone: make bench ARGS="accounts".
A machine that does other work lengthens everything: look at the load in the first line, and at ratios and "db cpu".
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import psycopg

from bench import server
from bench.report import machine, table
from unionops.ephemeral_postgres import EphemeralPostgres

PORTAL, COPY, ACCOUNTS = "portal", "portal_copy", "portal_accounts"
PARTS = ("pages", "accounts", "import")


def main() -> None:
    keep, parts = os.environ.get("BENCH_KEEP", ""), sys.argv[1:] or PARTS
    if strange := set(parts) - set(PARTS):
        sys.exit(f"There is no part {', '.join(sorted(strange))}: name some of {', '.join(PARTS)}.")
    folder = Path(tempfile.mkdtemp(prefix="unionops-bench-"))
    try:
        postgres = server.start(Path(keep).resolve() if keep else None)
        _settings(postgres, folder)
        if {"pages", "import"} & set(parts):
            _prepare(postgres)
        with psycopg.connect(postgres.url) as connection:
            print(machine(connection.info.server_version))
        if "pages" in parts:
            print("\n" + _pages(server.url_of(postgres, PORTAL)))
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
    warnings.filterwarnings("ignore", message="No directory at")


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
    call_command("createcachetable")
    build(url)
    print(f"A million members in {time.perf_counter() - started:.0f} s.")


def _pages(url: str) -> str:
    from django.conf import settings

    from bench.cases import all_cases
    from bench.measuring import Browser
    from bench.pages import drawn, measure

    settings.ROOT_URLCONF = "bench.urls"
    with psycopg.connect(url, autocommit=True) as connection:
        cases = all_cases(connection)
    return drawn(measure(cases, Browser(_signed_in()), url, rounds=int(os.environ.get("BENCH_ROUNDS", "40"))))


def _signed_in() -> str:
    """The cookie of an office worker, who sees all members."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    from accounts.factories import RoleAssignmentFactory, UserFactory
    from accounts.models import Role, User

    user = User.objects.filter(email="bench@people.example").first()
    if user is None:
        user = UserFactory(email="bench@people.example")
        RoleAssignmentFactory(user=user, role=Role.objects.get(name="staff"))
    client = Client()
    client.force_login(user)
    connection.close()
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


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
