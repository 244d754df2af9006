"""Two administrators who end each other's role at the same moment: one of them stays; without the lock none does."""

import os
import time
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import RoleAssignment, User
from accounts.services import terms
from accounts.tests.serving import fails
from core.errors import DomainError
from unionops.testing.races import run_in_processes

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("sqlite" in settings.DATABASES["default"]["ENGINE"], reason="races are proven on PostgreSQL"),
]
ROUNDS = 20 if os.environ.get("BATTERY") else 2


@pytest.fixture(autouse=True)
def warmed(transactional_db):
    """The first mail of a process reads templates and words; nobody waits for that under a lock here."""
    end_it(RoleAssignmentFactory(user=UserFactory(), role="officer"), RoleAssignmentFactory(role="admin").user)


def race(end: Any) -> tuple[int, int]:
    """Return (how many were ended, how many administrators are left)."""
    RoleAssignment.objects.filter(role__name="admin").update(ended_at=timezone.now())
    held = [RoleAssignmentFactory(user=UserFactory(), role="admin") for _number in range(2)]

    def work(number: int) -> bool:
        try:
            end(RoleAssignment.objects.get(pk=held[1 - number].pk), User.objects.get(pk=held[number].user_id))
        except (DomainError, PermissionDenied):  # the role of whoever comes later may have ended
            return False
        return True

    return sum(run_in_processes(work, processes=2)), RoleAssignment.objects.live().filter(role__name="admin").count()


def end_it(term: RoleAssignment, admin: User) -> None:
    terms.end_role(term, actor=admin, reason="Race")


def naive(term: RoleAssignment, admin: User) -> None:
    """Looks whether another one is left, then ends; no lock."""
    if not RoleAssignment.objects.live().filter(role=term.role).exclude(user=term.user).exists():
        raise DomainError("nobody is left")
    time.sleep(0.1)
    RoleAssignment.objects.filter(pk=term.pk).update(ended_at=timezone.now())


def test_one_administrator_stays():
    assert [race(end_it) for _round in range(ROUNDS)] == [(1, 1)] * ROUNDS


def test_control_without_the_lock_nobody_stays():
    assert fails(lambda: race(naive) == (2, 0))
