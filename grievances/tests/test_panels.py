import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from accounts.services.people import deactivate
from accounts.services.terms import end_role
from core.site import local_today
from core.web.formats import day_text
from grievances import panels
from grievances.enums import ClockKind
from grievances.factories import FILED, DeadlineFactory, GrievanceFactory, IntakeFactory, StepRecordFactory, TaskFactory
from grievances.models import Grievance
from grievances.panels import WAITS
from grievances.services import cases, moves, tasks
from members.factories import AS_OF, MemberFactory, OrganizationFactory
from members.services.members import delete_member
from members.services.organizations import delete_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(people):
    ann = MemberFactory(first_name="Ann", last_name="Aalto")
    return GrievanceFactory(people=[ann], employer__name="Crane Yard", number=7)


def hits(user, text):
    return [(hit.label, hit.note, hit.url) for hit in panels.search(user, text).hits]


def cases_in(panel):
    return [case for case, _badge, _who in panel.cases]


def test_a_case_that_somebody_asks_for_lands_on_the_list_of_whoever_assigns(people):
    taken = GrievanceFactory(number=7, assigned_rep=people["officer"])
    free = GrievanceFactory(number=8)
    for case in (taken, free):
        cases.ask_for_case(case, actor=people["representative"])
    said = sorted(row.what for row in WAITS.first(people["grievance-chair"]))  # both since the same day
    assert said == ["Somebody asks you for GR-2026-0007", "Somebody asks you for GR-2026-0008"]
    cases.assign_representative(taken, people["representative"], actor=people["officer"])
    assert [row.what for row in WAITS.first(people["grievance-chair"])] == ["Somebody asks you for GR-2026-0008"]


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
    Grievance.objects.unresolved().update(filed_date=local_today())
    GrievanceFactory(filed_date=local_today() - datetime.timedelta(91))
    IntakeFactory(drafted_by=people["steward"])
    found = {
        name: [(figure.label, figure.value, figure.url) for figure in panels.figures(people[name])]
        for name in ("staff", "steward", "member", "admin", "nobody")
    }
    unresolved, drafts = "/grievances/?status=unresolved", ("Drafts", "1", "/grievances/drafts/")
    old = f"{unresolved}&filed=old"
    assert found == {
        "staff": [("Unresolved cases", "3", unresolved), ("Open over 90 days", "1", old), drafts],
        "steward": [("Unresolved cases", "0", unresolved), ("Open over 90 days", "0", old), drafts],
        "member": [],
        "admin": [],
        "nobody": [],
    }


def test_a_member_reads_where_their_open_cases_stand(people, case):
    mine = {"people": [people["member"].member], "employer__name": "Dock"}
    GrievanceFactory(settled=True, **mine)
    GrievanceFactory(number=1, filed_date=FILED - datetime.timedelta(9), **mine)
    met = GrievanceFactory(number=2, status="hearing", assigned_rep=people["representative"], **mine)
    until = local_today() + datetime.timedelta(9)
    DeadlineFactory(grievance=met, clock="meet", side="employer", contract_date=until)
    shown = [(matter.label, str(matter.badge.text), matter.next) for matter in panels.own_matters(people["member"])]
    assert shown == [
        (
            "GR-2026-0002 · Dock",
            "In step meetings",
            "Your representative meets the employer, and tells you when and what came of it. "
            f"The employer has until {day_text(until)} to meet the union.",
        ),
        (
            "GR-2026-0001 · Dock",
            "Filed",
            "The union has the case and gives it to a representative, who then talks with you.",
        ),
    ]
    assert [panels.own_matters(people[name]) for name in ("staff", "officer", "nobody")] == [[], [], []]


def test_what_waits(people):
    old = GrievanceFactory(filed_date=FILED - datetime.timedelta(9), number=1, assigned_rep=people["steward"])
    new = GrievanceFactory(number=2)
    GrievanceFactory(withdrawn=True)
    draft = IntakeFactory(drafted_by=people["steward"])

    def waiting(name):
        return [(item.what, item.url, item.state, item.tone) for item in panels.WAITS.first(people[name])]

    assert waiting("steward") == [
        ("Work on GR-2026-0001", old.get_absolute_url(), "Filed", "blue"),
        ("Finish your draft", draft.get_absolute_url(), "Draft", "amber"),
    ]
    assert waiting("grievance-chair") == [("Assign GR-2026-0002", new.get_absolute_url(), "Unassigned", "amber")]
    assert waiting("staff") == waiting("representative") == waiting("member") == waiting("nobody") == []


@pytest.fixture(params=["switched off", "without the role", "whose role lost the right"])
def leave(people, request):
    """Return the act by which somebody stops to work cases."""

    def act(name):
        if request.param == "switched off":
            deactivate(people[name], actor=people["admin"], reason="Moved away")
        elif request.param == "whose role lost the right":
            lesser = Role.objects.create(name=f"former-{name}", display_name="Former", is_custom=True)
            people[name].assignments.update(role=lesser)
        else:
            end_role(people[name].assignments.get(), actor=people["admin"], reason="Term over")

    return act


def test_what_somebody_left_who_can_work_nothing_waits_for_the_chair(people, leave):
    rep, steward, due = people["representative"], people["steward"], AS_OF + datetime.timedelta(3)
    case = GrievanceFactory(number=7, assigned_rep=rep)
    DeadlineFactory(grievance=case, contract_date=due, clock=ClockKind.FILE)
    TaskFactory(grievance=case, person=rep, what="Call the foreman")
    owed = TaskFactory(kind="term", grievance=GrievanceFactory(number=8, settled=True), person=None)
    DeadlineFactory(grievance=None, intake=IntakeFactory(drafted_by=steward), contract_date=due, clock=ClockKind.FILE)

    def waiting(name):
        return {row.what for row in panels.WAITS.first(people[name])}

    unpaid = "The settlement of GR-2026-0008 is not carried out"
    assert waiting("grievance-chair") == {unpaid}
    leave("representative")
    left = {"Assign GR-2026-0007", "GR-2026-0007: grievance to be filed", "Do what was noted in GR-2026-0007"}
    assert waiting("grievance-chair") == {unpaid, *left}
    assert waiting("staff") == set()
    leave("steward")
    assert waiting("grievance-chair") == {unpaid, *left, "Draft: grievance to be filed"}
    cases.assign_representative(case, people["officer"], actor=people["grievance-chair"])
    tasks.finish(owed, actor=people["grievance-chair"], done_on=AS_OF)
    assert waiting("grievance-chair") == {"Draft: grievance to be filed"}


def test_a_denial_at_the_last_step_waits_for_those_who_take_cases_to_arbitration(people):
    rep = people["representative"]
    for number, (step, outcome) in enumerate((("step_3", "denied"), ("step_3", ""), ("step_2", "denied")), 1):
        row = GrievanceFactory(number=number, assigned_rep=rep, status="hearing", current_step=step)
        StepRecordFactory(grievance=row, step_number=int(step[-1]), outcome=outcome)
    replaced = GrievanceFactory(number=4, assigned_rep=rep, status="hearing", current_step="step_3")
    live = StepRecordFactory(grievance=replaced, step_number=3)
    wrong = StepRecordFactory.build(grievance=replaced, step_number=3, outcome="denied", superseded_by=live)
    wrong.save()

    def waiting(name):
        return [(item.what, item.state) for item in panels.WAITS.rows(people[name], most=9, only="arbitration")]

    asked = [("Demand arbitration in GR-2026-0001, or end it", "Denied at the last step")]
    assert {name: waiting(name) for name in ("grievance-chair", "officer", "staff", "representative", "member")} == {
        "grievance-chair": asked,
        "officer": asked,
        "staff": [],
        "representative": [],
        "member": [],
    }
    case = Grievance.objects.get(grievance_number="GR-2026-0001")
    moves.demand_arbitration(case, actor=people["grievance-chair"])
    assert waiting("grievance-chair") == []


def test_all_are_counted_and_the_oldest_ten_come_first(people):
    for number in range(12):
        GrievanceFactory(filed_date=FILED - datetime.timedelta(number))
    days = [FILED - datetime.timedelta(number) for number in range(11, -1, -1)]
    officer = people["officer"]
    assert [item.when for item in panels.WAITS.first(officer)] == days[:10]
    assert [item.when for item in panels.WAITS.rows(officer, most=50)] == days
    assert panels.WAITS.counts(officer) == {"unassigned": 12}


def test_a_row_names_the_people_and_the_employer(people, case):
    [item] = panels.WAITS.first(people["officer"])
    assert (item.about, item.asks) == ("Ann Aalto · Crane Yard", "Individual")
    assert (item.due, item.when) == (None, case.filed_date)
    assert panels.WAITS.counts(people["representative"]) == {}


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
    assert cases_in(panel) == [case]
    assert panel.more == 0
    assert panel.draft_url == f"/grievances/drafts/new/?member={case.member.pk}"
    assert {panels.member_panel(case.member, people[name]) for name in ("member", "admin", "nobody")} == {None}
    # A steward who is assigned none of the cases, and a member without one, read that there is none to see.
    nothing = panels.member_panel(case.member, people["steward"])
    assert nothing == panels.CasesPanel([], 0, panel.draft_url)
    me = people["member"].member
    assert panels.member_panel(me, people["member"]) == panels.CasesPanel([], 0, "", is_own=True)
    own = GrievanceFactory(people=[me])
    assert cases_in(panels.member_panel(me, people["member"])) == [own]
    case.is_restricted = True
    case.save()
    assert panels.member_panel(case.member, people["staff"]) == nothing


def test_no_draft_begins_at_a_deleted_record(people):
    gone = delete_member(MemberFactory(), actor=people["staff"], reason="Entered twice")
    closed = delete_organization(OrganizationFactory(), actor=people["staff"], reason="Entered twice")
    assert panels.member_panel(gone, people["staff"]).draft_url == ""
    assert panels.employer_panel(closed, people["staff"]).draft_url == ""


def test_the_cases_at_an_employer(people, case):
    """Those that the person sees, with their grievants; whoever works no cases learns of none."""
    GrievanceFactory(employer__name="Another Yard")
    mine = GrievanceFactory(employer=case.employer, assigned_rep=people["steward"], filed_date=FILED)
    found = {
        name: panels.employer_panel(case.employer, people[name])
        for name in ("staff", "steward", "member", "admin", "nobody")
    }
    assert {name: panel and set(cases_in(panel)) for name, panel in found.items()} == {
        "staff": {case, mine},
        "steward": {mine},
        "member": None,
        "admin": None,
        "nobody": None,
    }
    panel = found["staff"]
    assert {row.pk: who for row, _badge, who in panel.cases}[case.pk] == "Aalto, Ann"
    assert panel.draft_url == f"/grievances/drafts/new/?employer={case.employer_id}"
    assert panel.tells_of_people is True
    case.is_restricted = True
    case.save()
    assert cases_in(panels.employer_panel(case.employer, people["staff"])) == [mine]


def test_an_employer_of_many_cases(people, case):
    for _number in range(11):
        GrievanceFactory(employer=case.employer)
    panel = panels.employer_panel(case.employer, people["staff"])
    assert len(panel.cases) == 10
    assert panel.more == 2


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
            panels.WAITS.first(officer)
            panels.happened(officer, 5)
            panels.member_panel(case.member, officer)
            panels.employer_panel(case.employer, officer)
        counts.append(len(found))
    assert counts == [12] * 3
