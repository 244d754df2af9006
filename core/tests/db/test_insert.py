import pytest
from django.db import connection

from core.db.insert import insert_many, insert_missing
from core.models import NumberSequence, SavedFilter
from core.tests.sample.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("count", [0, 1, 19, 20, 600])
def test_rows_have_their_keys_and_every_column(people, count):
    owner = people["staff"]
    texts = ["tab\tline\nend \\ \"quote\" 'single' é 😀", "\\N", "\\.", ""]
    rows = [
        SavedFilter(owner=owner, list_name="tickets", name=f"{number}", query=texts[number % 4])
        for number in range(count)
    ]
    insert_many(rows)
    stored = SavedFilter.objects.order_by("pk")
    assert [(row.pk, row.owner_id, row.name, row.query) for row in stored] == [
        (row.pk, owner.pk, row.name, row.query) for row in rows
    ]
    assert {row.created_at is not None and row.updated_at is not None for row in rows} <= {True}


def test_keys_given_beforehand_stay():
    rows = [NumberSequence(name=f"s{number:03}", value=number) for number in range(40)]
    insert_many(rows)
    assert list(NumberSequence.objects.order_by("name").values_list("name", "value")) == [
        (f"s{number:03}", number) for number in range(40)
    ]


def test_rows_that_are_there_already_stay():
    insert_many([NumberSequence(name="a", value=1)])

    insert_missing(NumberSequence, ("name", "value"), [("a", 7), ("b {}", 8), ('c "\\', 9)])
    insert_missing(NumberSequence, ("name", "value"), [])

    assert dict(NumberSequence.objects.values_list("name", "value")) == {"a": 1, "b {}": 8, 'c "\\': 9}


def test_the_next_single_insert_takes_the_next_key(people):
    owner = people["staff"]
    insert_many([SavedFilter(owner=owner, list_name="x", name=str(number), query="") for number in range(30)])
    after = SavedFilter.objects.create(owner=owner, list_name="x", name="after", query="")
    assert SavedFilter.objects.filter(pk__lt=after.pk).count() == 30


def test_encrypted_text_is_encrypted():
    rows = [Ticket(title="x", secret=f"secret {number}") for number in range(30)]
    insert_many(rows)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM sample_ticket")
        assert not [text for (text,) in cursor.fetchall() if "secret" in text]
    assert sorted(row.secret for row in Ticket.objects.all()) == sorted(f"secret {number}" for number in range(30))
