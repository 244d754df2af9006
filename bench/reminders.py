"""The bench's part about the clock of cases: what a run of it costs before one database, in a process of its own.

Each step is measured beside the same rows found and marked by psycopg alone, in turns, and taken back afterwards.
Prints one line a step: the step, rows, statements, milliseconds, milliseconds of psycopg; tabs between.
"""

import os
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import django
import psycopg

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
CASE = "JOIN grievances_grievance g ON g.id = d.grievance_id"
OPEN = "g.status IN ('open', 'investigation', 'hearing', 'arbitration') AND d.\"end\" = ''"
NEAR = f"SELECT d.id FROM grievances_deadline d {CASE} WHERE {OPEN} AND d.due BETWEEN current_date AND current_date + 7"
PASSED = f"SELECT d.id FROM grievances_deadline d {CASE} WHERE {OPEN} AND d.missed_at IS NULL AND d.side = 'union'"
PASSED += " AND d.contract_date < current_date"

# The rows of the bench have events but no ends of their streams, which only reading can do without.
HEADS = "INSERT INTO core_audithead (stream, seq, mac) SELECT stream, max(seq), '0' FROM core_auditevent"
HEADS += " WHERE stream LIKE 'grievances.%' GROUP BY stream ON CONFLICT DO NOTHING"


def main() -> None:
    django.setup()
    from grievances.enums import Side
    from grievances.models import Deadline, GrievancePolicy
    from grievances.services import reminders

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(HEADS)
    policy = GrievancePolicy()
    # What the employer owes is looked at case by case, because each may move on: a commit each, not one statement.
    theirs = Deadline.objects.filter(side=Side.EMPLOYER)
    steps: list[tuple[str, Callable[[], int], str, str]] = [
        ("reminders", lambda: reminders.remind(policy), NEAR, "reminded_for = 7"),
        ("dates that passed", lambda: reminders.note_passed(policy), PASSED, "missed_at = now()"),
    ]
    for label, step, select, mark in steps:
        ours, bare, told = [], [], (0, 0)
        for _round in range(ROUNDS):
            told, seconds = _taken_back(step, theirs if label != "reminders" else None)
            ours.append(seconds)
            bare.append(_bare(f"{select} ORDER BY d.due, d.id LIMIT {reminders.AT_ONCE}", mark))
        figures = [*told, f"{median(ours) * 1000:.0f}", f"{median(bare) * 1000:.0f}"]
        print("\t".join([label, *map(str, figures)]))


def _taken_back(step: Callable[[], int], left_out: Any) -> tuple[tuple[int, int], float]:
    """((rows, statements), seconds)."""
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    with transaction.atomic():
        if left_out is not None:
            left_out.update(missed_at=timezone.now())
        begun = time.perf_counter()
        with CaptureQueriesContext(connection) as asked:
            rows = step()
        seconds = time.perf_counter() - begun
        transaction.set_rollback(True)
    return (rows, len(asked)), seconds


def _bare(select: str, mark: str) -> float:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        begun = time.perf_counter()
        keys = [key for (key,) in connection.execute(select)]
        connection.execute(f"UPDATE grievances_deadline SET {mark} WHERE id = ANY(%s)", [keys])
        seconds = time.perf_counter() - begun
        connection.rollback()
    return seconds


if __name__ == "__main__":
    main()
