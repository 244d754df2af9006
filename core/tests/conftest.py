import pytest

from accounts.factories import UserFactory
from core.audit import trail
from core.tests.sample.models import Ticket


@pytest.fixture
def ticket(db):
    return Ticket.objects.create(title="Leaking roof", secret="the tenant is ill", amount="12.50")


@pytest.fixture
def actor(db):
    return UserFactory(first_name="Ada", last_name="Officer")


@pytest.fixture
def streams(actor):
    """Two tickets with five events each; returns their stream names."""
    from django.db import transaction

    tickets = [Ticket.objects.create(title=f"Ticket {number}") for number in range(2)]
    for number in range(5):
        for ticket in tickets:
            with transaction.atomic():
                trail.record(ticket, "changed", actor=actor, reason=f"Reason {number}", step=number)
    return [trail.stream_of(ticket) for ticket in tickets]
