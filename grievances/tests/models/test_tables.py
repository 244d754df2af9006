import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from grievances.factories import (
    AS_OF,
    FILED,
    GrievanceFactory,
    IntakeFactory,
    ResolutionFactory,
    StepRecordFactory,
)
from grievances.models import Grievance, GrievancePolicy, GrievanceStepRecord, Grievant, Resolution
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db


def test_what_a_case_is_searched_by():
    ann = MemberFactory(first_name="Ann", last_name="Åalto", member_number="A104")
    case = GrievanceFactory(people=[ann], employer__name="Crane Yard", former_number="G 17", number=7)
    assert case.search_text == " gr 2026 0007 g 17 20260007 crane yard article 14 section 2 ann aalto a104"
    case.save()
    assert Grievance.objects.get().search_text == case.search_text


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"member": None}, "Name the grievant; only a policy grievance has none."),
        ({"status": "closed"}, "A case has a resolution date when it is settled, withdrawn or closed."),
        ({"resolution_date": AS_OF}, "A case has a resolution date when it is settled, withdrawn or closed."),
        ({"settlement_amount": 5}, "Only a settled case has an amount, and it is not negative."),
        ({"status": "arbitration"}, "A case at arbitration has left the steps before."),
        ({"current_step": "arbitration"}, "A case at arbitration has left the steps before."),
    ],
)
def test_what_a_case_cannot_be(values, sentence):
    case = GrievanceFactory()
    for name, value in values.items():
        setattr(case, name, value)
    with pytest.raises(ValidationError) as refused:
        case.full_clean()
    assert refused.value.messages == [sentence]
    with pytest.raises(IntegrityError), transaction.atomic():
        case.save()


def test_a_policy_case_has_no_member():
    case = GrievanceFactory(grievance_type="policy")
    case.full_clean()
    case.member = MemberFactory()
    with pytest.raises(ValidationError):
        case.full_clean()


@pytest.mark.parametrize("state", ["settled", "withdrawn", "closed", "at_arbitration"])
def test_the_factory_makes_valid_ends(state):
    GrievanceFactory(**{state: True}).full_clean()


def test_text_has_its_limits_in_the_model_too():
    case = GrievanceFactory()
    case.violation_description, case.contract_article = "x" * 20_001, "14\u202e"
    with pytest.raises(ValidationError) as refused:
        case.full_clean()
    assert refused.value.message_dict == {
        "violation_description": ["Ensure this value has at most 20000 characters (it has 20001)."],
        "contract_article": ["Remove the invisible characters; type the text instead of pasting it."],
    }


def test_days_open():
    case = Grievance(filed_date=FILED)
    assert case.days_open(FILED) == 0
    assert case.days_open(FILED + datetime.timedelta(12)) == 12
    assert GrievanceFactory(settled=True).days_open(AS_OF + datetime.timedelta(400)) == 30


def test_a_case_is_past_the_steps_at_arbitration_or_when_denied_at_the_last():
    assert not GrievanceFactory().is_past_the_steps()
    assert GrievanceFactory(at_arbitration=True).is_past_the_steps()
    last = GrievanceFactory(current_step="step_3", status="hearing")
    record = StepRecordFactory(grievance=last, step_number=3)
    assert not last.is_past_the_steps()
    record.outcome = "denied"
    record.save()
    assert last.is_past_the_steps()


def test_outcomes_in_words():
    words = [
        GrievanceStepRecord(step_number=number, outcome=outcome).outcome_words
        for number, outcome in ((1, "advanced"), (3, "advanced"), (2, "denied"), (1, ""))
    ]
    assert words == ["Moved to Step 2", "Moved to Arbitration", "Denied", ""]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"outcome": "closed"}, "Only a settlement has an amount, and it is not negative."),
        ({"with_prejudice": True}, "A withdrawal is with or without prejudice; nothing else is."),
        ({"outcome": "withdrawn", "amount": None}, "A withdrawal is with or without prejudice; nothing else is."),
    ],
)
def test_what_a_resolution_cannot_be(values, sentence):
    resolution = ResolutionFactory()
    for name, value in values.items():
        setattr(resolution, name, value)
    with pytest.raises(ValidationError) as refused:
        resolution.full_clean()
    assert refused.value.messages == [sentence]


def test_a_case_has_one_live_resolution_and_a_grievant_once():
    resolution = ResolutionFactory()
    again = Resolution(grievance=resolution.grievance, outcome="closed", day=AS_OF, reason="x", decided_by="y")
    with pytest.raises(ValidationError, match="This case is resolved already"):
        again.full_clean()
    grievant = resolution.grievance.grievants.get()
    with pytest.raises(ValidationError, match="grievant of this case already"):
        Grievant(grievance=resolution.grievance, member=grievant.member).full_clean()


def test_entry_steps_by_type():
    policy = GrievancePolicy()
    assert [policy.entry_step(kind) for kind in ("individual", "group", "policy")] == ["step_1", "step_2", "step_3"]


def test_names_carry_nothing_personal():
    case, draft, record = GrievanceFactory(number=7), IntakeFactory(), StepRecordFactory()
    assert (str(case), case.get_absolute_url()) == ("GR-2026-0007", f"/grievances/{case.pk}/")
    assert (str(draft), draft.get_absolute_url()) == ("Draft", f"/grievances/drafts/{draft.pk}/")
    assert str(record) == "step record 1"
    assert str(case.grievants.get()) == f"grievant {case.member_id}"
