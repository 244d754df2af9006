"""A case worked by program: who has it, who sees it, facts, notes, deliveries, papers, records put right."""

import datetime as dt
from uuid import uuid4

import pytest
import time_machine

from core.models import ReadEvent
from grievances.enums import ClockKind
from grievances.factories import (
    AgreementFactory,
    EmployerAnswerFactory,
    GrievanceFactory,
    IntakeFactory,
    StepRecordFactory,
)
from grievances.models import Delivery
from grievances.services import cases, clocks, intakes
from grievances.tests.programs import change, post, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def morning():
    with time_machine.travel(dt.datetime(2026, 9, 1, 14, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def officer(client_of):
    return client_of("officer")


@pytest.fixture
def case():
    return GrievanceFactory(witnesses="Ben", notes="Hold out.")


def path(case, tail):
    return f"grievances/{case.pk}/{tail}"


def test_facts_and_notes_change_by_field_and_version(officer, client_of, case):
    assert refusal(change(officer, path(case, "facts/"), {"notes": "x"}, version=1))[0] == 422
    told = change(officer, path(case, "facts/"), {"why": "Seniority"}, version=1)
    assert (told.status_code, told.json(), told["ETag"]) == (200, {"status": "open", "version": 2}, '"2"')
    assert change(officer, path(case, "facts/"), {"why": "Roster"}, version=1).status_code == 412
    assert change(officer, path(case, "notes/"), {"notes": "Settle at six."}, version=2).json()["version"] == 3
    assert change(client_of("staff"), path(case, "notes/"), {"notes": "Read"}, version=3).status_code == 403
    case.refresh_from_db()
    assert (case.why, case.witnesses, case.notes) == ("Seniority", "Ben", "Settle at six.")


def test_a_case_is_asked_for_assigned_restricted_and_lifted(officer, client_of, people, case):
    rep = client_of("representative", raise_request_exception=False)
    sentence = "This case is assigned to nobody. Ask the grievance chair to assign it to you."
    assert refusal(change(rep, path(case, "facts/"), {"why": "x"}, version=1)) == (409, sentence)
    assert post(rep, path(case, "ask/")).json()["version"] == 2
    assert post(rep, path(case, "assign/"), {"representative": None}, version=2).status_code == 403
    assert refusal(post(officer, path(case, "assign/"), {}, version=2))[1].keys() == {"representative"}
    wrong = post(officer, path(case, "assign/"), {"representative": people["member"].pk}, version=2)
    assert refusal(wrong)[1].keys() == {"representative"}
    given = {"representative": people["representative"].pk, "reason": "Knows the plant"}
    assert post(officer, path(case, "assign/"), given, version=2).json()["version"] == 3
    named = {"people": [people["officer"].pk], "reason": "Harassment"}
    sentence = "Name the representative of the case too, or assign somebody else first."
    assert refusal(post(officer, path(case, "restrict/"), named, version=3)) == (422, {"people": [sentence]})
    named["people"].append(people["representative"].pk)
    assert post(officer, path(case, "restrict/"), named, version=3).json()["version"] == 4
    assert change(client_of("staff"), path(case, "facts/"), {"why": "x"}, version=4).status_code == 404
    assert post(officer, path(case, "lift/"), {"reason": "Over"}, version=4).json()["version"] == 5
    sentence = "This case is not restricted, so there is nothing to lift."
    assert refusal(post(officer, path(case, "lift/"), {"reason": "Over"}, version=5)) == (409, sentence)


def test_an_act_is_told_again_only_while_the_case_is_seen_and_each_telling_is_a_reading(officer, people, case):
    rest = {"from_day": "2026-08-20", "why": "The court", "for_union": "D. Reyes", "for_employer": "M. Stone"}

    def send():
        return post(officer, path(case, "acts/put_in_abeyance/"), rest, key="rest")

    first, again = send(), send()
    assert (again.status_code, again.json(), again["ETag"]) == (200, first.json(), first["ETag"])
    assert first.json()["notes"] == "Hold out."
    assert ReadEvent.objects.filter(subject_id=str(case.pk), kind="opened").count() == 2
    cases.restrict(case, [people["grievance-chair"]], actor=None, reason="A party")
    hidden, absent = send(), post(officer, f"grievances/{uuid4()}/acts/put_in_abeyance/", rest)
    assert (hidden.status_code, hidden.json()) == (404, absent.json())
    assert ReadEvent.objects.filter(subject_id=str(case.pk), kind="opened").count() == 2


def test_an_act_that_takes_the_case_away_is_told_again(officer, people, case):
    named = {"people": [people["grievance-chair"].pk], "reason": "Harassment"}
    first, again = (post(officer, path(case, "restrict/"), named, key="hide", version=1) for _time in range(2))
    assert (first.status_code, first.json()) == (200, {"status": "open", "version": 2})
    assert (again.status_code, again.json(), again["ETag"]) == (200, first.json(), first["ETag"])


def test_a_delivery_is_told_again_only_while_the_case_is_seen(officer, people, case):
    said = {"what": "Form", "how": "hand", "to_whom": "Stone", "day": "2026-08-31", "time": "10:00", "proof": "Signed"}
    first, again = (post(officer, path(case, "deliveries/"), said, key="went") for _time in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    cases.restrict(case, [people["grievance-chair"]], actor=None, reason="A party")
    assert post(officer, path(case, "deliveries/"), said, key="went").status_code == 404


def test_a_case_without_an_agreement_gets_one(officer, case):
    agreement, other = AgreementFactory(employer=case.employer), AgreementFactory()
    assert refusal(post(officer, path(case, "agreement/"), {}, version=1))[1].keys() == {"agreement"}
    assert refusal(post(officer, path(case, "agreement/"), {"agreement": str(other.pk)}, version=1))[0] == 422
    assert post(officer, path(case, "agreement/"), {"agreement": str(agreement.pk)}, version=1).status_code == 200
    assert case.deadlines.running().count() == 1
    again = post(officer, path(case, "agreement/"), {"agreement": str(agreement.pk)}, version=2)
    assert refusal(again) == (409, "This case has its agreement, under which it was filed. It stays.")


def test_a_delivery_meets_a_deadline_once(officer):
    agreement = AgreementFactory()
    draft = IntakeFactory(organization=agreement.employer, knowledge_date=dt.date(2026, 8, 25))
    clocks.refresh_draft(draft)
    case = intakes.file_grievance(draft, actor=None)
    row = case.deadlines.get(clock=ClockKind.FILE)
    body = {"what": "Form", "how": "hand", "to_whom": "Stone", "day": "2026-09-01", "time": "08:30", "proof": "Signed"}
    assert refusal(post(officer, path(case, "deliveries/"), {**body, "deadline": "x", "time": "late"}))[1].keys() == {
        "deadline",
        "time",
    }
    first, _again = (
        post(officer, path(case, "deliveries/"), {**body, "deadline": str(row.pk)}, key="once") for _time in (1, 2)
    )
    delivery = Delivery.objects.get()
    assert first.json() == {
        "id": str(delivery.pk),
        "deadline": str(row.pk),
        "what": "Form",
        "how": "hand",
        "to_whom": "Stone",
        "delivered_at": first.json()["delivered_at"],
        "proof": "Signed",
        "version": 1,
    }
    row.refresh_from_db()
    assert (first.status_code, row.end) == (201, "met")
    assert officer.get(f"/api/v1/{path(case, 'deliveries/')}").json() == [first.json()]


def test_papers_are_handed_out_and_recorded(officer, case):
    found = [officer.get(f"/api/v1/{path(case, tail)}") for tail in ("binder/employer/", "papers/grievance-form/")]
    assert [(answer.status_code, answer["Content-Type"]) for answer in found] == [(200, "application/pdf")] * 2
    assert [event.kind for event in ReadEvent.objects.all()] == ["downloaded"] * 2
    assert officer.get(f"/api/v1/{path(case, 'binder/everybody/')}").status_code == 404
    assert refusal(officer.get(f"/api/v1/{path(case, 'papers/arbitration-demand/')}"))[0] == 409


def test_a_wrong_record_and_a_wrong_answer_are_replaced(officer, case):
    record, answer = StepRecordFactory(grievance=case), EmployerAnswerFactory(grievance=case)
    met = path(case, f"steps/{record.pk}/replace/")
    assert refusal(post(officer, met, {"outcome": "advanced"}, version=1))[1].keys() == {"outcome", "reason"}
    told = post(officer, met, {"union_attendees": "Reyes", "reason": "Misheard"}, version=1).json()
    record.refresh_from_db()
    assert (told["union_attendees"], told["notes"]) == ("Reyes", record.notes)
    assert str(record.superseded_by_id) == told["id"]
    sentence = "This record was replaced already. Replace the one that counts now."
    assert refusal(post(officer, met, {"reason": "Again"}, version=2)) == (409, sentence)
    body = {"given_by": "M. Stone", "reason": "Misread"}
    other = GrievanceFactory()
    assert post(officer, path(other, f"answers/{answer.pk}/replace/"), body, version=1).status_code == 404
    assert post(officer, path(case, f"answers/{answer.pk}/replace/"), body, version=1).json()["given_by"] == "M. Stone"
