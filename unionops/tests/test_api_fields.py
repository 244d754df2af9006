"""What the API tells and takes is what the services take; where it differs stands here with its reason."""

import inspect

import pytest

from accounts.api import people as accounts
from accounts.services import invitations, people, terms
from benevolence.api.applications import ApplicationSerializer
from benevolence.api.drafts import DraftBodySerializer, PayeeBodySerializer
from benevolence.api.fund import ContributionSerializer
from benevolence.services import applications, fund, payees, sides
from grievances.api.agreements import AgreementSerializer, StepRuleSerializer
from grievances.api.cases import GrievanceNotesSerializer
from grievances.api.contract import (
    AgreementBodySerializer,
    ClosureBodySerializer,
    ClosureSerializer,
    RuleBodySerializer,
    StageBodySerializer,
)
from grievances.api.deadlines import ExtensionBodySerializer
from grievances.api.documents import CaseDocumentSerializer, DescribeBodySerializer
from grievances.api.drafts import DraftNotesSerializer, IntakeBodySerializer
from grievances.api.holidays import HolidayListBodySerializer, HolidayListSerializer
from grievances.api.parts import AnswerSerializer, DeliverySerializer, ExtensionSerializer, StepRecordSerializer
from grievances.api.steps import RightAnswerSerializer, RightRecordSerializer
from grievances.api.tasks import NewTaskBodySerializer, TaskBodySerializer, TaskSerializer
from grievances.api.work import FactsBodySerializer
from grievances.models import FACTS
from grievances.services import agreements, deliveries, documents, holidays, intakes, step_records, tasks
from members.api import members as people_api
from members.api import organizations as places_api
from members.services import employments, members, organizations
from organizing.api import CampaignSerializer, SaltingActivitySerializer
from organizing.services import activities, campaigns

NOTES = {"notes": "the office writes them for itself"}
# (serializer, fields of the service, fields of these that no answer tells, with the reason)
TOLD = [
    (people_api.MemberSerializer, members.MEMBER_FIELDS, NOTES),
    (people_api.EmploymentSerializer, employments.EMPLOYMENT_FIELDS, {}),
    (people_api.CurrentEmploymentSerializer, employments.EMPLOYMENT_FIELDS, {}),
    (places_api.OrganizationSerializer, organizations.ORGANIZATION_FIELDS, {}),
    (places_api.ContactSerializer, organizations.CONTACT_FIELDS, NOTES),
    (places_api.OrganizationContactSerializer, organizations.CONTACT_FIELDS, NOTES),
    (
        ApplicationSerializer,
        sides.FIELDS,
        {"paid_by": "names somebody of the fund", "entered_by": "names somebody of the office"},
    ),
    (ApplicationSerializer, applications.INTAKE_FIELDS, {}),
    (GrievanceNotesSerializer, intakes.INTAKE_FIELDS, {"organization": "told as `employer`"}),
    (
        DraftNotesSerializer,
        [name for name in intakes.INTAKE_FIELDS if name != "organization"],
        {},
    ),
    (DeliverySerializer, deliveries.DELIVERY_FIELDS, {}),
    (ExtensionSerializer, deliveries.EXTENSION_FIELDS, {}),
    (CaseDocumentSerializer, documents.SAID, {}),
    (TaskSerializer, tasks.TASK_FIELDS, {}),
    (AgreementSerializer, agreements.AGREEMENT_FIELDS, {}),
    (StepRuleSerializer, agreements.RULE_FIELDS, {}),
    (ClosureSerializer, agreements.CLOSURE_FIELDS, {}),
    (HolidayListSerializer, holidays.HOLIDAY_FIELDS, {}),
    (StepRecordSerializer, step_records.MEETING_FIELDS, {}),
    (AnswerSerializer, step_records.ANSWER_FIELDS, {}),
    (CampaignSerializer, campaigns.CAMPAIGN_FIELDS, {}),
    (SaltingActivitySerializer, activities.ACTIVITY_FIELDS, {"campaign_member": "told as `acting`, a pseudonym"}),
    (accounts.UserSerializer, people.EDITABLE, {}),
]
# (serializer of a body, fields of the service, what a new record also names)
WRITTEN = [
    (people_api.MemberBodySerializer, members.MEMBER_FIELDS, set()),
    (people_api.NewMemberBodySerializer, members.MEMBER_FIELDS, {"why_another"}),
    (people_api.EmploymentBodySerializer, employments.EMPLOYMENT_FIELDS, {"member"}),
    (places_api.OrganizationBodySerializer, organizations.ORGANIZATION_FIELDS, set()),
    (places_api.ContactBodySerializer, organizations.CONTACT_FIELDS, {"organization"}),
    (DraftBodySerializer, applications.INTAKE_FIELDS, {"member", "notes"}),
    (
        IntakeBodySerializer,
        [name for name in intakes.INTAKE_FIELDS if name != "organization"],
        {"employer", "grievants", "notes"},
    ),
    (FactsBodySerializer, FACTS, set()),
    (TaskBodySerializer, tasks.TASK_FIELDS, set()),
    (NewTaskBodySerializer, tasks.TASK_FIELDS, {"grievance", "kind"}),
    (ExtensionBodySerializer, deliveries.EXTENSION_FIELDS, set()),
    (DescribeBodySerializer, documents.SAID, set()),
    (AgreementBodySerializer, agreements.AGREEMENT_FIELDS, set()),
    (StageBodySerializer, agreements.STAGE_FIELDS, set()),
    (RuleBodySerializer, agreements.RULE_FIELDS, {"stage"}),
    (ClosureBodySerializer, agreements.CLOSURE_FIELDS, set()),
    (HolidayListBodySerializer, holidays.HOLIDAY_FIELDS, set()),
    (RightRecordSerializer, step_records.MEETING_FIELDS, {"notes", "outcome", "reason"}),
    (RightAnswerSerializer, step_records.ANSWER_FIELDS, {"reason"}),
]
# (serializer, service, fields that the view turns into what the service takes)
TAKEN = [
    (accounts.NewUserSerializer, invitations.invite, {"member": "member_id"}),
    (accounts.UserActSerializer, people.deactivate, {}),
    (accounts.UserActSerializer, people.activate, {}),
    (accounts.UserActSerializer, people.unlock, {}),
    (accounts.UserActSerializer, people.end_sessions, {}),
    (accounts.NewAssignmentSerializer, terms.assign_role, {}),
    (accounts.EndAssignmentSerializer, terms.end_role, {}),
]
# What the address names, and who asks.
GIVEN = {"actor"}
# (serializer of a body without a model, fields of the service)
PLAIN = [(PayeeBodySerializer, payees.PAYEE_FIELDS), (ContributionSerializer, fund.RECORDED)]
ROW_OF_THE_ADDRESS = {people.deactivate, people.activate, people.unlock, people.end_sessions, terms.end_role}


@pytest.mark.parametrize(("serializer", "fields", "untold"), TOLD)
def test_answers_tell_what_a_service_takes(serializer, fields, untold):
    assert [name for name in fields if name not in serializer.Meta.fields] == list(untold)


@pytest.mark.parametrize(("serializer", "fields", "belongs_to"), WRITTEN)
def test_a_record_is_written_with_what_a_service_takes(serializer, fields, belongs_to):
    assert {*serializer.Meta.fields} == {*fields} - {"notes"} | belongs_to


@pytest.mark.parametrize(("serializer", "fields"), PLAIN)
def test_a_body_names_what_a_service_takes(serializer, fields):
    assert {*serializer().fields} == {*fields}


@pytest.mark.parametrize(("serializer", "service", "renamed"), TAKEN)
def test_a_request_gives_what_the_service_takes(serializer, service, renamed):
    taken = list(inspect.signature(service).parameters)
    if service in ROW_OF_THE_ADDRESS:
        taken = taken[1:]
    assert {renamed.get(name, name) for name in serializer().fields} == set(taken) - GIVEN
