"""The marks of a case beside its status: on its page, in the list, on the board, by program and on paper."""

import json

import pytest
from django.urls import reverse

from core.tests.pages import said
from grievances.factories import DeadlineFactory, GrievanceFactory
from grievances.flag_factories import AbeyanceFactory, UntimelyFactory

pytestmark = pytest.mark.django_db
TYPED = {"from_day": "2026-08-20", "why": "The court decides", "for_union": "D. Reyes", "for_employer": "M. Stone"}


def act(case, name):
    return reverse("case_act", args=[case.pk, name])


def test_a_case_is_put_in_abeyance_confirmed_and_ended(client_of):
    case, browser = GrievanceFactory(), client_of("staff")
    answer = browser.post(act(case, "put_in_abeyance"), TYPED)
    assert (answer["Location"], said(answer)) == (case.get_absolute_url(), ["The case is in abeyance."])
    page = browser.get(case.get_absolute_url()).text
    assert [word in page for word in ("In abeyance, unconfirmed", "every date runs on", "Confirm it")] == [True] * 3
    browser.post(act(case, "confirm_abeyance"), {"document": "Letter"})
    assert "The dates of this case wait." in browser.get(case.get_absolute_url()).text
    browser.post(act(case, "end_abeyance"), {"ended_on": "2026-08-25", "reason": "Decided"})
    assert "The court decides" not in browser.get(case.get_absolute_url()).text
    assert "The court decides" in browser.get(f"{case.get_absolute_url()}?tab=deadlines").text
    assert browser.get(act(case, "end_abeyance")).status_code == 409


def test_a_claim_of_lateness_is_recorded_and_cleared(client_of):
    case, browser = GrievanceFactory(), client_of("staff")
    typed = {"claimed_by": "employer", "claimed_on": "2026-08-20", "why": "Filed on day eleven"}
    assert said(browser.post(act(case, "claim_untimely"), typed)) == ["The claim is on record."]
    page = browser.get(case.get_absolute_url()).text
    assert [word in page for word in ("Untimely", "The employer: we were late")] == [True, True]
    claim = case.untimely_claims.get()
    browser.post(act(case, "clear_untimely"), {"claim": str(claim.pk), "reason": "Given up"})
    assert "Untimely" not in browser.get(case.get_absolute_url()).text


def test_list_and_board_show_the_marks_and_the_list_is_narrowed_by_them(client_of):
    resting, late = AbeyanceFactory(grievance__number=1).grievance, UntimelyFactory(grievance__number=2).grievance
    for case in (resting, late):
        DeadlineFactory(grievance=case)
    browser = client_of("staff")
    found = {
        name: [
            word for word in ("GR-2026-0001", "GR-2026-0002") if word in browser.get(f"/grievances/?marked={name}").text
        ]
        for name in ("abeyance", "unconfirmed", "untimely")
    }
    assert found == {"abeyance": ["GR-2026-0001"], "unconfirmed": [], "untimely": ["GR-2026-0002"]}
    board = browser.get(reverse("deadline_board")).text
    assert [board.count(word) for word in ("Held while the case is in abeyance", "Untimely")] == [
        3,
        1,
    ]
    assert client_of("member").get("/grievances/?marked=untimely").status_code == 200


def test_programs_read_both_and_do_both(client_of):
    case, browser = UntimelyFactory().grievance, client_of("staff")
    url = f"/api/v1/grievances/{case.pk}/"
    answer = browser.post(f"{url}acts/put_in_abeyance/", json.dumps(TYPED), "application/json")
    told = answer.json()
    assert {name: told[name] for name in ("abeyance", "is_untimely", "version")} == {
        "abeyance": "unconfirmed",
        "is_untimely": True,
        "version": 2,
    }
    assert [row["why"] for row in told["abeyances"]] == ["The court decides"]
    assert [row["claimed_by"] for row in told["untimely_claims"]] == ["employer"]
