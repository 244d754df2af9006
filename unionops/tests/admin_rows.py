"""Every model in the admin: who sees it, and a row of it."""

import os
import random
from uuid import uuid4

from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from accounts.enums import IdentityKind
from accounts.factories import UserFactory
from accounts.models import (
    DoorCount,
    Installation,
    InstallationSeat,
    MailedCode,
    Program,
    RefreshToken,
    Role,
    Session,
    SessionRecord,
    SignInThrottle,
    SpentCode,
)
from accounts.services import identity
from benevolence.factories import (
    AnswerFactory,
    ApplicationFactory,
    DocumentFactory,
    PastHelpFactory,
    PaymentRunFactory,
    RelationshipFactory,
    StatementFactory,
)
from benevolence.models import (
    Absence,
    CaseSubstitute,
    FundSettings,
    HelpImport,
    HelpImportRow,
    HelpMatching,
    IntakeNote,
    PaperDecision,
    PaperFile,
    RelationshipStatement,
    Seat,
    Vote,
)
from benevolence.services import policies
from benevolence.tests.conftest import fill_seats
from core.audit import trail
from core.enums import ReadKind
from core.models import (
    AuditEvent,
    Heartbeat,
    KeptAnswer,
    KeptForm,
    ListColumns,
    Notice,
    NoticeChoice,
    NoticedEvent,
    NumberSequence,
    Outbox,
    SavedFilter,
)
from core.records import one_row
from core.site import change_settings, local_today
from grievances.arbitration_factories import arbitration_rows
from grievances.factories import (
    CaseDocumentFactory,
    EmployerAnswerFactory,
    GrievanceFactory,
    IntakeDocumentFactory,
    IntakeFactory,
    ResolutionFactory,
    StepRecordFactory,
    TaskFactory,
    one_of_each,
)
from grievances.flag_factories import AbeyanceFactory, UntimelyFactory
from grievances.models import CaseImport, CaseImportRow, CaseMatching, GrievancePolicy
from members.factories import ContactFactory, EmploymentFactory, MemberFactory
from members.models import (
    ColumnMapping,
    FormerMatch,
    ImportBatch,
    ImportRow,
    MergeRequest,
    OtherPerson,
    PaperCode,
    SearchWord,
)
from organizing.factories import ActivityFactory, AssignmentFactory, CampaignMemberFactory, OpeningFactory

WHOLE = bool(os.environ.get("BATTERY"))
EVERYBODY, HEADS, ADMIN = ("admin", "officer", "staff"), ("admin", "officer"), ("admin",)
OFFICE, JUDGES = ("officer", "staff"), ("benevolence-vp", "treasurer")
ENTERING = (*EVERYBODY, *JUDGES)
VIEW = {
    "core.auditevent": ADMIN,
    "core.readevent": ADMIN,
    "core.audithead": ADMIN,
    "core.numbersequence": ADMIN,
    "core.sitesettings": HEADS,
    "core.savedfilter": ENTERING,
    "core.listcolumns": ENTERING,
    "core.outbox": ADMIN,
    "core.heartbeat": ADMIN,
    "core.keptanswer": ADMIN,
    "core.keptform": ADMIN,
    "core.notice": ENTERING,
    "core.noticechoice": ENTERING,
    "core.noticedevent": ADMIN,
    "accounts.program": HEADS,
    "accounts.user": HEADS,
    "accounts.role": HEADS,
    "accounts.roleassignment": HEADS,
    "accounts.signinthrottle": HEADS,
    "accounts.refreshtoken": HEADS,
    "accounts.doorcount": HEADS,
    "accounts.session": HEADS,
    "accounts.sessionrecord": HEADS,
    "accounts.spentcode": HEADS,
    "accounts.mailedcode": HEADS,
    "accounts.identitychange": HEADS,
    "accounts.installation": HEADS,
    "accounts.installationseat": HEADS,
    "members.member": EVERYBODY,
    "members.organization": EVERYBODY,
    "members.organizationcontact": EVERYBODY,
    "members.employment": EVERYBODY,
    "members.importbatch": EVERYBODY,
    "members.importrow": EVERYBODY,
    "members.columnmapping": EVERYBODY,
    "members.searchword": EVERYBODY,
    "members.formermatch": EVERYBODY,
    "members.otherperson": EVERYBODY,
    "members.mergerequest": EVERYBODY,
    "members.papercode": ("admin", "staff"),
    **dict.fromkeys(
        (
            "grievances.answerreceived",
            "grievances.casedocument",
            "grievances.casetask",
            "grievances.grievance",
            "grievances.grievanceintake",
            "grievances.intakedocument",
            "grievances.grievant",
            "grievances.resolution",
            "grievances.grievancesteprecord",
            "grievances.grievanttold",
        ),
        OFFICE,
    ),
    **dict.fromkeys(
        (
            "grievances.agreement",
            "grievances.agreementstage",
            "grievances.steprule",
            "grievances.agreementclosure",
            "grievances.agreementclause",
            "grievances.agreementfile",
            "grievances.holidaylist",
            "grievances.holidaylistversion",
        ),
        EVERYBODY,
    ),
    **dict.fromkeys(
        (
            "grievances.deadline",
            "grievances.delivery",
            "grievances.away",
            "grievances.docket",
            "grievances.docketcase",
            "grievances.extension",
            "grievances.stageentry",
            "grievances.deadlinefeed",
            "grievances.abeyance",
            "grievances.untimelyclaim",
            "grievances.arbitration",
            "grievances.panelname",
            "grievances.hearingday",
            "grievances.award",
            "grievances.arbitrationcost",
        ),
        OFFICE,
    ),
    "grievances.lettertext": ("officer",),
    "grievances.grievancepolicy": HEADS,
    **dict.fromkeys(("grievances.caseimport", "grievances.caseimportrow", "grievances.casematching"), ("officer",)),
    "benevolence.benevolenceapplication": (*OFFICE, *JUDGES),
    "benevolence.benevolencereview": JUDGES,
    "benevolence.applicantanswer": JUDGES,
    "benevolence.applicationdocument": JUDGES,
    "benevolence.declaredrelationship": JUDGES,
    "benevolence.pasthelp": JUDGES,
    **dict.fromkeys(("benevolence.paperfile", "benevolence.paperdecision"), (*OFFICE, *JUDGES)),
    **dict.fromkeys(
        ("benevolence.helpimport", "benevolence.helpimportrow", "benevolence.helpmatching"), ("treasurer",)
    ),
    "benevolence.relationshipstatement": JUDGES,
    "benevolence.intakenote": JUDGES,
    "benevolence.vote": JUDGES,
    "benevolence.seat": (*HEADS, *JUDGES),
    "benevolence.absence": ("officer", *JUDGES),
    "benevolence.casesubstitute": ("officer",),
    "benevolence.benevolencepolicy": (*HEADS, *JUDGES),
    **dict.fromkeys(("benevolence.payment", "benevolence.paymentline"), JUDGES),
    **dict.fromkeys(
        ("benevolence.bankstatement", "benevolence.fundaccount", "benevolence.fundtransfer"), ("treasurer",)
    ),
    **dict.fromkeys(("benevolence.fundsettings", "benevolence.paymentrun"), ("treasurer",)),
    **dict.fromkeys(
        (
            "organizing.campaign",
            "organizing.campaignassignment",
            "organizing.campaignmember",
            "organizing.saltingactivity",
            "organizing.emergencyopening",
        ),
        ("officer",),
    ),
}
# Whom the history of a record is told; to others a sentence says that it is not, on the record's page.
HISTORY = {"benevolence.benevolenceapplication": JUDGES, "benevolence.pasthelp": JUDGES}
CHANGE = {"members.member": ("officer", "staff"), "members.organization": ("officer", "staff")}


def make_paper(people):
    """Make files that each of the office and the fund sees: one that waits, one that is confirmed."""
    day = timezone.localdate()
    for status in ("draft", "approved"):
        done = {"confirmed_by": people["officer"], "confirmed_at": timezone.now()} if status == "approved" else {}
        file = PaperFile.objects.create(
            application=ApplicationFactory(status=status, entered_by=people["staff"]),
            applied_on=day,
            recorded_by=people["staff"],
            **done,
        )
        said = {"decided_on": day, "amount": "100.00", "reference": "minutes"}
        PaperDecision.objects.create(file=file, level="vp", decider=people["benevolence-vp"], **said)


def make_rows(people):
    """Make a row of every model that the admin knows."""
    change_settings({"name": "Local 46"}, actor=None)
    job = EmploymentFactory(member__last_name="Aalto", organization__name="Crane Yard")
    ContactFactory(organization=job.organization)
    batch = ImportBatch.objects.create(kind="members", file_name="list.csv", file_sha256="0" * 64)
    ImportRow.objects.create(batch=batch, number=1, outcome="new")
    ColumnMapping.objects.create(kind="members", headers_key="0" * 64)
    SearchWord.objects.create(variant="aalto", word="aalto")
    PastHelpFactory(member=ApplicationFactory(status="submitted").member)
    make_paper(people)
    helped = HelpImport.objects.create(kind="past_help", file_name="list.csv", file_sha256="0" * 64)
    HelpImportRow.objects.create(batch=helped, number=1, outcome="new")
    HelpMatching.objects.create(kind="past_help", headers_key="0" * 64)
    brought = CaseImport.objects.create(kind="cases", file_name="list.csv", file_sha256="0" * 64)
    CaseImportRow.objects.create(batch=brought, number=1, outcome="new")
    CaseMatching.objects.create(kind="cases", headers_key="0" * 64)
    other = {"decided_by": people["officer"], "reason": "Cousins"}
    OtherPerson.objects.create(member=job.member, other=MemberFactory(), **other)
    FormerMatch.objects.create(member=job.member, other=MemberFactory())
    asked = {"kept_version": 1, "duplicate_version": 1, "asked_by": people["staff"], "reason": "One person"}
    MergeRequest.objects.create(kept=job.member, duplicate=MemberFactory(), **asked)
    PaperCode.objects.create(member=job.member, printed_by=people["staff"], ends_at=timezone.now())
    SignInThrottle.objects.create(key="0" * 64)
    DoorCount.objects.create(key="0" * 64, ends_at=timezone.now())
    RefreshToken.objects.create(user=people["nobody"], session_epoch=uuid4(), expires_at=timezone.now())
    somebody, app = people["nobody"], Authenticator.objects.create(user=people["nobody"], type="totp", data={})
    identity.record_change(somebody, IdentityKind.CREATED, actor=None)
    SessionRecord.objects.create(key="0" * 64, user=somebody, epoch=somebody.session_epoch)
    Session.objects.create(session_key="0" * 64, expire_date=timezone.now(), user=somebody)
    SpentCode.objects.create(authenticator=app)
    MailedCode.objects.create(user=somebody, digest="0" * 64)
    slate = Installation.objects.create(title="New officers", reason="Elected", created_by=somebody)
    InstallationSeat.objects.create(installation=slate, role=Role.objects.get(name="officer"), user=somebody)
    NumberSequence.objects.create(name="GR-2026", value=1)
    Outbox.objects.create(template="test", address="ann@people.example", subject="Secret", body="Secret")
    Heartbeat.objects.create(name="run_due")
    KeptAnswer.objects.create(account=somebody, operation="POST /", key="k", answer="Secret")
    account = UserFactory(is_program=True, is_active=False, is_verified=False)
    KeptForm.objects.create(account=somebody, page="p", typed="Secret")
    Program.objects.create(user=account, name="Payroll", network="203.0.113.0/24", last_day="2026-12-01")
    trail.read(job.member, ReadKind.OPENED, actor=people["staff"])
    make_cases(people)
    event = AuditEvent.objects.outside_vault().first()
    NoticedEvent.objects.create(event=event)
    for name in ENTERING:
        SavedFilter.objects.create(owner=people[name], list_name="member_list", name="Mine", query="q=a")
        ListColumns.objects.create(owner=people[name], list_name="member_list", columns=["name"])
        NoticeChoice.objects.create(user=people[name], kind="merge", way="none")
        told = {"kind": "merge", "subject_type": "members.member", "subject_id": str(job.member.pk)}
        Notice.objects.create(user=people[name], event=event, at=timezone.now(), **told)


def make_cases(people):
    """Make a row of each model of the domains, one that everybody sees who sees the model."""
    one_row.change(GrievancePolicy, {}, permission="", actor=None)
    one_row.change(FundSettings, {}, permission="", actor=None)
    PaymentRunFactory()
    StatementFactory()
    ApplicationFactory(status="paid")
    fill_seats(people)
    policies.change_policy({}, actor=None)
    IntakeFactory()
    StepRecordFactory()
    ResolutionFactory()
    EmployerAnswerFactory()
    CaseDocumentFactory()
    IntakeDocumentFactory()
    TaskFactory()
    arbitration_rows(GrievanceFactory())
    AbeyanceFactory()
    UntimelyFactory()
    for name in OFFICE:
        one_of_each(people[name])
        application = ApplicationFactory(status="approved", entered_by=people[name])
        answer = AnswerFactory(review__application=application)
        DocumentFactory(application=application)
    for name in JUDGES:
        RelationshipFactory(user=people[name])
        RelationshipStatement.objects.create(user=people[name], stated_at=timezone.now())
        Absence.objects.create(user=people[name], first_day=local_today(), last_day=local_today())
    case, by = answer.review.application, {"reason": "Away", "proposed_by": people["officer"]}
    Seat.objects.create(level="vp", user=people["benevolence-vp"], position=1, reason="Elected")
    CaseSubstitute.objects.create(application=case, level="vp", user=people["benevolence-admin"], **by)
    note = {"words": "Asked", "text": "Yes", "written_at": timezone.now(), "written_by": people["staff"]}
    IntakeNote.objects.create(application=case, **note)
    counted = {"present": 3, "votes_for": 2, "votes_against": 1, "minute_number": "7"}
    Vote.objects.create(review=answer.review, voters="board", motion="To help", **counted)
    salt = CampaignMemberFactory(campaign=AssignmentFactory(user=people["officer"]).campaign)
    ActivityFactory(campaign=salt.campaign, campaign_member=salt)
    OpeningFactory()


def label_of(model) -> str:
    return model._meta.label_lower


def address(label: str, page: str, *args) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_{page}", args=args)


# Tables of which each sees their own rows, and the column that says whose a row is.
OWN_ROWS = {
    "core.savedfilter": "owner",
    "core.listcolumns": "owner",
    "core.noticechoice": "user",
    "core.notice": "user",
}


def row_of(label: str, user):
    model = next(model for model in admin.site._registry if label_of(model) == label)
    rows = model._default_manager.all()
    if label in OWN_ROWS:
        rows = rows.filter(**{OWN_ROWS[label]: user})
    visible = rows.visible_to(user) if hasattr(rows, "visible_to") else rows
    return visible.first() or rows.first()


def drawn(seed, about: str, count: int) -> list[str]:
    """Draw some of the models, others at every seed."""
    return list(VIEW) if WHOLE else random.Random(f"{seed} {about}").sample(list(VIEW), count)
