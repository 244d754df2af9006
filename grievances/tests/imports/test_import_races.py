"""One file of cases applied by two people at once: no case twice, and no number left out.

Beside a naive control that must fail.
"""

import io
import os
import time

import pytest
from django.db import connection, transaction

from core.errors import DomainError
from core.imports import applying, batches, checking
from core.records.numbers import yearly_number
from grievances.factories import FILED, GrievanceFactory
from grievances.imports.cases import changed_meanwhile
from grievances.imports.lists import CASES_LIST
from grievances.models import Grievance
from members.factories import OrganizationFactory
from unionops.testing.races import run_in_processes

ROUNDS = 20 if os.environ.get("BATTERY") else 2
CASES = 3
HEADERS = "Case No,Company,Type,Date Filed,Article,Description"

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time"),
]


def checked_list(yard, names):
    rows = [f"{name},{yard.name},policy,{FILED:%m/%d/%Y},Art. 9,Overtime" for name in names]
    file = io.BytesIO("\n".join([HEADERS, *rows]).encode())
    batch = batches.upload(file, CASES_LIST, file_name="cases.csv", actor=None)
    batches.match_columns(batch, CASES_LIST, batch.mapping, actor=None)
    checking.start_check(batch, CASES_LIST, actor=None, in_background=False)
    assert [row.outcome for row in batch.rows.all()] == ["new"] * CASES
    return batch


def apply_list(batch):
    try:
        applying.start_apply(batch, CASES_LIST, actor=None, in_background=False)
    except DomainError as refused:
        return refused.sentence
    return ""


def apply_naively(batch):
    """Look whether the cases are on record, then make them, without waiting for another list."""
    with transaction.atomic():
        rows = list(batch.rows.all())
        names = [row.values["former_number"] for row in rows]
        if Grievance.objects.filter(former_number__in=names).exists():
            return "on record"
        time.sleep(0.1)
        for row in rows:
            GrievanceFactory(
                grievance_type="policy",
                grievance_number=yearly_number("GR", FILED),
                former_number=row.values["former_number"],
                filed_date=FILED,
            )
    return ""


def at_once(apply, number):
    """Two lists of the same file, each checked before either was applied; return what was told, and how often."""
    names = [f"{number}-{place}" for place in range(CASES)]
    yard = OrganizationFactory(name=f"Yard {number}")
    lists = [checked_list(yard, names) for _one in range(2)]
    told = run_in_processes(lambda place: apply(lists[place]), processes=2)
    return sorted(told), Grievance.objects.filter(former_number__in=names).count()


def numbers():
    return sorted(int(text.rpartition("-")[2]) for text in Grievance.objects.values_list("grievance_number", flat=True))


def test_of_two_lists_of_one_file_one_is_applied_and_the_other_says_so():
    told = ["", changed_meanwhile()]
    assert [at_once(apply_list, number) for number in range(ROUNDS)] == [(told, CASES)] * ROUNDS
    assert numbers() == list(range(1, CASES * ROUNDS + 1))


def test_control_lists_that_do_not_wait_for_each_other_make_cases_twice():
    assert [at_once(apply_naively, number) for number in range(ROUNDS)] == [(["", ""], 2 * CASES)] * ROUNDS
