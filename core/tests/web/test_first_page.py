"""The first page of a list: the same rows, count and next place as from the list itself, with its SQL made once."""

import pytest

from core.tests.sample.models import Ticket
from core.web.first_page import FirstPage, asked_by, by_key, last_changed
from core.web.keyset import Sort

pytestmark = pytest.mark.django_db

made = []


def tickets(asker):
    made.append(asker)
    return Ticket.objects.filter(amount__gte=2)


BY_TITLE = FirstPage(tickets, Sort("title", "title", ""), size=2, drawn=lambda _asker, rows: rows.only("title"))


def titles(page):
    return [ticket.title for ticket in page.rows]


@pytest.fixture(autouse=True)
def _four():
    made.clear()
    for title, amount in (("c", 2), ("a", 2), ("x", 1), ("b", 3)):
        Ticket.objects.create(title=title, amount=amount)


def test_so_many_rows_as_fit_in_their_order_and_the_place_where_they_go_on(django_assert_num_queries):
    with django_assert_num_queries(2):
        page = BY_TITLE(None)
    assert titles(page) == ["a", "b"]
    assert page.count == 3
    assert page.first == 1
    assert page.previous_url == ""
    assert page.next_url == f"?after={Ticket.objects.get(title='b').pk}&from=3"
    assert page.rows[0].get_deferred_fields() >= {"amount"}
    asked = len(made)
    assert (titles(BY_TITLE(None)), len(made)) == (["a", "b"], asked)


def test_many_rows_are_read_in_the_order_of_the_index(monkeypatch):
    monkeypatch.setattr("core.web.first_page.EXACT_COUNT", 2)
    assert titles(BY_TITLE(None)) == ["a", "b"]


def test_nothing_is_asked_of_no_rows(django_assert_num_queries):
    Ticket.objects.filter(amount__gte=2).delete()
    with django_assert_num_queries(1):
        page = BY_TITLE(None)
    assert page.rows == []
    assert page.count == 0
    assert page.next_url == ""


def test_the_last_that_changed_come_first():
    Ticket.objects.get(title="a").save()
    page = last_changed(tickets, 1)(None)
    assert titles(page) == ["a"]


def test_the_row_of_a_key_is_found_among_the_rows_alone(django_assert_num_queries):
    row = by_key(tickets)
    hidden, seen = Ticket.objects.get(title="x"), Ticket.objects.get(title="b")
    asked = len(made)
    with django_assert_num_queries(3):
        assert [row.first(None, pk=pk) for pk in (hidden.pk, seen.pk, seen.pk)] == [None, seen, seen]
    assert len(made) == asked + 1


def test_whoever_asks_for_nothing_in_particular_chose_nothing():
    request = asked_by("Ann")
    assert request.user == "Ann"
    assert dict(request.GET) == {}
    assert dict(request.query_params) == {}
