"""Running numbers without gaps: a counter row, raised in the transaction that uses the number."""

from datetime import date

from django.db import connection, models

from core.models import NumberSequence


def next_number(name: str) -> int:
    """The next number of sequence `name`, starting at 1; see reserve_numbers."""
    return reserve_numbers(name, 1)[0]


def reserve_numbers(name: str, count: int) -> range:
    """The next `count` numbers of sequence `name`; given back when the transaction rolls back.

    Must run inside `transaction.atomic()`, as late as possible: it holds the counter row until the commit,
    which is what keeps the sequence gapless and unique.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A number needs the transaction that stores it.")
    NumberSequence.objects.bulk_create([NumberSequence(name=name)], ignore_conflicts=True)
    NumberSequence.objects.filter(name=name).update(value=models.F("value") + count)
    last = NumberSequence.objects.values_list("value", flat=True).get(name=name)
    return range(last - count + 1, last + 1)


def yearly_number(prefix: str, day: date) -> str:
    """The next number of the year of `day` (a local date), such as GR-2026-0001; four digits or more.

    See next_number: it must be taken as late as possible in the transaction that stores it.
    """
    return written_number(prefix, day.year, next_number(f"{prefix}-{day.year}"))


def written_number(prefix: str, year: int, number: int) -> str:
    return f"{prefix}-{year}-{number:04d}"
