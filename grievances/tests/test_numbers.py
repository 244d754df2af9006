"""Battery I1: parallel filings, one in five rolled back, over file_grievance itself."""

import os
import random

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Max

from accounts.tests.serving import fails
from core.models import AuditEvent
from grievances.factories import FILED, IntakeFactory
from grievances.models import Grievance, GrievanceIntake
from grievances.services import intakes
from members.factories import OrganizationFactory
from unionops.testing.races import run_in_processes

ROUNDS, FILINGS = (20, 200) if os.environ.get("BATTERY") else (1, 40)
PROCESSES = 4


class ChangedMindError(Exception):
    pass


@pytest.fixture
def drafts(transactional_db):
    yard = OrganizationFactory()
    return IntakeFactory.create_batch(FILINGS, grievance_type="policy", organization=yard, drafted_by=None)


def file_many(drafts, process, turn, file):
    """File a quarter of all, every fifth rolled back; return how many the database refused."""
    refused, chance = 0, random.Random(turn * 10 + process)
    for draft in drafts[process::PROCESSES]:
        back = chance.random() < 0.2
        try:
            with transaction.atomic():
                file(draft)
                if back:
                    raise ChangedMindError
        except ChangedMindError:
            pass
        except IntegrityError:
            refused += 1
    return refused


def by_service(draft):
    intakes.file_grievance(draft, actor=None, filed_date=FILED)


def naively(draft):
    last = Grievance.objects.aggregate(last=Max("grievance_number"))["last"]
    number = int(last[-4:]) + 1 if last else 1
    case = intakes._case_of(draft, [], FILED, None)
    case.grievance_number = f"GR-2026-{number:04d}"
    case.save(people=[])


@pytest.mark.race
@pytest.mark.parametrize("turn", range(ROUNDS))
def test_numbers_are_unique_and_gapless_from_1(drafts, turn):
    refused = run_in_processes(lambda process: file_many(drafts, process, turn, by_service))
    numbers = sorted(Grievance.objects.values_list("grievance_number", flat=True))
    assert (sum(refused), numbers) == (0, [f"GR-2026-{number:04d}" for number in range(1, len(numbers) + 1)])
    assert FILINGS / 2 < len(numbers) < FILINGS
    assert GrievanceIntake.objects.exclude(filed_as=None).count() == len(numbers)
    assert AuditEvent.objects.filter(action="grievance.filed").count() == len(numbers)


@pytest.mark.race
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time")
def test_control_the_highest_number_plus_one_collides(drafts):
    assert fails(lambda: sum(run_in_processes(lambda process: file_many(drafts, process, 0, naively))) > 0)
