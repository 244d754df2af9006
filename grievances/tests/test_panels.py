import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from grievances import panels
from grievances.factories import FILED, GrievanceFactory, IntakeFactory
from grievances.services import moves
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(people):
    ann = MemberFactory(first_name="Ann", last_name="Aalto")
    return GrievanceFactory(people=[ann], employer__name="Crane Yard", number=7)


def hits(user, text):
    return [(hit.label, hit.note, hit.url) for hit in panels.search(user, text).hits]


def test_found_cases(people, case):
    url = case.get_absolute_url()
    assert hits(people["staff"], "aalto crane") == [("GR-2026-0007", "Filed · Aalto, Ann · Crane Yard", url)]
    assert hits(people["steward"], "aalto") == hits(people["member"], "aalto") == hits(people["nobody"], "aalto") == []
    assert panels.search(people["staff"], "aalto").more_url == ""


def test_a_member_finds_an_own_case_by_its_number_alone(people, case):
    GrievanceFactory(people=[people["member"].member, case.member], grievance_type="group", number=8)
    found = {text: hits(people["member"], text) for text in ("gr-2026-0008", "aalto", "gr-2026-0007", "2026")}
    assert {text: [label for label, _note, _url in rows] for text, rows in found.items()} == {
        "gr-2026-0008": ["GR-2026-0008"],
        "aalto": [],
        "gr-2026-0007": [],
        "2026": [],
    }


def test_more_than_six_lead_to_the_list(people):
    for _number in range(7):
        GrievanceFactory()
    group = panels.search(people["staff"], "article")
    assert (len(group.hits), group.more_url) == (6, "/grievances/")


def test_figures(people, case):
    GrievanceFactory(settled=True)
    GrievanceFactory(people=[people["member"].member])
    IntakeFactory(drafted_by=people["steward"])
    found = {
        name: [(figure.label, figure.value, figure.url) for figure in panels.figures(people[name])]
        for name in ("staff", "steward", "member", "admin", "nobody")
    }
    unresolved = "/grievances/?status=unresolved"
    assert found == {
        "staff": [("Unresolved cases", "2", unresolved), ("Drafts", "1", "/grievances/drafts/")],
        "steward": [("Unresolved cases", "0", unresolved), ("Drafts", "1", "/grievances/drafts/")],
        "member": [("My cases", "1", "/grievances/")],
        "admin": [],
        "nobody": [],
    }


def test_what_waits(people):
    old = GrievanceFactory(filed_date=FILED - datetime.timedelta(9), number=1, assigned_rep=people["steward"])
    new = GrievanceFactory(number=2)
    GrievanceFactory(withdrawn=True)
    draft = IntakeFactory(drafted_by=people["steward"])

    def waiting(name):
        return [(item.what, item.url, item.state, item.tone) for item in panels.waiting(people[name])]

    assert waiting("steward") == [
        ("Work on GR-2026-0001", old.get_absolute_url(), "Filed", "blue"),
        ("Finish your draft", draft.get_absolute_url(), "Draft", "amber"),
    ]
    assert waiting("grievance-chair") == [("Assign GR-2026-0002", new.get_absolute_url(), "Unassigned", "amber")]
    assert waiting("staff") == waiting("representative") == waiting("member") == waiting("nobody") == []


def test_at_most_ten_wait_the_oldest_first(people):
    for number in range(12):
        GrievanceFactory(filed_date=FILED - datetime.timedelta(number))
    found = panels.waiting(people["officer"])
    assert [item.when for item in found] == [FILED - datetime.timedelta(number) for number in range(11, 1, -1)]


def test_what_happened(people, case):
    own = GrievanceFactory(people=[people["member"].member])
    moves.investigate(case, actor=people["staff"])
    moves.investigate(own, actor=people["officer"])

    def told(name):
        return [(item.label, item.entry.actor_name, item.entry.text) for item in panels.happened(people[name], 5)]

    assert told("staff") == [
        (str(own), "Officer Person", "Started the investigation"),
        (str(case), "Staff Person", "Started the investigation"),
    ]
    assert told("steward") == told("member") == told("nobody") == []


def test_the_cases_of_a_member(people, case):
    panel = panels.member_panel(case.member, people["staff"])
    assert [row for row, _badge in panel.cases] == [case]
    assert panel.more == 0
    assert panel.template == "grievances/cases/_member_panel.html"
    assert {panels.member_panel(case.member, people[name]) for name in ("steward", "member", "admin", "nobody")} == {
        None
    }
    own = GrievanceFactory(people=[people["member"].member])
    assert [row for row, _badge in panels.member_panel(people["member"].member, people["member"]).cases] == [own]
    case.is_restricted = True
    case.save()
    assert panels.member_panel(case.member, people["staff"]) is None


def test_a_member_of_many_cases(people):
    ann = MemberFactory()
    for _number in range(12):
        GrievanceFactory(people=[ann])
    panel = panels.member_panel(ann, people["staff"])
    assert (len(panel.cases), panel.more) == (10, 2)


def test_one_row_and_three_cost_the_same_queries(people):
    officer = people["officer"]
    officer.has_perm("x")
    counts = []
    for _number in range(3):
        case = GrievanceFactory(assigned_rep=officer)
        IntakeFactory(drafted_by=officer)
        moves.investigate(case, actor=officer)
        with CaptureQueriesContext(connection) as found:
            panels.search(officer, "article")
            panels.figures(officer)
            panels.waiting(officer)
            panels.happened(officer, 5)
            panels.member_panel(case.member, officer)
        counts.append(len(found))
    assert counts == [11] * 3
