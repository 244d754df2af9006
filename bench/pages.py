"""The bench's part about pages: the portal and bare Django pages of the same rows, by HTTP, in interleaved rounds.

For each size there is a database with so many members, cases, applications, activities and so on, and before it one
gunicorn with the portal and one with bare pages, both as the README starts them. In each round every page of every
size is asked by one client and then by eight, beside it the bare page and, through psycopg alone, its first statement.
What is printed is the median of the rounds.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import psycopg

from bench.cases import CASES, CROWDED, PROFILED, Case, filled
from bench.load import Asker, Reader, Refresher, Result, request_text, run
from bench.measuring import Samples
from bench.report import table
from bench.serving import Server

CLIENTS, CROWD = 8, 64
MOST_GROWTH, TOP = 1.3, 12
STATIC = "/static-answer/"
LEGEND = (
    "×: of the bare page, or for pages without rows of the bare list of 50 members; the last columns: of the page's own"
    " at the smallest size, by ms and by answers/s.\nmet: by both; half: by one of them. calls: function calls of one"
    " request. SQL: ms of the bare page's statement alone."
)


@dataclass
class Figures:
    """Of one page before one database, a value a round: milliseconds for one client, answers a second for eight."""

    milliseconds: list[float] = field(default_factory=list)
    per_second: list[float] = field(default_factory=list)
    errors: int = 0

    def add(self, alone: Result, together: Result) -> None:
        if not alone.values or not together.values:
            raise RuntimeError("A page gave no right answer.")
        self.milliseconds.append(median(alone.values))
        self.per_second.append(together.per_second)
        self.errors += alone.errors + together.errors

    @property
    def ms(self) -> float:
        return median(self.milliseconds)

    @property
    def rate(self) -> float:
        return median(self.per_second)

    def __str__(self) -> str:
        return f"{self.ms:.1f} · {self.rate:,.0f}" + (f" ({self.errors} errors)" if self.errors else "")


@dataclass
class Site:
    """One database with the two servers before it, and what its visitors need."""

    size: int
    url: str
    portal: Server
    bare: Server
    visitors: Mapping[str, Any]
    pages: dict[str, Figures] = field(default_factory=dict)
    bare_pages: dict[str, Figures] = field(default_factory=dict)
    statements: dict[str, Samples] = field(default_factory=dict)

    def askers(self, case: Case, count: int) -> list[Asker]:
        if case.by == "refresh":
            # One chain a client, kept from round to round; the last is the lone client's.
            tokens = self.visitors["chains"].setdefault(case.path, self._refreshers(case.path))
            return tokens[:count] if count > 1 else tokens[-1:]
        requests = [request_text(path, self.headers(case)) for path in filled(case.path, self.visitors["probes"])]
        return [Reader(requests, case.status, start) for start in range(count)]

    def _refreshers(self, path: str) -> list[Asker]:
        return [Refresher(path, token) for token in self.visitors["refresh"][1:]]

    def headers(self, case: Case) -> list[tuple[str, str]]:
        if case.by == "token":
            return [("Authorization", f"Bearer {self.visitors['tokens'][case.role]}")]
        return [("Cookie", self.visitors["cookies"][case.role])]

    def bare_askers(self, path: str, count: int) -> list[Asker]:
        requests = [request_text(path) for path in filled(path, self.visitors["probes"])]
        return [Reader(requests, start=start) for start in range(count)]


def measure(urls: Mapping[int, str], *, rounds: int, seconds: float, crowd_seconds: float) -> str:
    """`urls` are the databases by their size."""
    with _sites(urls) as sites:
        static = _static(sites[0], seconds)
        for number in range(-1, rounds):
            for site in sites:
                _round(site, 0 if number < 0 else seconds, keep=number >= 0)
        counted, bare_counted = _calls(sites[-1])
        largest = sites[-1]
        crowd = _crowd(largest, crowd_seconds)
        parts = [
            f"{rounds} rounds; ms with 1 client · answers/s with {CLIENTS} clients, on 2 workers × 4 threads",
            _table(sites, counted["calls"], bare_counted["calls"]),
            LEGEND,
            *(_profile(label, profile) for label, profile in counted["profiles"].items()),
            crowd,
            _processes(sites, static),
        ]
    return "\n\n".join(parts)


@contextlib.contextmanager
def _sites(urls: Mapping[int, str]) -> Iterator[list[Site]]:
    with contextlib.ExitStack() as stack:
        sites = []
        for size, url in urls.items():
            visitors = {**json.loads(_python("bench.visitors", "bench.settings", url)), "chains": {}}
            servers = []
            for settings, ready in (("bench.settings", "/livez"), ("bench.bare_settings", STATIC)):
                servers.append(Server.start(settings, url, ready))
                stack.callback(servers[-1].stop)
            sites.append(Site(size, url, *servers, visitors))
        yield sites


def _python(module: str, settings: str, url: str, *arguments: str) -> str:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings, "DATABASE_URL": url}
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


def _round(site: Site, seconds: float, *, keep: bool) -> None:
    """Every case and beside it what it is compared with; the first round of all only warms up."""
    done: set[str] = set()
    with psycopg.connect(site.url, autocommit=True, prepare_threshold=None) as connection:
        for case in CASES:
            alone = run(site.portal.port, site.askers(case, 1), seconds, at_least=3)
            together = run(site.portal.port, site.askers(case, CLIENTS), seconds)
            if not alone.values:
                raise RuntimeError(f"{case.label} ({case.path}) never answered {case.status}.")
            if keep:
                site.pages.setdefault(case.label, Figures()).add(alone, together)
            if case.bare and case.bare not in done:
                done.add(case.bare)
                alone = run(site.bare.port, site.bare_askers(case.bare, 1), seconds, at_least=3)
                together = run(site.bare.port, site.bare_askers(case.bare, CLIENTS), seconds)
                samples = _asked(connection, site, case.bare)
                if keep:
                    site.bare_pages.setdefault(case.bare, Figures()).add(alone, together)
                    site.statements.setdefault(case.bare, Samples()).values += samples


def _asked(connection: psycopg.Connection, site: Site, bare: str) -> list[float]:
    found = []
    for path in filled(bare, site.visitors["probes"]):
        statement, parameters = site.visitors["statements"][path]
        started = time.perf_counter()
        connection.execute(statement, parameters).fetchall()
        found.append((time.perf_counter() - started) * 1000)
    return found


# --- function calls, profile, crowd -----------------------------------------------------------------


def _calls(site: Site) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of the portal's pages by their labels, and of the bare ones by their paths."""
    asked = {case.label: _call(site, case) for case in CASES}
    bare = {
        case.bare: {"path": filled(case.bare, site.visitors["probes"])[0], "status": 200} for case in CASES if case.bare
    }
    return (
        _counted("bench.settings", site.url, {"requests": asked, "profiled": PROFILED}),
        _counted("bench.bare_settings", site.url, {"requests": bare, "profiled": []}),
    )


def _call(site: Site, case: Case) -> dict[str, Any]:
    path = filled(case.path, site.visitors["probes"])[0]
    if case.by == "refresh":
        body = json.dumps({"refresh": site.visitors["refresh"][0]})
        return {"path": path, "method": "POST", "body": body, "status": case.status, "refresh": True}
    headers = {f"HTTP_{name.upper()}": value for name, value in site.headers(case)}
    return {"path": path, "status": case.status, "headers": headers}


def _counted(settings: str, url: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(asked, file)
        file.flush()
        found: dict[str, Any] = json.loads(_python("bench.calls", settings, url, file.name))
    return found


def _crowd(site: Site, seconds: float) -> str:
    cases = [case for case in CASES if case.label in CROWDED]
    askers = [site.askers(cases[at % len(cases)], CROWD)[at] for at in range(CROWD)]
    found = run(site.portal.port, askers, seconds)
    samples = Samples(found.values)
    return (
        f"{CROWD} clients for {seconds:.0f} s at {site.size:,} rows ({', '.join(CROWDED)}):\n"
        f"{len(found.values):,} answers, {found.per_second:.0f}/s, {found.errors} errors, p50 {samples.p50:,.0f} ms,"
        f" p95 {samples.p95:,.0f} ms (goal 1,000)"
    )


def _static(site: Site, seconds: float) -> Figures:
    """What the client and gunicorn cost by themselves: 2 kB that a view has at hand."""
    figures = Figures()
    alone = run(site.bare.port, site.bare_askers(STATIC, 1), max(seconds, 0.5))
    figures.add(alone, run(site.bare.port, site.bare_askers(STATIC, CLIENTS), max(seconds, 0.5)))
    return figures


# --- what is printed --------------------------------------------------------------------------------


def _table(sites: list[Site], calls: Mapping[str, int], bare_calls: Mapping[str, int]) -> str:
    sizes = [f"{site.size:,}" for site in sites]
    header = (
        "signed-in page or call",
        *sizes,
        "calls",
        "bare page",
        "calls",
        "SQL",
        "ms ×",
        "1/s ×",
        "calls ×",
        "goal",
        "",
    )
    header += (f"{sizes[-1]} of {sizes[0]}", "")
    return table(header, [_line(case, sites, calls[case.label], bare_calls.get(case.bare, 0)) for case in CASES])


def _line(case: Case, sites: list[Site], calls: int, bare_calls: int) -> list[str]:
    first, last = sites[0].pages[case.label], sites[-1].pages[case.label]
    line = [case.label, *(str(site.pages[case.label]) for site in sites), f"{calls:,}"]
    if case.bare:
        bare, statement = sites[-1].bare_pages[case.bare], sites[-1].statements[case.bare]
        ratios = (last.ms / bare.ms, bare.rate / last.rate, calls / bare_calls)
        line += [str(bare), f"{bare_calls:,}", f"{statement.p50:.1f}", *(f"{ratio:.2f}" for ratio in ratios)]
        line += [f"{case.target:.2f}" if case.target else "", _verdict(case.target, ratios[:2])]
    else:
        line += [""] * 8
    growth = (last.ms / first.ms, first.rate / last.rate)
    return [*line, f"{growth[0]:.2f}; {growth[1]:.2f}", _verdict(MOST_GROWTH, growth)]


def _verdict(target: float | None, ratios: tuple[float, ...]) -> str:
    """By the time of one client and by the answers of eight."""
    if target is None:
        return ""
    met = [ratio <= target for ratio in ratios]
    return "met" if all(met) else "half" if any(met) else "NOT MET"


def _profile(label: str, profile: Mapping[str, list[float]]) -> str:
    rows = [[name, f"{own:.1%}", f"{inside:.1%}"] for name, (own, inside) in list(profile.items())[:TOP]]
    return table((f"processor: {label}", "own", "with what it calls"), rows)


def _processes(sites: list[Site], static: Figures) -> str:
    rows = []
    for site in sites:
        for name, server in (("portal", site.portal), ("bare", site.bare)):
            memory = ", ".join(f"{megabytes:.0f}" for megabytes in server.memory())
            rows.append([f"{name}, {site.size:,}", f"{server.start_seconds:.1f}", memory])
    drawn = table(("server", "start, s", "MB of each worker after the run"), rows)
    return f"{drawn}\n\nThe client and gunicorn by themselves (2 kB of a bare view): {static}"


def sizes() -> list[int]:
    return sorted(int(size) for size in os.environ.get("BENCH_SIZES", "1000,100000,1000000").split(","))
