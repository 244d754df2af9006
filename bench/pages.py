"""Every page beside its plain SQL and the empty page, in rounds, so that the machine's moods fall on all of them."""

import re
import time
from dataclasses import dataclass, field

import psycopg

from bench.cases import DETAIL, PAGE_ROWS, Case, Probe
from bench.measuring import Browser, Samples
from bench.report import table

WARM_UP = 3
LINK = re.compile(r'href="/members/(\d+)/"')


@dataclass
class Figures:
    page: Samples = field(default_factory=Samples)
    database: Samples = field(default_factory=Samples)
    processor: Samples = field(default_factory=Samples)
    plain: Samples = field(default_factory=Samples)
    queries: set[int] = field(default_factory=set)
    rows: set[int] = field(default_factory=set)
    same_rows: bool = True


def measure(cases: list[Case], browser: Browser, url: str, *, rounds: int) -> dict[str, Figures]:
    found = {case.label: Figures() for case in cases}
    # Without prepared statements, as Django asks: a generic plan of a LIKE would be another query.
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        for number in range(-WARM_UP, rounds):
            for case in cases:
                figures = found[case.label] if number >= 0 else Figures()
                _measure_one(case.probes[number % len(case.probes)], browser, connection, figures)
    return found


def _measure_one(probe: Probe, browser: Browser, connection: psycopg.Connection, figures: Figures) -> None:
    answer = browser.get(probe.path)
    figures.page.values.append(answer.milliseconds)
    figures.database.values.append(answer.database_milliseconds)
    figures.processor.values.append(answer.database_processor_milliseconds)
    figures.queries.add(answer.queries)
    if not probe.statement:
        return
    started = time.perf_counter()
    rows = connection.execute(probe.statement, probe.parameters).fetchall()[:PAGE_ROWS]
    figures.plain.values.append((time.perf_counter() - started) * 1000)
    figures.rows.add(len(rows))
    if probe.statement != DETAIL:
        shown = dict.fromkeys(int(key) for key in LINK.findall(answer.body))
        figures.same_rows &= list(shown) == [row[0] for row in rows]


HEADER = ("ms", "page p50", "p95", "db p50", "p95", "db cpu", "queries", "SQL p50", "p95", "rows")
HEADER += ("page/SQL", "db/SQL", "page/empty", "db/first")


def drawn(found: dict[str, Figures]) -> str:
    """All figures in milliseconds; "rows ≠" would say that page and SQL did not show the same ones."""
    empty, first = list(found.values())[:2]
    return table(HEADER, [_line(label, figures, empty, first) for label, figures in found.items()])


def _line(label: str, figures: Figures, empty: Figures, first: Figures) -> list[str]:
    database, page = figures.database.p50, figures.page.p50
    line = [
        label,
        *_pair(figures.page),
        *_pair(figures.database),
        f"{figures.processor.p50:.1f}",
        _span(figures.queries),
    ]
    ratios = [f"{page / empty.page.p50:.1f}", f"{database / first.database.p50:.1f}"]
    if not figures.plain.values:
        return [*line, *[""] * 5, *ratios]
    plain = figures.plain.p50
    rows = _span(figures.rows) + ("" if figures.same_rows else " ≠")
    return [*line, *_pair(figures.plain), rows, f"{page / plain:.1f}", f"{database / plain:.1f}", *ratios]


def _span(values: set[int]) -> str:
    return "–".join(str(value) for value in sorted({min(values), max(values)}))


def _pair(samples: Samples) -> tuple[str, str]:
    return f"{samples.p50:.1f}", f"{samples.p95:.1f}"
