"""The pages of an arbitration and its part of the case's page; the same acts by program."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.tests.pages import errors, said
from grievances.arbitration_factories import ArbitrationFactory, arbitration_rows
from grievances.factories import GrievanceFactory
from grievances.models import Arbitration

pytestmark = pytest.mark.django_db


def act(case, name):
    return reverse("case_act", args=[case.pk, name])


def tab(case):
    return f"{case.get_absolute_url()}?tab=arbitration"


def test_from_the_request_to_the_award(client_of):
    case, browser = GrievanceFactory(at_arbitration=True), client_of("officer")
    assert "Ask for arbitrators" in browser.get(tab(case)).text
    typed = {"source": "aaa", "size": "3", "requested_on": "2026-08-20"}
    answer = browser.post(act(case, "request_panel"), typed)
    assert (answer["Location"], said(answer)) == (tab(case), ["It is on record that a panel is asked for."])
    browser.post(
        act(case, "type_panel"), {"names": "Dr. Ash\r\nDr. Birch\r\n\r\nDr.  Cedar", "first_strike": "employer"}
    )
    page = browser.get(tab(case)).text
    assert "It is the turn of the employer." in page
    names = {row.name: str(row.pk) for row in Arbitration.objects.get().names.all()}
    assert list(names) == ["Dr. Ash", "Dr. Birch", "Dr. Cedar"]
    for number, name in (("1", "Dr. Cedar"), ("2", "Dr. Ash")):
        assert said(browser.post(act(case, "strike"), {"name": names[name], "number": number}))[-1] == "Struck."
    page = browser.get(tab(case)).text
    assert "<strong>Dr. Birch</strong>" in page
    assert "<del>Dr. Cedar</del>" in page
    award = {
        "outcome": "sustained",
        "day": "2026-08-20",
        "received_on": "2026-08-25",
        "amount": "$900",
        "summary": "Paid",
    }
    browser.post(act(case, "record_award"), award)
    settle = reverse("grievance_move", args=[case.pk, "settle"])
    assert browser.get(tab(case)).text.count(f'href="{settle}"') == 2
    form = browser.get(settle).context["form"]
    assert {name: str(form[name].value()) for name in ("reason", "decided_by", "day", "amount")} == {
        "reason": "Paid",
        "decided_by": "Dr. Birch",
        "day": "2026-08-25",
        "amount": "900.00",
    }


def test_who_was_slower_reads_whose_turn_it_is_and_goes_on_from_there(client_of):
    panel, browser = ArbitrationFactory(), client_of("officer")
    case, names = panel.grievance, list(panel.names.all())
    browser.post(act(case, "strike"), {"name": str(names[0].pk), "number": "1"})
    late = browser.post(act(case, "strike"), {"name": str(names[1].pk), "number": "1"})
    assert late.status_code == 409
    assert "It is the turn of the employer now" in errors(late)["__all__"][0]
    assert late.context["form"]["number"].value() == "2"
    twice = browser.post(act(case, "strike"), {"name": str(names[0].pk), "number": "2"})
    assert (twice.status_code, errors(twice)["name"][0].split(".")[1].strip()) == (
        422,
        "Abbott was struck already, by the union",
    )


def test_hearing_days_and_costs_are_chosen_by_their_link(client_of):
    case, browser = GrievanceFactory(at_arbitration=True), client_of("staff")
    rows = arbitration_rows(case)
    for name, row in (("cancel_hearing", "hearingday"), ("strike_cost", "arbitrationcost")):
        key, field = rows[f"grievances.{row}"].pk, name.split("_")[1]
        assert f'value="{key}" selected' in browser.get(f"{act(case, name)}?{field}={key}").text
        browser.post(act(case, name), {field: str(key), "reason": "Moved"})
    page = browser.get(tab(case)).text
    assert page.count("Moved") >= 2
    assert browser.get(act(case, "nothing")).status_code == 404
    assert client_of("representative").get(act(case, "set_hearing")).status_code == 409
    pages = (page, client_of("officer").get(tab(case)).text)
    offered = [[word in text for word in ("Add a hearing day", "Correct the award")] for text in pages]
    assert offered == [[True, False], [True, True]]
    assert browser.get(act(case, "record_award")).status_code == 403


def test_the_part_stands_where_arbitration_is_demanded_alone(client_of):
    browser = client_of("staff")
    assert "?tab=arbitration" not in browser.get(GrievanceFactory().get_absolute_url()).text
    case = GrievanceFactory(at_arbitration=True)
    assert "?tab=arbitration" in browser.get(case.get_absolute_url()).text
    counts = []
    for panels in (1, 3):
        while case.arbitrations.count() < panels:
            case.arbitrations.filter(superseded_at=None).update(
                superseded_at=case.created_at, superseded_reason="Again"
            )
            arbitration_rows(case)
        with CaptureQueriesContext(connection) as queries:
            browser.get(tab(case))
        counts.append(len(queries))
    assert counts == [17, 17]


def test_programs_do_the_same_and_read_it_with_the_case(client_of):
    panel, browser = ArbitrationFactory(), client_of("officer", raise_request_exception=False)
    url, name = f"/api/v1/grievances/{panel.grievance_id}/", panel.names.first()

    def post(act, body, **headers):
        return browser.post(f"{url}acts/{act}/", json.dumps(body), "application/json", headers=headers)

    strike = {"name": str(name.pk), "number": 1}
    answers = [post("strike", strike, **{"Idempotency-Key": "strike-1"}) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert post("strike", strike).status_code == 422
    assert post("strike", {"name": str(panel.names.last().pk), "number": 1}).status_code == 409
    assert post("set_hearing", {"day": "soon"}).json()["fields"] == {"day": ["Enter a valid date."]}
    assert post("nothing", {}).status_code == 404
    told = browser.get(url).json()["arbitrations"]
    assert told == answers[0].json()["arbitrations"]
    assert {key: told[0][key] for key in ("source", "size", "turn", "next_number", "arbitrator", "awards")} == {
        "source": "fmcs",
        "size": 5,
        "turn": "employer",
        "next_number": 2,
        "arbitrator": "",
        "awards": [],
    }
    assert [row["struck_by"] for row in told[0]["names"]] == ["union", "", "", "", ""]
    assert client_of("member").get(url).status_code == 404
