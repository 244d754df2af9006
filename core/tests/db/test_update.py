from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.db.update import update_many
from core.tests.sample.models import Ticket

pytestmark = pytest.mark.django_db


def test_each_row_gets_its_own_values_and_only_the_named_ones():
    tickets = [Ticket.objects.create(number=number, title="old", secret="old") for number in (1, 2, 3)]
    for ticket in tickets:
        ticket.title, ticket.secret, ticket.amount = f"new {ticket.number}", f"new {ticket.number}", Decimal("1.25")
        ticket.status = "closed"

    update_many(tickets[:2], {"title", "secret", "amount"})

    assert list(Ticket.objects.order_by("number").values_list("title", "amount", "status")) == [
        ("new 1", Decimal("1.25"), "open"),
        ("new 2", Decimal("1.25"), "open"),
        ("old", None, "open"),
    ]
    assert [ticket.secret for ticket in Ticket.objects.order_by("number")] == ["new 1", "new 2", "old"]


def test_nothing_to_write_asks_nothing():
    with CaptureQueriesContext(connection) as queries:
        update_many([], {"title"})
        update_many([Ticket(title="x")], [])

    assert len(queries) == 0
