from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.db.update import update_many, update_values
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


def test_many_rows_keep_every_character_and_are_written_again_in_the_same_transaction():
    tickets = [Ticket.objects.create(number=number, title="old", amount=Decimal("1.25")) for number in range(30)]
    for ticket in tickets:
        ticket.title, ticket.secret, ticket.amount = f"tab\t{ticket.number} \\N 'é' 😀", f"{ticket.number}", None
    update_many(tickets[:25], {"title", "secret", "amount"})
    for ticket in tickets[:20]:
        ticket.title = f"again {ticket.number}"

    update_many(tickets[:20], {"title"})

    found = [(ticket.title, ticket.secret, ticket.amount) for ticket in Ticket.objects.order_by("number")]
    assert found[:20] == [(f"again {number}", str(number), None) for number in range(20)]
    assert found[20:25] == [(f"tab\t{number} \\N 'é' 😀", str(number), None) for number in range(20, 25)]
    assert found[25:] == [("old", "", Decimal("1.25"))] * 5


def test_rows_that_are_no_objects_are_updated_by_their_key():
    tickets = [Ticket.objects.create(number=number, title="old", amount=Decimal("1.25")) for number in (1, 2, 3)]

    update_values(
        Ticket, ("id", "title", "amount"), [(tickets[1].pk.hex, '{"b\\", NULL}', None), (tickets[0].pk.hex, "a", 225)]
    )

    assert list(Ticket.objects.order_by("number").values_list("title", "amount")) == [
        ("a", Decimal("2.25")),
        ('{"b\\", NULL}', None),
        ("old", Decimal("1.25")),
    ]


def test_nothing_to_write_asks_nothing():
    with CaptureQueriesContext(connection) as queries:
        update_many([], {"title"})
        update_many([Ticket(title="x")], [])
        update_values(Ticket, ("id", "title"), [])

    assert len(queries) == 0
