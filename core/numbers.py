"""Running numbers without gaps: a counter row, raised in the transaction that uses the number."""

from datetime import date

from django.db import connection, models

from core.models import NumberSequence


def next_number(name: str) -> int:
    """The next number of sequence `name`, starting at 1; given back when the transaction rolls back.

    Must run inside `transaction.atomic()`, as late as possible: it holds the counter row until the commit,
    which is what keeps the sequence gapless and unique.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("next_number() needs the transaction that stores the number.")
    NumberSequence.objects.bulk_create([NumberSequence(name=name)], ignore_conflicts=True)
    NumberSequence.objects.filter(name=name).update(value=models.F("value") + 1)
    return NumberSequence.objects.values_list("value", flat=True).get(name=name)


def yearly_number(prefix: str, day: date) -> str:
    """The next number of the year of `day` (a local date), such as GR-2026-0001; four digits or more.

    See next_number: it must be taken as late as possible in the transaction that stores it.
    """
    return written_number(prefix, day.year, next_number(f"{prefix}-{day.year}"))


def written_number(prefix: str, year: int, number: int) -> str:
    return f"{prefix}-{year}-{number:04d}"
