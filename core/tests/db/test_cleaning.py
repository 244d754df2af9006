import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from core.db import cleaning
from core.db.cleaning import Cleaner
from core.models import SiteSettings
from core.tests.sample.models import Ticket, TicketStatus


def outcome(clean, row):
    """Clean; return the errors and the values that are left."""
    try:
        clean(row)
        errors = {}
    except ValidationError as error:
        errors = error.message_dict
    names = [field.attname for field in row._meta.concrete_fields]
    return errors, {name: (type(getattr(row, name)), getattr(row, name)) for name in names}


def by_full_clean(row):
    links = [field.name for field in row._meta.concrete_fields if field.is_relation]
    row.full_clean(exclude=links, validate_unique=False, validate_constraints=False)


TICKETS = [
    {"title": "Leak"},
    {"title": "Leak", "status": TicketStatus.OPEN, "number": 1},
    {"title": "Leak", "status": "open", "number": "1"},
    {"title": "Leak", "status": "famous", "number": True},
    {"title": "", "status": "famous", "number": -1},
    {"title": None},
    {"title": "x" * 101},
    {"title": 5, "amount": Decimal("1.0")},
    {"title": "5", "amount": Decimal("1.00")},
    {"title": "Leak", "amount": Decimal("1.005")},
    {"title": "Leak", "hidden": None},
    {"title": "Leak", "hidden": 1},
    {"title": ["Leak"], "secret": "boiler"},
    {"title": "Leak", "number": datetime.date(2026, 1, 1)},
]


def test_it_says_and_leaves_what_full_clean_does_the_second_time_too():
    cleaner = Cleaner(Ticket)
    for _time in range(2):
        for values in TICKETS:
            one, other = Ticket(**values), Ticket(**values)
            other.id = one.id
            assert outcome(cleaner.clean, one) == outcome(by_full_clean, other), values


def test_values_that_cannot_be_remembered_are_cleaned_every_time():
    cleaner = Cleaner(SiteSettings)
    for week, errors in (([0], {}), ([9], {"working_week": ["Choose at least one working day."]}), ([0], {})):
        assert outcome(cleaner.clean, SiteSettings(working_week=week))[0] == errors


def test_a_value_is_asked_about_once(monkeypatch):
    asked = []
    field = Ticket._meta.get_field("title")
    monkeypatch.setattr(field, "validators", [asked.append])
    cleaner = Cleaner(Ticket)
    for title in ("a", "b", "a", "b", "a"):
        cleaner.clean(Ticket(title=title))
    assert asked == ["a", "b"]


def test_memory_has_an_end(monkeypatch):
    monkeypatch.setattr(cleaning, "MOST_REMEMBERED", 3)
    cleaner = Cleaner(Ticket)
    for number in range(20):
        cleaner.clean(Ticket(title=f"{number}"))
    assert {field.attname: len(field.taken) for field in cleaner._remembering}["title"] == 3


@pytest.mark.parametrize("name", ["secret", "id"])
def test_secrets_and_keys_are_not_remembered(name):
    assert name not in {field.attname for field in Cleaner(Ticket)._remembering}
