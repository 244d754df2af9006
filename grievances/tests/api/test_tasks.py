"""What has to be done in a case, by program."""

import pytest

from grievances.factories import GrievanceFactory, TaskFactory
from grievances.models import CaseTask
from grievances.tests.programs import change, post, refusal

pytestmark = pytest.mark.django_db
TASKS = "grievances/tasks/"


@pytest.fixture
def officer(client_of):
    return client_of("officer")


def path(task, tail=""):
    return f"{TASKS}{task.pk}/{tail}"


def test_a_to_do_from_its_note_to_its_end(officer, people):
    case = GrievanceFactory()
    body = {"grievance": str(case.pk), "kind": "todo", "what": "Call Ben", "due": "2026-12-01"}
    wrong = post(officer, TASKS, {**body, "grievance": "x"}), post(officer, TASKS, {**body, "kind": "x"})
    assert [[*refusal(answer)[1]] for answer in wrong] == [["grievance"], ["kind"]]
    assert refusal(post(officer, TASKS, {**body, "amount": "3"}))[1].keys() == {"amount"}
    made = post(officer, TASKS, body, key="once")
    assert post(officer, TASKS, body, key="once").content == made.content
    task = CaseTask.objects.get()
    told = made.json()
    del told["created_at"], told["updated_at"]
    assert told == {
        **body,
        "id": str(task.pk),
        "person": people["officer"].pk,
        "asked_on": str(task.asked_on),
        "amount": None,
        "reminded_on": None,
        "done_on": None,
        "done_words": "",
        "is_dropped": False,
        "version": 1,
    }
    assert change(officer, path(task), {"what": "Call Ann"}, version=1).json()["what"] == "Call Ann"
    assert change(officer, path(task), {"what": "Call"}, version=1).status_code == 412
    sentence = "This is ours to do, so there is nobody at the employer to remind."
    assert refusal(post(officer, path(task, "remind/"), version=2)) == (409, sentence)
    finished = post(officer, path(task, "done/"), {"done_words": "She will testify"}, version=2).json()
    assert (finished["done_words"], finished["version"]) == ("She will testify", 3)
    assert refusal(change(officer, path(task), {"what": "x"}, version=3))[0] == 409


def test_what_is_owed_is_reminded_of_and_struck(officer, client_of):
    owed = TaskFactory(kind="information", what="The roster")
    assert post(officer, path(owed, "remind/"), {"day": "2026-09-01"}, version=1).json()["reminded_on"] == "2026-09-01"
    assert refusal(post(officer, path(owed, "drop/"), version=2))[1].keys() == {"reason"}
    assert post(officer, path(owed, "drop/"), {"reason": "It came"}, version=2).json()["is_dropped"] is True
    still = TaskFactory(grievance=owed.grievance)
    listed = officer.get(f"/api/v1/{TASKS}?open=true&grievance={owed.grievance_id}").json()["results"]
    assert [row["id"] for row in listed] == [str(still.pk)]
    assert client_of("steward").get(f"/api/v1/{path(still)}").status_code == 404
    assert client_of("member").get(f"/api/v1/{TASKS}").status_code == 403


def test_the_list_costs_the_same_for_one_and_for_three(officer, django_assert_num_queries):
    for number in (1, 2):
        TaskFactory.create_batch(number)
        officer.get(f"/api/v1/{TASKS}")
        with django_assert_num_queries(4):
            officer.get(f"/api/v1/{TASKS}")
