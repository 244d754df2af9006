import pytest
from django.db import transaction

from core.audit import trail
from core.tests.sample.models import Ticket
from core.web import panels
from core.web.keyset import bounded_count

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("count", "value"), [(999, "999"), (1_000, "1,000"), (1_001, "1,000+")])
def test_figures_stop_counting_at_a_thousand(count, value):
    Ticket.objects.bulk_create(Ticket(title="Leak") for _number in range(count))
    assert panels.figure("Tickets", bounded_count(Ticket.objects.all()), "/") == panels.Figure("Tickets", value, "/")


def test_what_happened_is_told_of_the_rows_given(actor, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(Ticket, "get_absolute_url", lambda ticket: f"/t/{ticket.title}/", raising=False)
    rows = [Ticket.objects.create(title=title) for title in ("a", "b", "hidden")]
    with transaction.atomic():
        for row in (*rows, rows[0]):
            trail.record(row, "changed", actor=actor)
    with django_assert_num_queries(1):
        found = panels.recent(rows[:2], lambda row: row.title.upper(), 2)
    assert [(item.label, item.url, item.entry.actor_name, item.entry.text) for item in found] == [
        ("A", "/t/a/", "Ada Officer", "Changed"),
        ("B", "/t/b/", "Ada Officer", "Changed"),
    ]
