import uuid

import pytest
from django.core.exceptions import EmptyResultSet
from django.db.models import Q
from django.db.models.functions import Concat

from core.db.prepared import prepared
from core.tests.sample.models import Ticket

pytestmark = pytest.mark.django_db


class Somebody:
    row_keys = ("team",)

    def __init__(self, pk, *permissions, team=None):
        self.pk, self.permissions, self.team = pk, permissions, team

    def get_all_permissions(self):
        return set(self.permissions)


NOBODY = uuid.UUID(int=1)
made = []


@prepared
def tickets(asker, *, titles, least=None):
    made.append(asker)
    if not asker.has_perm("see"):
        return Ticket.objects.none()
    rows = Ticket.objects.filter(title__in=titles)
    if least:
        rows = rows.filter(title__gte=least)
    if asker.team:
        rows = rows.filter(Q(title=asker.team) | Q(pk=asker.pk))
    return rows.order_by("title")


@pytest.fixture(autouse=True)
def _rows(db):
    tickets.statement.cache_clear()
    made.clear()
    for title, amount in (("a", 1), ("b", 2), ("c", 3)):
        Ticket.objects.create(title=title, amount=amount)


def titles_of(*args, **values):
    return [ticket.title for ticket in tickets(*args, **values)]


def test_the_query_is_made_once_for_all_who_hold_the_same_permissions():
    one, other = Somebody(1, "see"), Somebody(2, "see")
    assert titles_of(one, titles=("a", "b")) == titles_of(other, titles=("a", "b")) == ["a", "b"]
    assert titles_of(other, titles=("c", "x")) == ["c"]
    assert len(made) == 1


def test_permissions_given_values_and_their_number_make_another():
    assert titles_of(Somebody(1), titles=("a", "b")) == []
    assert titles_of(Somebody(1, "see"), titles=("a", "b", "c"), least="b") == ["b", "c"]
    assert titles_of(Somebody(1, "see"), titles=()) == []
    assert len(made) == 3


def test_the_keys_of_a_person_are_put_in_and_never_kept():
    assert titles_of(Somebody(NOBODY, "see", team="a"), titles=("a", "b")) == ["a"]
    assert titles_of(Somebody(NOBODY, "see", team="b"), titles=("a", "b")) == ["b"]
    assert titles_of(Somebody(Ticket.objects.get(title="a").pk, "see", team="b"), titles=("a", "b")) == ["a", "b"]
    assert len(made) == 1
    assert titles_of(Somebody(NOBODY, "see", team=None), titles=("a", "b")) == ["a", "b"]
    assert len(made) == 2


def test_rows_are_counted_in_the_database(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert tickets.count(Somebody(1, "see"), titles=("a", "b")) == 2
    with django_assert_num_queries(0):
        assert tickets.count(Somebody(1), titles=("a", "b")) == 0
        assert tickets.first(Somebody(1), titles=("a", "b")) is None


def test_rows_are_whole_records_that_can_be_saved():
    ticket = tickets.first(Somebody(1, "see"), titles=("a",))
    ticket.title = "z"
    ticket.save()
    assert sorted(Ticket.objects.values_list("title", flat=True)) == ["b", "c", "z"]


def test_a_query_that_asks_who_the_person_is_cannot_be_prepared():
    @prepared
    def by_name(asker):
        return Ticket.objects.filter(title=asker.first_name)

    with pytest.raises(AttributeError, match="first_name"):
        by_name(Somebody(1))


def test_tuples_relations_and_prefetched_rows_come_as_from_a_queryset():
    @prepared
    def pairs(_asker):
        return Ticket.objects.order_by("title").values_list("title", "amount")

    @prepared
    def doubled(_asker):
        return Ticket.objects.annotate(double=Concat("title", "title")).order_by("title")

    assert pairs(None) == list(Ticket.objects.order_by("title").values_list("title", "amount"))
    assert [ticket.double for ticket in doubled(None)] == ["aa", "bb", "cc"]


def test_none_is_no_statement():
    with pytest.raises(EmptyResultSet):
        Ticket.objects.none().query.sql_with_params()
    assert tickets.find(Somebody(1), {"titles": ("a",)})[0].sql == ""
