import os
import random
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Max

from core.models import NumberSequence
from core.records.numbers import next_number, yearly_number
from core.tests.sample.models import Ticket
from unionops.testing.races import run_in_processes

ROUNDS = 20 if os.environ.get("BATTERY") else 2
FILINGS = 200
PROCESSES = 4


def test_numbers_start_at_1_and_each_sequence_counts_alone(db):
    with transaction.atomic():
        found = [next_number("GR-2026"), next_number("GR-2026"), next_number("GR-2027"), next_number("GR-2026")]
    assert found == [1, 2, 1, 3]
    assert dict(NumberSequence.objects.values_list("name", "value")) == {"GR-2026": 3, "GR-2027": 1}


def test_each_year_has_its_numbers(db):
    NumberSequence.objects.create(name="GR-2027", value=9_998)
    days = [date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 1)]
    with transaction.atomic():
        assert [yearly_number("GR", day) for day in days] == [
            "GR-2026-0001",
            "GR-2026-0002",
            "GR-2027-9999",
            "GR-2027-10000",
        ]


def test_a_number_is_given_back_with_its_transaction(db):
    with transaction.atomic():
        assert next_number("GR-2026") == 1
    with pytest.raises(ValueError, match="changed my mind"), transaction.atomic():
        assert next_number("GR-2026") == 2
        raise ValueError("changed my mind")
    with transaction.atomic():
        assert next_number("GR-2026") == 2


@pytest.mark.django_db(transaction=True)
def test_a_number_outside_a_transaction_is_a_fault():
    with pytest.raises(RuntimeError):
        next_number("GR-2026")
    assert not NumberSequence.objects.exists()


class ChangedMindError(Exception):
    pass


def file_many(process, take):
    """File a quarter of all, every fifth rolled back; return how many the database refused."""
    refused, chance = 0, random.Random(process)
    for _filing in range(FILINGS // PROCESSES):
        back = chance.random() < 0.2
        try:
            with transaction.atomic():
                Ticket.objects.create(title="Filed", number=take())
                if back:
                    raise ChangedMindError
        except ChangedMindError:
            pass
        except IntegrityError:
            refused += 1
    return refused


def take_naively():
    return (Ticket.objects.aggregate(last=Max("number"))["last"] or 0) + 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(ROUNDS))
def test_parallel_filings_are_unique_and_gapless(turn):
    refused = run_in_processes(lambda process: file_many(turn * 10 + process, lambda: next_number("GR-2026")))
    numbers = sorted(Ticket.objects.values_list("number", flat=True))
    assert (sum(refused), numbers) == (0, list(range(1, len(numbers) + 1)))
    assert FILINGS / 2 < len(numbers) < FILINGS


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time")
@pytest.mark.parametrize("turn", range(ROUNDS))
def test_control_the_highest_number_plus_one_collides(turn):
    assert connection.vendor == "postgresql"
    assert sum(run_in_processes(lambda process: file_many(turn * 10 + process, take_naively))) > 0
