"""What stands against a move: eligibility, caps, what was granted shortly before, duties that stay apart."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied

from accounts.factories import RoleAssignmentFactory
from accounts.models import User
from accounts.services import confirming
from accounts.services.people import change_user
from benevolence.enums import Level, Status
from benevolence.factories import ApplicationFactory, donated
from benevolence.models import BenevolenceApplication, DeclaredRelationship
from benevolence.services import applications, payments, policies, relationships, reviews
from benevolence.services.handover import hand_over_intake
from benevolence.services.workflow import stands_apart
from benevolence.tests.conftest import ROLE_OF
from benevolence.tests.steps import TYPED, State, approve_up_to, events, faults, refused, state
from core.audit.trail import stream_of
from core.errors import TransitionRefused
from core.models import AuditEvent
from core.site import local_today
from members.factories import MemberFactory
from members.models import Member, OtherPerson

pytestmark = pytest.mark.django_db
ARREARS = "Dues are in arrears. Settle them with the office, then submit; the draft stays here."
UNKNOWN = "The office has not confirmed the standing yet. Ask the office to confirm it, then submit."
NOT_ACTIVE = "The fund helps active members. If the record is wrong, ask the office to correct it, then submit."


# --- splitting -------------------------------------------------------------------------------------------


def test_approvals_shortly_before_count(people, applied):
    approve_up_to(applied("400.00"), people, Level.VP)
    second = reviews.approve(applied("101.00"), actor=people["benevolence-vp"], amount=Decimal("101.00"))
    assert state(second) == State("under_review", due="admin", reached=2)


@pytest.mark.parametrize(("days", "status"), [(90, "under_review"), (91, "approved")])
def test_only_approvals_within_the_days_of_the_rules_count(people, applied, days, status):
    first = approve_up_to(applied("400.00"), people, Level.VP)
    BenevolenceApplication.objects.filter(pk=first.pk).update(approved_on=local_today() - timedelta(days))
    second = reviews.approve(applied("101.00"), actor=people["benevolence-vp"], amount=Decimal("101.00"))
    assert state(second).status == status


def test_a_merged_record_is_the_same_person(people, applied):
    first = approve_up_to(applied("400.00"), people, Level.VP)
    merged = MemberFactory()
    Member.objects.filter(pk=merged.pk).update(merged_into=people["member"].member)
    BenevolenceApplication.objects.filter(pk=first.pk).update(member=merged)
    second = reviews.approve(applied("101.00"), actor=people["benevolence-vp"], amount=Decimal("101.00"))
    assert state(second).status == "under_review"


def test_withdrawn_help_counts_no_more(people, applied):
    first = approve_up_to(applied("400.00"), people, Level.VP)
    applications.withdraw(first, actor=people["member"], reason="The insurer paid")
    second = reviews.approve(applied("101.00"), actor=people["benevolence-vp"], amount=Decimal("101.00"))
    assert state(second).status == "approved"


# --- submitting ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"standing": "good", "status": "active"}, ""),
        ({"standing": "arrears"}, ARREARS),
        ({"standing": "unknown"}, UNKNOWN),
        ({"status": "suspended"}, NOT_ACTIVE),
    ],
)
def test_who_is_eligible(people, fields, sentence):
    Member.objects.filter(pk=people["member"].member.pk).update(**fields)
    draft = applications.create_application(TYPED, actor=people["member"])
    if sentence:
        assert refused(applications.submit, draft, actor=people["member"]) == sentence
    else:
        applications.submit(draft, actor=people["member"])
    assert state(draft).status == ("draft" if sentence else "submitted")
    assert len(events(draft)) == (1 if sentence else 2)


@pytest.mark.usefixtures("staffed")
def test_caps(people, applied):
    approve_up_to(applied("400.00"), people, Level.VP)
    policies.change_policy(
        {"cap_per_application": Decimal("449.99"), "cap_per_member": Decimal("1000.00")}, actor=people["admin"]
    )
    draft = applications.create_application(TYPED, actor=people["member"])
    assert refused(applications.submit, draft, actor=people["member"]) == (
        "The rules allow at most $449.99 for one application. Ask for less."
    )
    policies.change_policy(
        {"cap_per_application": Decimal("450.00"), "cap_per_member": Decimal("849.99")}, actor=people["admin"]
    )
    assert refused(applications.submit, draft, actor=people["member"]) == (
        "The rules allow $849.99 for one member in 12 months; $449.99 are left. Ask for less."
    )
    policies.change_policy({"cap_per_member": Decimal("850.00")}, actor=people["admin"])
    assert applications.submit(draft, actor=people["member"]).status == Status.SUBMITTED


@pytest.mark.usefixtures("staffed")
def test_the_office_is_not_told_what_a_member_was_granted(people, applied):
    """Whoever applies for themselves reads what is left, see above."""
    approve_up_to(applied("400.00"), people, Level.VP)
    policies.change_policy({"cap_per_member": Decimal("849.99")}, actor=people["admin"])
    staff, less = (
        people["staff"],
        "The rules allow $849.99 for one member in 12 months, and less is left. Ask for less.",
    )
    draft = applications.create_application(TYPED, actor=staff, member=people["member"].member)
    assert refused(applications.submit, draft, actor=staff) == less
    applications.update_draft(draft, {"amount_requested": Decimal("449.99")}, actor=staff)
    application = applications.submit(draft, actor=staff)
    values = {"amount_requested": Decimal("450.00")}
    assert faults(applications.amend, application, actor=staff, values=values) == {"amount_requested": [less]}


@pytest.mark.usefixtures("staffed")
def test_the_last_level_approves_no_more_than_the_cap_leaves_by_then(people, applied):
    rules = {"cap_per_member": Decimal("700.00"), "vp_up_to": Decimal("1000.00")}
    policies.change_policy(rules, actor=people["admin"])
    first, second = applied("400.00"), applied("400.00")
    vp = people["benevolence-vp"]
    reviews.approve(first, actor=vp, amount=Decimal("400.00"))
    assert faults(reviews.approve, second, actor=vp, amount=Decimal("300.01")) == {
        "amount": [
            "The rules allow $700.00 for one member in 12 months; $300.00 are left. "
            "Lower the amount, or deny the application."
        ]
    }
    assert reviews.approve(second, actor=vp, amount=Decimal("300.00")).approved_amount == Decimal("300.00")


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        (
            {"times_per_member": 1, "times_months": 12},
            "The rules help one member 1 time in 12 months, and that is reached.",
        ),
        ({"wait_days": 30}, "The rules ask to wait 30 days after help, which is not over."),
    ],
)
@pytest.mark.usefixtures("staffed")
def test_help_that_was_granted_since_it_was_submitted_counts_at_the_last_level(people, applied, rules, sentence):
    policies.change_policy({**rules, "vp_up_to": Decimal("1000.00")}, actor=people["admin"])
    first, second = applied("400.00"), applied("400.00")
    approves = partial(reviews.approve, actor=people["benevolence-vp"], amount=Decimal("400.00"))
    approves(first)
    assert refused(approves, second) == f"{sentence} Defer the application, or deny it."
    second.refresh_from_db()
    assert second.status == Status.SUBMITTED
    BenevolenceApplication.objects.filter(pk=first.pk).update(approved_on=local_today() - timedelta(400))
    assert approves(second).status == Status.APPROVED


def test_a_refused_submission_takes_no_number(people, applied):
    draft = applications.create_application(TYPED, actor=people["member"])
    Member.objects.update(standing="arrears")
    refused(applications.submit, draft, actor=people["member"])
    Member.objects.update(standing="good")
    assert applications.submit(draft, actor=people["member"]).application_number.endswith("-0001")


def test_a_merged_members_draft_is_judged_by_the_record_that_was_kept(people):
    draft = ApplicationFactory(entered_by=people["staff"])
    kept = people["member"].member
    Member.objects.filter(pk=draft.member_id).update(merged_into=kept, deleted_at="2026-01-01T00:00Z")
    Member.objects.filter(pk=kept.pk).update(standing="arrears")
    assert refused(applications.submit, draft, actor=people["member"]) == ARREARS
    Member.objects.filter(pk=kept.pk).update(standing="good")
    assert applications.submit(draft, actor=people["member"]).status == Status.SUBMITTED


# --- separation of duties --------------------------------------------------------------------------------


def test_nobody_decides_their_own(people, applied):
    application = applied()
    for role in ("benevolence-vp", "treasurer"):
        RoleAssignmentFactory(user=people["member"], role=role)
    both = User.objects.get(pk=people["member"].pk)
    sentence = "You can't decide this one: you are the applicant. Leave it to somebody else."
    acts = [
        (reviews.start_review, {}),
        (reviews.approve, {"amount": Decimal("1.00")}),
        (reviews.deny, {"reason": "x"}),
        (reviews.ask, {"question": "x"}),
        (reviews.defer, {"until": local_today() + timedelta(1), "comments": "x"}),
    ]
    assert [refused(act, application, actor=both, **values) for act, values in acts] == [sentence] * 5
    reviews.approve(application, actor=people["benevolence-vp"], amount=Decimal("400.00"))
    assert (
        refused(payments.pay, application, actor=both, payment_date=local_today(), payment_method="direct_deposit")
        == sentence
    )
    assert state(application).status == "approved"


def test_of_whoever_decides_or_pays_it_is_known_which_member_they_are_or_none(people, applied):
    """Otherwise nobody can tell whether the application is theirs. An officer confirms what is stated."""
    application, payment = applied(), {"payment_date": local_today(), "payment_method": "direct_deposit"}
    vp, treasurer = (people[name] for name in ("benevolence-vp", "treasurer"))
    acts = [
        (vp, reviews.approve, {"amount": Decimal("400.00")}),
        (treasurer, payments.pay, payment),
    ]
    User.objects.filter(pk__in=[vp.pk, treasurer.pk]).update(is_no_member=False)
    for person, act, values in acts:
        unknown = User.objects.get(pk=person.pk)
        assert refused(act, application, actor=unknown, **values) == (
            "Nobody has confirmed which member you are, or that you are none. Ask an officer to confirm you."
        )
        change_user(unknown, {"is_no_member": True}, actor=people["admin"])
        stated = User.objects.get(pk=person.pk)
        assert (stated.is_known, confirming.what_rests(stated)[-1]) == (False, "That they are not a member")
        confirming.confirm(stated, actor=people["officer"])
        act(application, actor=User.objects.get(pk=person.pk), **values)
    assert state(application).status == "paid"


def test_nobody_decides_two_levels(people, applied, person_with):
    both = person_with("benevolence-vp", "benevolence-admin")
    application = applied("1000.00")
    reviews.approve(application, actor=both, amount=Decimal("1000.00"))
    sentence = "You took part at another level of this application. Leave this level to somebody else."
    assert refused(reviews.approve, application, actor=both, amount=Decimal("1000.00")) == sentence
    assert refused(reviews.deny, application, actor=both, reason="x") == sentence
    reviews.approve(application, actor=people["benevolence-admin"], amount=Decimal("1000.00"))
    assert state(application).status == "approved"


def test_a_question_at_another_level_counts_too(people, applied, person_with):
    both = person_with("benevolence-vp", "benevolence-admin")
    application = applied("1000.00")
    reviews.ask(application, actor=both, question="Which bill?")
    applications.answer(application, actor=people["member"], text="Power")
    reviews.approve(application, actor=people["benevolence-vp"], amount=Decimal("1000.00"))
    assert refused(reviews.approve, application, actor=both, amount=Decimal("1.00")) == (
        "You took part at another level of this application. Leave this level to somebody else."
    )


def test_whoever_pays_decided_none_of_it(people, applied, person_with):
    both = person_with("benevolence-vp", "treasurer")
    application = applied()
    reviews.approve(application, actor=both, amount=Decimal("400.00"))
    payment = {"payment_date": local_today(), "payment_method": "direct_deposit"}
    assert refused(payments.pay, application, actor=both, **payment) == (
        "You took part in the decision. Whoever pays must not have decided; leave it to somebody else."
    )
    payments.pay(application, actor=people["treasurer"], **payment)
    assert state(application).status == "paid"


@pytest.mark.parametrize("name", ["benevolence-vp", "treasurer"])
def test_a_declared_relationship_hides_the_case(people, applied, approved, name):
    application = applied() if name == "benevolence-vp" else approved()
    person = people[name]
    declared = relationships.declare_relationship(application.member, "family", actor=person)
    assert declared.user == person
    assert declared.member == application.member
    assert declared.kind == "family"
    events = AuditEvent.objects.filter(stream=stream_of(declared)).values_list("action", "actor", "body")
    assert list(events) == [("benevolence.relationship", person.pk, {})]
    assert not BenevolenceApplication.objects.visible_to(person).exists()
    with pytest.raises(TransitionRefused, match="no longer open to you"):
        if name == "treasurer":
            payments.pay(application, actor=person, payment_date=local_today(), payment_method="direct_deposit")
        else:
            reviews.approve(application, actor=person, amount=Decimal("1.00"))
    assert faults(relationships.declare_relationship, application.member, "friend", actor=person) == {
        "__all__": ["You have declared this relationship already."]
    }
    with pytest.raises(PermissionDenied):
        relationships.declare_relationship(application.member, "family", actor=people["member"])
    assert DeclaredRelationship.objects.count() == 1


def test_a_relation_under_a_merged_record_counts(people, applied):
    application = applied()
    merged = MemberFactory()
    relationships.declare_relationship(merged, "family", actor=people["benevolence-vp"])
    assert BenevolenceApplication.objects.visible_to(people["benevolence-vp"]).exists()
    Member.objects.filter(pk=merged.pk).update(merged_into=application.member)
    assert not BenevolenceApplication.objects.visible_to(people["benevolence-vp"]).exists()


@pytest.mark.parametrize("comes_first", ["declaration", "application"])
def test_a_relation_under_a_record_that_is_alike_counts_until_somebody_decides(people, applied, comes_first):
    vp, seen = people["benevolence-vp"], BenevolenceApplication.objects.visible_to
    member = people["member"].member
    twin = MemberFactory(last_name=member.last_name, date_of_birth=member.date_of_birth)
    if comes_first == "application":
        application = applied()
        relationships.declare_relationship(twin, "family", actor=vp)
    else:
        relationships.declare_relationship(twin, "family", actor=vp)
        application = applied()
    assert not seen(vp).exists()
    assert stands_apart(application, vp) == "You declared a relationship with the applicant. Leave it to somebody else."
    first, second = sorted((twin, member), key=lambda row: row.pk)
    OtherPerson.objects.create(member=first, other=second, decided_by=people["officer"], reason="Cousins")
    assert seen(vp).exists()


def test_only_the_level_due_decides(people, applied):
    application = applied("6000.00")
    for level in Level:
        for other in set(Level) - {level}:
            with pytest.raises((PermissionDenied, TransitionRefused)):
                reviews.approve(application, actor=people[ROLE_OF[other]], amount=Decimal("6000.00"))
        application = reviews.approve(application, actor=people[ROLE_OF[level]], amount=Decimal("6000.00"))


ENTERED = "You entered this application. Leave the decision to somebody else."


@pytest.mark.parametrize("level", Level)
def test_who_entered_an_application_decides_it_at_no_level(people, person_with, level):
    clerk, values = person_with("staff", ROLE_OF[level]), TYPED | {"amount_requested": Decimal("6000.00")}
    donated(values["amount_requested"])
    draft = applications.create_application(values, actor=clerk, member=people["member"].member)
    levels = list(Level)
    application = approve_up_to(applications.submit(draft, actor=clerk), people, *levels[: levels.index(level)])
    decide = partial(refused, application=application, actor=clerk)
    for _owner in range(2):
        assert decide(reviews.approve, amount=Decimal("1.00")) == ENTERED
        assert decide(reviews.deny, reason="No") == ENTERED
        assert decide(reviews.ask, question="Which bill?") == ENTERED
        assert decide(reviews.defer, until=local_today() + timedelta(1), comments="Later") == ENTERED
        hand_over_intake(clerk, people["staff"], actor=clerk, reason="On leave")
        application.refresh_from_db()
    assert application.entered_by == people["staff"]
    assert state(approve_up_to(application, people, level)).status == (
        "approved" if level == levels[-1] else "under_review"
    )


A_PART = (
    "This person has a part in deciding one of these applications. Whoever enters an application decides nothing of "
    "it, so choose a colleague who decides none of them."
)


def test_intake_goes_to_nobody_who_decided_some_of_it(people, person_with):
    staff, clerk, colleague = people["staff"], person_with("staff", "benevolence-vp"), person_with("staff")
    values = TYPED | {"amount_requested": Decimal("900.00")}
    donated(values["amount_requested"])
    draft = applications.create_application(values, actor=staff, member=people["member"].member)
    application = reviews.approve(applications.submit(draft, actor=staff), actor=clerk, amount=Decimal("900.00"))
    hand_over = partial(hand_over_intake, staff, actor=staff, reason="On leave")
    assert faults(hand_over, clerk) == {"person": [A_PART]}
    assert hand_over(colleague) == 1
    application.refresh_from_db()
    assert application.entered_by == colleague
    assert state(approve_up_to(application, people, Level.ADMIN)).status == "approved"
