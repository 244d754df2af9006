"""A draft begun, changed, filed and discarded by program: the rules and the sentences of the pages."""

import datetime as dt

import pytest
import time_machine

from core.models import ReadEvent
from grievances.factories import AgreementFactory, IntakeFactory
from grievances.models import Grievance, GrievanceIntake
from grievances.services import clocks
from grievances.tests.programs import change, post, refusal
from members.factories import MemberFactory, OrganizationFactory

pytestmark = pytest.mark.django_db
DRAFTS = "drafts/"
WORDS = {"contract_article": "9.2", "violation_description": "Out of turn.", "remedy_sought": "Eight hours."}


@pytest.fixture(autouse=True)
def morning():
    with time_machine.travel(dt.datetime(2026, 9, 1, 14, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def officer(client_of):
    return client_of("officer")


def path(draft, tail=""):
    return f"{DRAFTS}{draft.pk}/{tail}"


def test_a_draft_is_told_with_its_deadline_and_what_is_missing(officer):
    agreement, ann = AgreementFactory(), MemberFactory(member_number="A104", first_name="Ann", last_name="Aalto")
    body = {"grievance_type": "individual", "employer": agreement.employer_id, "grievants": [ann.pk]}
    answer = post(officer, DRAFTS, {**body, "knowledge_date": "2026-08-25", "why": "Seniority", "notes": "Hold out."})
    assert answer.status_code == 201
    told = answer.json()
    del told["created_at"], told["updated_at"]
    deadline = told.pop("filing_deadline")
    assert told == {
        "id": str(GrievanceIntake.objects.get().pk),
        "grievance_type": "individual",
        "grievants": [{"id": ann.pk, "member_number": "A104", "name": "Ann Aalto"}],
        "employer": {"id": agreement.employer_id, "name": agreement.employer.name},
        "contract_article": "",
        "incident_date": None,
        "knowledge_date": "2026-08-25",
        "violation_description": "",
        "remedy_sought": "",
        "people_involved": "",
        "department": "",
        "happened_at": "",
        "place": "",
        "why": "Seniority",
        "witnesses": "",
        "past_practice": "",
        "drafted_by": "Officer Person",
        "missing": {
            "contract_article": "Name the article of the contract.",
            "violation_description": "Say what happened.",
            "remedy_sought": "Say what we ask for.",
        },
        "filed_as": None,
        "version": 1,
        "notes": "Hold out.",
    }
    assert (deadline["due"], deadline["explanation"]["counted"][1]) == ("2026-09-09", ["2026-08-26", 1, "counted", ""])


def test_a_change_names_fields_and_the_version(officer):
    draft, yard, ben = IntakeFactory(notes="Ours"), OrganizationFactory(), MemberFactory()
    kept = draft.violation_description
    assert change(officer, path(draft), {"why": "x"}).status_code == 428
    strange = change(officer, path(draft), {"members": ben.pk, "organization": yard.pk}, version=1)
    assert refusal(strange)[1].keys() == {"members", "organization"}
    wrong = change(officer, path(draft), {"employer": 2**70, "grievants": [2**70], "incident_date": "soon"}, version=1)
    assert refusal(wrong)[1].keys() == {"employer", "grievants", "incident_date"}
    taken = change(officer, path(draft), {"employer": yard.pk, "grievants": [ben.pk], "why": "Roster"}, version=1)
    assert (taken.status_code, taken["ETag"]) == (200, '"2"')
    draft.refresh_from_db()
    assert (draft.organization, draft.why, draft.violation_description) == (yard, "Roster", kept)
    assert list(draft.members.all()) == [ben]
    assert change(officer, path(draft), {"why": "Later"}, version=1).status_code == 412


def test_filing_answers_the_case_once(officer, people):
    agreement = AgreementFactory()
    draft = IntakeFactory(organization=agreement.employer, knowledge_date=dt.date(2026, 8, 3), contract_article="")
    clocks.refresh_draft(draft)
    empty = post(officer, path(draft, "file/"), {"late_reason": "Hospital"}, version=1)
    assert refusal(empty) == (422, {"contract_article": ["Name the article of the contract."]})
    change(officer, path(draft), WORDS, version=1)
    late = post(officer, path(draft, "file/"), version=2)
    assert (late.status_code, [*late.json()["fields"]]) == (422, ["late_reason"])
    body = {"late_reason": "Hospital", "representative": people["representative"].pk, "agreement": str(agreement.pk)}
    assert post(officer, path(draft, "file/"), body, version=1).status_code == 412
    first, again = (post(officer, path(draft, "file/"), body, version=2, key="once") for _time in (1, 2))
    case = Grievance.objects.get()
    assert first.json() == {
        "id": str(case.pk),
        "grievance_number": "GR-2026-0001",
        "status": "open",
        "current_step": "step_1",
        "filed_date": "2026-09-01",
        "version": case.version,
    }
    assert (first.status_code, again.content, first["Location"][-38:]) == (201, first.content, f"/{case.pk}/")
    assert (case.assigned_rep, case.agreement, case.late_reason) == (people["representative"], agreement, "Hospital")
    sentence = "This draft was filed already, as GR-2026-0001. Open that case."
    assert refusal(post(officer, path(draft, "file/"), body, version=3)) == (409, sentence)


def test_a_steward_has_their_own_drafts_and_files_none(client_of, people):
    steward = client_of("steward", raise_request_exception=False)
    own, others = IntakeFactory(drafted_by=people["steward"], notes="Ours"), IntakeFactory()
    listed = steward.get("/api/v1/drafts/").json()["results"]
    assert [(row["id"], row["notes"]) for row in listed] == [(str(own.pk), "Ours")]
    assert ReadEvent.objects.get().rows == 1
    assert steward.get(f"/api/v1/{path(others)}").status_code == 404
    assert change(steward, path(others), {"why": "x"}, version=1).status_code == 404
    assert post(steward, path(own, "file/"), version=1).status_code == 403
    assert "notes" not in client_of("staff").get(f"/api/v1/{path(own)}").json()
    hidden = change(client_of("staff"), path(own), {"notes": "Read"}, version=1)
    assert refusal(hidden)[0] == 422
    assert refusal(post(steward, path(own, "discard/"), {}, version=1))[1].keys() == {"reason"}
    gone = post(steward, path(own, "discard/"), {"reason": "Entered twice"}, version=1)
    assert (gone.status_code, gone.json()) == (200, {"id": str(own.pk), "deleted": True})
    assert steward.get(f"/api/v1/{path(own)}").status_code == 404


def test_the_list_costs_the_same_for_one_and_for_three(officer, django_assert_num_queries):
    for number in (1, 2):
        for _each in range(number):
            clocks.refresh_draft(IntakeFactory(people=[MemberFactory() for _person in range(number)]))
        officer.get("/api/v1/drafts/")
        with django_assert_num_queries(6):
            officer.get("/api/v1/drafts/")
