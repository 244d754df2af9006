"""Long work beside a request: a thread, its progress in a small file, and the notice when its process died.

Progress is not kept in the database: SQLite has one writer, and the work's own transaction holds it. The files are
the host's own, so every process of one host sees them; `VAR_DIR` is shared where several hosts serve one portal.
"""

import contextvars
import fcntl
import json
import logging
import os
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from core.errors import DomainError

logger = logging.getLogger("unionops.jobs")
BEAT_SECONDS = 2.0
DEAD_AFTER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class JobState:
    """What the file says. `total` 0: not known yet."""

    job: str
    label: str
    done: int = 0
    total: int = 0
    finished: bool = False
    problem: str = ""
    beat: float = 0.0

    @property
    def is_running(self) -> bool:
        return not self.finished and not self.is_dead

    @property
    def is_dead(self) -> bool:
        """Its process stopped without finishing: no sign of life for a while."""
        return not self.finished and time.time() - self.beat > DEAD_AFTER_SECONDS


def _path(key: uuid.UUID) -> Path:
    return Path(settings.VAR_DIR) / "progress" / f"{key}.json"


def state_of(key: uuid.UUID) -> JobState | None:
    """The job of this key while it runs, and after it failed or died; None when there is none or it succeeded."""
    try:
        return JobState(**json.loads(_path(key).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def forget(key: uuid.UUID) -> None:
    _path(key).unlink(missing_ok=True)


class Progress:
    """Tells how far the work is; the heartbeat goes on while one long statement runs.

    A process that slept and was thought dead finds its file gone or another's: somebody began again, so it stops.
    """

    def __init__(self, key: uuid.UUID, label: str) -> None:
        self.key, self.path = key, _path(key)
        self.state = JobState(uuid.uuid4().hex, str(label))
        self._begun = self._lost = False
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)

    def advance(self, done: int, total: int = 0) -> None:
        """Raises DomainError when the work is no longer this process's own."""
        self._write(done=done, total=total or self.state.total)
        if self._lost:
            raise DomainError(_("This work stood still and was begun again. Look at it again."))

    def _write(self, **changes: Any) -> None:
        with self._lock:
            known = state_of(self.key)
            self._lost = self._begun and (known is None or known.job != self.state.job)
            if self._lost:
                return
            self._begun = True
            self.state = replace(self.state, beat=time.time(), **changes)
            fresh = self.path.with_suffix(f".{self.state.job}")
            fresh.write_text(json.dumps(asdict(self.state)))
            os.replace(fresh, self.path)

    def _beat(self) -> None:
        while not self._stopped.wait(BEAT_SECONDS):
            self._write()

    def watch(self, work: Callable[["Progress"], None]) -> None:
        """Do the work under a heartbeat. What it raises is kept for the page and raised again."""
        self._write()
        beat = threading.Thread(target=self._beat, daemon=True)
        beat.start()
        problem = _("The work stopped because of an unexpected error. Try again; nothing is done twice.")
        try:
            work(self)
            problem = ""
        except DomainError as error:
            problem = error.sentence
            raise
        finally:
            self._stopped.set()
            beat.join()
            if problem:
                self._write(finished=True, problem=problem)
            elif (known := state_of(self.key)) and known.job == self.state.job:
                forget(self.key)


def run(
    key: uuid.UUID,
    label: str,
    work: Callable[[Progress], None],
    *,
    begin: Callable[[], None] | None = None,
    in_background: bool,
) -> None:
    """Do `work` now, or in a thread of its own; at most one job of a key runs at a time on this host.

    `begin` is called before, in the foreground, when nobody else works on the key: the place to claim the record.
    Raises DomainError when a job runs already, what `begin` raises, and in the foreground what the work raises.
    """
    progress = _reserve(key, label)
    try:
        if begin is not None:
            begin()
    except BaseException:
        forget(key)
        raise
    if not in_background:
        progress.watch(work)
        return
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(_in_thread, progress, work), name=f"job-{key}").start()


def _reserve(key: uuid.UUID, label: str) -> Progress:
    """Looking and writing happen under one file lock, or two people who press at once would both find it free."""
    progress = Progress(key, label)
    with (progress.path.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = state_of(key)
        if known is not None and known.is_running:
            raise DomainError(_("This is already being worked on. Wait until it is done."))
        forget(key)
        progress.advance(0)
    return progress


def _in_thread(progress: Progress, work: Callable[[Progress], None]) -> None:
    try:
        progress.watch(work)
    except DomainError:
        logger.info("job refused", extra={"job": progress.state.job})
    except Exception:
        logger.exception("job failed", extra={"job": progress.state.job})
    finally:
        connection.close()
