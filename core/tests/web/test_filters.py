import pytest
from django.http import QueryDict

from core.tests.list_urls import TicketFilterSet
from core.tests.sample.models import Ticket

pytestmark = pytest.mark.django_db


def filterset(query: str) -> TicketFilterSet:
    return TicketFilterSet(QueryDict(query), queryset=Ticket.objects.all())


@pytest.fixture
def tickets():
    return [Ticket.objects.create(title=title) for title in ("roof", "door")]


@pytest.mark.parametrize(
    ("query", "titles", "text", "chosen"),
    [
        ("", ["door", "roof"], "", []),
        ("q=+roof+", ["roof"], "roof", [("q", "Search", "roof")]),
        ("q=", ["door", "roof"], "", []),
        ("q=roof&q=door", ["door"], "door", [("q", "Search", "door")]),
        ("unknown=1&title=roof&pk=1&secret__startswith=a", ["door", "roof"], "", []),
        ("status=open", ["door", "roof"], "", [("status", "Status", "Open")]),
        ("status=nonsense&q=roof", [], "", []),
        ("q[]=roof", ["door", "roof"], "", []),
        ("q=roof%00", [], "", []),
        ("q=roof%E2%80%8B", [], "", []),
    ],
)
def test_what_is_found_searched_and_chosen(tickets, query, titles, text, chosen):
    found = filterset(query)
    assert sorted(ticket.title for ticket in found.qs) == titles
    assert (found.text, found.chosen()) == (text, chosen)


def test_fields_look_like_the_portal(db):
    assert {name: field.widget.attrs.get("class") for name, field in filterset("").form.fields.items()} == {
        "q": "form-control",
        "status": "form-select",
        "several": "form-select",
        "since": "form-control",
    }
