"""The board as JSON, and extensions by program."""

import datetime as dt

import pytest
import time_machine

from grievances.factories import AgreementFactory, DeadlineFactory, GrievanceFactory, IntakeFactory
from grievances.services import clocks, late_filing
from grievances.tests.programs import post, refusal

pytestmark = pytest.mark.django_db
BOARD = "deadlines/"


@pytest.fixture(autouse=True)
def morning():
    with time_machine.travel(dt.datetime(2026, 9, 1, 14, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def officer(client_of):
    return client_of("officer")


def due(day):
    return {"contract_date": dt.date.fromisoformat(day)}


def test_the_board_is_narrowed_and_in_order(officer, people, client_of):
    late = DeadlineFactory(**due("2026-08-31"), grievance__assigned_rep=people["representative"])
    theirs = DeadlineFactory(**due("2026-09-03"), side="employer", clock="answer")
    DeadlineFactory(**due("2026-09-02"), end="met", ended_on=dt.date(2026, 9, 1))
    DeadlineFactory(**due("2026-09-02"), grievance__settled=True)
    agreement = AgreementFactory()
    draft = IntakeFactory(organization=agreement.employer, knowledge_date=dt.date(2026, 8, 25))
    clocks.refresh_draft(draft)
    drafted = draft.deadlines.get()
    rows = {str(late.pk): "late", str(theirs.pk): "theirs", str(drafted.pk): "draft"}

    def found(query=""):
        return [rows[row["id"]] for row in officer.get(f"/api/v1/{BOARD}{query}").json()["results"]]

    asked = {
        "": ["late", "theirs", "draft"],
        "?side=employer": ["theirs"],
        f"?rep={people['representative'].pk}": ["late"],
        f"?employer={theirs.grievance.employer_id}": ["theirs"],
        "?step=step_2": [],
        "?since=2026-09-01&until=2026-09-05": ["theirs"],
    }
    assert {query: found(query) for query in asked} == asked
    assert officer.get(f"/api/v1/{BOARD}?rep={2**70}&since=soon&side=x").json()["fields"].keys() == {
        "rep",
        "since",
        "side",
    }
    assert client_of("steward").get(f"/api/v1/{BOARD}").json()["results"] == []
    assert client_of("steward").get(f"/api/v1/{BOARD}{late.pk}/").status_code == 404


def test_a_carried_date_is_told_with_its_source(officer):
    case = GrievanceFactory()
    row = late_filing.carry_over(
        case, side="union", due=dt.date(2026, 9, 30), source="Card file", what="Appeal to step 2"
    )
    told = officer.get(f"/api/v1/{BOARD}{row.pk}/").json()
    assert told == {
        "id": str(row.pk),
        "grievance": str(case.pk),
        "intake": None,
        "grievance_number": case.grievance_number,
        "current_step": "step_1",
        "assigned_rep": "",
        "employer": {"id": case.employer_id, "name": case.employer.name},
        "side": "union",
        "clock": "carried",
        "stage_name": "Appeal to step 2",
        "due": "2026-09-30",
        "contract_date": "2026-09-30",
        "safe_date": None,
        "started_by": "",
        "started_on": None,
        "source": "Card file",
        "end": "",
        "ended_on": None,
        "superseded_by": None,
        "version": 1,
        "explanation": {},
        "missed_at": None,
        "deliveries": [],
        "extensions": [],
    }


def test_an_extension_is_recorded_then_confirmed(officer):
    row = DeadlineFactory(**due("2026-09-03"))
    body = {"new_date": "2026-09-30", "for_union": "Reyes", "for_employer": "Stone", "agreed_on": "2026-09-01"}
    path = f"{BOARD}{row.pk}/extensions/"
    assert post(officer, path, body).status_code == 428
    early = post(officer, path, {**body, "new_date": "2026-09-02"}, version=1)
    assert refusal(early)[1].keys() == {"new_date"}
    made = post(officer, path, body, version=1)
    assert (made.status_code, made.json()["confirmed_on"]) == (201, None)
    confirm = f"{path}{made.json()['id']}/confirm/"
    assert refusal(post(officer, confirm, version=1))[1].keys() == {"document"}
    told = post(officer, confirm, {"document": "Letter"}, version=1)
    assert (told.status_code, told.json()["confirmed_on"], told["ETag"]) == (200, "2026-09-01", '"2"')
    (fresh,) = officer.get(f"/api/v1/{BOARD}").json()["results"]
    assert (fresh["due"], fresh["source"]) == ("2026-09-30", "Extended by both sides: Letter")
    sentence = "This extension is confirmed already."
    assert refusal(post(officer, confirm, {"document": "Letter"}, version=2)) == (409, sentence)


def test_the_list_costs_the_same_for_one_and_for_three(officer, django_assert_num_queries):
    for number in (1, 2):
        DeadlineFactory.create_batch(number)
        officer.get(f"/api/v1/{BOARD}")
        with django_assert_num_queries(6):
            officer.get(f"/api/v1/{BOARD}")
