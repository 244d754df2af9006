"""Several processes at once on the database of a test."""

import ctypes
import multiprocessing
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

# Of Linux: a page of 2 MiB, and the advice to make such pages now.
HUGE_PAGE, MADV_COLLAPSE = 1 << 21, 25


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """Return the test database as other processes reach it."""
    place = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{place['NAME']}"
    port = f"&port={place['PORT']}" if place["PORT"] else ""
    if str(place["HOST"]).startswith("/"):
        return f"postgresql://{place['USER']}@/{place['NAME']}?host={place['HOST']}{port}"
    return f"postgresql://{place['USER']}:{place['PASSWORD']}@{place['HOST']}:{place['PORT'] or 5432}/{place['NAME']}"


def forget_connections() -> None:
    """Forget the parent's connections, in a forked process, without a word to the server about them."""
    for alias in connections:
        if hasattr(connections._connections, alias):
            del connections[alias]


def _use_huge_pages() -> None:
    """Gather this process's memory in pages of 2 MiB, where Linux can (6.1 and newer).

    A fork copies the list of all pages and its end goes through it, for a worker that has gathered its tests 25 to 35
    ms of the kernel's time, a fifth of that with huge pages.
    """
    maps = Path("/proc/self/maps")
    if not maps.exists():
        return
    madvise = ctypes.CDLL(None).madvise
    for line in maps.read_text().splitlines():
        place, rights, _offset, _device, _inode, *name = line.split()
        begin, end = (int(part, 16) for part in place.split("-"))
        if rights == "rw-p" and name in ([], ["[heap]"]) and end - begin >= HUGE_PAGE:
            # What cannot be gathered stays as it is.
            madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), MADV_COLLAPSE)


def run_in_processes(work: Callable[[int], Any], *, processes: int = 4) -> list[Any]:
    """Call `work(number)` in forked processes that start at the same moment; return what each returned.

    An exception in one of them is raised here. None of them outlives this call.
    """
    if connection.vendor == "sqlite":  # which loses its locks when another process closes the file
        connections.close_all()
    _use_huge_pages()
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(processes), context.Queue()

    def run(number: int) -> None:
        forget_connections()
        try:
            barrier.wait(30)
            results.put((number, work(number), ""))
        except BaseException:
            results.put((number, None, traceback.format_exc()))
        finally:
            connections.close_all()

    started = [context.Process(target=run, args=(number,)) for number in range(processes)]
    for process in started:
        process.start()
    try:
        found = sorted((results.get(timeout=120) for _process in started), key=lambda result: result[0])
        for process in started:
            process.join(30)
    finally:
        for process in started:
            process.kill()
            process.join()
    if failures := [text for _number, _result, text in found if text]:
        raise AssertionError(failures[0])
    return [result for _number, result, _text in found]
