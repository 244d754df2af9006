"""What is written of a row is what REST framework would write, field by field."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework import serializers

from core.api.rows import RowSerializer, columns, written
from core.tests.sample.models import Ticket

pytestmark = pytest.mark.django_db


LINES = [{"day": "2026-07-03", "answer": None}]


class LineSerializer(serializers.Serializer):
    day = serializers.DateField()
    answer = serializers.CharField(source="reply.text", default=None, allow_null=True)


class PermissionSerializer(RowSerializer):
    class Meta:
        model = Permission
        fields = ["id", "name", "content_type"]


class TicketSerializer(RowSerializer):
    amount = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
    opener = serializers.CharField(source="opened_by.get_full_name", default="")
    first = LineSerializer()
    last = LineSerializer()
    lines = LineSerializer(many=True)
    opened_by = LineSerializer(allow_null=True)
    is_dear = serializers.SerializerMethodField()

    class Meta:
        model = Ticket
        fields = [
            "id",
            "number",
            "title",
            "secret",
            "amount",
            "status",
            "hidden",
            "first",
            "last",
            "lines",
            "opener",
            "opened_by",
            "is_dear",
            "version",
            "created_at",
            "deleted_at",
        ]

    def get_is_dear(self, ticket):
        return (ticket.amount or 0) > 10


@pytest.fixture
def row(ticket):
    row = Ticket.objects.get(pk=ticket.pk)
    row.created_at = datetime(2026, 7, 1, 3, 30, 0, 250, tzinfo=UTC)
    row.first = SimpleNamespace(day=date(2026, 7, 2), reply=SimpleNamespace(text="Yes"))
    row.last = SimpleNamespace(day=None, reply=None)
    row.opened_by, row.lines = None, LINES
    return row


def by_rest_framework(kind, row):
    """Write the row as REST framework does, without the lists, which are made before."""
    plain = kind()
    del plain.fields["lines"]
    return serializers.Serializer.to_representation(plain, row)


@pytest.mark.parametrize("zone", ["UTC", "America/Chicago"])
def test_every_field_as_rest_framework_writes_it(row, zone):
    with timezone.override(ZoneInfo(zone)):
        told, wanted = dict(TicketSerializer(row).data), by_rest_framework(TicketSerializer, row)
    assert (list(told), told.pop("lines")) == (TicketSerializer.Meta.fields, LINES)
    assert (told, list(told)) == (wanted, list(wanted))
    moment = {"UTC": "2026-07-01T03:30:00.000250Z", "America/Chicago": "2026-06-30T22:30:00.000250-05:00"}[zone]
    assert told["created_at"] == moment
    assert told["amount"] == "12.50"
    assert told["is_dear"] is True
    assert told["opener"] == ""
    assert told["first"] == {"day": "2026-07-02", "answer": "Yes"}
    assert told["last"] == {"day": None, "answer": None}


def test_a_relation_is_its_key_and_costs_no_query():
    row = Permission.objects.first()
    with CaptureQueriesContext(connection) as queries:
        assert PermissionSerializer(row).data == {"id": row.pk, "name": row.name, "content_type": row.content_type_id}
    assert len(queries) == 0


def test_hidden_fields_are_null_in_their_places_and_not_read(ticket):
    row = Ticket.objects.defer("secret", "amount").get(pk=ticket.pk)
    row.lines, row.opened_by, row.first, row.last = [], None, None, None
    with CaptureQueriesContext(connection) as queries:
        told = written(TicketSerializer, row, hidden=frozenset({"secret", "amount", "opener", "is_dear"}))
    assert len(queries) == 0
    assert list(told) == TicketSerializer.Meta.fields
    assert told["secret"] is None
    assert told["amount"] is None
    assert told["opener"] is None
    assert told["is_dear"] is None
    assert told["title"] == "Leaking roof"


def test_columns_are_those_of_the_rows_own_table():
    own = ["id", "number", "title", "secret", "amount", "status", "hidden", "version", "created_at", "deleted_at"]
    assert columns(TicketSerializer) == own
    assert columns(PermissionSerializer, "granted") == ["granted__id", "granted__name", "granted__content_type"]
