"""Parts of many rows: which parent gets what, written as REST framework would, in one statement."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework import serializers

from core.api.parts import Parts
from core.tests.sample.models import Ticket

pytestmark = pytest.mark.django_db


class TypeSerializer(serializers.ModelSerializer):
    class Meta:
        model = ContentType
        fields = ["id", "app_label"]


class PermissionSerializer(serializers.ModelSerializer):
    type = TypeSerializer(source="content_type")

    class Meta:
        model = Permission
        fields = ["codename", "type", "id"]


def test_every_parent_gets_its_own_in_order_and_a_list_where_there_are_none():
    model = ContentType.objects.create(app_label="zoo", model="animal")
    other = ContentType.objects.create(app_label="zoo", model="plant")
    empty = ContentType.objects.create(app_label="zoo", model="stone")
    for kind, name in ((model, "b"), (other, "c"), (model, "a")):
        Permission.objects.create(content_type=kind, codename=name, name=name)
    rows = Permission.objects.order_by("codename")
    parts = Parts.sent("named", PermissionSerializer, rows, by="content_type")
    for _time in range(2):
        parents = [other, empty, model]
        with CaptureQueriesContext(connection) as queries:
            parts.attach(parents)
        assert len(queries) == 1
        assert [parent.named for parent in parents] == [
            [PermissionSerializer(row).data for row in rows.filter(content_type=parent)] for parent in parents
        ]
        assert [[part["codename"] for part in parent.named] for parent in parents] == [["c"], [], ["a", "b"]]


def test_no_parents_cost_no_query():
    with CaptureQueriesContext(connection) as queries:
        Parts.sent("named", PermissionSerializer, Permission.objects.all(), by="content_type").attach([])
    assert len(queries) == 0


def test_of_plain_columns():
    group = Group.objects.create(name="Keepers")
    group.permissions.set(Permission.objects.filter(content_type__app_label="auth", codename__endswith="_group"))
    columns = ("permission__content_type__app_label", "permission__codename")
    links = Group.permissions.through.objects.order_by("permission__codename")
    Parts("names", links, by="group", columns=columns, make="{}.{}".format).attach([group])
    assert group.names == [f"auth.{word}_group" for word in ("add", "change", "delete", "view")]


class TicketSerializer(serializers.ModelSerializer):
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        model = Ticket
        fields = ["id", "amount", "hidden", "created_at", "deleted_at"]


def test_values_that_the_database_holds_in_its_own_way():
    ticket = Ticket.objects.create(title="Roof", amount="12.50", hidden=True)
    Parts.sent("self", TicketSerializer, Ticket.objects.all(), by="id").attach([ticket])
    assert ticket.self == [TicketSerializer(Ticket.objects.get()).data]
