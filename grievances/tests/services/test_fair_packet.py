"""The packet that shows how a case was represented: decisions, notices, dates, and what is missing of them."""

import io
import json

import pytest
from pypdf import PdfReader

from core.papers.typeset import pdf_of
from grievances.arbitration_factories import arbitration_rows
from grievances.factories import (
    FILED,
    DeadlineFactory,
    DeliveryFactory,
    EmployerAnswerFactory,
    ExtensionFactory,
    GrievanceFactory,
    ResolutionFactory,
    StepRecordFactory,
    TaskFactory,
)
from grievances.flag_factories import AbeyanceFactory, UntimelyFactory
from grievances.models import FACTS, GrievantTold
from grievances.services import arbitration, cases
from grievances.services.fair_packet import fair_packet
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db
OURS = {name: f"Zq{name}" for name in (*FACTS, "notes")}


def section(paper, title):
    [found] = [part for part in paper.data["sections"] if part["title"] == title]
    return found


@pytest.fixture
def paper(people):
    names = [{"first_name": name, "middle_name": "", "last_name": "Aalto"} for name in ("Ann", "Ben")]
    grievants = [MemberFactory(**name) for name in names]
    case = GrievanceFactory(grievance_type="group", people=grievants, number=7, **OURS)
    cases.assign_representative(case, people["representative"], actor=people["officer"], reason="Knows the yard")
    StepRecordFactory(grievance=case, notes="Zqminutes")
    EmployerAnswerFactory(grievance=case)
    DeliveryFactory(grievance=case)
    deadline = DeadlineFactory(grievance=case, explanation=WORKING)
    ExtensionFactory(deadline=deadline)
    said = {"reason": "The proof is thin.", "comparable_cases": "GR-2025-0003", "decided_by": "The committee"}
    ResolutionFactory(grievance=case, outcome="closed", day=FILED, amount=None, **said)
    GrievantTold.objects.filter(grievant__member=grievants[1]).delete()
    case.refresh_from_db()
    return fair_packet(case)


WORKING = {
    "days": 1,
    "unit": "working",
    "event_day_counted": False,
    "rolls": False,
    "clause": "Article 9",
    "counted": [["2026-07-04", 0, "holiday", "independence"], ["2026-07-06", 1, "counted", ""]],
}


def test_who_decided_why_and_who_was_told(paper):
    [decision] = section(paper, "How it ended, and why")["blocks"]
    assert {key: decision["facts"][number][1] for number, key in enumerate(("by", "why", "alike", "appeal"))} == {
        "by": "The committee",
        "why": "The proof is thin.",
        "alike": "GR-2025-0003",
        "appeal": "—",
    }
    told = [[row[0], *row[2:]] for row in section(paper, "Notices to the grievants")["rows"]]
    assert told == [["Ann Aalto", told[0][1], "In person"], ["Ben Aalto", "Not recorded", "—"]]


def test_who_had_the_case_and_who_gave_it(paper):
    [row] = section(paper, "Who represented it")["rows"]
    assert row[1:] == ["Officer Person", "Assigned the case", "Representative Person", "Knows the yard"]


def test_each_date_comes_with_its_working_and_how_it_ended(paper):
    [block] = section(paper, "Deadlines")["blocks"]
    facts = dict(block["facts"])
    assert facts["How it ended"] == "Still runs"
    assert facts["Not counted"] == "Sat 4 Jul 2026 (Independence Day, not counted)"
    assert "1 working days, counted from the day after (Article 9)." in facts["Why this date"]
    [extension] = section(paper, "Extensions")["rows"]
    assert extension[-1] == "Unconfirmed: it moved nothing"


def test_abeyance_claims_to_dos_and_the_arbitration_are_told(people):
    case = GrievanceFactory(at_arbitration=True)
    AbeyanceFactory(grievance=case, document="")
    UntimelyFactory(grievance=case)
    TaskFactory(grievance=case, person=people["officer"])
    panel = arbitration_rows(case)["grievances.arbitration"]
    arbitration.strike(case, actor=people["officer"], name=panel.names.first(), number=1)
    paper = fair_packet(case)
    rows = [section(paper, title)["rows"][0] for title in ("Abeyance", "Claims of lateness", "What had to be done")]
    assert [row[3] for row in rows] == ["Unconfirmed: it held no date", "Answer of 28 August", "Tue 1 Sep 2026"]
    [block] = section(paper, "Arbitration")["blocks"]
    told = dict(block["facts"])
    assert [told["Struck"].startswith("1. A. Abbott · the union, "), "Sustained in part" in told["Award"]] == [True] * 2
    assert [row[2] for row in section(paper, "What was done, and by whom")["rows"]] == ["Struck a name from the panel"]


def test_it_prints_without_strategy_facts_or_minutes(paper):
    pages = PdfReader(io.BytesIO(pdf_of(paper))).pages
    text = "\n".join(page.extract_text() for page in pages) + json.dumps(paper.data)
    assert [word for word in (*OURS.values(), "Zqminutes") if word in text] == []
    assert paper.name == "GR-2026-0007-fair-representation"
    titles = [part["title"] for part in paper.data["sections"]]
    assert [title for title in titles if title not in text] == []
