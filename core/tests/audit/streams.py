"""Two short histories, to be sealed and tampered with."""

from typing import Any

from django.db import transaction

from core.audit import trail
from core.tests.sample.models import Ticket


def two_streams(actor: Any) -> list[str]:
    """Make two tickets with five events each; return the names of their streams."""
    tickets = [Ticket.objects.create(title=f"Ticket {number}") for number in range(2)]
    for number in range(5):
        for ticket in tickets:
            with transaction.atomic():
                trail.record(ticket, "changed", actor=actor, reason=f"Reason {number}", step=number)
    return [trail.stream_of(ticket) for ticket in tickets]
