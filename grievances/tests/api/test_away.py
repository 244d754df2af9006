"""Who is away, by program."""

import datetime as dt

import pytest
import time_machine

from grievances.factories import AwayFactory
from grievances.models import Away
from grievances.tests.programs import post, refusal

pytestmark = pytest.mark.django_db
AWAY = "grievances/away/"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(dt.datetime(2026, 9, 3, 15, tzinfo=dt.UTC), tick=False):
        yield


def test_one_marks_oneself_away_once_and_ends_it(client_of, people):
    browser, body = client_of("representative"), {"stand_in": people["steward"].pk, "last_day": "2026-09-10"}
    wrong = post(browser, AWAY, body | {"last_day": "2026-09-01"})
    assert refusal(wrong) == (422, {"last_day": ["This is before the first day. Check the days."]})
    named = post(browser, AWAY, body | {"person": people["steward"].pk})
    assert refusal(named) == (422, {"person": ["There is no such field here. Leave it out."]})
    made = post(browser, AWAY, body, key="once")
    assert post(browser, AWAY, body, key="once").content == made.content
    row, told = Away.objects.get(), made.json()
    assert made["Location"].endswith(f"/api/v1/{AWAY}{row.pk}/")
    del told["created_at"], told["updated_at"], told["starts_at"], told["ends_at"]
    assert told == {
        "id": str(row.pk),
        "person": people["representative"].pk,
        "person_name": "Representative Person",
        "stand_in": people["steward"].pk,
        "stand_in_name": "Steward Person",
        "first_day": "2026-09-03",
        "last_day": "2026-09-10",
        "version": 1,
    }
    end = f"{AWAY}{row.pk}/end/"
    only = "Only the person who is away or the grievance chair ends it. Ask one of them."
    assert refusal(post(client_of("steward"), end, version=1)) == (409, only)
    answers = [post(browser, end).status_code, post(browser, end, version=2).status_code]
    assert (answers, post(browser, end, version=1).status_code) == ([428, 412], 200)
    assert refusal(post(browser, end, version=2)) == (409, "This absence is over already.")


def test_the_chair_marks_anybody_and_everybody_reads_what_concerns_them(client_of, people, django_assert_num_queries):
    body = {"person": people["representative"].pk, "stand_in": people["steward"].pk, "last_day": "2026-09-10"}
    assert post(client_of("grievance-chair"), AWAY, body).status_code == 201
    assert post(client_of("member"), AWAY, body).status_code == 403
    steward = client_of("steward")
    AwayFactory(first_day=dt.date(2026, 8, 3), last_day=dt.date(2026, 8, 7), stand_in=people["steward"])
    found = {over: steward.get(f"/api/v1/{AWAY}", {"over": over}).json()["results"] for over in ("true", "false")}
    assert {over: [row["last_day"] for row in rows] for over, rows in found.items()} == {
        "true": ["2026-08-07"],
        "false": ["2026-09-10"],
    }
    for number in (1, 2):
        AwayFactory.create_batch(number, stand_in=people["steward"])
        with django_assert_num_queries(4):
            steward.get(f"/api/v1/{AWAY}")
