import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from core.errors import TransitionRefused
from core.models import AuditEvent
from core.site import local_today
from core.web.formats import day_text
from grievances.factories import FILED, GrievanceFactory, StepRecordFactory
from grievances.models import Grievance, GrievanceStepRecord, GrievantTold, Resolution
from grievances.services import moves as services
from grievances.tests.case_setup import ENDING, NOT_PURSUED, story, told_of
from members.factories import AS_OF, MemberFactory

pytestmark = pytest.mark.django_db
MEETING = {"meeting_date": FILED + datetime.timedelta(9), "union_attendees": "Reyes", "employer_attendees": "Stone"}

ANSWER = {"received_on": FILED + datetime.timedelta(12), "how": "mail"}


@pytest.fixture
def chair(people):
    return people["grievance-chair"]


def state(case):
    return Grievance.objects.values_list("status", "current_step").get(pk=case.pk)


def records(case):
    rows = case.step_records.order_by("created_at")
    return [(row.step_number, row.outcome, row.notes, row.superseded_by is None) for row in rows]


def test_from_filing_to_arbitration(people, chair):
    case = GrievanceFactory()
    services.investigate(case, actor=chair)
    services.hold_meeting(case, actor=chair, notes="No answer yet.", **MEETING)
    services.record_answer(case, actor=chair, answer="denied", **ANSWER)
    services.advance(case, actor=chair)
    assert (state(case), records(case)) == (("hearing", "step_2"), [(1, "advanced", "No answer yet.", True)])
    services.record_meeting(case, actor=chair, notes="Second step.", **MEETING)
    services.advance(case, actor=chair)
    services.demand_arbitration(case, actor=chair)
    assert state(case) == ("arbitration", "arbitration")
    services.record_meeting(case, actor=chair, notes="Before the arbitrator.", **MEETING)
    assert records(case) == [
        (1, "advanced", "No answer yet.", True),
        (2, "advanced", "Second step.", True),
        (3, "advanced", "", True),
        (4, "", "Before the arbitrator.", True),
    ]
    assert story(case) == [
        "grievance.investigate",
        "grievance.hold_meeting",
        "grievance.record_answer",
        "grievance.advance",
        "grievance.record_meeting",
        "grievance.advance",
        "grievance.demand_arbitration",
        "grievance.record_meeting",
    ]


def test_advance_keeps_the_status_and_records_what_is_said(chair):
    case = GrievanceFactory(status="investigation")
    services.advance(case, actor=chair, notes="They did not meet us.")
    assert state(case) == ("investigation", "step_2")
    assert records(case) == [(1, "advanced", "They did not meet us.", True)]


def test_a_further_meeting_at_a_step_stands_beside_the_one_before(chair):
    case = GrievanceFactory(status="hearing")
    StepRecordFactory(grievance=case, notes="First", outcome="denied")
    services.record_meeting(case, actor=chair, notes="Second", **MEETING | {"meeting_date": AS_OF})
    assert records(case) == [(1, "denied", "First", True), (1, "", "Second", True)]
    services.advance(case, actor=chair)
    assert records(case) == [(1, "denied", "First", True), (1, "advanced", "Second", True)]


def test_what_came_of_a_step_is_told_by_the_last_meeting_whenever_it_was_written_down(chair):
    case = GrievanceFactory(status="hearing")
    StepRecordFactory(grievance=case, notes="Last", meeting_date=AS_OF)
    services.record_meeting(case, actor=chair, notes="Before it", **MEETING)
    services.record_answer(case, actor=chair, answer="denied", **ANSWER)
    assert records(case) == [(1, "denied", "Last", True), (1, "", "Before it", True)]


def test_an_answer_is_kept_with_the_day_on_which_it_came(chair):
    case = GrievanceFactory(status="hearing")
    StepRecordFactory(grievance=case, notes="Met")
    services.record_answer(case, actor=chair, answer="offer", given_by="Stone", words="Half of it.", **ANSWER)
    assert records(case) == [(1, "", "Met", True)]
    services.record_answer(case, actor=chair, answer="denied", **ANSWER)
    assert records(case) == [(1, "denied", "Met", True)]
    kept = case.answers.order_by("created_at").values_list("step_number", "answer", "words")
    assert list(kept) == [(1, "offer", "Half of it."), (1, "denied", "")]
    assert {answer.received_on for answer in case.answers.all()} == {ANSWER["received_on"]}
    assert story(case) == ["grievance.record_answer"] * 2


def test_a_denial_without_a_meeting_is_an_outcome_all_the_same(chair):
    case = GrievanceFactory(current_step="step_3")
    services.record_answer(case, actor=chair, answer="denied", **ANSWER)
    assert records(case) == [(3, "denied", "", True)]
    assert Grievance.objects.denied_at_the_last_step().get() == case


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (FILED - datetime.timedelta(1), "This is before the case was filed. Check the date."),
        (datetime.date(2099, 1, 1), "This day is still to come. Record an answer when it has come."),
    ],
)
def test_an_answer_comes_between_the_filing_and_today(chair, day, sentence):
    case = GrievanceFactory()
    with pytest.raises(ValidationError) as refused:
        services.record_answer(case, actor=chair, answer="denied", **ANSWER | {"received_on": day})
    assert refused.value.message_dict == {"received_on": [sentence]}
    assert (records(case), case.answers.count()) == ([], 0)


def test_a_meeting_to_come_or_before_the_incident_is_not_recorded(chair):
    case = GrievanceFactory()
    tomorrow = local_today() + datetime.timedelta(1)
    with pytest.raises(ValidationError) as refused:
        services.hold_meeting(case, actor=chair, meeting_date=tomorrow)
    assert refused.value.message_dict == {
        "meeting_date": ["This day is still to come. Record a meeting after it was held."]
    }
    with pytest.raises(ValidationError) as refused:
        services.hold_meeting(case, actor=chair, meeting_date=case.incident_date - datetime.timedelta(1))
    assert refused.value.message_dict == {
        "meeting_date": [f"This is before the incident, which was on {day_text(case.incident_date)}. Check the day."]
    }
    assert state(case) == ("open", "step_1")
    assert records(case) == []
    assert story(case) == []
    services.hold_meeting(case, actor=chair, meeting_date=local_today())
    assert state(case) == ("hearing", "step_1")


def test_the_event_says_no_word_of_the_case(chair):
    case = GrievanceFactory()
    services.hold_meeting(case, actor=chair, notes="Secret", **MEETING)
    services.settle(case, actor=chair, told=told_of(case), amount=Decimal("12.34"), **ENDING)
    text = str(list(AuditEvent.objects.values_list("reason", "body")))
    assert [word in text for word in ("Secret", "Reyes", "12.34", "Six hours", "2026-")] == [False] * 5


# --- ends ------------------------------------------------------------------------------------------------


def test_settling_keeps_how_it_ended_beside_the_case_and_on_it(chair):
    case = GrievanceFactory(status="hearing", people=[MemberFactory(), MemberFactory()], grievance_type="group")
    StepRecordFactory(grievance=case)
    services.settle(case, actor=chair, amount=Decimal("318.50"), told=told_of(case), **ENDING)

    case.refresh_from_db()
    assert case.status == "settled"
    assert case.status_before == "hearing"
    assert case.current_step == "step_1"
    assert case.resolution == "Six hours are paid."
    assert case.resolution_date == ENDING["day"]
    assert case.settlement_amount == Decimal("318.50")
    resolution = Resolution.objects.get()
    assert resolution.outcome == "settled"
    assert resolution.decided_by == "Grievance committee"
    assert resolution.amount == Decimal("318.50")
    assert resolution.with_prejudice is None
    assert set(GrievantTold.objects.values_list("grievant", "told_on", "how")) == {
        (grievant.pk, ENDING["day"], "phone") for grievant in case.grievants.all()
    }
    assert records(case)[0][1] == "settled"


@pytest.mark.parametrize(
    ("name", "status", "more", "prejudice"),
    [("withdraw", "withdrawn", {"with_prejudice": True}, True), ("close", "closed", {}, None)],
)
def test_withdrawing_and_closing_leave_the_step_as_it_is(chair, name, status, more, prejudice):
    case = GrievanceFactory(status="hearing")
    StepRecordFactory(grievance=case, outcome="denied")
    getattr(services, name)(case, actor=chair, told=told_of(case), **ENDING, **NOT_PURSUED, **more)
    case.refresh_from_db()
    assert case.status == status
    assert case.settlement_amount is None
    assert records(case)[0][1] == "denied"
    assert Resolution.objects.get().with_prejudice is prejudice


def test_of_a_policy_case_nobody_is_told(chair):
    case = GrievanceFactory(grievance_type="policy")
    services.close(case, actor=chair, **ENDING, **NOT_PURSUED)
    assert (state(case)[0], GrievantTold.objects.count()) == ("closed", 0)


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"day": FILED - datetime.timedelta(1)}, "day", "This is before the case was filed. Check the date."),
        ({"day": datetime.date(2099, 1, 1)}, "day", "This day is still to come. Check the date."),
        ({"told": []}, "told", "Say of each grievant on which day and how they were told."),
        ({"reason": ""}, "reason", "This field cannot be blank."),
        ({"decided_by": ""}, "decided_by", "This field cannot be blank."),
        ({"amount": Decimal("-1")}, "__all__", "Only a settlement has an amount, and it is not negative."),
    ],
)
def test_what_an_end_needs(chair, values, field, sentence):
    case = GrievanceFactory()
    with pytest.raises(ValidationError) as refused:
        services.settle(case, actor=chair, **{"told": told_of(case), **ENDING, **values})
    assert refused.value.message_dict == {field: [sentence]}
    assert state(case)[0] == "open"
    assert not Resolution.objects.exists()
    assert story(case) == []


def test_a_grievant_is_told_between_filing_and_today(chair):
    case = GrievanceFactory()
    for day in (FILED - datetime.timedelta(1), local_today() + datetime.timedelta(1)):
        with pytest.raises(ValidationError, match="between the filing and today"):
            told = [(case.grievants.get(), day, "letter")]
            services.close(case, actor=chair, told=told, **ENDING, **NOT_PURSUED)


@pytest.mark.parametrize(
    ("values", "field"),
    [({"comparable_cases": " "}, "comparable_cases"), ({"appeal_until": FILED}, "appeal_until")],
)
def test_whoever_does_not_go_on_has_compared_and_leaves_time_to_appeal(chair, values, field):
    case = GrievanceFactory(status="hearing")
    with pytest.raises(ValidationError) as refused:
        services.close(case, actor=chair, told=told_of(case), **ENDING | NOT_PURSUED | values)
    assert list(refused.value.message_dict) == [field]
    until = ENDING["day"] + datetime.timedelta(30)
    services.close(case, actor=chair, told=told_of(case), appeal_until=until, **ENDING, **NOT_PURSUED)
    resolution = Resolution.objects.get()
    assert (resolution.comparable_cases, resolution.appeal_until) == ("None like it.", until)


# --- reopening --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["open", "investigation", "hearing", "arbitration"])
def test_reopening_goes_back_and_loses_nothing(chair, before):
    step = "arbitration" if before == "arbitration" else "step_2"
    case = GrievanceFactory(status=before, current_step=step)
    services.settle(case, actor=chair, amount=Decimal("10.00"), told=told_of(case), **ENDING)
    services.reopen(case, actor=chair, reason="The employer did not pay")

    case.refresh_from_db()
    assert case.status == before
    assert case.current_step == step
    assert case.status_before == ""
    assert case.resolution == ""
    assert case.resolution_date is None
    assert case.settlement_amount is None
    resolution = Resolution.objects.get()
    assert resolution.amount == Decimal("10.00")
    assert resolution.superseded_at is not None
    assert AuditEvent.objects.latest("id").reason == "The employer did not pay"
    services.close(case, actor=chair, told=told_of(case), **ENDING, **NOT_PURSUED)
    assert [row.outcome for row in Resolution.objects.live()] == ["closed"]


def test_reopening_takes_settled_from_the_step_record(chair):
    case = GrievanceFactory(status="hearing")
    StepRecordFactory(grievance=case, notes="Met")
    services.settle(case, actor=chair, told=told_of(case), **ENDING)
    services.reopen(case, actor=chair, reason="Not paid")
    assert records(case) == [(1, "settled", "Met", False), (1, "", "Met", True)]


def test_reopening_leaves_the_denial_that_was_answered(people, chair):
    """Else whoever works it could drop a case that was denied at the last step."""
    case = GrievanceFactory(status="hearing", current_step="step_3")
    StepRecordFactory(grievance=case, step_number=3)
    case = services.record_answer(case, actor=chair, received_on=case.filed_date, how="mail", answer="denied")
    services.settle(case, actor=chair, told=told_of(case), **ENDING)
    case = services.reopen(case, actor=chair, reason="Not paid")
    assert case.is_past_the_steps()
    assert [outcome for _number, outcome, _notes, is_live in records(case) if is_live] == ["denied"]


def test_reopening_needs_a_reason_and_the_right(people, chair):
    case = GrievanceFactory(settled=True)
    with pytest.raises(ValidationError):
        services.reopen(case, actor=chair, reason=" ")
    for role in ("staff", "representative"):
        with pytest.raises(PermissionDenied):
            services.reopen(case, actor=people[role], reason="Why")
    with pytest.raises(TransitionRefused):
        services.investigate(case, actor=chair)
    assert state(case)[0] == "settled"


def test_no_move_outside_the_rows_of_the_person(people):
    case = GrievanceFactory()
    for role in ("steward", "member", "admin"):
        with pytest.raises((PermissionDenied, TransitionRefused)):
            services.investigate(case, actor=people[role])
    assert state(case)[0] == "open"
    assert not GrievanceStepRecord.objects.exists()
