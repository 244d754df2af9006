"""The figures as one aligned table."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path


def machine(postgres: str) -> str:
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} CPUs ({model}), load {load:.1f}; Python {platform.python_version()}, PostgreSQL {postgres}"
    )


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """First column left, the others right."""
    lines = [header, *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(header))]
    drawn = [
        "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width) for at, (cell, width) in enumerate(pairs)
        ).rstrip()
        for pairs in (list(zip(line, widths, strict=True)) for line in lines)
    ]
    return "\n".join([drawn[0], "-" * len(drawn[0]), *drawn[1:]])
