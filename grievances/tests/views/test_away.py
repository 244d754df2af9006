"""The pages of who is away, the board of the stand-in, and handing cases over."""

import datetime as dt
import html

import pytest
import time_machine
from django.urls import reverse

from core.tests.pages import errors, said
from grievances.factories import AwayFactory, DeadlineFactory, GrievanceFactory
from grievances.models import Away, Grievance
from grievances.tests.case_setup import story

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(dt.datetime(2026, 9, 3, 15, tzinfo=dt.UTC), tick=False):
        yield


def text_of(answer):
    return " ".join(html.unescape(answer.text).split())


def test_one_marks_oneself_away_and_ends_it(client_of, people):
    browser = client_of("representative")
    assert 'name="person"' not in browser.get(reverse("away_new")).text
    typed = {"stand_in": people["steward"].pk, "first_day": "2026-09-03", "last_day": "2026-09-10"}
    answer = browser.post(reverse("away_new"), typed)
    assert (answer["Location"], said(answer)) == (reverse("away_list"), ["Marked. The stand-in is told."])
    again = browser.post(reverse("away_new"), typed)
    assert list(errors(again)) == ["first_day"]
    page = text_of(browser.get(reverse("away_list")))
    assert [word in page for word in ("Steward Person", "Thu 10 Sep 2026", "End it")] == [True] * 3
    assert "End it" not in text_of(client_of("steward").get(reverse("away_list")))
    browser.post(reverse("away_end", args=[Away.objects.get().pk]))
    assert "Nobody is away." in text_of(browser.get(reverse("away_list")))


def test_the_board_of_the_stand_in_says_for_whom(client_of, people):
    rep, steward = people["representative"], people["steward"]
    row = DeadlineFactory(grievance__assigned_rep=rep)
    browser, path = client_of("steward"), reverse("deadline_board")
    assert str(row.grievance) not in browser.get(path).text
    AwayFactory(person=rep, stand_in=steward)
    page = text_of(browser.get(path, {"rep": steward.pk}))
    assert "for Representative Person, away until Sun 6 Sep 2026" in page
    assert str(row.grievance) in text_of(browser.get("/grievances/", {"assigned": "me"}))


def test_all_open_cases_are_handed_over_in_one_step_and_the_refused_are_told(client_of, people):
    rep, steward = people["representative"], people["steward"]
    cases = GrievanceFactory.create_batch(2, assigned_rep=rep)
    secret = GrievanceFactory(assigned_rep=rep, is_restricted=True, number=9)
    secret.named_people.add(people["officer"])
    settled = GrievanceFactory(assigned_rep=rep, settled=True)
    browser, path = client_of("officer"), reverse("grievance_hand_over")
    chosen = browser.post(path, {"former": rep.pk})
    assert chosen["Location"] == f"{path}?former={rep.pk}"
    assert browser.get(chosen["Location"]).text.count(" checked") == 3
    typed = {"former": rep.pk, "person": steward.pk, "cases": [str(case.pk) for case in (*cases, secret)]}
    assert errors(browser.post(path, typed)) == {"reason": ["Say why."]}
    answer = browser.post(path, typed | {"reason": "New district"})
    assert said(answer) == [
        "GR-2026-0009: This case is restricted. Name this person there first.",
        "2 cases were handed over.",
    ]
    assert set(Grievance.objects.filter(assigned_rep=steward)) == set(cases)
    assert set(Grievance.objects.filter(assigned_rep=rep)) == {secret, settled}
    assert story(cases[0]) == ["grievance.assigned"]
