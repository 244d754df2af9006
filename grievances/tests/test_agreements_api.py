import pytest

from grievances.enums import ClockKind
from grievances.factories import AgreementFactory, DeadlineFactory
from grievances.models import StepRule

pytestmark = pytest.mark.django_db


def test_an_agreement_is_told_with_its_steps_and_clocks(client_of):
    agreement = AgreementFactory()
    told = client_of("officer").get(f"/api/v1/agreements/{agreement.pk}/").json()
    assert (told["title"], told["effective_from"]) == ("Agreement of the plant", agreement.effective_from.isoformat())
    assert [(step["name"], len(step["rules"])) for step in told["steps"]] == [
        ("Stage 1", 4),
        ("Stage 2", 3),
        ("Stage 3", 3),
    ]
    rule = StepRule.objects.get(stage__agreement=agreement, clock=ClockKind.FILE)
    assert told["steps"][0]["rules"][0] == {
        "id": str(rule.pk),
        "clock": "file",
        "days": 10,
        "unit": "working",
        "trigger": "knowledge",
        "event_day_counted": False,
        "rolls": False,
        "unclear_unit": False,
        "unclear_start": False,
        "unclear_roll": False,
        "clause": "Article 9.1",
        "version": 1,
    }


def test_the_list_costs_the_same_for_one_and_for_three(client_of, django_assert_num_queries):
    AgreementFactory()
    browser = client_of("officer")
    browser.get("/api/v1/agreements/")
    for number in (1, 3):
        AgreementFactory.create_batch(number)
        with django_assert_num_queries(7):
            browser.get("/api/v1/agreements/")


def test_a_case_is_told_with_its_deadlines_and_their_working(client_of):
    explained = {"days": 5, "counted": [["2026-09-02", 1, "counted", ""]]}
    row = DeadlineFactory(explanation=explained, source="Article 9")
    told = client_of("officer").get(f"/api/v1/grievances/{row.grievance_id}/").json()
    assert told["deadlines"] == [
        {
            "id": str(row.pk),
            "side": "union",
            "clock": "appeal",
            "stage_name": "Stage 1",
            "due": "2026-09-06",
            "contract_date": "2026-09-06",
            "safe_date": None,
            "started_by": "answer",
            "started_on": "2026-08-27",
            "source": "Article 9",
            "end": "",
            "ended_on": None,
            "superseded_by": None,
            "version": 1,
            "explanation": explained,
        }
    ]
