import datetime

import pytest

from grievances.services.filing import problems

TODAY = datetime.date(2026, 11, 25)
READY = {
    "grievance_type": "individual",
    "organization": 1,
    "contract_article": "14",
    "violation_description": "x",
    "remedy_sought": "y",
    "incident_date": datetime.date(2026, 11, 1),
    "knowledge_date": None,
}


def found(people=1, filed=TODAY, **values):
    return problems(READY | values, people, filed_date=filed, today=TODAY)


def test_nothing_missing():
    assert found() == {}
    assert found(grievance_type="group", people=2) == found(grievance_type="policy", people=0) == {}
    assert found(incident_date=None, knowledge_date=TODAY) == {}


def test_everything_missing_is_named():
    empty = dict.fromkeys(READY, "") | {"incident_date": None}
    assert problems(empty, 0, filed_date=TODAY, today=TODAY) == {
        "grievance_type": "Choose the type.",
        "organization": "Name the employer.",
        "contract_article": "Name the article of the contract.",
        "violation_description": "Say what happened.",
        "remedy_sought": "Say what we ask for.",
        "incident_date": "Give the date of the incident, or the day we learned of it.",
    }


@pytest.mark.parametrize(
    ("kind", "people", "sentence"),
    [
        ("individual", 0, "An individual grievance has exactly one grievant."),
        ("individual", 2, "An individual grievance has exactly one grievant."),
        ("group", 1, "A group grievance has two or more grievants."),
        ("policy", 1, "A policy grievance has no grievants. Take the names out, or choose another type."),
    ],
)
def test_how_many_grievants(kind, people, sentence):
    assert found(people, grievance_type=kind) == {"members": sentence}


def test_days():
    tomorrow = TODAY + datetime.timedelta(1)
    assert found(incident_date=tomorrow) == {"incident_date": "This day is still to come. Check the year."}
    assert found(knowledge_date=tomorrow) == {"knowledge_date": "This day is still to come. Check the year."}
    assert found(incident_date=TODAY, knowledge_date=TODAY - datetime.timedelta(1)) == {
        "knowledge_date": "We cannot have learned of it before it happened. Check both days."
    }
    assert found(filed=tomorrow) == {"filed_date": "A grievance cannot be filed on a day to come."}
    assert found(filed=datetime.date(2026, 10, 31)) == {
        "filed_date": "It was filed before it happened. Check the dates."
    }
    assert found(filed=datetime.date(1, 1, 1), incident_date=None, knowledge_date=datetime.date(1, 1, 1)) == {
        "filed_date": "It was filed before it happened. Check the dates."
    }
