"""Cases as JSON."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.factories import UserFactory
from core.models import ReadEvent
from core.site import local_today
from core.web.formats import day_text
from grievances.arbitration_factories import ArbitrationFactory
from grievances.factories import DeadlineFactory, GrievanceFactory, ResolutionFactory, StepRecordFactory
from grievances.models import FACTS, Grievance
from grievances.tests.case_setup import typed_ending
from grievances.views.moves import MOVES
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db
CASES = "/api/v1/grievances/"


@pytest.fixture
def officer(client_of):
    return client_of("officer", raise_request_exception=False)


def post(browser, case, move, body):
    return browser.post(f"{CASES}{case.pk}/moves/{move}/", json.dumps(body), "application/json")


def test_options_tell_what_each_move_asks_for(officer):
    case = GrievanceFactory()
    answers = {move: officer.options(f"{CASES}{case.pk}/moves/{move}/") for move in MOVES.table}
    assert {answer.status_code for answer in answers.values()} == {200}
    asked = answers["settle"].json()["fields"]
    assert set(typed_ending(case)) <= set(asked)
    assert officer.options(f"{CASES}{case.pk}/moves/nothing/").status_code == 404
    assert officer.options(f"{CASES}{case.pk}/").json() == {
        "name": "Grievance Instance",
        "description": officer.options(CASES).json()["description"],
        "renders": ["application/json"],
        "parses": ["application/json"],
    }


def whole_body(case, ann, record) -> dict:
    return {
        "id": str(case.pk),
        "grievance_number": "GR-2026-0007",
        "status": "settled",
        "current_step": "step_1",
        "employer": {"id": case.employer_id, "name": case.employer.name},
        "filed_date": str(case.filed_date),
        "last_meeting": "2026-08-22",
        "former_number": "",
        "grievance_type": "individual",
        "grievants": [{"id": ann.pk, "member_number": "A104", "name": "Ann Aalto"}],
        "incident_date": str(case.incident_date),
        "knowledge_date": str(case.knowledge_date),
        "contract_article": case.contract_article,
        "violation_description": case.violation_description,
        "remedy_sought": case.remedy_sought,
        **dict.fromkeys(FACTS, ""),
        "assigned_rep": "",
        "resolution": case.resolution,
        "resolution_date": "2026-09-01",
        "settlement_amount": "318.50",
        "is_restricted": False,
        "deadlines": [],
        "step_records": [
            {
                "id": str(record.pk),
                "step_number": 1,
                "meeting_date": "2026-08-22",
                "union_attendees": "D. Reyes, steward",
                "employer_attendees": "M. Stone, plant manager",
                "outcome": "settled",
                "notes": record.notes,
                "superseded_by": None,
                "superseded_reason": "",
                "version": 1,
            }
        ],
        "answers": [],
        "arbitrations": [],
        "abeyance": "",
        "is_untimely": False,
        "abeyances": [],
        "untimely_claims": [],
        "version": 1,
        "notes": "Hold out.",
    }


def test_a_whole_case(officer, people):
    ann = MemberFactory(member_number="A104", first_name="Ann", last_name="Aalto")
    case = ResolutionFactory(grievance__people=[ann], grievance__notes="Hold out.", grievance__number=7).grievance
    record = StepRecordFactory(grievance=case, outcome="settled")
    body = officer.get(f"{CASES}{case.pk}/").json()
    del body["created_at"], body["updated_at"]
    assert body == whole_body(case, ann, record)
    event = ReadEvent.objects.get()
    assert event.actor == people["officer"]
    assert event.kind == "opened"
    assert event.subject_id == str(case.pk)


def test_the_side_decides_what_is_answered(client_of, people):
    own = GrievanceFactory(people=[people["member"].member], notes="Hold out.")
    state = {"id", "grievance_number", "status", "current_step", "employer", "filed_date", "last_meeting"}
    state |= {"incident_date", "contract_article", "violation_description", "remedy_sought"}
    outlook = {"next_step", "by_when", "next_date", "next_side", "hearing_day", "representative"}
    for url in (f"{CASES}{own.pk}/", CASES):
        answers = {role: client_of(role).get(url).json() for role in ("officer", "staff", "member")}
        rows = {role: body["results"][0] if "results" in body else body for role, body in answers.items()}
        assert set(rows["member"]) == state | outlook
        assert set(rows["officer"]) - set(rows["staff"]) == {"notes"}
        assert state < set(rows["staff"])


def test_a_grievant_s_program_learns_what_happens_next_by_when_and_from_whom(client_of, people):
    rep = UserFactory(first_name="Rosa", last_name="Ibarra", member=MemberFactory(phone="+13095550144"))
    own = GrievanceFactory(people=[people["member"].member], assigned_rep=rep, status="hearing")
    day, hearing, program = local_today() + timedelta(9), local_today() + timedelta(30), client_of("member")
    DeadlineFactory(grievance=own, clock="answer", side="employer", contract_date=day, stage_name="Zqstage")
    names = ("next_step", "by_when", "next_date", "next_side", "hearing_day", "representative")

    def told():
        body = program.get(f"{CASES}{own.pk}/").json()
        assert "Zq" not in json.dumps(body)
        return [body[name] for name in names]

    someone = {"name": "Rosa Ibarra", "phone": "+13095550144", "email": rep.email}
    assert told() == [
        "Your representative meets the employer, and tells you when and what came of it.",
        f"The employer has until {day_text(day)} to answer.",
        *(str(day), "employer", None, someone),
    ]
    type(own).objects.update(status="arbitration", current_step="arbitration", assigned_rep=None)
    arbitration = ArbitrationFactory(grievance=own)
    arbitration.hearings.create(day=hearing, place="Zqhall")
    assert told()[2:] == [str(day), "employer", str(hearing), None]
    type(own).objects.update(status="hearing", current_step="step_1", abeyance="agreed")
    assert told()[1:] == ["", None, "", None, None]


def test_own_cases_cost_the_same_queries_for_one_and_for_three(client_of, people):
    program, counts = client_of("member"), []
    for _number in range(3):
        DeadlineFactory(grievance=GrievanceFactory(people=[people["member"].member]))
        with CaptureQueriesContext(connection) as found:
            program.get(CASES)
        counts.append(len(found))
    assert counts == [counts[0]] * 3


def test_lists_have_the_rows_of_the_pages(client_of, people):
    assigned = GrievanceFactory(assigned_rep=people["steward"], number=1)
    GrievanceFactory(people=[people["member"].member], number=2)
    hidden = GrievanceFactory(is_restricted=True, number=3)
    hidden.named_people.set([people["officer"]])

    def numbers(role):
        return {row["grievance_number"][-1] for row in client_of(role).get(CASES).json()["results"]}

    found = {role: numbers(role) for role in ("officer", "staff", "steward", "member")}
    assert found == {"officer": {"1", "2", "3"}, "staff": {"1", "2"}, "steward": {"1"}, "member": {"2"}}
    statuses = {
        role: client_of(role).get(CASES).status_code for role in ("anon", "nobody", "admin", "trustee", "expired")
    }
    assert statuses == {"anon": 401, "nobody": 403, "admin": 403, "trustee": 403, "expired": 403}
    assert client_of("member").get(f"{CASES}{assigned.pk}/").status_code == 404


def test_filters_and_who_listed_what(officer):
    GrievanceFactory(status="hearing", number=1)
    GrievanceFactory(settled=True, number=2)
    found = officer.get(f"{CASES}?status=unresolved").json()["results"]
    assert [row["grievance_number"] for row in found] == ["GR-2026-0001"]
    assert ReadEvent.objects.get().filters == {"status": "unresolved"}
    assert officer.get(f"{CASES}?status=famous").status_code == 400


def test_a_move_takes_what_the_pages_form_takes(officer):
    case = GrievanceFactory()
    taken = post(officer, case, "hold_meeting", {"meeting_date": "2026-08-20", "version": 1})
    assert (taken.status_code, taken.json()) == (200, {"status": "hearing", "version": 2})
    wrong = post(officer, case, "withdraw", typed_ending(case, with_prejudice="perhaps", day="2099-01-01"))
    assert (wrong.status_code, set(wrong.json()["fields"])) == (422, {"with_prejudice"})
    late = post(officer, case, "withdraw", typed_ending(case, with_prejudice=True, day="2099-01-01"))
    assert (late.status_code, late.json()["fields"]) == (422, {"day": ["This day is still to come. Check the date."]})
    assert post(officer, case, "withdraw", typed_ending(case, with_prejudice=True)).json()["status"] == "withdrawn"
    refused = post(officer, case, "settle", typed_ending(case))
    assert (refused.status_code, refused.json()["code"]) == (409, "transition_refused")
    assert post(officer, case, "fly", {}).status_code == 404


@pytest.mark.parametrize("seen", [{}, {"version": 7}, {"version": None}])
def test_a_move_names_the_version_that_was_read(officer, seen):
    case = GrievanceFactory()
    refused = post(officer, case, "hold_meeting", {"meeting_date": "2026-08-20"} | seen)
    assert refused.status_code == 409
    assert refused.json()["detail"] == "Somebody changed this record meanwhile. Look at it again, then decide."
    assert Grievance.objects.get().status == "open"


def test_the_version_may_stand_in_the_header_as_for_every_record(officer):
    case = GrievanceFactory()
    path, body = f"{CASES}{case.pk}/", {"meeting_date": "2026-08-20"}
    tag = officer.get(path)["ETag"]
    assert tag == '"1"'

    def move(seen: str) -> int:
        url, kind = f"{path}moves/hold_meeting/", "application/json"
        return officer.post(url, body, content_type=kind, headers={"If-Match": seen}).status_code

    assert [move(seen) for seen in ('"7"', "*", tag)] == [412, 428, 200]


def test_a_grievants_own_case_takes_no_move(client_of, people):
    own = GrievanceFactory(people=[people["member"].member])
    answer = post(client_of("member", raise_request_exception=False), own, "investigate", {})
    assert (answer.status_code, Grievance.objects.get().status) == (404, "open")


def test_one_row_and_three_cost_the_same_queries(officer):
    counts = []
    for number in range(3):
        case = GrievanceFactory(grievance_type="group", people=[MemberFactory() for _person in range(number + 2)])
        StepRecordFactory(grievance=case)
        with CaptureQueriesContext(connection) as found:
            officer.get(CASES)
        counts.append(len(found))
    assert counts == [10] * 3


def test_the_root_leads_here(client_of):
    found = {role: "grievances" in client_of(role).get("/api/v1/").json() for role in ("steward", "member", "admin")}
    assert found == {"steward": True, "member": True, "admin": False}
