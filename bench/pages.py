"""Every page beside its plain SQL and the empty page, in rounds, so that the machine's moods fall on all of them."""

import re
import time
from dataclasses import dataclass, field

import psycopg

from bench.cases import PAGE_ROWS, Case, Probe
from bench.measuring import Browser, Samples
from bench.report import table

WARM_UP, ROUNDS = 3, 40
SHOWN = re.compile(r'class="[^"]*"[^>]*href="/members/(\d+)/"|href="/members/(\d+)/"')


@dataclass
class Figures:
    page: Samples = field(default_factory=Samples)
    database: Samples = field(default_factory=Samples)
    plain: Samples = field(default_factory=Samples)
    queries: set[int] = field(default_factory=set)
    rows: list[tuple[int, int]] = field(default_factory=list)
    same_rows: bool = True


def measure(cases: list[Case], browser: Browser, url: str) -> dict[str, Figures]:
    found = {case.label: Figures() for case in cases}
    # Without prepared statements, as Django asks: a generic plan of a LIKE would be another query.
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        for number in range(-WARM_UP, ROUNDS):
            for case in cases:
                figures = found[case.label] if number >= 0 else Figures()
                _measure_one(case.probes[number % len(case.probes)], browser, connection, figures)
    return found


def _measure_one(probe: Probe, browser: Browser, connection: psycopg.Connection, figures: Figures) -> None:
    answer = browser.get(probe.path)
    figures.page.values.append(answer.milliseconds)
    figures.database.values.append(answer.database_milliseconds)
    figures.queries.add(answer.queries)
    if not probe.statement:
        return
    started = time.perf_counter()
    rows = connection.execute(probe.statement, probe.parameters).fetchall()[:PAGE_ROWS]
    figures.plain.values.append((time.perf_counter() - started) * 1000)
    if probe.path.startswith("/members/?") or probe.path == "/members/":
        shown = list(dict.fromkeys(int(key) for key in re.findall(r'href="/members/(\d+)/"', answer.body)))
        figures.same_rows &= shown == [row[0] for row in rows]
    figures.rows.append((len(rows), len(rows)))


def drawn(found: dict[str, Figures]) -> str:
    empty = next(iter(found.values())).page.p50
    rows = [_line(label, figures, empty) for label, figures in found.items()]
    header = ("ms", "page p50", "p95", "db p50", "p95", "queries", "SQL p50", "p95", "rows", "page/SQL", "db/SQL")
    return table((*header, "page/empty"), rows)


def _line(label: str, figures: Figures, empty: float) -> list[str]:
    counts = sorted({rows for rows, _same in figures.rows})
    queries = "–".join(str(number) for number in sorted({min(figures.queries), max(figures.queries)}))
    line = [label, *_pair(figures.page), *_pair(figures.database), queries]
    if not figures.plain.values:
        return [*line, "", "", "", "", "", "1.0"]
    plain = figures.plain.p50
    rows = "–".join(str(number) for number in sorted({counts[0], counts[-1]})) + ("" if figures.same_rows else " ≠")
    ratios = [figures.page.p50 / plain, figures.database.p50 / plain, figures.page.p50 / empty]
    return [*line, *_pair(figures.plain), rows, *(f"{ratio:.1f}" for ratio in ratios)]


def _pair(samples: Samples) -> tuple[str, str]:
    return f"{samples.p50:.1f}", f"{samples.p95:.1f}"
