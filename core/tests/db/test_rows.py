import pytest
from django.forms.models import model_to_dict

from core.db.rows import new
from core.models import AuditEvent, SavedFilter
from core.tests.sample.models import Ticket


def test_a_row_is_what_the_model_makes():
    quick, usual = new(Ticket, title="Leak", number=3), Ticket(title="Leak", number=3)
    assert type(quick) is Ticket
    assert quick.__dict__.keys() == usual.__dict__.keys()
    assert model_to_dict(quick) == model_to_dict(usual)
    assert quick._state.adding is True
    assert quick._state.db is None


def test_defaults_that_are_made_are_not_shared():
    assert new(Ticket).pk != new(Ticket).pk
    first, second = new(AuditEvent), new(AuditEvent)
    first.body["x"] = 1
    assert second.body == {}


@pytest.mark.django_db
def test_it_can_be_saved_and_has_its_links(people):
    row = new(SavedFilter, owner_id=people["staff"].pk, list_name="tickets", name="mine", query="")
    row.save()
    assert SavedFilter.objects.get() == row
    assert row.owner == people["staff"]
