"""A page that makes a record makes one, however often its form is sent; the token is checked in the database."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import Installation, Program, Role, RoleAssignment, User
from accounts.views import people as accounts_people
from accounts.views import security
from accounts.views.openid import LinkRemove
from accounts.views.programs import ProgramNew
from accounts.views.roles import RoleCreate, RoleEdit
from accounts.views.slates import InstallationNew
from accounts.views.terms import Confirmations, RoleAssign
from benevolence.factories import ApplicationFactory, RelationshipFactory
from benevolence.models import (
    Absence,
    BankStatement,
    BenevolenceApplication,
    BenevolencePolicy,
    CaseSubstitute,
    DeclaredRelationship,
    FundTransfer,
    HelpImport,
    PaymentRun,
    Seat,
)
from benevolence.services import policies
from benevolence.tests.conftest import fill_seats
from benevolence.tests.steps import RULES
from benevolence.views.applications import ApplicationAppeal, ApplicationCreate
from benevolence.views.documents import DocumentAdd, DocumentReplace, DocumentTakeBack
from benevolence.views.fund import ContributionPage
from benevolence.views.imports import VIEWS as HELP_IMPORTS
from benevolence.views.intake import IntakeFinish, IntakeKeepBack
from benevolence.views.paper import ApplicationPaper
from benevolence.views.payees import ApplicationPayees
from benevolence.views.payments import PaymentCleared, PaymentSign, RunNew
from benevolence.views.relationships import ApplicationRecuse, RelationshipNew, RelationshipsState
from benevolence.views.rules import RulesNew
from benevolence.views.seats import AbsenceNew, SeatEnd, SeatNew, SubstitutePropose
from benevolence.views.statements import StatementNew
from core.checks import routes
from core.models import KeptAnswer
from core.site import local_today
from core.tests.pages import errors, said, values_in
from core.web.moves import MovePage
from core.web.one_row import OneRowPage
from core.web.views import ActionPage, EditPage, FormPage
from grievances.arbitration_factories import ArbitrationFactory
from grievances.factories import GrievanceFactory, IntakeFactory, one_of_each
from grievances.models import (
    Agreement,
    AgreementClosure,
    AgreementStage,
    ArbitrationCost,
    Away,
    CaseImport,
    CaseTask,
    Delivery,
    Docket,
    Extension,
    Grievance,
    GrievanceIntake,
    GrievanceStepRecord,
    HolidayList,
    StepRule,
)
from grievances.views import acts, agreement_parts, intake_documents, letters, tasks, work
from grievances.views import documents as case_documents
from grievances.views.agreements import (
    AgreementCopy,
    AgreementCreate,
    AgreementFileAdd,
    ClausesPaste,
    ClosureCreate,
    RuleCreate,
    RuleEdit,
    StageCreate,
)
from grievances.views.away import AwayEnd, AwayNew
from grievances.views.deadlines import ChooseAgreement, DeliveryCreate, ExtensionConfirm, ExtensionCreate, FeedPage
from grievances.views.dockets import DocketCreate, DocketEdit, DocketExtend, DocketRecord
from grievances.views.handover import GrievanceHandOver
from grievances.views.holidays import HolidaysCreate
from grievances.views.imports import VIEWS as CASE_IMPORTS
from grievances.views.intakes import IntakeCreate, IntakeFile
from members.factories import MemberFactory, OrganizationFactory
from members.models import Employment, ImportBatch, Member, MergeRequest, Organization, OrganizationContact, OtherPerson
from members.services.members import MEMBER_FIELDS
from members.tests.typed import MEMBER, ORGANIZATION
from members.views.employments import EmploymentCreate
from members.views.imports import VIEWS as MEMBER_IMPORTS
from members.views.invitations import InviteAll
from members.views.members import MemberCreate, MemberStatusChange
from members.views.organizations import ContactCreate, OrganizationCreate
from members.views.two_people import TwoPeople
from organizing.factories import AssignmentFactory, CampaignMemberFactory
from organizing.models import Campaign, CampaignAssignment, CampaignMember, EmergencyOpening, SaltingActivity
from organizing.views.activities import ActivityAdd, EntryAdd
from organizing.views.campaigns import Appoint, AssignmentConfirm, SaltAdd
from organizing.views.openings import OpeningAsk
from organizing.views.oversight import ConfirmLead, OpenCampaign, ReplaceLead
from unionops.testing.cast import People
from unionops.views import handover
from unionops.views.merging import MemberMerge, OrganizationMerge
from unionops.views.notices import NoticeChoices

pytestmark = pytest.mark.django_db
NEW, NEW_DRAFT, ADMIN_NEW = "/organizations/add/", "/grievances/drafts/new/", "/admin/members/organization/add/"
REASON = {"reason": "Because"}
AGREEMENT = {
    "title": "Yard agreement",
    "effective_from": "2026-01-01",
    "silence": "may_advance",
    "lateness": "waived",
    "entry_step_individual": "1",
    "entry_step_group": "2",
    "entry_step_policy": "3",
    "panel_source": "fmcs",
    "panel_size": "7",
    "first_strike": "coin",
}
# Each page with a token: who, the rows in its address, what is typed there, and what it makes.
PAGES: dict[type[FormPage], tuple[str, tuple[str, ...], dict[str, Any], type]] = {
    MemberCreate: ("staff", (), MEMBER, Member),
    EmploymentCreate: ("staff", ("member",), {"organization": "Crane Yard", "start_date": "2020-01-02"}, Employment),
    OrganizationCreate: ("staff", (), ORGANIZATION, Organization),
    ContactCreate: ("staff", ("employer",), {"first_name": "Ann", "last_name": "Berg"}, OrganizationContact),
    TwoPeople: ("officer", ("member", "alike"), REASON, OtherPerson),
    MemberMerge: (
        "staff",
        ("own", "member"),
        REASON | dict.fromkeys(MEMBER_FIELDS, "kept") | {"kept_version": "1", "duplicate_version": "1"},
        MergeRequest,
    ),
    MEMBER_IMPORTS["upload"]: (
        "staff",
        (),
        {"kind": "organizations", "file": b"Name,City,State\nAlder,Peoria,IL\n"},
        ImportBatch,
    ),
    IntakeCreate: ("steward", (), {"violation_description": "Out of turn"}, GrievanceIntake),
    acts.CaseActPage: (
        "staff",
        ("arbitrated", "=record_cost"),
        {"day": "2026-08-20", "what": "Half of the fee", "amount": "900"},
        ArbitrationCost,
    ),
    tasks.TaskAdd: ("staff", ("case", "=information"), {"what": "The list", "asked_on": "2026-01-05"}, CaseTask),
    IntakeFile: ("staff", ("draft",), {"filed_date": "2026-08-15", "version": "1"}, Grievance),
    ApplicationCreate: (
        "staff",
        (),
        {"member": "104233", "reason": "medical", "description": "Rent", "amount_requested": "400"},
        BenevolenceApplication,
    ),
    AgreementCreate: ("officer", (), AGREEMENT | {"employer": "Crane Yard"}, Agreement),
    AgreementCopy: (
        "officer",
        ("agreement",),
        {"title": "Next", "effective_from": "2029-01-01", "version": "1"},
        Agreement,
    ),
    RuleCreate: (
        "officer",
        ("agreement",),
        {"stage": "stage", "clock": "meet", "days": "9", "unit": "working", "trigger": "begun"},
        StepRule,
    ),
    StageCreate: (
        "officer",
        ("agreement",),
        {"position": "4", "step": "step_3", "name": "Joint board"},
        AgreementStage,
    ),
    ClosureCreate: (
        "officer",
        ("agreement",),
        {"name": "Summer", "first_day": "2026-07-01", "last_day": "2026-07-10"},
        AgreementClosure,
    ),
    HolidaysCreate: ("officer", (), {"name": "Yard days", "observed": "nearest"}, HolidayList),
    DeliveryCreate: (
        "staff",
        ("case",),
        {
            "what": "Form",
            "how": "hand",
            "to_whom": "Stone",
            "day": "2026-01-06",
            "time": "10:00",
            "proof": "Signed",
        },
        Delivery,
    ),
    ExtensionCreate: (
        "staff",
        ("deadline",),
        {"new_date": "2027-01-05", "for_union": "A", "for_employer": "B", "agreed_on": "2026-01-05", "version": "1"},
        Extension,
    ),
    AwayNew: ("staff", (), {"stand_in": "", "first_day": "2099-01-01", "last_day": "2099-01-02"}, Away),
    DocketCreate: (
        "staff",
        (),
        {"employer_met": "", "meeting_date": "2026-01-06", "cases": ""},
        Docket,
    ),
    DocketRecord: (
        "staff",
        ("docket",),
        {
            "meeting_date": "2026-09-01",
            "how": "spoken",
            "outcome_GR-2026-4001": "further",
            "said_GR-2026-4001": "Later",
            "version": "1",
        },
        GrievanceStepRecord,
    ),
    DocketExtend: (
        "staff",
        ("docket",),
        {"deadlines": "", "new_date": "2027-01-05", "for_union": "A", "for_employer": "B", "agreed_on": "2026-01-05"},
        Extension,
    ),
    ApplicationRecuse: ("benevolence-vp", ("application",), {"kind": "friend"}, DeclaredRelationship),
    StatementNew: (
        "treasurer",
        (),
        {"month": "2026-01-01", "balance": "40"},
        BankStatement,
    ),
    ContributionPage: (
        "treasurer",
        (),
        {"kind": "donation", "amount": "40", "on": "2026-01-05", "note": "Picnic"},
        FundTransfer,
    ),
    CASE_IMPORTS["upload"]: (
        "officer",
        (),
        {"file": b"Case,Grievant,Employer,Filed\nG-1,104233,Crane Yard,2026-01-05\n"},
        CaseImport,
    ),
    HELP_IMPORTS["upload"]: ("treasurer", (), {"file": b"Member,Date,Amount\n104233,2026-01-05,400\n"}, HelpImport),
    RunNew: (
        "treasurer",
        (),
        {
            "lines": "line",
            "payment_date": "2026-01-05",
            "payment_method": "check",
            "first_reference": "501",
            "confirmed": "on",
        },
        PaymentRun,
    ),
    ApplicationAppeal: (
        "staff",
        ("denied",),
        {"reason": "medical", "description": "Rent", "amount_requested": "400", "needed_by": ""},
        BenevolenceApplication,
    ),
    RelationshipNew: (
        "benevolence-vp",
        (),
        {"member_number": "104233", "last_name": "Aalto", "kind": "friend"},
        DeclaredRelationship,
    ),
    SeatNew: ("officer", (), {"level": "vp", "user": "vp", "reason": "Elected"}, Seat),
    AbsenceNew: ("officer", (), {"user": "vp", "first_day": "2099-01-01", "last_day": "2099-01-02"}, Absence),
    SubstitutePropose: ("officer", ("stuck",), {"user": "manager", "reason": "Related"}, CaseSubstitute),
    RulesNew: ("admin", (), RULES, BenevolencePolicy),
    OpenCampaign: ("organizing-director", (), {"code_name": "Osprey", "lead": "officer"}, Campaign),
    OpeningAsk: ("organizing-director", ("campaign",), REASON | {"hours": "24"}, EmergencyOpening),
    Appoint: ("organizer", ("campaign",), {"user": "helper", "duty": "organizer"}, CampaignAssignment),
    SaltAdd: ("organizer", ("campaign",), {"member": "104233", "since": "2026-01-05"}, CampaignMember),
    ActivityAdd: (
        "organizer",
        ("campaign",),
        {
            "activity_date": "2026-01-05",
            "campaign_member": "salt",
            "activity_type": "one_on_one",
            "outcome": "positive",
            "workers_contacted": "3",
            "cards_signed": "1",
            "description": "Talked",
        },
        SaltingActivity,
    ),
    EntryAdd: (
        "member",
        (),
        {"day": "2026-01-05", "kind": "forms", "result": "well", "people": "4", "filled": "2", "text": "Agreed"},
        SaltingActivity,
    ),
    accounts_people.UserCreate: (
        "admin",
        (),
        {"email": "new@people.example", "first_name": "Nia", "last_name": "Newman"},
        User,
    ),
    RoleAssign: ("admin", ("user",), REASON | {"role": "steward", "kind": "regular"}, RoleAssignment),
    RoleCreate: (
        "admin",
        (),
        {"display_name": "Caller", "name": "caller", "permissions_core": ["core.enter_office"]},
        Role,
    ),
    ProgramNew: (
        "admin",
        (),
        {"name": "Dues", "network": "203.0.113.0/24", "permissions": ["members.view_member"]},
        Program,
    ),
    InstallationNew: ("admin", (), REASON | {"title": "Officers", "roles": ["officer"]}, Installation),
}
# What is chosen among rows of this world, where a form above leaves it open.
CHOSEN = {"employer_met": "employer of the docket", "cases": "case", "deadlines": "deadline", "stand_in": "officer"}
# Forms without a token that name no version either, and why a second sending does no harm.
WITHOUT = {
    "it sets what it says, a second time the same": {
        RoleEdit,
        MemberStatusChange,
        work.GrievanceAsk,
        NoticeChoices,
        handover.HandOver,
        GrievanceHandOver,
        handover.HandoverSignOut,
    },
    "it confirms, and what is confirmed has nothing left to confirm": {
        Confirmations,
        accounts_people.UserConfirm,
        AssignmentConfirm,
        ConfirmLead,
    },
    "its form names the version or the assignment that was seen": {
        ApplicationPayees,
        MEMBER_IMPORTS["match"],
        CASE_IMPORTS["match"],
        HELP_IMPORTS["match"],
        ApplicationPaper,
        OrganizationMerge,
        PaymentCleared,
        PaymentSign,
        ReplaceLead,
        letters.LetterEdit,
        tasks.TaskDone,
        tasks.TaskRemind,
        work.GrievanceAssign,
        DocketEdit,
        RuleEdit,
        work.GrievanceRestrict,
        work.GrievanceLift,
    },
    "it ends what is then gone": {
        security.FactorRemove,
        LinkRemove,
        DocumentTakeBack,
        case_documents.DocumentTakeBack,
        intake_documents.IntakeDocumentTakeBack,
        agreement_parts.AgreementFileTakeBack,
        agreement_parts.ClosureTakeOut,
        agreement_parts.RuleTakeOut,
        agreement_parts.StageTakeOut,
        tasks.TaskDrop,
        AwayEnd,
    },
    "the same file is there once": {
        DocumentAdd,
        DocumentReplace,
        case_documents.DocumentAdd,
        case_documents.DocumentReplace,
        intake_documents.IntakeDocumentAdd,
    },
    "its challenge counts once, or the newest counts alone": {
        security.AppAdd,
        security.PasskeyAdd,
        security.NewCodes,
        security.AddressChange,
    },
    "it stands in the place of what was there": {ClausesPaste, FeedPage},
    "the same contract is there once, and a case has one agreement": {AgreementFileAdd, ChooseAgreement},
    "what is confirmed is not confirmed again": {ExtensionConfirm},
    "whoever has an open invitation gets no other": {InviteAll},
    "the second finds another version, or what has ended": {IntakeFinish, IntakeKeepBack, SeatEnd},
    "what was said is said again": {RelationshipsState},
}


@pytest.fixture(scope="module")
def people(everybody) -> People:
    return everybody


@pytest.fixture(scope="module")
def world(people, django_db_blocker) -> dict[str, Any]:
    with django_db_blocker.unblock():
        return rows_for(people)


def rows_for(people: People) -> dict[str, Any]:
    alike = {"first_name": "Ann", "last_name": "Aalto", "date_of_birth": date(1980, 2, 3)}
    member = MemberFactory(member_number="104233", **alike)
    campaign = AssignmentFactory(user=people["organizer"], duty="lead").campaign
    fill_seats(people)
    return {
        "rules": policies.add_version({}, actor=None, starts_on=date(2098, 1, 1)),
        "member": member,
        "alike": MemberFactory(**alike),
        "own": people["member"].member,
        "employer": OrganizationFactory(name="Crane Yard"),
        "draft": IntakeFactory(),
        "case": GrievanceFactory(),
        "arbitrated": ArbitrationFactory().grievance,
        **dates_for(people),
        "application": ApplicationFactory(status="submitted", entered_by=people["staff"]),
        "line": ApplicationFactory(status="approved", application_date=date(2026, 1, 5)).lines.get(),
        "denied": ApplicationFactory(status="denied", entered_by=people["staff"]),
        "vp": people["benevolence-vp"],
        "manager": people["benevolence-manager"],
        "stuck": ApplicationFactory(
            status="submitted", member=RelationshipFactory(user=people["benevolence-vp"]).member
        ),
        "campaign": campaign,
        "salt": CampaignMemberFactory(campaign=campaign, member=people["member"].member),
        "user": UserFactory(),
        "helper": RoleAssignmentFactory(role="organizer").user,
        "officer": people["officer"],
    }


def dates_for(people: People) -> dict[str, Any]:
    """An agreement whose last step has one rule, and a date of a case."""
    made = one_of_each(people["staff"], number=4001)
    stage = made["grievances.agreement"].stages.get(position=3)
    stage.rules.filter(clock="meet").delete()
    deadline = made["grievances.deadline"]
    return {
        "agreement": made["grievances.agreement"],
        "stage": stage,
        "deadline": deadline,
        "docket": made["grievances.docket"],
        "employer of the docket": deadline.grievance.employer,
        "case": deadline.grievance,
    }


def forms() -> dict[type[FormPage], str]:
    """Return each page that is a form, with the name of its route."""
    views = {getattr(pattern.callback, "view_class", None): pattern.name for _route, pattern in routes()}
    return {view: name for view, name in views.items() if view is not None and issubclass(view, FormPage)}


def token_in(response) -> dict[str, str]:
    return {"form_token": values_in(response)["form_token"]}


def sent(values: dict[str, Any], world: dict[str, Any]) -> dict[str, Any]:
    """Return what a browser sends: keys in place of rows, a file anew."""
    keys = {
        name: world[values[name]].pk for name in ("lead", "user", "campaign_member", "lines", "stage") if name in values
    }
    keys |= {name: world[row].pk for name, row in CHOSEN.items() if values.get(name) == ""}
    files = {n: SimpleUploadedFile("list.csv", text) for n, text in values.items() if isinstance(text, bytes)}
    last_day = {"last_day": str(local_today() + timedelta(days=30))} if "network" in values else {}
    return values | keys | files | last_day


def test_every_form_makes_its_record_once_or_does_no_harm_twice():
    """A form of a version, of a move or of a reason acts on the record that it names, as it was seen."""
    found = {view for view in forms() if not issubclass(view, (EditPage, MovePage, OneRowPage, ActionPage))}
    assert {view for view in forms() if view.makes_record} == PAGES.keys()
    assert found - PAGES.keys() == set().union(*WITHOUT.values())


def plain(row):
    """Return what an address has in a place of no record: it is written “=word”."""
    return row.removeprefix("=") if row.startswith("=") else ""


@pytest.mark.parametrize("view", PAGES, ids=lambda view: view.__name__)
def test_each_of_them_makes_one_and_leads_to_it_again(client_of, world, view):
    who, rows, values, made = PAGES[view]
    browser, path = client_of(who), reverse(forms()[view], args=[plain(row) or world[row].pk for row in rows])
    token, before = token_in(browser.get(path)), made.objects.count()
    answers = [browser.post(path, sent(values, world) | token) for _time in range(2)]
    assert made.objects.count() == before + 1
    assert answers[1].status_code == 302
    assert answers[0].headers.get("Location", answers[1].url) == answers[1].url
    assert said(answers[1])[-1] == str(view.made_already)
    assert KeptAnswer.objects.get().operation == KeptAnswer.FORM


def test_every_visit_of_the_page_may_make_another(client_of):
    browser, before = client_of("staff"), GrievanceIntake.objects.count()
    for _visit in range(2):
        browser.post(NEW_DRAFT, token_in(browser.get(NEW_DRAFT)))
    assert GrievanceIntake.objects.count() == before + 2


def test_other_words_with_the_same_token_are_asked_about_and_then_saved(client_of):
    browser = client_of("staff")
    typed = ORGANIZATION | token_in(browser.get(NEW))
    browser.post(NEW, typed)
    other = typed | {"name": "Another Yard"}
    asked = browser.post(NEW, other)
    assert asked.status_code == 409
    assert errors(asked) == {
        "__all__": ["This form was saved before, with other words. To save this as well, send it again."]
    }
    assert not Organization.objects.filter(name="Another Yard").exists()
    assert browser.post(NEW, other | token_in(asked)).status_code == 302
    assert Organization.objects.filter(name="Another Yard").count() == 1


def test_another_file_under_the_same_name_is_other_words(client_of, world):
    browser, path = client_of("staff"), reverse("import_upload")
    values, token = PAGES[MEMBER_IMPORTS["upload"]][2], token_in(browser.get(path))
    browser.post(path, sent(values, world) | token)
    other = browser.post(path, sent(values | {"file": b"Name,City,State\nBirch,Peoria,IL\n"}, world) | token)
    assert other.status_code == 409
    assert ImportBatch.objects.count() == 1


@pytest.mark.parametrize(("wrong", "status"), [({"name": ""}, 422), ({"website": "x"}, 422)])
def test_a_refusal_leaves_the_token_to_be_used(client_of, wrong, status):
    browser, before = client_of("staff"), Organization.objects.count()
    token = token_in(browser.get(NEW))
    refused = browser.post(NEW, ORGANIZATION | wrong | token)
    assert refused.status_code == status
    assert token_in(refused) == token
    assert browser.post(NEW, ORGANIZATION | token).status_code == 302
    assert Organization.objects.count() == before + 1


def test_what_the_service_asks_about_leaves_the_token_to_be_used(client_of, world):
    browser, path = client_of("staff"), reverse("member_create")
    token = token_in(browser.get(path))
    twin = MEMBER | {"first_name": "Ann", "last_name": "Aalto", "date_of_birth": "1980-02-03"} | token
    asked = browser.post(path, twin)
    assert asked.status_code == 409
    assert token_in(asked) == token
    assert browser.post(path, twin | {"why_another": "Cousins"}).status_code == 302
    assert Member.objects.filter(member_number=MEMBER["member_number"]).count() == 1


def test_a_token_is_of_one_person_and_one_page(client_of):
    token, drafts = token_in(client_of("staff").get(NEW)), GrievanceIntake.objects.count()
    for name in ("staff", "officer"):
        client_of(name).post(NEW, ORGANIZATION | {"name": f"Yard of {name}"} | token)
    client_of("staff").post(NEW_DRAFT, token)
    assert Organization.objects.filter(name__startswith="Yard of").count() == 2
    assert GrievanceIntake.objects.count() == drafts + 1


@pytest.mark.parametrize("token", ["", "x", "0" * 33, "\0" * 32, "É" * 32])
def test_a_token_that_no_page_gave_is_as_none(client_of, token):
    browser = client_of("staff")
    assert browser.post(NEW, ORGANIZATION | {"form_token": token}).status_code == 302
    assert not KeptAnswer.objects.exists()


def test_the_admin_adds_once_too(client_of):
    browser, before = client_of("staff"), Organization.objects.count()
    page = browser.get(ADMIN_NEW)
    typed = ORGANIZATION | {"form_token": page.context["form_token"]}
    assert typed["form_token"] in page.text
    refused = browser.post(ADMIN_NEW, typed | {"name": ""})
    assert (refused.status_code, refused.context["form_token"]) == (200, typed["form_token"])
    first, second = browser.post(ADMIN_NEW, typed), browser.post(ADMIN_NEW, typed)
    assert (first.status_code, second.url) == (302, first.url)
    assert browser.post(ADMIN_NEW, typed | {"name": "Another Yard"}).status_code == 409
    assert Organization.objects.count() == before + 1


def test_nobody_learns_in_the_admin_who_saves_forms(client_of):
    """Somebody who saves one every evening would be known as a salt."""
    browser = client_of("staff")
    browser.post(NEW, ORGANIZATION | token_in(browser.get(NEW)))
    assert KeptAnswer.objects.count() == 1
    assert list(client_of("admin").get("/admin/core/keptanswer/").context["cl"].result_list) == []
