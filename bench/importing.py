"""The import's part of the bench, in a process of its own so that its memory is its own. Prints one line a step."""

import csv
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import django

ROWS, KNOWN_EMPLOYER = int(os.environ.get("BENCH_IMPORT_ROWS", "100000")), 0.97
HEADER = ["Mbr #", "First Name", "MI", "Last Name", "DOB", "Hire Date", "E-mail", "Cell Phone", "Address", "City", "ST"]
HEADER += ["Zip", "Status", "Job Title", "Employer", "Employer City", "Employer State"]


def main(folder: Path) -> None:
    django.setup()
    path = folder / "list.csv"
    _write(path)
    first = _report("read and check", ROWS, lambda: _checked(path))
    _report("apply", ROWS, lambda: _apply(first))
    again = _report("check the same file again", ROWS, lambda: _checked(path))
    _report("apply again", ROWS, lambda: _apply(again))
    _verify()


def _write(path: Path) -> None:
    """Write new members, three in a hundred at a new employer, the others where the portal knows people."""
    from bench.names import draw, family_names, family_weights, given_names
    from bench.population import CITIES
    from members.models import Organization

    random = Random(7)
    employers = list(Organization.objects.order_by("id").values_list("name", "city", "state")[:5_000])
    families, given = draw(random, family_names(), family_weights(), ROWS), draw(random, *given_names(), ROWS)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for at in range(ROWS):
            city, state, zip_code = random.choice(CITIES)
            known = random.random() < KNOWN_EMPLOYER
            employer = random.choice(employers) if known else (f"New Works {random.randrange(300)}", "Peoria", "IL")
            row = [20_000_000 + at, given[at], random.choice("ABCDEFGH"), families[at]]
            row += [f"{random.randrange(1, 13)}/{random.randrange(1, 29)}/{random.randrange(1960, 2005)}", "03/14/2019"]
            row += [f"person{at}@mail.example", f"(309) 555-{random.randrange(10_000):04}"]
            row += [f"{at} Foundry Road", city, state, zip_code, "Active", "Journeyman", *employer]
            writer.writerow(row)


def _checked(path: Path) -> Any:
    from core.imports import batches, checking
    from members.enums import ImportKind
    from members.imports.lists import LISTS, list_of

    with path.open("rb") as file:
        batch = batches.upload(file, LISTS[ImportKind.MEMBERS], file_name=path.name, actor=None)
    batches.match_columns(batch, list_of(batch), dict(batch.mapping), actor=None)
    checking.start_check(batch, list_of(batch), actor=None, in_background=False)
    return batch


def _apply(batch: Any) -> Any:
    from core.imports import applying
    from members.imports.lists import list_of

    applying.start_apply(batch, list_of(batch), actor=None, in_background=False)
    return batch


def _report(label: str, rows: int, work: Callable[[], Any]) -> Any:
    _begin()
    started = time.perf_counter()
    batch = work()
    counts = batch.counts.get("applied", batch.counts)
    found = ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()) if count)
    _line(label, rows, time.perf_counter() - started, found)
    return batch


def _verify() -> None:
    from core.audit.check import verify

    _begin()
    started = time.perf_counter()
    verdict = verify()
    found = f"{verdict.streams:,} streams, {len(verdict.faults)} faults"
    _line("verify_audit", verdict.events, time.perf_counter() - started, found)


def _begin() -> None:
    """Let the peak of memory count from now on: what made the file, or an earlier step, is not this step's."""
    Path("/proc/self/clear_refs").write_text("5")


def _peak() -> float:
    """Return the most memory that this process held since _begin(), in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _line(label: str, rows: int, seconds: float, found: str) -> None:
    print(f"{label}\t{rows:,}\t{seconds:.1f}\t{rows / seconds:,.0f}\t{_peak():.0f}\t{found}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
