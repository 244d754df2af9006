"""What cases have in common, counted in SQL over the rows that a person sees whole."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from grievances.factories import EmployerAnswerFactory, GrievanceFactory, StepRecordFactory
from grievances.services import patterns, similar
from grievances.services.patterns import Asked, Days, Line
from members.factories import OrganizationFactory

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("found", "middle"), [({}, None), ({4: 1}, 4), ({1: 1, 9: 1}, 1), ({1: 2, 5: 1, 9: 2}, 5), ({7: 3, 1: 1}, 7)]
)
def test_the_median_of_what_occurs_how_often(found, middle):
    assert patterns.median(Counter(found)) == middle


@pytest.mark.parametrize(("part", "whole", "percent"), [(0, 0, None), (1, 3, 33), (2, 3, 67), (3, 3, 100)])
def test_a_share_is_of_something(part, whole, percent):
    assert patterns.share(part, whole) == percent


@pytest.fixture
def yard():
    return OrganizationFactory(name="Crane Yard", city="Gary")


@pytest.fixture
def cases(yard, people):
    """Four on one article however it is typed, of which three are over, and one elsewhere."""
    found = {
        "open": GrievanceFactory(employer=yard, filed_date=DAY, contract_article="Art. 14", current_step="step_2"),
        "settled": GrievanceFactory(employer=yard, filed_date=DAY, settled=True, contract_article="ARTICLE XIV"),
        "granted": GrievanceFactory(employer=yard, filed_date=DAY, closed=True, contract_article="14.2"),
        "denied": GrievanceFactory(employer=yard, filed_date=DAY, withdrawn=True, contract_article="14"),
        "other": GrievanceFactory(
            employer=OrganizationFactory(name="Mill", city=""),
            filed_date=DAY + timedelta(40),
            contract_article="Just cause",
            assigned_rep=people["steward"],
        ),
    }
    EmployerAnswerFactory(grievance=found["granted"], answer="granted")
    EmployerAnswerFactory(grievance=found["denied"], answer="denied")
    return found


def of(found, name):
    return next(part.lines for part in found.parts if part.name == name)


def test_cases_are_counted_by_each_property(cases, yard, people):
    found = patterns.patterns_of(people["officer"], Asked())
    amount = Decimal("318.50")
    assert found.total == Line("All cases", 5, 2, 2, 1, 1, amount)
    assert of(found, "employer")[0] == Line("Crane Yard, Gary", 4, 1, 2, 1, 1, amount, str(yard.pk))
    assert [(line.label, line.cases) for line in of(found, "article")] == [("Article 14", 4), ("Just cause", 1)]
    assert [(line.label, line.cases) for line in of(found, "rep")] == [("Nobody", 4), ("Steward Person", 1)]
    assert [(line.value, line.cases) for line in of(found, "step")] == [("step_1", 4), ("step_2", 1)]
    assert [line.value for line in of(found, "status")] == ["open", "settled", "withdrawn", "closed"]


def test_spellings_of_one_department_count_as_one(cases, people):
    for name, text in {"open": "Paint shop", "settled": " PAINT  SHOP", "other": "Dock"}.items():
        cases[name].department = text
        cases[name].save()
    found = patterns.patterns_of(people["officer"], Asked())
    lines = [(line.label.upper(), line.cases, line.value) for line in of(found, "department")]
    assert lines == [("NONE NAMED", 2, ""), ("PAINT SHOP", 2, "paint shop"), ("DOCK", 1, "dock")]
    asked = patterns.cases_of(people["officer"], Asked(department="paint Shop "))
    assert set(asked) == {cases["open"], cases["settled"]}


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"article": "art. xiv"}, "open settled granted denied"),
        ({"article": "14", "status": "unresolved"}, "open"),
        ({"status": "settled"}, "settled"),
        ({"step": "step_2"}, "open"),
        ({"first": DAY + timedelta(1)}, "other"),
        ({"last": DAY}, "open settled granted denied"),
    ],
)
def test_what_the_patterns_are_narrowed_to(cases, people, asked, names):
    found = patterns.cases_of(people["officer"], Asked(**asked))
    assert set(found) == {cases[name] for name in names.split()}


def test_whoever_sees_their_own_cases_counts_those(cases, people):
    found = patterns.patterns_of(people["steward"], Asked())
    assert [line.label for line in of(found, "article")] == ["Just cause"]
    assert found.total.cases == 1


def test_a_restricted_case_is_counted_for_nobody_else(cases, people):
    cases["open"].is_restricted = True
    cases["open"].save()
    assert patterns.patterns_of(people["officer"], Asked()).total.cases == 4


def test_what_is_beyond_the_first_lines_is_one_line(cases, people):
    found = patterns.patterns_of(people["officer"], Asked(), most=1)
    assert [(line.label, line.cases) for line in of(found, "article")] == [("Article 14", 4), ("All others", 1)]


def test_days_at_each_step(yard, people):
    moved = GrievanceFactory(employer=yard, filed_date=DAY, current_step="step_2")
    StepRecordFactory(grievance=moved, meeting_date=DAY + timedelta(3))
    StepRecordFactory(grievance=moved, meeting_date=DAY + timedelta(9), outcome="advanced")
    StepRecordFactory(grievance=moved, step_number=2, meeting_date=DAY + timedelta(30))  # has not left it
    ended = GrievanceFactory(employer=yard, filed_date=DAY, settled=True, current_step="step_2")
    StepRecordFactory(grievance=ended, meeting_date=DAY + timedelta(5), outcome="advanced")
    StepRecordFactory(grievance=ended, step_number=2, meeting_date=DAY + timedelta(6))
    ended.resolution_date = DAY + timedelta(25)
    ended.save()

    assert patterns.patterns_of(people["officer"], Asked()).days == [
        Days("Step 1", 2, 5, 9),
        Days("Step 2", 1, 20, 20),
        Days("Step 3", 0, None, None),
        Days("Arbitration", 0, None, None),
        Days("From filing to the end", 1, 25, 25),
    ]


def test_one_case_and_three_cost_the_same_statements(people):
    counts, officer = [], people["officer"]
    officer.has_perm("x")
    for number in range(3):
        StepRecordFactory(grievance=GrievanceFactory(contract_article=f"Article {number}"))
        with CaptureQueriesContext(connection) as found:
            patterns.patterns_of(officer, Asked())
        counts.append(len(found))
    assert counts == [10] * 3


def test_cases_on_the_same_article_stand_beside_a_case_the_employers_first(cases, yard, people):
    elsewhere = GrievanceFactory(contract_article="Article 14", filed_date=DAY + timedelta(80))
    found = similar.on_same_article(cases["open"], people["officer"])
    assert set(found[:3]) == {cases["settled"], cases["granted"], cases["denied"]}
    assert found[3:] == [elsewhere]
    for number in range(4):
        GrievanceFactory(employer=yard, contract_article="14", filed_date=DAY + timedelta(number))
    assert len(similar.on_same_article(cases["open"], people["officer"])) == similar.MOST
    assert similar.on_same_article(cases["other"], people["officer"]) == []
    assert similar.on_same_article(cases["open"], people["steward"]) == []
