"""A throw-away PostgreSQL from the system's binaries, for tests and the bench; also works as root."""

import atexit
import glob
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
# A worker asks the same prepared statements thousands of times: planned once they cost a twentieth less in all.
FASTER = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0"
    " -c autovacuum=off -c plan_cache_mode=force_generic_plan"
)
# With durability as in a real installation, but on a socket of its own.
DURABLE = "-c wal_level=minimal -c max_wal_senders=0"


def binaries() -> Path | None:
    """The folder of the newest PostgreSQL on this machine (or $PG_BINDIR); None when there is none."""
    installed = [path for pattern in PLACES for path in glob.glob(pattern)]
    installed.sort(key=lambda path: int(re.findall(r"\d+", path)[0]), reverse=True)
    on_path = shutil.which("initdb")
    candidates = [os.environ.get("PG_BINDIR", ""), *installed, on_path and os.path.dirname(os.path.realpath(on_path))]
    for folder in candidates:
        if folder and all(os.access(os.path.join(folder, name), os.X_OK) for name in ("initdb", "postgres", "pg_ctl")):
            return Path(folder)
    return None


class EphemeralPostgres:
    """One server on a socket in a new temporary folder; the end of this process removes it.

    In a `folder` that is given it stays, and is taken up again as it was left.
    """

    def __init__(self, options: str = FASTER, *, folder: Path | None = None) -> None:
        found = binaries()
        if found is None:
            raise FileNotFoundError("PostgreSQL is not installed: apt-get install postgresql")
        self.bin, self.options, self.owner = found, options, os.getpid()
        # Short on purpose: the path of a socket may have 107 bytes.
        self.base, self.is_kept = folder or Path(tempfile.mkdtemp(prefix="pgt-")), folder is not None
        self.base.mkdir(parents=True, exist_ok=True)
        self.as_user: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = self._unprivileged()
            os.chown(self.base, user.pw_uid, user.pw_gid)
            self.as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        if not os.path.exists(self.data):
            self._run(
                "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"
            )
        atexit.register(self.remove)

    @staticmethod
    def _unprivileged() -> pwd.struct_passwd:
        for name in ("postgres", "nobody"):
            try:
                return pwd.getpwnam(name)
            except KeyError:
                continue
        raise LookupError("PostgreSQL does not run as root, and neither postgres nor nobody exists here.")

    @property
    def data(self) -> str:
        return str(self.base / "data")

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.base}"

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        subprocess.run(
            [str(self.bin / program), *arguments],
            check=check,
            stdout=subprocess.DEVNULL,
            stderr=None if check else subprocess.DEVNULL,
            env={"PATH": f"{self.bin}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            cwd="/",
            **self.as_user,
        )

    def start(self) -> "EphemeralPostgres":
        options = (
            f"{self.options} -c listen_addresses='' -c unix_socket_directories={self.base}"
            " -c timezone=UTC -c max_connections=200"
        )
        log = str(self.base / "log")
        self._run("pg_ctl", "-D", self.data, "-w", "-t", "30", "-l", log, "-o", options, "start")
        return self

    def stop(self) -> None:
        mode = "fast" if self.is_kept else "immediate"
        self._run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop", check=False)

    def remove(self) -> None:
        if os.getpid() == self.owner and self.base.exists():
            self.stop()
            if not self.is_kept:
                shutil.rmtree(self.base, ignore_errors=True)
