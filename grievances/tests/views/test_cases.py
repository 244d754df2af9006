"""The pages of cases, as people meet them."""

import csv
import datetime
import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.factories import RoleAssignmentFactory, UserFactory
from core.models import AuditEvent, ListColumns, ReadEvent
from core.site import local_today
from core.tests.pages import errors, said
from core.tests.regulars import cast_with
from core.web.formats import day_text
from grievances.arbitration_factories import ArbitrationFactory
from grievances.factories import (
    FILED,
    AgreementFactory,
    DeadlineFactory,
    GrievanceFactory,
    IntakeFactory,
    ResolutionFactory,
    StepRecordFactory,
)
from grievances.models import AgreementStage, Arbitration, Award, Grievance, GrievanceStepRecord, Grievant
from grievances.services import cases, intakes
from grievances.tests.case_setup import typed_ending
from members.factories import MemberFactory
from unionops.testing.cast import shown_values

pytestmark = pytest.mark.django_db
regulars, people = cast_with("officer")


@pytest.fixture
def officer(client_of):
    return client_of("officer", raise_request_exception=False)


@pytest.fixture
def case(people):
    ann = MemberFactory(first_name="Ann", last_name="Aalto", member_number="A104")
    return GrievanceFactory(people=[ann], employer__name="Crane Yard", number=7, notes="Hold out.")


# --- list -------------------------------------------------------------------------------------------------


def test_the_list_of_cases(officer, case, people):
    case.assigned_rep = people["steward"]
    case.save()
    response = officer.get("/grievances/")
    days = (local_today() - FILED).days
    assert response.context["page_title"] == "Cases"
    assert shown_values(response) == [
        [
            "GR-2026-0007",
            "Filed",
            "Step 1",
            "Aalto, Ann",
            "Crane Yard",
            FILED,
            "Steward Person",
        ]
    ]
    ListColumns.objects.create(owner=people["officer"], list_name="grievance_list", columns=["open", "type"])
    assert shown_values(officer.get("/grievances/")) == [["GR-2026-0007", f"{days} days", "Individual"]]
    ListColumns.objects.all().delete()
    group = GrievanceFactory(grievance_type="group", people=[MemberFactory() for _number in range(3)])
    assert "3 grievants" in officer.get("/grievances/").text
    assert officer.get("/grievances/?sort=number").context["rows"] == [case, group]


def test_my_cases(client_of, people, case):
    own = GrievanceFactory(people=[people["member"].member, case.member], grievance_type="group", number=9)
    browser = client_of("member")
    response = browser.get("/grievances/")
    assert response.context["page_title"] == "My cases"
    assert shown_values(response) == [["GR-2026-0009", "Filed", "Step 1", own.employer.name, FILED]]
    assert [name in response.text for name in ("Aalto", "Group", "Start a draft", 'name="assigned"')] == [False] * 4
    # What the limited side does not show cannot be asked either.
    for query in ("q=aalto", "grievance_type=policy", "assigned=me"):
        assert len(shown_values(browser.get(f"/grievances/?{query}"))) == 1
    assert len(shown_values(browser.get("/grievances/?status=settled"))) == 0


def test_a_row_of_which_only_the_state_is_seen_says_no_more_in_a_stewards_list(client_of, people, case):
    steward = people["steward"]
    steward.member, steward.is_no_member = MemberFactory(), False
    steward.save()
    RoleAssignmentFactory(user=steward, role="member")
    own = GrievanceFactory(
        people=[steward.member, case.member], grievance_type="group", number=9, assigned_rep=people["representative"]
    )
    browser = client_of("steward")
    assert shown_values(browser.get("/grievances/")) == [
        ["GR-2026-0009", "Filed", "Step 1", "", own.employer.name, FILED, ""]
    ]
    found = [shown_values(browser.get(f"/grievances/?{query}")) for query in ("q=aalto", "grievance_type=group")]
    assert found == [[], []]
    assert "grievances/cases/state.html" in {part.name for part in browser.get(own.get_absolute_url()).templates}
    refused = browser.get(f"/grievances/{own.pk}/moves/investigate/")
    assert refused.status_code == 404
    assert "Representative Person" not in refused.text


def test_a_grievant_reads_what_happens_next_and_whom_to_call(client_of, people):
    rep = UserFactory(first_name="Rosa", last_name="Ibarra", member=MemberFactory(phone="+13095550144"))
    own = GrievanceFactory(people=[people["member"].member], assigned_rep=rep, status="investigation")
    page = client_of("member").get(own.get_absolute_url()).text
    for words in (
        "Your representative gathers what is needed to meet the employer.",
        "Rosa Ibarra",
        'href="tel:+13095550144"',
        f'href="mailto:{rep.email}"',
        "Your representative tells you the day.",
    ):
        assert words in page
    Grievance.objects.update(assigned_rep=None)
    page = client_of("member").get(own.get_absolute_url()).text
    assert "Nobody yet. Until then talk to your steward or to the office." in page
    assert "Rosa Ibarra" not in page


def test_a_grievant_reads_by_when_and_when_it_is_heard_and_nothing_of_ours(client_of, people):
    own = GrievanceFactory(people=[people["member"].member], assigned_rep=people["representative"], at_arbitration=True)
    browser, days = client_of("member"), [local_today() + datetime.timedelta(number) for number in range(40)]

    def page():
        with CaptureQueriesContext(connection) as found:
            text = browser.get(own.get_absolute_url()).text
        assert "Zqxcanary" not in text
        return text, len(found)

    bare, queries = page()
    assert "Your representative tells you the day of the hearing." in bare
    brief = {"clock": "their_brief", "side": "employer", "stage": 4, "safe_date": days[7]}
    DeadlineFactory(grievance=own, contract_date=days[9], due=days[7], **brief)
    carried = {"clock": "carried", "stage": 9, "stage_name": "Zqxcanarypress the foreman"}
    DeadlineFactory(grievance=own, contract_date=days[19], **carried)
    DeadlineFactory(grievance=own, stage=8, contract_date=days[0] - datetime.timedelta(1))
    arbitration = ArbitrationFactory(grievance=own)
    for number, cancelled_at in ((25, timezone.now()), (30, None), (35, None)):
        arbitration.hearings.create(day=days[number], place="Zqxcanaryhall", cancelled_at=cancelled_at)
    text, cost = page()
    words = (
        f"The hearing is on {day_text(days[30])}. Your representative tells you where and when to come.",
        f"The employer has until {day_text(days[9])} to write to the arbitrator.",
    )
    assert [said for said in words if said not in text] == []
    assert [said for said in ("tells you the day", day_text(days[7])) if said in text] == []
    assert cost == queries
    own.deadlines.exclude(clock="carried").delete()
    assert f"It is the union’s turn until {day_text(days[19])}." in page()[0]
    DeadlineFactory(grievance=own, clock="file", stage=1, contract_date=days[5])
    assert f"The union has until {day_text(days[5])} to hand the grievance to the employer." in page()[0]


@pytest.mark.parametrize("role", ["admin", "organizer", "trustee", "nobody", "expired"])
def test_for_others_there_are_no_cases(client_of, case, role):
    browser = client_of(role)
    pages = ("/grievances/", case.get_absolute_url(), "/grievances/drafts/", "/grievances/export/csv/")
    assert {browser.get(page).status_code for page in pages} == {403}


@pytest.mark.parametrize(
    ("url", "queries"), [("/grievances/", 6), ("/grievances/drafts/", 7), ("/grievances/?q=article", 6)]
)
def test_one_row_and_three_cost_the_same_queries(officer, url, queries):
    counts = []
    for _number in range(3):
        GrievanceFactory(grievance_type="group", people=[MemberFactory(), MemberFactory()])
        IntakeFactory()
        with CaptureQueriesContext(connection) as found:
            officer.get(url)
        counts.append(len(found))
    assert counts == [queries] * 3


def test_export(client_of, people, case):
    GrievanceFactory(status="hearing")
    response = client_of("staff").get("/grievances/export/csv/?q=aalto")
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert [row[:5] for row in rows] == [
        ["Number", "Status", "Stands at", "Grievants", "Employer"],
        ["GR-2026-0007", "Filed", "Step 1", "Aalto, Ann", "Crane Yard"],
    ]
    event = ReadEvent.objects.get()
    assert event.kind == "exported"
    assert event.rows == 1
    assert event.filters == {"q": "aalto"}
    statuses = {
        role: client_of(role).get("/grievances/export/csv/").status_code for role in ("representative", "member")
    }
    assert statuses == {"representative": 403, "member": 403}


def test_looking_is_recorded(officer, case, people):
    for page in ("", "moves/settle/", "assign/", "notes/"):
        officer.get(f"{case.get_absolute_url()}{page}")
    officer.get("/grievances/?status=open")
    found = list(ReadEvent.objects.order_by("id").values_list("kind", "subject_type", "subject_id", "filters"))
    opened = ("opened", "grievances.grievance", str(case.pk), {})
    assert found[:4] == [opened] * 4
    assert found[-1] == ("listed", "grievances.grievance", "", {"status": "Filed"})


# --- one case -----------------------------------------------------------------------------------------------


def test_the_whole_case(officer, case, people):
    StepRecordFactory(grievance=case, outcome="denied")
    Grievance.objects.update(status="hearing")
    page = officer.get(case.get_absolute_url())
    assert page.context["page_title"] == "GR-2026-0007"
    assert page.context["steps"][0] == ("Step 1", "refused", "Denied · met on Sat 22 Aug 2026")
    shown = ["Ann Aalto", "Crane Yard", case.remedy_sought]
    assert [words for words in (*shown, "Hold out.") if words in page.text] == shown
    assert "<title>GR-2026-0007" in page.text
    tabs = {tab: officer.get(f"{case.get_absolute_url()}?tab={tab}").text for tab in ("steps", "notes", "history", "x")}
    assert "D. Reyes, steward" in tabs["steps"]
    assert "Hold out." in tabs["notes"]
    assert case.remedy_sought in tabs["x"]
    whole = officer.get(f"{case.get_absolute_url()}?tab=whole").text
    parts = [case.remedy_sought, "D. Reyes, steward", "Hold out.", "data-print"]
    mark = "Our own strategy. The office, the grievants and the employer never see it."
    assert {tab: text.count(mark) for tab, text in (*tabs.items(), ("whole", whole))} == {
        **dict.fromkeys(("steps", "history", "x"), 0),
        **dict.fromkeys(("notes", "whole"), 1),
    }
    assert [part for part in parts if part in whole] == parts


@pytest.mark.parametrize(
    ("role", "reads"), [("officer", True), ("grievance-chair", True), ("representative", True), ("staff", False)]
)
def test_notes_are_for_those_who_read_strategy(client_of, case, role, reads):
    browser = client_of(role)
    pages = [
        browser.get(f"{case.get_absolute_url()}?tab={tab}").text for tab in ("summary", "notes", "history", "whole")
    ]
    assert any("Hold out." in text for text in pages) is reads
    assert browser.get(f"/grievances/{case.pk}/notes/").status_code == (
        {"representative": 409}.get(role, 200) if reads else 403
    )


def test_a_grievant_sees_the_state_their_representative_and_nothing_else(client_of, people):
    other = MemberFactory(first_name="Zelda", last_name="Zzyzx")
    case = GrievanceFactory(
        people=[people["member"].member, other],
        grievance_type="group",
        status="hearing",
        notes="Hold out.",
        assigned_rep=people["representative"],
        contract_article="Article 77",
        witnesses="The supervisor laughed",
    )
    StepRecordFactory(grievance=case, outcome="denied", notes="They yelled.")
    browser = client_of("member")
    for tab in ("", "?tab=steps", "?tab=notes", "?tab=history", "?tab=whole"):
        page = browser.get(case.get_absolute_url() + tab)
        assert [word in page.text for word in (case.grievance_number, "In step meetings", "Sat 22 Aug 2026")] == [
            True
        ] * 3
        about = (case.violation_description, case.remedy_sought, "Article 77")
        assert [word for word in about if word not in page.text] == []
        hidden = (
            "The supervisor",
            "Zelda",
            "Reyes",
            "Stone",
            "yelled",
            "Denied",
            "Hold out",
            "Group",
        )
        assert [word for word in hidden if word in page.text] == []
    assert page.context["steps"] == [
        ("Step 1", "current", ""),
        ("Step 2", "todo", ""),
        ("Step 3", "todo", ""),
        ("Arbitration", "todo", ""),
    ]


def test_a_settled_case_tells_how_it_ended_but_not_to_the_grievant(officer, client_of, people):
    case = ResolutionFactory(grievance__people=[people["member"].member]).grievance
    text = officer.get(case.get_absolute_url()).text
    assert [word in text for word in ("$318.50", "The grievance committee", case.resolution, "In person")] == [True] * 4
    own = client_of("member").get(case.get_absolute_url()).text
    assert [word in own for word in ("Settled", "318.50", "committee", "Six hours")] == [True, False, False, False]


def test_the_history_tells_of_the_draft_too(officer, people):
    draft = intakes.start_intake({"notes": "x"}, actor=people["steward"])
    ready = IntakeFactory()
    for name in ("grievance_type", "organization", "incident_date", "contract_article", "violation_description"):
        setattr(draft, name, getattr(ready, name))
    draft.remedy_sought = "Pay"
    draft.save()
    draft.members.set(ready.members.all())
    case = intakes.file_grievance(draft, actor=people["staff"])
    text = officer.get(f"{case.get_absolute_url()}?tab=history").text
    assert [word in text for word in ("Steward Person", "Started a draft", "Filed the grievance")] == [True] * 3


def test_replaced_records_are_struck(officer, people):
    record = StepRecordFactory(notes="Wrong")
    cases.supersede_step_record(record, {"notes": "Right"}, actor=people["staff"], reason="Typed wrong")
    text = officer.get(f"{record.grievance.get_absolute_url()}?tab=steps").text
    assert re.search(r"<del>.*Wrong.*</del>", text, re.DOTALL)
    assert "Typed wrong" in text
    assert text.count("/replace/") == 1


@pytest.mark.parametrize(
    "address",
    [
        "/grievances/{pk}/",
        "/grievances/{pk}/moves/settle/",
        "/grievances/{pk}/assign/",
        "/grievances/{pk}/notes/",
        "/grievances/{pk}/restrict/",
        "/grievances/{pk}/lift/",
        "/grievances/steps/{record}/replace/",
    ],
)
def test_a_restricted_case_is_not_there(client_of, people, address):
    record = StepRecordFactory(grievance__is_restricted=True)
    record.grievance.named_people.set([people["officer"]])
    url = address.format(pk=record.grievance_id, record=record.pk)
    assert (client_of("grievance-chair").get(url).status_code, client_of("officer").get(url).status_code) == (404, 200)


# --- moves ------------------------------------------------------------------------------------------------


def test_a_case_is_settled_on_its_page(officer, case):
    url = f"/grievances/{case.pk}/moves/settle/"
    form = officer.get(url)
    assert "Ann Aalto was told on" in form.text
    response = officer.post(url, typed_ending(case, amount="1,318.50", version="1"))
    assert response.status_code == 302
    assert response["Location"] == case.get_absolute_url()
    assert said(response) == ["The case is settled."]
    case.refresh_from_db()
    assert (case.status, str(case.settlement_amount)) == ("settled", "1318.50")


def test_what_is_wrong_is_said_at_the_field_and_nothing_is_lost(officer, case):
    tomorrow = str(local_today() + datetime.timedelta(1))
    typed = {
        "reason": "Six hours\r\nand a list",
        "decided_by": "x\u202ey",
        "day": "9999-12-31",
        "amount": "1e99",
        "told_on_0": tomorrow,
        "told_how_0": "",
    }
    response = officer.post(f"/grievances/{case.pk}/moves/settle/", typed)
    assert response.status_code == 422
    assert errors(response) == {
        "decided_by": ["Remove the invisible characters; type the text instead of pasting it."],
        "day": ["Enter a date between 1900 and 2100."],
        "amount": ["Ensure that there are no more than 12 digits in total."],
        "told_on_0": ["This day is still to come. Tell them first."],
        "told_how_0": ["Choose how they were told."],
    }
    assert "and a list" in response.text
    assert tomorrow in response.text
    assert Grievance.objects.get().status == "open"


def test_a_newer_version_is_not_decided_on(officer, case):
    Grievance.objects.update(version=2)
    response = officer.post(f"/grievances/{case.pk}/moves/investigate/", {"version": "1"})
    assert response.status_code == 409
    assert errors(response) == {"__all__": ["Somebody changed this record meanwhile. Look at it again, then decide."]}
    shown = response.context["form"]["version"].value()
    assert officer.post(f"/grievances/{case.pk}/moves/investigate/", {"version": shown}).status_code == 302


def test_a_refused_move_says_why(client_of, case):
    response = client_of("representative").get(f"/grievances/{case.pk}/moves/investigate/")
    assert response.status_code == 409
    assert "This case is assigned to nobody." in response.text


def test_a_page_without_an_open_move_says_once_whom_to_ask(client_of, officer, case):
    page = client_of("representative").get(case.get_absolute_url())
    assert page.text.count("This case is assigned to nobody. Ask the grievance chair to assign it to you.") == 1
    assert "disabled" not in page.text.split("record-moves")[1].split("key-facts")[0]
    assert "moves-closed" not in officer.get(case.get_absolute_url()).text


def test_whoever_filed_a_draft_asks_for_the_case_by_a_button(client_of, people, case):
    rep, chair = client_of("representative"), client_of("grievance-chair")
    url, button = case.get_absolute_url(), f'action="{case.get_absolute_url()}ask/"'
    assert [button in browser.get(url).text for browser in (rep, chair, client_of("staff"))] == [True, False, False]
    answer = rep.post(f"{url}ask/")
    assert (answer["Location"], said(answer)) == (url, ["Asked. You are told when the case is assigned to you."])
    page = rep.get(url).text
    assert ("You asked for this case. The grievance chair decides." in page, button in page) == (True, False)
    assert "This case is assigned to nobody." not in page
    assert "Asked for by" in chair.get(url).text
    assert [chair.get(f"{url}ask/").status_code, rep.get(f"{url}ask/").status_code] == [409, 200]


def main_button(page):
    return re.sub(
        r"<[^>]+>", "", page.text.split("record-moves")[1].split('btn-primary"')[1].split(">", 1)[1].split("</a>")[0]
    )


def test_the_one_button_is_what_comes_next(client_of, people, case):
    """Somebody gets the case before anything else; then the meeting, the answer and what follows it."""
    case.assigned_rep = people["representative"]
    found = {}
    for name, values in {
        "unassigned": {"assigned_rep": None},
        "filed": {},
        "met before": {"status": "hearing", "current_step": "step_2"},
        "last step": {"status": "hearing", "current_step": "step_3"},
        "met": {"status": "hearing", "current_step": "step_3"},
        "denied": {"status": "hearing", "current_step": "step_3"},
        "arbitration": {"status": "arbitration", "current_step": "arbitration"},
    }.items():
        if name in ("met", "denied"):
            StepRecordFactory(grievance=case, step_number=3, outcome=name.replace("met", ""))
        Grievance.objects.filter(pk=case.pk).update(**{"assigned_rep": people["representative"], **values})
        found[name] = main_button(client_of("grievance-chair").get(case.get_absolute_url()))
    assert found == {
        "unassigned": "Assign",
        "filed": "Record the step meeting",
        "met before": "Record the step meeting",
        "last step": "Record the step meeting",
        "met": "Record the employer’s answer",
        "denied": "Demand arbitration",
        "arbitration": "Record the hearing",
    }


def test_a_joint_board_after_step_3_meets_before_anybody_demands_arbitration(client_of, people):
    agreement = AgreementFactory()
    AgreementStage.objects.create(agreement=agreement, position=4, step="step_3", name="Joint board")
    at_three = {"status": "hearing", "current_step": "step_3", "stage": 3, "assigned_rep": people["representative"]}
    case = GrievanceFactory(agreement=agreement, employer=agreement.employer, **at_three)
    record = StepRecordFactory(grievance=case, step_number=3, stage=3, outcome="denied")
    chair, found = client_of("grievance-chair"), []
    for values in ({}, {"stage": 4, "stage_name": "Joint board"}):
        Grievance.objects.filter(pk=case.pk).update(**values)
        found.append(main_button(chair.get(case.get_absolute_url())))
        GrievanceStepRecord.objects.filter(pk=record.pk).update(outcome="advanced")
    assert found == ["Move to the next step", "Record the step meeting"]


def test_after_the_award_a_person_decides_what_comes_next(client_of, people):
    case = GrievanceFactory(at_arbitration=True, assigned_rep=people["representative"])
    chair = client_of("grievance-chair")
    assert main_button(chair.get(case.get_absolute_url())) == "Record the hearing"
    panel = Arbitration.objects.create(grievance=case, source="sole", size=1, requested_on=FILED)
    Award.objects.create(arbitration=panel, day=FILED, received_on=FILED, outcome="denied", summary="No violation.")
    offers = chair.get(case.get_absolute_url()).context["offers"]
    assert all(offer.quiet for offer in offers)


def test_after_a_denial_at_the_last_step_a_representative_reads_for_whom_the_case_waits(client_of, people, case):
    Grievance.objects.update(assigned_rep=people["representative"], status="hearing", current_step="step_3")
    StepRecordFactory(grievance=case, step_number=3, outcome="denied")
    sentence = "The grievance chair or an officer demands arbitration or ends the case. It waits for them."
    found = {
        role: client_of(role).get(case.get_absolute_url()).context["waits_for"]
        for role in ("representative", "officer")
    }
    assert found == {"representative": sentence, "officer": ""}


def test_advance_asks_about_the_meeting_only_where_nothing_is_recorded(officer, case):
    url = f"/grievances/{case.pk}/moves/advance/"
    assert 'name="meeting_date"' in officer.get(url).text
    StepRecordFactory(grievance=case)
    assert 'name="meeting_date"' not in officer.get(url).text
    assert officer.post(url, {"meeting_date": "rubbish", "version": "1"}).status_code == 302
    assert Grievance.objects.get().current_step == "step_2"


@pytest.mark.parametrize("size", [1, 3])
def test_a_case_page_costs_the_same_for_one_grievant_and_three(officer, size):
    people = [MemberFactory() for _number in range(size)]
    resolution = ResolutionFactory(grievance__people=people, grievance__grievance_type="group")
    for number in range(1, size + 1):
        StepRecordFactory(grievance=resolution.grievance, step_number=number)
    with CaptureQueriesContext(connection) as found:
        officer.get(f"{resolution.grievance.get_absolute_url()}?tab=steps")
    assert (len(found), Grievant.objects.count()) == (12, size)


# --- who works and sees a case ----------------------------------------------------------------------------


def test_assigning(client_of, people, case):
    browser = client_of("grievance-chair")
    steward, _member = people["steward"], people["member"]
    url = f"/grievances/{case.pk}/assign/"
    offered = {person for _pk, person in browser.get(url).context["form"].fields["person"].choices}
    assert offered == {"Nobody", "Grievance-Chair Person", "Officer Person", "Steward Person"}
    response = browser.post(url, {"person": steward.pk, "reason": "", "version": "1"})
    assert (response.status_code, Grievance.objects.get().assigned_rep) == (302, steward)
    conflict = browser.post(url, {"person": "", "version": "1"})
    assert conflict.status_code == 409
    assert errors(conflict) == {"__all__": ["Somebody changed this record meanwhile. Look at it again, then decide."]}
    assert conflict.context["conflict"] == [("Representative", "Steward Person", "empty")]
    shown = conflict.context["form"]["version"].value()
    assert browser.post(url, {"person": "", "version": shown}).status_code == 302
    assert Grievance.objects.get().assigned_rep is None
    assert browser.post(url, {"person": people["member"].pk}).status_code == 422
    assert client_of("staff").get(url).status_code == 403


def test_restricting_shows_whom_somebody_else_named_meanwhile(officer, people, case):
    url, chair, own = f"/grievances/{case.pk}/restrict/", people["grievance-chair"], people["officer"]
    case.named_people.add(chair, own)
    Grievance.objects.update(is_restricted=True, version=2)
    conflict = officer.post(url, {"people": [own.pk], "reason": "A party is staff", "version": "1"})
    both = [("Who may see it", "Grievance-Chair Person, Officer Person", "Officer Person")]
    assert (conflict.status_code, conflict.context["conflict"]) == (409, both)
    shown = conflict.context["form"]["version"].value()
    again = officer.post(url, {"people": [own.pk], "reason": "A party is staff", "version": shown})
    assert (again.status_code, list(case.named_people.all())) == (302, [own])


def test_restricting_without_oneself_leads_to_the_list(officer, people, case):
    chair = people["grievance-chair"]
    url = f"/grievances/{case.pk}/restrict/"
    response = officer.post(url, {"people": [chair.pk], "reason": "A party is staff", "version": "1"})
    assert response.status_code == 302
    assert response["Location"] == "/grievances/"
    assert said(response) == ["The case is restricted."]
    assert officer.get(case.get_absolute_url()).status_code == 404


def test_restricting_and_lifting(officer, people, case):
    own = case.get_absolute_url()
    first = officer.post(f"{own}restrict/", {"people": [people["officer"].pk], "reason": "Why", "version": "1"})
    assert first["Location"] == own
    assert "Only seen by" in officer.get(own).text
    second = officer.post(f"{own}lift/", {"reason": "Over", "version": "2"})
    assert second["Location"] == own
    assert Grievance.objects.get().is_restricted is False
    refused = officer.post(f"{own}lift/", {"reason": "Over", "version": "3"})
    assert refused.status_code == 409
    assert errors(refused) == {"__all__": ["This case is not restricted, so there is nothing to lift."]}


def test_notes(officer, case):
    url = f"/grievances/{case.pk}/notes/"
    response = officer.post(url, {"notes": "Line one\r\nline two", "version": "1"})
    assert response["Location"] == f"{case.get_absolute_url()}?tab=notes"
    assert Grievance.objects.get().notes == "Line one\nline two"
    conflict = officer.post(url, {"notes": "Mine", "version": "1"})
    assert (conflict.status_code, conflict.context["conflict"]) == (409, [("Notes", "Line one\nline two", "Mine")])


def test_correcting_a_record(officer, case):
    record = StepRecordFactory(grievance=case)
    url = f"/grievances/steps/{record.pk}/replace/"
    typed = {
        "meeting_date": "2026-08-20",
        "union_attendees": "Reyes",
        "employer_attendees": "",
        "outcome": "denied",
        "notes": "x",
        "reason": "Wrong day",
        "version": "1",
    }
    assert 'value="2026-08-22"' in officer.get(url).text
    response = officer.post(url, typed)
    assert (response.status_code, response["Location"]) == (302, f"{case.get_absolute_url()}?tab=steps")
    assert case.step_records.live().get().outcome == "denied"
    assert officer.get(url).status_code == 404
    fresh = case.step_records.live().get()
    late = officer.post(f"/grievances/steps/{fresh.pk}/replace/", typed | {"meeting_date": "2099-01-01"})
    assert (late.status_code, list(errors(late))) == (422, ["meeting_date"])


def test_two_correct_one_record(officer, case):
    """The newer version has an outcome that the form no longer offers."""
    record = StepRecordFactory(grievance=case, outcome="advanced", version=2, notes="Theirs")
    typed = {
        "notes": "Mine",
        "reason": "Wrong",
        "version": "1",
        "outcome": "",
        "meeting_date": str(record.meeting_date),
    }
    response = officer.post(f"/grievances/steps/{record.pk}/replace/", typed)
    assert (response.status_code, response.context["conflict"][-1]) == (409, ("What was said", "Theirs", "Mine"))


def test_an_advanced_records_outcome_is_not_offered(officer):
    record = StepRecordFactory(outcome="advanced")
    assert 'name="outcome"' not in officer.get(f"/grievances/steps/{record.pk}/replace/").text


# --- rules ------------------------------------------------------------------------------------------------


def test_the_rules(client_of, people):
    browser = client_of("admin")
    typed = {"entry_step_individual": "2", "entry_step_group": "2", "entry_step_policy": "3", "version": "1"}
    typed |= {"reminder_days": "14, 3, 1, 0", "cutoff": "16:30"}
    assert browser.get("/grievances/rules/").status_code == 200
    response = browser.post("/grievances/rules/", typed)
    assert (response.status_code, said(response)) == (302, ["Rules saved."])
    event = AuditEvent.objects.get()
    assert event.action == "grievance.rules_changed"
    assert event.body["changes"] == [
        {"field": "entry_step_individual", "old": 1, "new": 2},
        {"field": "representative_may_resolve", "old": True, "new": False},
        {"field": "reminder_days", "old": "7, 3, 1, 0", "new": "14, 3, 1, 0"},
        {"field": "cutoff", "old": "17:00:00", "new": "16:30:00"},
    ]
    conflict = browser.post("/grievances/rules/", typed | {"entry_step_group": "1"})
    assert conflict.status_code == 409
    for wrong in ({"entry_step_group": "4"}, {"reminder_days": "a week"}, {"cutoff": "late"}):
        assert browser.post("/grievances/rules/", typed | wrong).status_code == 422
    for role in ("officer", "grievance-chair"):
        read, refused = client_of(role).get("/grievances/rules/"), client_of(role).post("/grievances/rules/", typed)
        assert (read.context["facts"][0], refused.status_code) == (("An individual grievance begins at", "Step 2"), 403)
    assert client_of("staff").get("/grievances/rules/").status_code == 403
