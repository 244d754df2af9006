"""The figures as one aligned table."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path


def machine(postgres: int) -> str:
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    load = os.getloadavg()[0]
    versions = f"Python {platform.python_version()}, PostgreSQL {postgres // 10_000}.{postgres % 10_000}"
    return f"{os.cpu_count()} CPUs ({model}), load {load:.1f}; {versions}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """First column left, the others right."""
    lines = [header, *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(header))]
    drawn = []
    for first, *others in lines:
        cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))]
        drawn.append("  ".join(cells).rstrip())
    return "\n".join([drawn[0], "-" * len(drawn[0]), *drawn[1:]])
