"""What the demonstration data tell: each row consistent with its workflow, in one world that nothing here changes."""

import datetime
import io
import os
from collections import Counter

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count, Max, Min, Sum

from benevolence.enums import GRANTED, IN_REVIEW, LEVELS, Decision, Reason, Status
from benevolence.first_data import texts as benevolence_texts
from benevolence.models import (
    ApplicantAnswer,
    ApplicationDocument,
    BenevolenceApplication,
    BenevolencePolicy,
    BenevolenceReview,
    FundTransfer,
    PaperFile,
    PastHelp,
    Payment,
    PaymentRun,
)
from benevolence.services import paper
from benevolence.services.policy import levels_needed
from core.audit.check import verify
from core.audit.trail import stream_of
from core.models import AuditEvent, NumberSequence
from grievances.enums import RESOLVED, GrievanceStatus
from grievances.first_data import kinds
from grievances.models import (
    Deadline,
    Delivery,
    Extension,
    Grievance,
    Grievant,
)
from members.models import Employment, Member
from organizing.enums import ActivityType, Outcome, Stage
from organizing.first_data import texts as activity_texts
from organizing.models import Campaign, CampaignAssignment, CampaignMember, SaltingActivity
from unionops.seeding import Seeds
from unionops.tests.seeded_rows import counts, empty, portrait, seed

pytestmark = [pytest.mark.django_db, pytest.mark.heavy]
DAY = datetime.date(2026, 9, 1)


@pytest.fixture(scope="module", autouse=True)
def said(django_db_setup, django_db_blocker):
    """Return what the command said of the world that it wrote."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("seed_phase1", "--as-of", "2026-09-01", stdout=io.StringIO())
        yield seed("--as-of", "2026-09-01")
        transaction.set_rollback(True)


def test_histories_are_told_on_their_own_days():
    cases = {stream_of(case): case for case in Grievance.objects.all()}
    first, last, order = {}, {}, {}
    for event in AuditEvent.objects.order_by("id"):
        first.setdefault(event.stream, event.at.date())
        last[event.stream] = event.at.date()
        order.setdefault(event.stream, []).append(event.at)
    assert {stream: first[stream] for stream in cases} == {stream: case.filed_date for stream, case in cases.items()}
    resolved = {stream: case.resolution_date for stream, case in cases.items() if case.status in RESOLVED}
    assert {stream: last[stream] for stream in resolved} == resolved
    assert [stream for stream, moments in order.items() if moments != sorted(moments)] == []
    assert {first[stream_of(member)] <= DAY for member in Member.objects.all()} == {True}


def test_the_command_says_what_is_there_and_adds_nothing_unless_told(said):
    assert said == [
        "SALTing activities: 30",
        "Benevolence applications: 25",
        "Reviews: 47",
        "Grievances: 20",
        "Step records: 31",
    ]
    assert sum(counts()) == 153
    assert seed() == [*said, "Nothing was added. To add another set, say --more."]
    assert counts() == [30, 25, 47, 20, 31]
    seed("--as-of", "2026-09-01", "--more", "--scale", "2")
    assert counts() == [90, 75, 141, 60, 93]
    assert verify().faults == []


# --- organizing -------------------------------------------------------------------------------------


def test_activities():
    rows = SaltingActivity.objects.all()
    assert {(row.activity_type) for row in rows} == set(ActivityType)
    assert {row.outcome for row in rows} == {*Outcome.values, ""}
    found = rows.aggregate(least=Min("workers_contacted"), most=Max("workers_contacted"), cards=Max("cards_signed"))
    assert found == {"least": 0, "most": 50, "cards": 25}
    assert rows.values("campaign__target").distinct().count() == 13
    assert len({salt.member_ref for salt in CampaignMember.objects.all()}) == 20
    assert rows.values("campaign_member").distinct().count() == 20
    for salt in CampaignMember.objects.all():
        assert CampaignMember.objects.acted_by(int(salt.member_ref)).get() == salt
    assert all(row.workers_contacted == 0 for row in rows if row.outcome == Outcome.NO_CONTACT)
    for row in rows:
        row.full_clean()
        assert row.activity_date <= DAY
        assert row.campaign_member.since <= row.activity_date


def test_cards_fit_the_stage_of_a_campaign():
    found = {stage: [] for stage in (Stage.RESEARCH, Stage.BUILDING, Stage.CARD_DRIVE, Stage.ELECTION)}
    for campaign in Campaign.objects.with_cards_signed():
        found[campaign.stage].append(campaign.signed * 10 / campaign.unit_size)
    assert {stage: set(found[stage]) for stage in (Stage.RESEARCH, Stage.BUILDING) if found[stage]} == {
        stage: {0} for stage in (Stage.RESEARCH, Stage.BUILDING) if found[stage]
    }
    assert max(found[Stage.CARD_DRIVE]) < 3 <= min(found[Stage.ELECTION])
    assert max(found[Stage.ELECTION]) < 10


# --- benevolence ------------------------------------------------------------------------------------

RANGES = {
    "medical": (500, 5_000),
    "death_in_family": (1_000, 3_000),
    "disaster": (1_000, 7_500),
    "hardship": (200, 2_000),
    "other": (100, 1_000),
}


def test_applications():
    submitted = BenevolenceApplication.objects.exclude(application_date=None)
    assert set(submitted.values_list("policy__number", flat=True)) == {1}
    rows = list(BenevolenceApplication.objects.prefetch_related("reviews"))
    assert {row.reason for row in rows} == set(Reason)
    assert {row.status for row in rows} == set(Status)
    assert all(RANGES[row.reason][0] <= row.amount_requested <= RANGES[row.reason][1] for row in rows)
    amounts = [row.amount_requested for row in rows]
    assert (min(amounts), max(amounts)) == (100, 7_500)
    for row in rows:
        row.full_clean()
        check_decisions(row)
        days = [row.application_date, row.approved_on, row.payment_date]
        given = [day for day in days if day]
        assert given == sorted(given)
        assert all(day <= DAY for day in given)
        assert bool(row.application_number) == (row.application_date is not None)


def check_decisions(row: BenevolenceApplication) -> None:
    """Check that each level that the amount needs has its review, in order, each by another person."""
    reviews = sorted(row.reviews.all(), key=lambda review: LEVELS.index(review.review_level))
    needed = levels_needed(row.amount_requested, BenevolencePolicy())
    assert [review.review_level for review in reviews] == list(needed[: len(reviews)])
    assert len({review.reviewer_id for review in reviews}) == len(reviews)
    decisions = [review.decision for review in reviews]
    assert set(decisions[:-1]) <= {Decision.APPROVED}
    if row.status in GRANTED:
        assert decisions == [Decision.APPROVED] * len(needed)
        assert row.approved_amount == reviews[-1].amount
        assert row.paid_by_id not in {review.reviewer_id for review in reviews}
    if row.status == Status.DENIED:
        assert decisions[-1] == Decision.DENIED
    if row.status in (Status.DRAFT, Status.SUBMITTED):
        assert decisions == []
    amounts = [review.amount for review in reviews if review.amount is not None]
    assert amounts == sorted(amounts, reverse=True)


def test_the_fund_balances(capsys):
    call_command("check_ledger")
    found = capsys.readouterr().out
    assert "The ledger balances." in found
    first, last = (FundTransfer.objects.order_by(*order).first().on for order in (("on",), ("-on",)))
    assert first < last <= DAY
    for payment in Payment.objects.select_related("line"):
        payment.full_clean()
        assert payment.paid_on <= DAY


def test_what_stands_around_the_applications():
    check_documents_and_answer()
    check_appeal_and_paper()
    check_run()
    days = PastHelp.objects.aggregate(count=Count("pk"), first=Min("paid_on"), last=Max("paid_on"))
    opened = FundTransfer.objects.earliest("on").on
    assert (days["count"], days["last"] < opened) == (18, True)
    assert opened - days["first"] < datetime.timedelta(365)


def check_documents_and_answer() -> None:
    documents = list(ApplicationDocument.objects.select_related("application", "question"))
    assert {document.kind.extension for document in documents} == {"pdf", "png"}
    assert all(document.has_preview and document.added_at.date() <= DAY for document in documents)
    assert {document.application.status for document in documents} == {*IN_REVIEW, Status.APPROVED, Status.PAID}
    (reply,) = ApplicantAnswer.objects.select_related("review__application")
    assert [document.name for document in documents if document.question == reply.review] == ["Estimate.pdf"]
    assert reply.review.review_date <= reply.answered_at.date() <= DAY


def check_appeal_and_paper() -> None:
    (appeal,) = BenevolenceApplication.objects.exclude(appeal_of=None).select_related("appeal_of")
    assert (appeal.appeal_of.status, appeal.appeal_of.member_id) == (Status.DENIED, appeal.member_id)
    assert appeal.list_date > appeal.appeal_of.list_date
    (file,) = PaperFile.objects.select_related("application__member", "recorded_by")
    assert (file.application.status, file.confirmed_at) == (Status.DRAFT, None)
    assert paper.not_confirmable(file.application, None) == ""


def check_run() -> None:
    """Check that the checks are numbered one after the other, and one second signature is waiting."""
    (run,) = PaymentRun.objects.all()
    payments = list(run.payments.order_by("voucher_number"))
    assert [payment.second_signer_id is None for payment in payments] == [False] * (len(payments) - 1) + [True]
    assert len(payments) > 1
    numbers = [int(payment.reference) for payment in payments]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert Payment.objects.filter(second_signer=None).count() == 1


def test_more_is_decided_the_more_is_asked():
    small, large = (
        BenevolenceApplication.objects.filter(**span).annotate(count=Count("reviews")).aggregate(sum=Sum("count"))
        for span in ({"amount_requested__lt": 2_000}, {"amount_requested__gt": 5_000})
    )
    rows = BenevolenceApplication.objects
    few = small["sum"] / rows.filter(amount_requested__lt=2_000).count()
    assert large["sum"] / rows.filter(amount_requested__gt=5_000).count() > few * 2


# --- grievances -------------------------------------------------------------------------------------


def test_each_case_has_its_agreement_and_dates_of_their_own():
    assert not Grievance.objects.filter(agreement=None).exists()
    assert {row.clock for row in Deadline.objects.all()} == {"file", "meet", "answer", "appeal"}
    assert Extension.objects.filter(confirmed_on=None).count() == 1
    assert Extension.objects.exclude(confirmed_on=None).count() == 1
    assert Deadline.objects.running().of_open_cases().exists()
    for row in Deadline.objects.all():
        row.full_clean()
        assert row.created_at.date() <= DAY
        assert row.ended_on is None or row.ended_on <= DAY
    for sent in Delivery.objects.select_related("deadline"):
        assert sent.deadline.ended_on == sent.delivered_at.date()


def test_grievances():
    rows = list(Grievance.objects.prefetch_related("step_records", "resolutions", "grievants"))
    assert {row.status for row in rows} == set(GrievanceStatus)
    articles = {article: kind for kind, told in kinds().items() for article in told["articles"]}
    assert Counter(articles[row.contract_article] for row in rows) == dict.fromkeys(kinds(), 2)
    settled = [row for row in rows if row.status == GrievanceStatus.SETTLED]
    assert any(row.settlement_amount for row in settled)
    for row in rows:
        row.full_clean()
        assert row.incident_date <= row.knowledge_date <= row.filed_date <= DAY
        check_steps(row)
        check_end(row)
    years = Counter(row.filed_date.year for row in rows)
    for year, count in years.items():
        numbers = sorted(row.grievance_number for row in rows if row.filed_date.year == year)
        assert numbers == [f"GR-{year}-{number:04d}" for number in range(1, count + 1)]


def check_steps(row: Grievance) -> None:
    """Check that every step that was left has its record, in order; only the last may still be open."""
    records = sorted(row.step_records.all(), key=lambda record: record.step_number)
    numbers = [record.step_number for record in records]
    if numbers:
        assert numbers == list(range(1, len(numbers) + 1))
        assert row.step_number - numbers[-1] in (0, 1)
    left = [record for record in records if record.step_number < row.step_number]
    assert all(record.outcome == "advanced" for record in left)
    met = [record.meeting_date for record in records if record.meeting_date]
    assert met == sorted(met)
    assert all(row.filed_date <= day <= DAY for day in met)
    for record in records:
        record.full_clean()


def check_end(row: Grievance) -> None:
    ends = list(row.resolutions.all())
    assert [end.outcome for end in ends] == ([row.status] if row.status in RESOLVED else [])
    for end in ends:
        end.full_clean()
        assert (end.day, end.amount) == (row.resolution_date, row.settlement_amount)
        assert end.told.count() == row.grievants.count() > 0
        assert row.filed_date < end.day <= DAY


# --- the trail --------------------------------------------------------------------------------------


def test_every_row_has_its_event_and_who_did_it():
    assert verify().faults == []
    for model in (Campaign, CampaignAssignment, CampaignMember, SaltingActivity, BenevolenceApplication, Grievance):
        streams = {stream_of(row) for row in model.objects.all()}
        assert AuditEvent.objects.filter(stream__in=streams, seq=1).count() == len(streams)
    deciding = AuditEvent.objects.filter(
        action__in=[f"benevolence.{move}" for move in ("approve", "deny", "ask", "defer")]
    )
    reviews = BenevolenceReview.objects.values_list("application", "reviewer")
    assert sorted((event.subject_id, event.actor_id) for event in deciding) == sorted(
        (str(application), reviewer) for application, reviewer in reviews
    )


# --- the texts --------------------------------------------------------------------------------------


def test_there_are_texts_enough():
    found = activity_texts()["descriptions"]
    assert set(found) == set(ActivityType.values)
    assert sum(map(len, found.values())) >= 72
    fitting = {outcome for items in found.values() for item in items for outcome in item["outcomes"]}
    assert fitting == {*Outcome.values, "none"}
    described = benevolence_texts()["descriptions"]
    assert set(described) == set(Reason.values)
    assert sum(map(len, described.values())) >= 25
    assert len(kinds()) == 10
    assert sum(len(kind["cases"]) for kind in kinds().values()) >= 30


def test_nobody_without_a_job_has_a_grievance():
    for grievant in Grievant.objects.select_related("grievance"):
        jobs = Employment.objects.current().filter(member=grievant.member_id)
        assert jobs.filter(organization=grievant.grievance.employer_id).exists()


# --- the same again ---------------------------------------------------------------------------------


def test_the_same_seed_and_day_repeat_every_value():
    """Another seed writes other values: in the battery, since each set costs seconds."""
    first = portrait()
    assert {name for name, rows in first.items() if not rows} == {"Award", "Abeyance", "UntimelyClaim"}
    empty()
    NumberSequence.objects.all().delete()
    Seeds(1, DAY).write()
    assert portrait() == first
    if os.environ.get("BATTERY"):
        empty()
        Seeds(2, DAY).write()
        assert portrait() != first
