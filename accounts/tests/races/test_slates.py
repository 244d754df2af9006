"""One slate that four administrators set at the same moment is set once; without the lock it is not."""

import os
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.enums import InstallationState
from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import Installation, Role, RoleAssignment, User
from accounts.services import slates
from accounts.tests.serving import fails
from core.errors import DomainError
from core.models import Outbox
from unionops.testing.races import run_in_processes

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("sqlite" in settings.DATABASES["default"]["ENGINE"], reason="races are proven on PostgreSQL"),
]
ROUNDS = 20 if os.environ.get("BATTERY") else 2
PROCESSES = 4


@pytest.fixture
def admins(transactional_db):
    found = [UserFactory() for _number in range(PROCESSES)]
    for admin in found:
        RoleAssignmentFactory(user=admin, role="admin")
    return found


def prepared(actor: User) -> Installation:
    trustee = Role.objects.get(name="trustee")
    RoleAssignment.objects.filter(role=trustee, ended_at=None).update(ended_at=timezone.now())
    for _number in range(2):
        RoleAssignmentFactory(user=UserFactory(), role=trustee)
    slate = slates.start_draft({"title": "Trustees", "reason": "Elected"}, [trustee], actor=actor)
    values = {name: getattr(slate, name) for name in slates.FIELDS}
    seats = {trustee: [UserFactory(), *(seat.user for seat in slate.seats.all()[:1])]}
    return slates.save_draft(slate, values, seats, actor=actor)


def race(admins: list[User], work: Any) -> tuple[int, int, int]:
    """Return (how many set it, terms that it ended, terms that it began)."""
    slate = prepared(admins[0])
    Outbox.objects.all().delete()
    done = run_in_processes(lambda number: work(slate.pk, admins[number].pk), processes=PROCESSES)
    ended, begun = slate.ended.count(), slate.begun.count()
    return sum(done), ended, begun


def set_it(slate: Any, admin: int) -> bool:
    try:
        slates.set_slate(Installation.objects.get(pk=slate), actor=User.objects.get(pk=admin))
    except DomainError:
        return False
    return True


def naive(slate: Any, admin: int) -> bool:
    """Looks at the state, and writes it when everything is done; no lock."""
    found = Installation.objects.get(pk=slate)
    if found.state != InstallationState.DRAFT:
        return False
    for seat in found.seats.all():
        RoleAssignment.objects.create(
            user_id=seat.user_id, role_id=seat.role_id, reason="x", begun_with=found, ended_at=timezone.now()
        )
    Installation.objects.filter(pk=slate).update(state=InstallationState.CALLED_OFF)
    return True


def test_a_slate_is_set_once(admins):
    assert [race(admins, set_it) for _round in range(ROUNDS)] == [(1, 2, 2)] * ROUNDS


def test_control_without_the_lock_it_is_set_more_than_once(admins):
    assert fails(lambda: race(admins, naive)[0] > 1)
