"""The table of who is told what: it is complete, and each line tells those whom it names and nobody else."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.enums import AccountAction
from accounts.factories import RoleAssignmentFactory, UserFactory
from accounts.models import IdentityChange, User
from benevolence.enums import BenevolenceAction, Level
from benevolence.factories import ApplicationFactory, PaymentFactory, PaymentRunFactory, RelationshipFactory
from benevolence.models import FundSettings, HelpImport, Payment
from benevolence.services import applications, payments, reviews
from benevolence.services.carrying import carry_over, record_paper
from benevolence.services.paper import OnPaper
from core.audit import trail
from core.audit.timeline import action_labels
from core.imports.enums import ImportAction
from core.models import AuditEvent, Notice, Outbox
from core.records import one_row
from core.site import local_today
from grievances.enums import GrievanceAction
from grievances.factories import AwayFactory, DeadlineFactory, GrievanceFactory, IntakeFactory, StepRecordFactory
from grievances.models import CaseImport, Deadline, Grievance
from grievances.services.reminders import digest_people
from members.enums import MemberAction
from members.factories import MemberFactory
from members.models import ImportBatch, MergeRequest
from organizing.enums import OrganizingAction
from organizing.factories import (
    ActivityFactory,
    AssignmentFactory,
    CampaignFactory,
    CampaignMemberFactory,
    OpeningFactory,
)
from organizing.services import campaigns, openings
from unionops import telling
from unionops.telling import FIXED, REACHES, SENTENCES, TELLING, Kind
from unionops.testing.cast import CAST
from unionops.tests.untold import TOLD_TO_NOBODY

pytestmark = pytest.mark.django_db


def test_every_act_of_the_trail_is_told_or_deliberately_not():
    assert set(TELLING) | set(TOLD_TO_NOBODY) == set(action_labels())
    assert set(TELLING) & set(TOLD_TO_NOBODY) == set()


def test_every_kind_has_its_sentence_and_its_people_and_stands_in_the_table():
    used = {line.kind for lines in TELLING.values() for line in lines}
    assert [set(SENTENCES), set(REACHES), used] == [set(Kind)] * 3


# --- one line after the other ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def people(everybody):
    return everybody


@pytest.fixture
def told(people):
    """`told(subject, action, by=name)`: kind → names of the cast who are told."""

    def tell(subject, action, *, by="admin", **data):
        with transaction.atomic():
            event = trail.record(subject, action, actor=people[by] if by else None, **data)
        found = defaultdict(set)
        names = {people[name].pk: name for name in CAST if name != "anon"}
        for item in telling.told_of(event):
            found[item.kind].add(names.get(item.user.pk, "somebody else"))
        return dict(found)

    return tell


@pytest.fixture
def case(people):
    """Make a case that staff filed for the member; the representative works it."""
    return GrievanceFactory(
        people=[people["member"].member], assigned_rep=people["representative"], filed_by=people["staff"]
    )


WORKERS = {Kind.CASE_MOVES: {"representative", "staff"}}
GOES_ON = WORKERS | {Kind.OWN_CASE: {"member"}}
HEADS = {"officer", "grievance-chair"}
CASE_MOVES = {
    GrievanceAction.INVESTIGATE: GOES_ON,
    GrievanceAction.HOLD_MEETING: GOES_ON,
    GrievanceAction.RECORD_MEETING: WORKERS,
    GrievanceAction.RECORD_ANSWER: WORKERS,
    GrievanceAction.STEP_SUPERSEDED: WORKERS,
    GrievanceAction.ANSWER_SUPERSEDED: WORKERS,
    GrievanceAction.DOCUMENT_SHARED: {Kind.OWN_CASE: {"member"}},
    GrievanceAction.ADVANCE: GOES_ON,
    GrievanceAction.DEFAULTED: GOES_ON,
    GrievanceAction.DEADLINE_NEAR: {Kind.DEADLINE: {"representative"}},
    GrievanceAction.DEADLINE_MISSED: {Kind.DEADLINE: {"representative", "grievance-chair"}},
    GrievanceAction.EXTENSION_CONFIRMED: WORKERS,
    GrievanceAction.DEMAND_ARBITRATION: GOES_ON,
    GrievanceAction.ABEYANCE_BEGUN: GOES_ON,
    GrievanceAction.ABEYANCE_CONFIRMED: WORKERS,
    GrievanceAction.ABEYANCE_ENDED: GOES_ON,
    GrievanceAction.UNTIMELY_CLAIMED: WORKERS,
    GrievanceAction.UNTIMELY_CLEARED: WORKERS,
    GrievanceAction.HEARING_SET: GOES_ON,
    GrievanceAction.HEARING_CANCELLED: GOES_ON,
    GrievanceAction.AWARD_RECORDED: GOES_ON,
    GrievanceAction.AWARD_REPLACED: WORKERS,
    GrievanceAction.BRIEF_CAME: WORKERS,
    GrievanceAction.SETTLE: GOES_ON,
    GrievanceAction.WITHDRAW: GOES_ON,
    GrievanceAction.CLOSE: GOES_ON,
    GrievanceAction.REOPEN: GOES_ON,
    GrievanceAction.RESTRICTION_LIFTED: WORKERS,
    GrievanceAction.ASSIGNED: {Kind.CASE_GIVEN: {"representative"}, Kind.CASE_MOVES: {"staff"}},
}


@pytest.mark.parametrize("action", CASE_MOVES)
def test_of_a_case_hear_who_works_it_who_filed_it_and_the_grievant(case, told, action):
    assert told(case, action) == CASE_MOVES[action]
    others = told(case, action, by="representative")
    assert "representative" not in {name for names in others.values() for name in names}


def test_a_denial_at_the_last_step_is_told_to_those_who_take_cases_to_arbitration(case, told):
    Grievance.objects.filter(pk=case.pk).update(status="hearing", current_step="step_3")
    record = StepRecordFactory(grievance=case, step_number=3)
    rep = "representative"
    assert told(case, GrievanceAction.RECORD_ANSWER, by=rep) == {Kind.CASE_MOVES: {"staff"}}
    record.outcome = "denied"
    record.save()
    waits = {Kind.CASE_WAITS: HEADS, Kind.CASE_MOVES: {"staff"}}
    assert told(case, GrievanceAction.RECORD_ANSWER, by=rep) == waits
    assert told(case, GrievanceAction.STEP_SUPERSEDED, by=rep) == waits
    silence, lateness = (told(case, GrievanceAction.DEADLINE_MISSED, clock=clock) for clock in ("answer", "appeal"))
    assert silence == {Kind.CASE_WAITS: HEADS, Kind.DEADLINE: {"representative"}}
    assert lateness == {Kind.DEADLINE: {"representative", "grievance-chair"}}


def test_the_stand_in_of_who_is_away_hears_too(case, people, told):
    away = AwayFactory(
        person=people["representative"],
        stand_in=people["steward"],
        first_day=local_today(),
        last_day=local_today() + timedelta(9),
    )
    assert told(away, GrievanceAction.AWAY_MARKED, by="representative") == {Kind.CASE_GIVEN: {"steward"}}
    assert told(case, GrievanceAction.DEADLINE_NEAR) == {Kind.DEADLINE: {"representative", "steward"}}
    assert told(case, GrievanceAction.ADVANCE)[Kind.CASE_MOVES] == {"representative", "staff", "steward"}
    draft = IntakeFactory(drafted_by=people["representative"])
    assert told(draft, GrievanceAction.DEADLINE_NEAR) == {Kind.DEADLINE: {"representative", "steward"}}
    away.ends_at = away.starts_at
    away.save()
    assert told(away, GrievanceAction.AWAY_ENDED) == {Kind.CASE_MOVES: {"representative", "steward"}}
    assert told(case, GrievanceAction.DEADLINE_NEAR) == {Kind.DEADLINE: {"representative"}}


def test_nobody_stands_in_whose_mark_was_called_off(people, told):
    away = AwayFactory(person=people["representative"], stand_in=people["steward"])
    away.starts_at = away.ends_at = timezone.now() + timedelta(9)
    away.save()
    assert told(away, GrievanceAction.AWAY_MARKED, by="representative") == {}


def test_of_a_restricted_case_without_its_representative_hear_its_named_people(case, people, told):
    rep, named = people["representative"], {Kind.DEADLINE: {"officer"}}
    case.is_restricted = True
    case.save()
    case.named_people.set([rep, people["officer"]])
    assert told(case, GrievanceAction.DEADLINE_NEAR) == {Kind.DEADLINE: {"representative"}}
    away = AwayFactory(person=rep, stand_in=people["steward"], first_day=local_today(), last_day=local_today())
    assert told(case, GrievanceAction.DEADLINE_NEAR) == {Kind.DEADLINE: {"representative", "officer"}}
    away.delete()
    Grievance.objects.filter(pk=case.pk).update(assigned_rep=None)
    case.named_people.remove(rep)
    near, missed = (told(case, action) for action in (GrievanceAction.DEADLINE_NEAR, GrievanceAction.DEADLINE_MISSED))
    assert [near, missed] == [named, named]


def test_of_a_restricted_case_its_named_people_hear_while_somebody_else_may_hold_the_account(case, people, told):
    rep, due = people["representative"], local_today() + timedelta(5)
    case.is_restricted = True
    case.save()
    case.named_people.set([rep, people["officer"]])
    DeadlineFactory(grievance=case, contract_date=due)
    read = {"officer": [], "representative": [due]}
    waiting = Deadline.objects.waiting_for
    assert {name: list(waiting(people[name]).values_list("due", flat=True)) for name in read} == read
    IdentityChange.objects.create(user=rep, epoch=2, kind="password", actor=people["admin"], reason="Lost it")
    assert told(case, GrievanceAction.DEADLINE_NEAR) == {Kind.DEADLINE: {"officer"}}
    read = {"officer": [due], "representative": [], "staff": []}
    assert {name: list(waiting(people[name]).values_list("due", flat=True)) for name in read} == read
    assert people["officer"] in digest_people()


def test_of_a_deadline_that_nobody_can_keep_any_more_the_chair_hears_each_time(case, people, told):
    draft = IntakeFactory(drafted_by=people["steward"])
    for name in ("representative", "steward"):
        people[name].assignments.update(ended_at=timezone.now())
    assert told(case, GrievanceAction.DEADLINE_NEAR) == {Kind.DEADLINE: {"grievance-chair"}}
    assert told(draft, GrievanceAction.DEADLINE_NEAR) == {Kind.DEADLINE: {"grievance-chair"}}


def test_that_somebody_asks_for_a_case_is_told_to_those_who_assign(case, people, told):
    case.asked_by.add(people["steward"])
    assert told(case, GrievanceAction.ASKED_FOR, by="steward") == {Kind.CASE_WAITS: HEADS}
    case.asked_by.clear()  # it was given to somebody meanwhile
    assert told(case, GrievanceAction.ASKED_FOR, by="steward") == {}


@pytest.mark.parametrize("action", [GrievanceAction.FILED, GrievanceAction.UNASSIGNED, GrievanceAction.REOPEN])
def test_a_case_of_nobody_is_told_to_those_who_assign(people, told, action):
    case = GrievanceFactory(grievance_type="policy")
    assert told(case, action, by="staff") == {Kind.CASE_WAITS: HEADS}
    assert told(case, action, by="officer") == {Kind.CASE_WAITS: HEADS - {"officer"}}


def test_whoever_drafted_hears_that_it_was_filed_also_where_the_case_is_closed_to_them(people, told):
    case = GrievanceFactory(people=[people["member"].member])
    IntakeFactory(people=[], drafted_by=people["steward"], filed_as=case)
    draft = IntakeFactory(people=[], drafted_by=people["steward"])
    assert told(case, GrievanceAction.FILED, by="officer") == {
        Kind.CASE_WAITS: {"grievance-chair"},
        Kind.CASE_MOVES: {"steward"},
        Kind.OWN_CASE: {"member"},
    }
    assert told(draft, GrievanceAction.DRAFT_HANDED_OVER) == {Kind.CASE_GIVEN: {"steward"}}


def test_of_a_restricted_case_only_its_named_people_hear(case, people, told):
    case.is_restricted = True
    case.save()
    case.named_people.set([people["grievance-chair"], people["officer"]])
    assert told(case, GrievanceAction.RESTRICTED, by="officer") == {Kind.CASE_MOVES: {"grievance-chair"}}
    assert told(case, GrievanceAction.SETTLE, by="officer") == {}


def test_a_grievant_whose_link_rests_or_whose_account_is_off_hears_nothing(case, people, told):
    member = people["member"]
    User.objects.filter(pk=member.pk).update(link_epoch=0)
    assert told(case, GrievanceAction.ADVANCE) == WORKERS
    User.objects.filter(pk=member.pk).update(link_epoch=member.link_epoch, is_active=False)
    assert told(case, GrievanceAction.ADVANCE) == WORKERS
    User.objects.filter(pk=member.pk).update(is_active=True, is_verified=False)
    assert told(case, GrievanceAction.ADVANCE) == WORKERS


def test_a_resting_link_makes_nobody_a_grievant_who_sees_the_case_otherwise(told):
    worker = UserFactory(member=MemberFactory(), link_epoch=0)
    for role in ("staff", "member"):
        RoleAssignmentFactory(user=worker, role=role)
    case = GrievanceFactory(people=[worker.member])
    assert told(case, GrievanceAction.ADVANCE) == {}
    User.objects.filter(pk=worker.pk).update(link_epoch=1)
    assert told(case, GrievanceAction.ADVANCE) == {Kind.OWN_CASE: {"somebody else"}}


def application(people, status="under_review", **fields):
    return ApplicationFactory(member=people["member"].member, entered_by=people["staff"], status=status, **fields)


OWN = {Kind.OWN_APPLICATION: {"member"}, Kind.ENTERED: {"staff"}}
FIRST = {Kind.REVIEW: {"benevolence-vp"}}
SECOND = {Kind.REVIEW: {"benevolence-admin"}}
# action, where the application stands when it is looked at → who is told
APPLICATION_MOVES = {
    (BenevolenceAction.SUBMITTED, "submitted"): FIRST | OWN,
    (BenevolenceAction.AMENDED, "submitted"): FIRST | OWN,
    (BenevolenceAction.CARRIED_OVER, "submitted"): FIRST | OWN,
    (BenevolenceAction.CARRIED_OVER, "approved"): {Kind.PAYMENT: {"treasurer"}} | OWN,
    (BenevolenceAction.VOIDED, "submitted"): FIRST | OWN,
    (BenevolenceAction.ANSWERED, "under_review"): FIRST | OWN,
    (BenevolenceAction.OVERDUE, "under_review"): {Kind.OVERDUE: {"benevolence-vp"}},
    (BenevolenceAction.SUBSTITUTE_APPOINTED, "under_review"): FIRST,
    (BenevolenceAction.PREPARED, "under_review"): FIRST,
    (BenevolenceAction.ASKED, "under_review"): {Kind.QUESTION: {"member"}, Kind.ENTERED: {"staff"}},
    (BenevolenceAction.APPROVED, "under_review"): SECOND,
    (BenevolenceAction.APPROVED, "approved"): {Kind.PAYMENT: {"treasurer"}} | OWN,
    (BenevolenceAction.DENIED, "denied"): OWN,
    (BenevolenceAction.WITHDRAWN, "withdrawn"): OWN,
    (BenevolenceAction.PAID, "paid"): {Kind.SIGNATURE: {"officer"}} | OWN,
    (BenevolenceAction.PAYMENT_VOIDED, "approved"): {Kind.PAYMENT: {"treasurer"}} | OWN,
    (BenevolenceAction.RELEASED, "withdrawn"): OWN,
    (BenevolenceAction.HANDED_OVER, "under_review"): {Kind.ENTERED: {"staff"}},
}


def test_of_paper_hear_officers_who_may_confirm_it_then_whoever_is_named(people, told):
    row, vp = application(people, "draft", amount_requested=Decimal("900.00")), people["benevolence-vp"]
    day = local_today()
    said = OnPaper(Level.VP, vp, day, Decimal("900.00"), "minutes")
    row = record_paper(row, actor=people["staff"], applied_on=day, decisions=[said])
    assert told(row, BenevolenceAction.PAPER_RECORDED, by="staff") == {Kind.CONFIRMATION: {"officer"}}
    row = carry_over(row, actor=people["officer"])
    named = {Kind.REVIEW: {"benevolence-vp", "benevolence-admin"}}
    assert told(row, BenevolenceAction.CARRIED_OVER, by="officer") == named | OWN


@pytest.mark.parametrize(("action", "status"), APPLICATION_MOVES)
def test_of_an_application_hear_whoever_is_next_who_applied_and_who_entered_it(people, told, action, status):
    level = {"level_due": "admin"} if (action, status) == (BenevolenceAction.APPROVED, "under_review") else {}
    row = application(people, status, is_awaiting_applicant=action == BenevolenceAction.ASKED, **level)
    assert told(row, action) == APPLICATION_MOVES[action, status]
    others = told(row, action, by="member")
    assert "member" not in {name for names in others.values() for name in names}


def test_of_a_payment_hear_officers_who_may_sign_it_until_somebody_has(people, told):
    granted = application(people, "approved", amount_requested=Decimal("40.00"))
    made = PaymentFactory(line=granted.lines.get(), paid_by=people["treasurer"])
    asked = {Kind.SIGNATURE: {"officer"}}
    assert told(granted, BenevolenceAction.PAID, by="treasurer") == asked | OWN
    other = PaymentFactory(line=ApplicationFactory(status="approved").lines.get(), run=PaymentRunFactory())
    PaymentFactory(line=ApplicationFactory(status="approved").lines.get(), run=other.run)
    of_run = [told(row.line.application, BenevolenceAction.PAID, by=None) for row in other.run.payments.all()]
    assert [Kind.SIGNATURE in found for found in of_run] == [True, False]
    signed = payments.sign(made, actor=people["officer"])
    assert told(granted, BenevolenceAction.SIGNED, by="admin", voucher=signed.voucher_number) == {}
    RelationshipFactory(user=people["officer"], member=other.line.application.member)
    assert Kind.SIGNATURE not in told(other.line.application, BenevolenceAction.PAID, by=None)


def test_of_a_low_fund_hear_whoever_looks_after_it(people, told):
    low = one_row.change(FundSettings, {}, permission="", actor=None)
    people["trustee"]
    assert told(low, BenevolenceAction.FUND_LOW) == {Kind.FUND: {"treasurer", "trustee"}}


def test_who_had_a_withdrawn_application_hears_of_it(people, told):
    row = application(
        people, "withdrawn", level_reached=1, application_number="BN-2026-7001", application_date="2026-01-05"
    )
    assert told(row, BenevolenceAction.WITHDRAWN, by="staff", level="vp") == FIRST | {Kind.OWN_APPLICATION: {"member"}}
    assert told(row, BenevolenceAction.WITHDRAWN, by="staff", level="admin") == {Kind.OWN_APPLICATION: {"member"}}


def test_nobody_hears_that_an_application_waits_for_them_that_they_may_not_decide(people, told):
    row = application(people, "submitted")
    RelationshipFactory(user=people["benevolence-vp"], member=row.member)
    assert told(row, BenevolenceAction.SUBMITTED) == OWN
    granted = application(people, "approved")
    RelationshipFactory(user=people["treasurer"], member=granted.member)
    assert told(granted, BenevolenceAction.APPROVED) == OWN


def test_while_the_applicant_is_asked_the_level_waits_for_nothing(people, told):
    assert told(application(people, is_awaiting_applicant=True), BenevolenceAction.AMENDED) == OWN


def test_officers_hear_what_waits_for_their_confirmation(people, told):
    waits = RoleAssignmentFactory(role="trustee", needs_confirmation=True, identity_epoch=1).user
    to_confirm = {Kind.CONFIRMATION: {"officer"}}
    assert told(waits, AccountAction.ROLE_PROPOSED) == to_confirm
    assert told(waits, AccountAction.ROLE_PROPOSED, by="officer") == {}
    rests = UserFactory(member=MemberFactory(), link_epoch=0)
    for action in (
        AccountAction.INVITATION_ACCEPTED,
        AccountAction.PASSWORD_ISSUED,
        AccountAction.FACTOR_REMOVED,
        AccountAction.USER_CHANGED,
    ):
        assert told(rests, action) == to_confirm
    User.objects.filter(pk=rests.pk).update(link_epoch=1)
    assert told(rests, AccountAction.USER_CHANGED) == {}


def merge_request(people, **fields):
    pair = {"kept": MemberFactory(), "duplicate": MemberFactory()}
    given = {"kept_version": 1, "duplicate_version": 1, "reason": "One person", "asked_by": people["staff"]}
    return MergeRequest.objects.create(**{**pair, **given, **fields})


def test_a_merge_is_told_to_the_second_person_and_its_end_to_the_first(people, told):
    asked = merge_request(people)
    both = {"second": asked.duplicate_id}
    assert told(asked.kept, MemberAction.MERGE_ASKED, by="staff", **both) == {Kind.MERGE: {"admin", "officer"}}
    assert told(asked.duplicate, MemberAction.MERGE_ASKED, by="staff", second=asked.kept_id) == {}
    assert told(asked.kept, MemberAction.MEMBER_MERGED, merged=asked.duplicate_id) == {}
    asked.state, asked.decided_by = "declined", people["officer"]
    asked.save()
    assert told(asked.kept, MemberAction.MERGE_DECLINED, by="officer", **both) == {Kind.MERGE: {"staff"}}
    asked.state = "done"
    asked.save()
    assert told(asked.kept, MemberAction.MEMBER_MERGED, by="officer", merged=asked.duplicate_id) == {
        Kind.MERGE: {"staff"}
    }
    assert told(MemberFactory(), MemberAction.MEMBER_MERGED, by="officer", merged=asked.duplicate_id) == {}


def test_of_a_merge_the_other_way_round_only_the_request_itself_is_told(people, told):
    """Although each record has an event, and each was the one to stay in one of the two."""
    ended = {"state": "declined", "decided_by": people["officer"]}
    first = merge_request(people, **ended)
    second = merge_request(people, kept=first.duplicate, duplicate=first.kept, asked_by=people["admin"], **ended)

    def ends():
        for kept, other in ((first.kept, second.kept), (second.kept, first.kept)):
            yield told(kept, MemberAction.MERGE_DECLINED, by="officer", second=other.pk)

    assert list(ends()) == [{}, {Kind.MERGE: {"admin"}}]
    MergeRequest.objects.filter(pk=second.pk).update(created_at=timezone.now() + timedelta(hours=1))
    assert list(ends()) == [{Kind.MERGE: {"staff"}}, {}]


def test_whoever_brought_an_import_in_hears_of_its_end_also_of_their_own(people, told):
    batch = ImportBatch.objects.create(
        file_name="list.csv", kind="members", uploaded_by=people["staff"], applied_by=people["admin"]
    )
    for action in (ImportAction.CHECKED, ImportAction.STOPPED, ImportAction.APPLIED):
        assert told(batch, action, by="admin") == {Kind.IMPORT: {"staff", "admin"}}
    assert told(batch, ImportAction.UNDONE, by="admin") == {Kind.IMPORT: {"staff"}}
    assert told(batch, ImportAction.DISCARDED, by="staff") == {Kind.IMPORT: {"admin"}}


@pytest.mark.parametrize(
    ("model", "kind", "who"), [(CaseImport, "cases", "grievance-chair"), (HelpImport, "past", "treasurer")]
)
def test_whoever_brings_in_cases_or_past_help_hears_of_its_end(people, told, model, kind, who):
    batch = model.objects.create(file_name="list.csv", kind=kind, uploaded_by=people[who])
    assert told(batch, ImportAction.APPLIED, by=who) == {Kind.IMPORT: {who}}


def test_of_a_campaign_hear_whoever_is_appointed_the_lead_and_the_handler_and_no_salt(people, told):
    organizer, campaign = people["organizer"], CampaignFactory()
    term = AssignmentFactory(campaign=campaign, user=organizer, duty="handler")
    salt = CampaignMemberFactory(campaign=campaign, member=people["member"].member, handler=organizer)
    entry = ActivityFactory(campaign=campaign, campaign_member=salt, entered_by=None)
    lead = AssignmentFactory(campaign=campaign, user=people["officer"], duty="lead")
    own = {Kind.CAMPAIGN: {"organizer"}}
    assert told(term, OrganizingAction.APPOINTED, by="officer") == own
    assert told(term, OrganizingAction.ASSIGNMENT_CONFIRMED, by="officer") == own
    assert told(salt, OrganizingAction.SALT_ADDED, by="officer") == own
    assert told(salt, OrganizingAction.SALT_HANDLED, by="officer") == own
    assert told(entry, OrganizingAction.ACTIVITY_LOGGED, by=None) == {Kind.CAMPAIGN: {"organizer", "officer"}}
    type(lead).objects.filter(campaign=campaign).update(ended_at=timezone.now() - timedelta(minutes=1))
    assert told(entry, OrganizingAction.ACTIVITY_LOGGED, by=None) == {}


def test_a_director_hears_of_the_end_of_a_campaign_and_of_a_lead_who_waits_for_them(people, told):
    leader = RoleAssignmentFactory(role="organizer", user=UserFactory()).user
    campaign = AssignmentFactory(user=leader, duty="lead").campaign
    AssignmentFactory(user=people["organizer"], duty="lead", campaign=CampaignFactory(ended=True))
    director = {Kind.OVERSIGHT: {"organizing-director"}}
    acts = (AccountAction.PERSON_CONFIRMED, AccountAction.USER_DEACTIVATED, AccountAction.ROLE_ENDED)
    assert [told(leader, action) for action in acts] == [{}] * 3
    User.objects.filter(pk=leader.pk).update(identity_epoch=2)
    assert told(leader, AccountAction.PERSON_CONFIRMED) == director
    User.objects.filter(pk=leader.pk).update(identity_epoch=1, is_active=False)
    assert [told(leader, action) for action in acts[1:]] == [director] * 2
    assert told(people["organizer"], AccountAction.USER_DEACTIVATED) == {}
    assert told(campaign, OrganizingAction.CAMPAIGN_CLOSED) == director


def test_of_an_emergency_opening_hear_its_officers_the_lead_the_deputy_and_the_director_at_once(people, told):
    campaign, organizer = CampaignFactory(), people["organizer"]
    AssignmentFactory(campaign=campaign, user=organizer, duty="lead")
    AssignmentFactory(campaign=campaign, user=people["staff"], duty="organizer")
    waits = OpeningFactory(campaign=campaign, asked_by=people["organizing-director"])
    by_director = {"by": "organizing-director"}
    assert told(waits, OrganizingAction.OPENING_ASKED, **by_director) == {
        Kind.OPENING_WAITS: {"officer"},
        Kind.OPENING: {"organizer"},
    }
    openings.confirm(waits, actor=people["officer"])
    concerned = {Kind.OPENING: {"organizer", "organizing-director"}}
    assert told(waits, OrganizingAction.OPENING_CONFIRMED, by="officer") == concerned
    assert told(waits, OrganizingAction.OPENING_REFUSED, by="officer") == concerned
    assert told(waits, OrganizingAction.OPENING_ENDED, by="organizer") == {Kind.OPENING: {"organizing-director"}}
    assert told(waits, OrganizingAction.OPENING_ENDED, **by_director) == {Kind.OPENING: {"organizer"}}
    assert told(waits, OrganizingAction.OPENING_ASKED, **by_director) == {Kind.OPENING: {"organizer"}}
    assert {Kind.OPENING, Kind.OPENING_WAITS} <= set(FIXED)


def test_an_officer_is_no_longer_asked_once_another_decided(people):
    telling.tell()
    opening = openings.ask(CampaignFactory().pk, actor=people["organizing-director"], reason="Nobody answers", hours=2)
    telling.tell()
    asked = Notice.objects.unread().filter(user=people["officer"])
    assert list(asked.values_list("kind", flat=True)) == [Kind.OPENING_WAITS]
    assert [mail.address for mail in Outbox.objects.filter(template="notice")] == [people["officer"].email]
    second = RoleAssignmentFactory(role="officer", user=UserFactory()).user
    openings.refuse(opening, actor=second, reason="Call the deputy")
    telling.tell()
    assert list(asked) == []


def test_whoever_leads_a_campaign_that_is_opened_hears_of_it(people):
    director, lead = people["organizing-director"], people["organizer"]
    campaigns.open_campaign(code_name="Kestrel", lead=lead, actor=director)
    event = AuditEvent.objects.get(action=OrganizingAction.APPOINTED)
    assert [(item.user, item.kind, item.reference) for item in telling.told_of(event)] == [(lead, Kind.CAMPAIGN, "")]


def test_every_action_of_the_table_is_played_here():
    played = {*CASE_MOVES, *(action for action, _status in APPLICATION_MOVES)}
    alone = {
        *(GrievanceAction.FILED, GrievanceAction.UNASSIGNED, GrievanceAction.DRAFT_HANDED_OVER),
        *(GrievanceAction.AWAY_MARKED, GrievanceAction.AWAY_ENDED),
        *(GrievanceAction.ASKED_FOR, BenevolenceAction.FUND_LOW, BenevolenceAction.SIGNED),
        *(GrievanceAction.RESTRICTED, AccountAction.ROLE_PROPOSED, AccountAction.INVITATION_ACCEPTED),
        *(AccountAction.PASSWORD_ISSUED, AccountAction.FACTOR_REMOVED, AccountAction.USER_CHANGED),
        *(MemberAction.MERGE_ASKED, MemberAction.MERGE_DECLINED, MemberAction.MEMBER_MERGED),
        *(ImportAction.CHECKED, ImportAction.STOPPED, BenevolenceAction.PAPER_RECORDED),
        *(ImportAction.APPLIED, ImportAction.UNDONE, ImportAction.DISCARDED),
        *(OrganizingAction.APPOINTED, OrganizingAction.ASSIGNMENT_CONFIRMED, OrganizingAction.SALT_ADDED),
        *(AccountAction.PERSON_CONFIRMED, AccountAction.USER_DEACTIVATED, AccountAction.ROLE_ENDED),
        *(OrganizingAction.CAMPAIGN_CLOSED, OrganizingAction.SALT_HANDLED, OrganizingAction.ACTIVITY_LOGGED),
        *(OrganizingAction.OPENING_ASKED, OrganizingAction.OPENING_CONFIRMED),
        *(OrganizingAction.OPENING_REFUSED, OrganizingAction.OPENING_ENDED),
    }
    assert played | alone == set(TELLING)


# --- what is done meanwhile -----------------------------------------------------------------------------------


WAITED_FOR = (Kind.REVIEW, Kind.PAYMENT, Kind.SIGNATURE)


@pytest.fixture
def unread(people):
    """`unread()`: who has which notices that count as new, after the clock looked at what happened."""
    telling.tell()
    names = {people[name].pk: name for name in CAST if name != "anon"}

    def look():
        telling.tell()
        rows = Notice.objects.unread().order_by("event").values_list("user", "kind", "event__action")
        return [(names[user], kind, action) for user, kind, action in rows if kind in WAITED_FOR]

    return look


def test_what_somebody_did_meanwhile_is_no_longer_new_to_whom_it_was_asked_of(people, unread):
    draft = ApplicationFactory(member=people["member"].member, entered_by=people["staff"], amount_requested=700)
    row = applications.submit(draft, actor=people["staff"])
    assert unread() == [("benevolence-vp", Kind.REVIEW, BenevolenceAction.SUBMITTED)]
    reviews.ask(row, actor=people["benevolence-vp"], question="Which bill?")
    assert unread() == []
    applications.answer(row, actor=people["member"], text="The power")
    assert unread() == [("benevolence-vp", Kind.REVIEW, BenevolenceAction.ANSWERED)]
    reviews.approve(row, actor=people["benevolence-vp"], amount=Decimal(700))
    assert unread() == [("benevolence-admin", Kind.REVIEW, BenevolenceAction.APPROVED)]
    reviews.approve(row, actor=people["benevolence-admin"], amount=Decimal(700))
    assert unread() == [("treasurer", Kind.PAYMENT, BenevolenceAction.APPROVED)]
    applications.withdraw(row, actor=people["member"])
    assert unread() == []


def test_a_signature_that_was_given_or_a_payment_that_is_void_waits_for_nobody(people, unread):
    people["officer"]
    rows = [application(people, "approved", amount_requested=Decimal(40)) for _number in range(2)]
    for row in rows:
        given = {"payment_date": local_today(), "payment_method": "direct_deposit"}
        payments.pay(row, actor=people["treasurer"], **given)
    assert unread() == [("officer", Kind.SIGNATURE, BenevolenceAction.PAID)] * 2
    signed, void = (Payment.objects.get(line__application=row) for row in rows)
    payments.sign(signed, actor=people["officer"])
    assert unread() == [("officer", Kind.SIGNATURE, BenevolenceAction.PAID)]
    payments.void(void, actor=people["treasurer"], reason="Came back")
    assert [kind for _name, kind, _action in unread()] == []


# --- from the act to the person ------------------------------------------------------------------------------


def test_what_is_gone_is_told_nobody(people):
    with transaction.atomic():
        event = trail.record(people["member"], AccountAction.USER_CHANGED, actor=None)
    event.subject_id = "999999999"
    assert list(telling.told_of(event)) == []


def test_the_kinds_that_a_person_chooses_among_are_those_that_can_reach_them(people):
    assert telling.kinds_for(people["nobody"]) == []
    assert telling.kinds_for(people["treasurer"]) == [Kind.PAYMENT, Kind.FUND, Kind.IMPORT]
    assert telling.kinds_for(people["member"]) == [Kind.OWN_CASE, Kind.QUESTION, Kind.OWN_APPLICATION]
    assert telling.kinds_for(people["organizer"]) == [Kind.CAMPAIGN]
