"""The demonstration data of the three domains: so many rows, each consistent with its workflow, the same for a seed."""

import datetime
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.factories import UserFactory
from accounts.models import User
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
from core.audit.check import verify
from core.db import triggers
from core.models import NumberSequence
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
from members.models import Member, Organization
from organizing.models import Campaign, CampaignAssignment, CampaignMember, SaltingActivity
from unionops.seeding import COUNTED, Seeds

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 9, 1)
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


@pytest.fixture
def people_and_places():
    call_command("seed_phase1", "--as-of", "2026-09-01", stdout=io.StringIO())


@pytest.fixture
def seeded(people_and_places):
    Seeds(1, DAY).write()


def seed(*arguments: str) -> list[str]:
    out = io.StringIO()
    call_command("seed_phase2", *arguments, stdout=out)
    return out.getvalue().splitlines()


def counts() -> list[int]:
    return [model.objects.count() for model in COUNTED]


# --- how many ---------------------------------------------------------------------------------------


@pytest.mark.heavy
def test_it_says_what_is_there_and_adds_nothing_unless_told(people_and_places):
    said = [
        "SALTing activities: 30",
        "Benevolence applications: 25",
        "Reviews: 47",
        "Grievances: 20",
        "Step records: 31",
    ]
    assert seed("--as-of", "2026-09-01") == said
    assert sum(counts()) == 153
    assert seed() == [*said, "Nothing was added. To add another set, say --more."]
    assert counts() == [30, 25, 47, 20, 31]
    seed("--as-of", "2026-09-01", "--more", "--scale", "2")
    assert counts() == [90, 75, 141, 60, 93]
    assert verify().faults == []


@pytest.mark.parametrize("missing", [Organization, Member])
def test_without_employers_or_members_it_names_the_command_and_writes_nothing(people_and_places, missing):
    missing.objects.update(deleted_at=datetime.datetime(2026, 9, 1, tzinfo=datetime.UTC))
    with pytest.raises(CommandError, match=r"Run manage\.py seed_phase1 first\."):
        seed()
    assert [model.objects.count() for model in (*CASES, NumberSequence)] == [0] * 15


def test_more_sets_than_members_can_carry_are_refused(people_and_places):
    with pytest.raises(
        CommandError, match=r"250 active members .* are needed, \d+ are there\. Run .*seed_phase1 --more"
    ):
        seed("--scale", "10")
    assert counts() == [0] * 5
    assert not User.objects.exists()


@pytest.mark.parametrize("arguments", [("--scale", "0"), ("--scale", "10001"), ("--as-of", "2999-01-01")])
def test_impossible_arguments(people_and_places, arguments):
    with pytest.raises(CommandError):
        seed(*arguments)
    assert counts() == [0] * 5


@pytest.mark.parametrize("command", ["seed_phase2", "seed_all"])
def test_production_is_left_alone(settings, command):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="refused"):
        call_command(command, stdout=io.StringIO())
    assert counts() == [0] * 5


@pytest.mark.parametrize("command", [("seed_phase1",), ("seed_auth", "--demo"), ("seed_phase2",), ("seed_all",)])
def test_a_portal_in_which_people_work_is_left_alone(command):
    UserFactory(last_login=timezone.now())
    with pytest.raises(CommandError) as refusal:
        call_command(*command, stdout=io.StringIO())
    assert str(refusal.value) == "People work in this portal. Demonstration data belongs into a database of its own."
    assert (counts(), Member.objects.count(), User.objects.count()) == ([0] * 5, 0, 1)


def test_the_whole_demonstration_in_one_command():
    out = io.StringIO()
    call_command("seed_all", stdout=out)
    assert counts() == [30, 25, 47, 20, 31]
    assert Member.objects.count() == 200
    assert User.objects.count() == 16
    account = User.objects.get(email__startswith="member@")
    own = account.member
    assert (account.first_name, account.last_name) == (own.first_name, own.last_name)
    assert BenevolenceApplication.objects.filter(member=own).count() == 1


# --- the same again ---------------------------------------------------------------------------------


DATES = (Away, DocketCase, Docket, Extension, Delivery, Deadline, StageEntry)
MARKS = (ArbitrationCost, Award, HearingDay, PanelName, Arbitration, Abeyance, UntimelyClaim)
AGREEMENTS = (StepRule, AgreementStage, AgreementClosure, Agreement)


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


@pytest.mark.heavy
def test_the_same_seed_and_day_repeat_every_value(seeded):
    first = portrait()
    empty()
    NumberSequence.objects.all().delete()
    Seeds(1, DAY).write()
    assert portrait() == first
    empty()
    Seeds(2, DAY).write()
    assert portrait() != first
