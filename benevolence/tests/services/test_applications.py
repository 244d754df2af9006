"""The verbs: each success beside its refusals, on one arrangement."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from benevolence.enums import Level, Status
from benevolence.factories import ApplicationFactory, ReviewFactory, donated
from benevolence.models import ApplicantAnswer, BenevolenceApplication, BenevolencePolicy, BenevolenceReview
from benevolence.services import applications, payments, policies, reviews
from benevolence.services.facts import policy_on
from benevolence.tests.conftest import ROLE_OF
from benevolence.tests.steps import TYPED, State, approve_up_to, events, faults, refused, state
from core.errors import DomainError, EditConflict, TransitionRefused
from core.models import AuditEvent
from core.site import local_today
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db


# --- from the draft to the payment ---------------------------------------------------------------------


def test_a_member_applies_and_is_paid(people):
    member = people["member"]
    donated(Decimal("300.00"))
    application = applications.create_application(TYPED, actor=member)
    assert application.member == member.member
    assert application.entered_by == member
    assert application.application_number is None
    assert state(application) == State("draft", reached=0)
    application = applications.submit(application, actor=member)
    assert application.application_number == f"BN-{local_today().year}-0001"
    assert application.application_date == local_today()
    assert state(application) == State("submitted", due="vp")
    application = reviews.start_review(application, actor=people["benevolence-vp"])
    assert state(application) == State("under_review", due="vp")
    application = reviews.approve(application, actor=people["benevolence-vp"], amount=Decimal("300.00"))
    assert state(application) == State("approved")
    assert application.approved_amount == Decimal("300.00")
    assert application.approved_on == local_today()
    application = payments.pay(
        application,
        actor=people["treasurer"],
        payment_date=local_today(),
        payment_method="check",
        payment_reference=" 4711 ",
    )
    assert state(application).status == "paid"
    assert application.payment_reference == "4711"
    assert application.paid_by == people["treasurer"]
    assert events(application) == [
        ("created", {}),
        ("benevolence.submit", {}),
        ("benevolence.start", {"level": "vp"}),
        ("benevolence.approve", {"level": "vp"}),
        ("benevolence.pay", {}),
    ]


def test_every_level_decides_in_its_order(people, applied):
    application = applied("6000.00")
    for level, amount in zip(Level, ("6000.00", "5500.00", "5500.00", "5000.00"), strict=True):
        assert state(application).due == level
        application = reviews.approve(application, actor=people[ROLE_OF[level]], amount=Decimal(amount))
    assert state(application) == State("approved", reached=4)
    assert application.approved_amount == Decimal("5000.00")
    assert list(application.reviews.values_list("review_level", "decision", "amount")) == [
        ("vp", "approved", Decimal("6000.00")),
        ("admin", "approved", Decimal("5500.00")),
        ("manager", "approved", Decimal("5500.00")),
        ("president", "approved", Decimal("5000.00")),
    ]


@pytest.mark.parametrize(
    ("amount", "levels"),
    [("500.00", 1), ("500.01", 2), ("2000.00", 2), ("2000.01", 3), ("5000.00", 3), ("5000.01", 4)],
)
def test_the_last_level_follows_from_the_amount_to_the_cent(people, applied, amount, levels):
    application = applied(amount)
    for position, level in enumerate(list(Level)[:levels], 1):
        application = reviews.approve(application, actor=people[ROLE_OF[level]], amount=Decimal("1.00"))
        assert (application.status == Status.APPROVED) == (position == levels)


def test_a_level_lowers_and_never_raises(people, applied):
    application = applied("1000.00")
    vp, admin = people["benevolence-vp"], people["benevolence-admin"]
    over = "At most $1,000.00: a level may lower the amount, never raise it."
    assert faults(reviews.approve, application, actor=vp, amount=Decimal("1000.01")) == {"amount": [over]}
    nothing = {"amount": ["Enter an amount above zero, or deny the application."]}
    assert faults(reviews.approve, application, actor=vp, amount=Decimal("0.00")) == nothing
    reviews.approve(application, actor=vp, amount=Decimal("800.00"))
    over = "At most $800.00: a level may lower the amount, never raise it."
    assert faults(reviews.approve, application, actor=admin, amount=Decimal("800.01")) == {"amount": [over]}
    assert BenevolenceReview.objects.count() == 1
    reviews.approve(application, actor=admin, amount=Decimal("800.00"))
    assert state(application).status == "approved"


# --- questions, deferral, denial -------------------------------------------------------------------------


def test_a_question_waits_for_its_answer_and_comes_back_to_its_level(people, applied):
    application = approve_up_to(applied("1000.00"), people, Level.VP)
    admin = people["benevolence-admin"]
    reviews.ask(application, actor=admin, question="Which bill?")
    assert state(application) == State("under_review", due="admin", reached=2, is_awaiting=True)
    waits = "The applicant has not answered the question yet. Wait for the answer, or deny."
    assert refused(reviews.approve, application, actor=admin, amount=Decimal("1.00")) == waits
    assert refused(reviews.ask, application, actor=admin, question="Well?") == waits
    assert refused(reviews.defer, application, actor=admin, until=local_today() + timedelta(3), comments="x") == waits
    applications.answer(application, actor=people["member"], text="The power bill")
    assert state(application) == State("under_review", due="admin", reached=2)
    reply = ApplicantAnswer.objects.get()
    assert reply.review.comments == "Which bill?"
    assert reply.text == "The power bill"
    assert reply.answered_by == people["member"]
    assert (
        refused(applications.answer, application, actor=people["member"], text="Again") == "There is no open question."
    )
    reviews.approve(application, actor=admin, amount=Decimal("1000.00"))
    assert state(application).status == "approved"


def test_while_a_question_is_open_it_can_be_denied(people, applied):
    application = applied()
    reviews.ask(application, actor=people["benevolence-vp"], question="Which bill?")
    reviews.deny(application, actor=people["benevolence-vp"], reason="No answer")
    assert state(application) == State("denied")


def test_put_off_until_a_day_to_come(people, applied):
    application, vp = applied(), people["benevolence-vp"]
    sentence = {"until": ["Choose a day that is still to come."]}
    assert faults(reviews.defer, application, actor=vp, until=local_today(), comments="Wait") == sentence
    tomorrow = local_today() + timedelta(1)
    said = {"comments": ["Say it in a few words."]}
    assert faults(reviews.defer, application, actor=vp, until=tomorrow, comments=" ") == said
    reviews.defer(application, actor=vp, until=tomorrow, comments="Wait for the bill")
    assert state(application) == State("under_review", due="vp", deferred_until=tomorrow)
    reviews.approve(application, actor=vp, amount=Decimal("400.00"))
    assert state(application) == State("approved")


def test_a_denial_says_why(people, applied):
    application, vp = applied(), people["benevolence-vp"]
    assert faults(reviews.deny, application, actor=vp, reason=" ") == {"reason": ["Say it in a few words."]}
    reviews.deny(application, actor=vp, reason="Not a hardship")
    assert (state(application).status, application.reviews.get().comments) == ("denied", "Not a hardship")
    assert "Not a hardship" not in str(list(AuditEvent.objects.values()))


# --- amending and withdrawing ----------------------------------------------------------------------------


def test_amending_voids_the_decisions(people, applied):
    application = approve_up_to(applied("1000.00"), people, Level.VP)
    donated(Decimal("200.00"))
    reviews.ask(application, actor=people["benevolence-admin"], question="Which bill?")
    values = {"amount_requested": Decimal("1200.00")}
    application = applications.amend(application, actor=people["member"], values=values)
    assert state(application) == State("submitted", due="vp", reached=2)
    assert application.amount_requested == Decimal("1200.00")
    assert [review.voided_at is None for review in application.reviews.all()] == [False, False]
    assert refused(applications.amend, application, actor=people["member"], values=values) == (
        "Nothing is different from what we have. Change something, or go back."
    )
    approve_up_to(application, people, Level.VP, Level.ADMIN)
    assert state(application).status == "approved"


@pytest.mark.usefixtures("staffed")
def test_amending_minds_the_cap(people, applied):
    policies.change_policy({"cap_per_application": Decimal("500.00")}, actor=people["admin"])
    application = applied()
    policies.change_policy({"cap_per_application": Decimal("700.00")}, actor=people["admin"])
    values = {"amount_requested": Decimal("500.01")}
    assert faults(applications.amend, application, actor=people["member"], values=values) == {
        "amount_requested": ["The rules allow at most $500.00 for one application. Ask for less."]
    }
    assert faults(applications.amend, application, actor=people["member"], values={"amount_requested": Decimal(0)}) == {
        "amount_requested": ["Enter an amount above zero."]
    }
    assert BenevolenceApplication.objects.get().amount_requested == Decimal("400.00")


def test_withdrawing_is_the_applicants_until_the_payment(people, approved, paid):
    application = approved()
    applications.withdraw(application, actor=people["member"])
    assert state(application) == State("withdrawn")
    assert refused(applications.withdraw, paid("99.00"), actor=people["member"], reason="x") == (
        "“Withdraw” is not possible while the status is “Paid”."
    )


def test_the_office_acts_on_what_it_entered(people):
    member = MemberFactory()
    draft = applications.create_application({**TYPED, "notes": "By phone"}, actor=people["staff"], member=member)
    for name in ("officer", "member"):
        with pytest.raises(TransitionRefused, match="no longer open to you"):
            applications.submit(draft, actor=people[name])
    application = applications.submit(draft, actor=people["staff"])
    reviews.ask(application, actor=people["benevolence-vp"], question="Which bill?")
    applications.answer(application, actor=people["staff"], text="Power")
    told = faults(applications.withdraw, application, actor=people["staff"], reason=" ")
    assert told == {"reason": ["Say it in a few words."]}
    applications.withdraw(application, actor=people["staff"], reason="The member called")
    assert (state(application).status, application.notes) == ("withdrawn", "By phone")


# --- drafts ----------------------------------------------------------------------------------------------


def test_who_may_begin_an_application(people, person_with):
    member = people["member"]
    with pytest.raises(PermissionDenied):
        applications.create_application(TYPED, actor=people["treasurer"])
    with pytest.raises(PermissionDenied):
        applications.create_application(TYPED, actor=member, member=MemberFactory())
    with pytest.raises(DomainError, match="not linked to a member record"):
        applications.create_application(TYPED, actor=person_with("member"))
    gone = MemberFactory(deleted_at="2026-01-01T00:00Z")
    with pytest.raises(DomainError, match="record is deleted"):
        applications.create_application(TYPED, actor=people["staff"], member=gone)
    with pytest.raises(ValueError, match="notes"):
        applications.create_application({**TYPED, "notes": "x"}, actor=member)
    assert faults(applications.create_application, {**TYPED, "amount_requested": Decimal("-1.00")}, actor=member) == {
        "amount_requested": ["Enter an amount above zero."]
    }
    assert BenevolenceApplication.objects.count() == 0


def test_a_draft_is_edited_by_its_people_only(people, applied):
    draft = applications.create_application(TYPED, actor=people["member"])
    changed = applications.update_draft(draft, {"reason": "disaster"}, actor=people["member"], version=1)
    assert (changed.reason, changed.version) == ("disaster", 2)
    with pytest.raises(EditConflict):
        applications.update_draft(draft, {"reason": "other"}, actor=people["member"], version=1)
    with pytest.raises(PermissionDenied):
        applications.update_draft(draft, {"reason": "other"}, actor=people["benevolence-vp"])
    with pytest.raises(DomainError, match="no longer there"):
        applications.update_draft(draft, {"reason": "other"}, actor=people["staff"])
    with pytest.raises(DomainError, match="is submitted"):
        applications.update_draft(applied(), {"reason": "other"}, actor=people["member"])
    assert BenevolenceApplication.objects.get(pk=draft.pk).reason == "disaster"


# --- payment ---------------------------------------------------------------------------------------------


def test_what_is_paid_is_paid_once(people, paid):
    application, payment = paid(), {"payment_date": local_today(), "payment_method": "direct_deposit"}
    before = BenevolenceApplication.objects.values().get(pk=application.pk)
    assert refused(payments.pay, application, actor=people["treasurer"], **payment) == (
        "“Record the payment” is not possible while the status is “Paid”."
    )
    assert BenevolenceApplication.objects.values().get(pk=application.pk) == before


def test_a_payment_has_its_day_and_its_reference(people, approved):
    application, payer = approved(), people["treasurer"]
    today = local_today()
    cases = [
        (
            {"payment_date": today + timedelta(1), "payment_method": "check", "payment_reference": "1"},
            "payment_date",
            "This day is still to come. Record the payment when it is made.",
        ),
        (
            {"payment_date": today - timedelta(1), "payment_method": "check", "payment_reference": "1"},
            "payment_date",
            "This is before the approval. Check the day.",
        ),
        (
            {"payment_date": today, "payment_method": "check", "payment_reference": " "},
            "payment_reference",
            "Enter the number of the check or of the transfer.",
        ),
        (
            {"payment_date": today, "payment_method": "wire_transfer"},
            "payment_reference",
            "Enter the number of the check or of the transfer.",
        ),
    ]
    for values, field, sentence in cases:
        assert faults(payments.pay, application, actor=payer, **values) == {field: [sentence]}
    payments.pay(application, actor=payer, payment_date=today, payment_method="check", payment_reference="4711")
    again = {"payment_date": today, "payment_method": "check", "payment_reference": "4711"}
    assert faults(payments.pay, approved("10.00"), actor=people["treasurer"], **again) == {
        "payment_reference": ["Another payment has this reference. Look at the check or the bank's list."]
    }
    assert BenevolenceApplication.objects.filter(status="paid").count() == 1


# --- what was not read is not decided --------------------------------------------------------------------


def test_a_version_that_was_not_seen_is_refused(people, applied):
    application = applied()
    sentence = "Somebody changed this record meanwhile. Look at it again, then decide."
    seen = application.version
    reviews.ask(application, actor=people["benevolence-vp"], question="Which bill?")
    assert refused(reviews.deny, application, actor=people["benevolence-vp"], reason="x", version=seen) == sentence
    reviews.deny(application, actor=people["benevolence-vp"], reason="x", version=seen + 1)
    assert state(application).status == "denied"


@pytest.mark.usefixtures("staffed")
def test_rules_change_by_who_may(people):
    with pytest.raises(PermissionDenied):
        policies.change_policy({"vp_up_to": Decimal("100.00")}, actor=people["officer"])
    with pytest.raises(ValidationError, match="must be higher"):
        policies.change_policy({"vp_up_to": Decimal("2000.00")}, actor=people["admin"])
    policies.change_policy({"vp_up_to": Decimal("100.00")}, actor=people["admin"])
    assert policy_on(local_today()).vp_up_to == Decimal("100.00")
    assert AuditEvent.objects.get().action == "benevolence.policy"


@pytest.mark.usefixtures("staffed")
def test_the_only_rules_that_hold_are_not_put_off(people):
    later = policies.add_version({}, actor=people["admin"], starts_on=local_today() + timedelta(9))
    first = BenevolencePolicy.objects.get(number=1)
    put_off = partial(policies.change_version, actor=people["admin"])
    assert faults(put_off, first, {"starts_on": local_today() + timedelta(1)}) == {
        "starts_on": [
            "No rules would hold until that day. Leave the day of this version as it is, and make a new version for "
            "the day that you chose."
        ]
    }
    assert put_off(later, {"starts_on": local_today() + timedelta(1)}).starts_on == local_today() + timedelta(1)
    assert put_off(first, {"starts_on": local_today()}).starts_on == local_today()


@pytest.mark.usefixtures("staffed")
def test_an_application_keeps_the_rules_under_which_it_was_submitted(people, applied):
    before = applied("400.00")
    policies.change_policy({"vp_up_to": Decimal("100.00")}, actor=people["admin"])
    after = applied("300.00")
    reviews.approve(after, actor=people["benevolence-vp"], amount=Decimal("300.00"))
    assert state(after) == State("under_review", due="admin", reached=2)
    reviews.approve(before, actor=people["benevolence-vp"], amount=Decimal("400.00"))
    assert state(before).status == "approved"


def test_factories_make_what_services_make(people, approved):
    for status in Status:
        application = ApplicationFactory(status=status)
        application.full_clean()
    ReviewFactory().full_clean()
