"""Gunicorn as the README starts it, before one database: for the portal, and for the bare pages beside it."""

import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.load import Line, request_text

WORKERS = ("--worker-class", "gthread", "--workers", "2", "--threads", "4", "--keep-alive", "75")
LONGEST_START = 60


@dataclass
class Server:
    """A running gunicorn. `start_seconds` is from the command to the first answer."""

    process: subprocess.Popen[bytes]
    port: int
    start_seconds: float

    @classmethod
    def start(cls, settings: str, url: str, ready: str) -> "Server":
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "gunicorn", "unionops.wsgi", *WORKERS]
        command += ["--bind", f"127.0.0.1:{port}", "--log-level", "error"]
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings, "DATABASE_URL": url}
        started = time.perf_counter()
        server = cls(subprocess.Popen(command, env=environment), port, 0)
        server._wait(ready, started + LONGEST_START)
        server.start_seconds = time.perf_counter() - started
        return server

    def _wait(self, path: str, until: float) -> None:
        line = Line(self.port)
        while True:
            try:
                line.ask(request_text(path))
                line.close()
                return
            except OSError:
                if time.perf_counter() > until or self.process.poll() is not None:
                    self.stop()
                    raise
                time.sleep(0.02)

    def memory(self) -> list[float]:
        """What each worker holds by itself and together with the others' share (PSS), in MB."""
        workers = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [_proportional(worker) for worker in workers]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


def _proportional(process: str) -> float:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
