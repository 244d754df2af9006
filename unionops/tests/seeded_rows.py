"""The demonstration data of the three domains: written, counted, every value of them, and taken away again."""

import io

from django.core.management import call_command
from django.db import connection

from benevolence.models import (
    ApplicantAnswer,
    ApplicationDocument,
    BenevolenceApplication,
    BenevolenceReview,
    FundAccount,
    FundTransfer,
    PaperDecision,
    PaperFile,
    PastHelp,
    Payment,
    PaymentLine,
    PaymentRun,
)
from core.db import triggers
from grievances.models import (
    Abeyance,
    Agreement,
    AgreementClosure,
    AgreementStage,
    AnswerReceived,
    Arbitration,
    ArbitrationCost,
    Award,
    Away,
    CaseDocument,
    CaseTask,
    Deadline,
    Delivery,
    Docket,
    DocketCase,
    Extension,
    Grievance,
    GrievanceStepRecord,
    Grievant,
    GrievantTold,
    HearingDay,
    PanelName,
    Resolution,
    StageEntry,
    StepRule,
    UntimelyClaim,
)
from organizing.models import Campaign, CampaignAssignment, CampaignMember, SaltingActivity
from unionops.seeding import COUNTED

MONEY = (FundTransfer, Payment, PaymentRun, PaymentLine)
BESIDE = (ApplicationDocument, ApplicantAnswer, PaperDecision, PaperFile, PastHelp)
CASES = (
    SaltingActivity,
    CampaignMember,
    CampaignAssignment,
    Campaign,
    BenevolenceReview,
    BenevolenceApplication,
    GrievantTold,
    Resolution,
    AnswerReceived,
    CaseDocument,
    CaseTask,
    GrievanceStepRecord,
    Grievant,
    Grievance,
)
DATES = (Away, DocketCase, Docket, Extension, Delivery, Deadline, StageEntry)
MARKS = (ArbitrationCost, Award, HearingDay, PanelName, Arbitration, Abeyance, UntimelyClaim)
AGREEMENTS = (StepRule, AgreementStage, AgreementClosure, Agreement)


def seed(*arguments: str) -> list[str]:
    out = io.StringIO()
    call_command("seed_phase2", *arguments, stdout=out)
    return out.getvalue().splitlines()


def counts() -> list[int]:
    return [model.objects.count() for model in COUNTED]


def portrait() -> dict[str, list]:
    """Return every business value, with names in place of keys."""
    hidden = {"id", "created_at", "updated_at", "member_index", "member_ref", "superseded_by"}
    hidden |= {"storage_key", "shown_key", "file_key"}
    found = {}
    for model in (*CASES, *MONEY, *BESIDE, *DATES, *MARKS, *AGREEMENTS):
        names = [field.name for field in model._meta.concrete_fields if field.name not in hidden]
        rows = [{name: str(getattr(row, name)) for name in names} for row in model.objects.all()]
        keyed = {"grievance", "application", "campaign", "resolution", "grievant", "campaign_member"}
        keyed |= {"key", "line", "payment", "appeal_of", "review", "question", "file", "run"}
        plain = [{name: text for name, text in row.items() if name not in keyed} for row in rows]
        found[model.__name__] = sorted(plain, key=str)
    return found


def empty() -> None:
    """Without the triggers, as nothing else may."""
    connection.check_constraints()
    triggers.remove(connection)
    BenevolenceApplication.objects.update(appeal_of=None)
    Deadline.objects.update(superseded_by=None)
    for model in (*BESIDE, *MONEY, FundAccount, *MARKS, *DATES, *CASES, *AGREEMENTS):
        model.objects.all().delete()
    connection.check_constraints()
    triggers.install(connection)
