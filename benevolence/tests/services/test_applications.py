"""The verbs: each success beside its refusals, on one arrangement."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import NamedTuple

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.factories import RoleAssignmentFactory
from accounts.models import User
from benevolence.enums import Level, Status
from benevolence.factories import ApplicationFactory, ReviewFactory
from benevolence.models import (
    ApplicantAnswer,
    BenevolenceApplication,
    BenevolencePolicy,
    BenevolenceReview,
    DeclaredRelationship,
)
from benevolence.services import applications
from benevolence.services.handover import hand_over_intake
from benevolence.tests.conftest import ROLE_OF
from core.audit.trail import stream_of
from core.errors import DomainError, EditConflict, TransitionRefused
from core.models import AuditEvent
from core.records import one_row
from core.site import local_today
from members.factories import MemberFactory
from members.models import Member

pytestmark = pytest.mark.django_db
ARREARS = "Dues are in arrears. Settle them with the office, then submit; the draft stays here."
UNKNOWN = "The office has not confirmed the standing yet. Ask the office to confirm it, then submit."
NOT_ACTIVE = "The fund helps active members. If the record is wrong, ask the office to correct it, then submit."
TYPED = {"reason": "medical", "description": "Off work.", "amount_requested": Decimal("450.00"), "needed_by": None}


def events(row) -> list[tuple[str, dict]]:
    found = AuditEvent.objects.filter(subject_id=str(row.pk)).order_by("id")
    return [(event.action, event.body.get("data", {})) for event in found]


class State(NamedTuple):
    status: str
    due: str = ""
    reached: int = 1
    is_awaiting: bool = False
    deferred_until: date | None = None


def state(application) -> State:
    row = BenevolenceApplication.objects.get(pk=application.pk)
    return State(row.status, row.level_due, row.level_reached, row.is_awaiting_applicant, row.deferred_until)


def refused(call, *args, **kwargs) -> str:
    with pytest.raises(TransitionRefused) as error:
        call(*args, **kwargs)
    return error.value.sentence


def faults(call, *args, **kwargs) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as error:
        call(*args, **kwargs)
    return error.value.message_dict


def approve_up_to(application, people, *levels):
    for level in levels:
        application = applications.approve(
            application, actor=people[ROLE_OF[level]], amount=application.amount_requested
        )
    return application


# --- from the draft to the payment ---------------------------------------------------------------------


def test_a_member_applies_and_is_paid(people):
    member = people["member"]
    application = applications.create_application(TYPED, actor=member)
    assert application.member == member.member
    assert application.entered_by == member
    assert application.application_number is None
    assert state(application) == State("draft", reached=0)
    application = applications.submit(application, actor=member)
    assert application.application_number == f"BN-{local_today().year}-0001"
    assert application.application_date == local_today()
    assert state(application) == State("submitted", due="vp")
    application = applications.start_review(application, actor=people["benevolence-vp"])
    assert state(application) == State("under_review", due="vp")
    application = applications.approve(application, actor=people["benevolence-vp"], amount=Decimal("300.00"))
    assert state(application) == State("approved")
    assert application.approved_amount == Decimal("300.00")
    assert application.approved_on == local_today()
    application = applications.pay(
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
        application = applications.approve(application, actor=people[ROLE_OF[level]], amount=Decimal(amount))
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
        application = applications.approve(application, actor=people[ROLE_OF[level]], amount=Decimal("1.00"))
        assert (application.status == Status.APPROVED) == (position == levels)


def test_a_level_lowers_and_never_raises(people, applied):
    application = applied("1000.00")
    vp, admin = people["benevolence-vp"], people["benevolence-admin"]
    over = "At most $1,000.00: a level may lower the amount, never raise it."
    assert faults(applications.approve, application, actor=vp, amount=Decimal("1000.01")) == {"amount": [over]}
    nothing = {"amount": ["Enter an amount above zero, or deny the application."]}
    assert faults(applications.approve, application, actor=vp, amount=Decimal("0.00")) == nothing
    applications.approve(application, actor=vp, amount=Decimal("800.00"))
    over = "At most $800.00: a level may lower the amount, never raise it."
    assert faults(applications.approve, application, actor=admin, amount=Decimal("800.01")) == {"amount": [over]}
    assert BenevolenceReview.objects.count() == 1
    applications.approve(application, actor=admin, amount=Decimal("800.00"))
    assert state(application).status == "approved"


# --- splitting -------------------------------------------------------------------------------------------


def test_approvals_shortly_before_count(people, applied):
    approve_up_to(applied("400.00"), people, Level.VP)
    second = applications.approve(applied("101.00"), actor=people["benevolence-vp"], amount=Decimal("101.00"))
    assert state(second) == State("under_review", due="admin", reached=2)


@pytest.mark.parametrize(("days", "status"), [(90, "under_review"), (91, "approved")])
def test_only_approvals_within_the_days_of_the_rules_count(people, applied, days, status):
    first = approve_up_to(applied("400.00"), people, Level.VP)
    BenevolenceApplication.objects.filter(pk=first.pk).update(approved_on=local_today() - timedelta(days))
    second = applications.approve(applied("101.00"), actor=people["benevolence-vp"], amount=Decimal("101.00"))
    assert state(second).status == status


def test_a_merged_record_is_the_same_person(people, applied):
    first = approve_up_to(applied("400.00"), people, Level.VP)
    merged = MemberFactory()
    Member.objects.filter(pk=merged.pk).update(merged_into=people["member"].member)
    BenevolenceApplication.objects.filter(pk=first.pk).update(member=merged)
    second = applications.approve(applied("101.00"), actor=people["benevolence-vp"], amount=Decimal("101.00"))
    assert state(second).status == "under_review"


def test_withdrawn_help_counts_no_more(people, applied):
    first = approve_up_to(applied("400.00"), people, Level.VP)
    applications.withdraw(first, actor=people["member"], reason="The insurer paid")
    second = applications.approve(applied("101.00"), actor=people["benevolence-vp"], amount=Decimal("101.00"))
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


def test_caps(people, applied):
    approve_up_to(applied("400.00"), people, Level.VP)
    applications.change_policy(
        {"cap_per_application": Decimal("449.99"), "cap_per_member_year": Decimal("1000.00")}, actor=people["admin"]
    )
    draft = applications.create_application(TYPED, actor=people["member"])
    assert refused(applications.submit, draft, actor=people["member"]) == (
        "The rules allow at most $449.99 for one application. Ask for less."
    )
    applications.change_policy(
        {"cap_per_application": Decimal("450.00"), "cap_per_member_year": Decimal("849.99")}, actor=people["admin"]
    )
    assert refused(applications.submit, draft, actor=people["member"]) == (
        "The rules allow $849.99 for one member in 12 months; $449.99 are left. Ask for less."
    )
    applications.change_policy({"cap_per_member_year": Decimal("850.00")}, actor=people["admin"])
    assert applications.submit(draft, actor=people["member"]).status == Status.SUBMITTED


def test_the_office_is_not_told_what_a_member_was_granted(people, applied):
    """Whoever applies for themselves reads what is left, see above."""
    approve_up_to(applied("400.00"), people, Level.VP)
    applications.change_policy({"cap_per_member_year": Decimal("849.99")}, actor=people["admin"])
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


def test_a_refused_submission_takes_no_number(people, applied):
    draft = applications.create_application(TYPED, actor=people["member"])
    Member.objects.update(standing="arrears")
    refused(applications.submit, draft, actor=people["member"])
    Member.objects.update(standing="good")
    assert applications.submit(draft, actor=people["member"]).application_number.endswith("-0001")


# --- questions, deferral, denial -------------------------------------------------------------------------


def test_a_question_waits_for_its_answer_and_comes_back_to_its_level(people, applied):
    application = approve_up_to(applied("1000.00"), people, Level.VP)
    admin = people["benevolence-admin"]
    applications.ask(application, actor=admin, question="Which bill?")
    assert state(application) == State("under_review", due="admin", reached=2, is_awaiting=True)
    waits = "The applicant has not answered the question yet. Wait for the answer, or deny."
    assert refused(applications.approve, application, actor=admin, amount=Decimal("1.00")) == waits
    assert refused(applications.ask, application, actor=admin, question="Well?") == waits
    assert (
        refused(applications.defer, application, actor=admin, until=local_today() + timedelta(3), comments="x") == waits
    )
    applications.answer(application, actor=people["member"], text="The power bill")
    assert state(application) == State("under_review", due="admin", reached=2)
    reply = ApplicantAnswer.objects.get()
    assert reply.review.comments == "Which bill?"
    assert reply.text == "The power bill"
    assert reply.answered_by == people["member"]
    assert (
        refused(applications.answer, application, actor=people["member"], text="Again") == "There is no open question."
    )
    applications.approve(application, actor=admin, amount=Decimal("1000.00"))
    assert state(application).status == "approved"


def test_while_a_question_is_open_it_can_be_denied(people, applied):
    application = applied()
    applications.ask(application, actor=people["benevolence-vp"], question="Which bill?")
    applications.deny(application, actor=people["benevolence-vp"], reason="No answer")
    assert state(application) == State("denied")


def test_put_off_until_a_day_to_come(people, applied):
    application, vp = applied(), people["benevolence-vp"]
    sentence = {"until": ["Choose a day that is still to come."]}
    assert faults(applications.defer, application, actor=vp, until=local_today(), comments="Wait") == sentence
    tomorrow = local_today() + timedelta(1)
    said = {"comments": ["Say it in a few words."]}
    assert faults(applications.defer, application, actor=vp, until=tomorrow, comments=" ") == said
    applications.defer(application, actor=vp, until=tomorrow, comments="Wait for the bill")
    assert state(application) == State("under_review", due="vp", deferred_until=tomorrow)
    applications.approve(application, actor=vp, amount=Decimal("400.00"))
    assert state(application) == State("approved")


def test_a_denial_says_why(people, applied):
    application, vp = applied(), people["benevolence-vp"]
    assert faults(applications.deny, application, actor=vp, reason=" ") == {"reason": ["Say it in a few words."]}
    applications.deny(application, actor=vp, reason="Not a hardship")
    assert (state(application).status, application.reviews.get().comments) == ("denied", "Not a hardship")
    assert "Not a hardship" not in str(list(AuditEvent.objects.values()))


# --- separation of duties --------------------------------------------------------------------------------


def test_nobody_decides_their_own(people, applied):
    application = applied()
    for role in ("benevolence-vp", "treasurer"):
        RoleAssignmentFactory(user=people["member"], role=role)
    both = User.objects.get(pk=people["member"].pk)
    sentence = "You can't decide this one: you are the applicant. Leave it to somebody else."
    acts = [
        (applications.start_review, {}),
        (applications.approve, {"amount": Decimal("1.00")}),
        (applications.deny, {"reason": "x"}),
        (applications.ask, {"question": "x"}),
        (applications.defer, {"until": local_today() + timedelta(1), "comments": "x"}),
    ]
    assert [refused(act, application, actor=both, **values) for act, values in acts] == [sentence] * 5
    applications.approve(application, actor=people["benevolence-vp"], amount=Decimal("400.00"))
    assert (
        refused(applications.pay, application, actor=both, payment_date=local_today(), payment_method="direct_deposit")
        == sentence
    )
    assert state(application).status == "approved"


def test_nobody_decides_two_levels(people, applied, person_with):
    both = person_with("benevolence-vp", "benevolence-admin")
    application = applied("1000.00")
    applications.approve(application, actor=both, amount=Decimal("1000.00"))
    sentence = "You took part at another level of this application. Leave this level to somebody else."
    assert refused(applications.approve, application, actor=both, amount=Decimal("1000.00")) == sentence
    assert refused(applications.deny, application, actor=both, reason="x") == sentence
    applications.approve(application, actor=people["benevolence-admin"], amount=Decimal("1000.00"))
    assert state(application).status == "approved"


def test_a_question_at_another_level_counts_too(people, applied, person_with):
    both = person_with("benevolence-vp", "benevolence-admin")
    application = applied("1000.00")
    applications.ask(application, actor=both, question="Which bill?")
    applications.answer(application, actor=people["member"], text="Power")
    applications.approve(application, actor=people["benevolence-vp"], amount=Decimal("1000.00"))
    assert refused(applications.approve, application, actor=both, amount=Decimal("1.00")) == (
        "You took part at another level of this application. Leave this level to somebody else."
    )


def test_whoever_pays_decided_none_of_it(people, applied, person_with):
    both = person_with("benevolence-vp", "treasurer")
    application = applied()
    applications.approve(application, actor=both, amount=Decimal("400.00"))
    payment = {"payment_date": local_today(), "payment_method": "direct_deposit"}
    assert refused(applications.pay, application, actor=both, **payment) == (
        "You took part in the decision. Whoever pays must not have decided; leave it to somebody else."
    )
    applications.pay(application, actor=people["treasurer"], **payment)
    assert state(application).status == "paid"


@pytest.mark.parametrize("name", ["benevolence-vp", "treasurer"])
def test_a_declared_relationship_hides_the_case(people, applied, approved, name):
    application = applied() if name == "benevolence-vp" else approved()
    person = people[name]
    declared = applications.declare_relationship(application.member, "family", actor=person)
    assert declared.user == person
    assert declared.member == application.member
    assert declared.kind == "family"
    events = AuditEvent.objects.filter(stream=stream_of(declared)).values_list("action", "actor", "body")
    assert list(events) == [("benevolence.relationship", person.pk, {})]
    assert not BenevolenceApplication.objects.visible_to(person).exists()
    with pytest.raises(TransitionRefused, match="no longer open to you"):
        if name == "treasurer":
            applications.pay(application, actor=person, payment_date=local_today(), payment_method="direct_deposit")
        else:
            applications.approve(application, actor=person, amount=Decimal("1.00"))
    assert faults(applications.declare_relationship, application.member, "friend", actor=person) == {
        "__all__": ["You have declared this relationship already."]
    }
    with pytest.raises(PermissionDenied):
        applications.declare_relationship(application.member, "family", actor=people["member"])
    assert DeclaredRelationship.objects.count() == 1


def test_a_relation_under_a_merged_record_counts(people, applied):
    application = applied()
    merged = MemberFactory()
    applications.declare_relationship(merged, "family", actor=people["benevolence-vp"])
    assert BenevolenceApplication.objects.visible_to(people["benevolence-vp"]).exists()
    Member.objects.filter(pk=merged.pk).update(merged_into=application.member)
    assert not BenevolenceApplication.objects.visible_to(people["benevolence-vp"]).exists()


def test_only_the_level_due_decides(people, applied):
    application = applied("6000.00")
    for level in Level:
        for other in set(Level) - {level}:
            with pytest.raises((PermissionDenied, TransitionRefused)):
                applications.approve(application, actor=people[ROLE_OF[other]], amount=Decimal("6000.00"))
        application = applications.approve(application, actor=people[ROLE_OF[level]], amount=Decimal("6000.00"))


ENTERED = "You entered this application. Leave the decision to somebody else."


@pytest.mark.parametrize("level", Level)
def test_who_entered_an_application_decides_it_at_no_level(people, person_with, level):
    clerk, values = person_with("staff", ROLE_OF[level]), TYPED | {"amount_requested": Decimal("6000.00")}
    draft = applications.create_application(values, actor=clerk, member=people["member"].member)
    levels = list(Level)
    application = approve_up_to(applications.submit(draft, actor=clerk), people, *levels[: levels.index(level)])
    decide = partial(refused, application=application, actor=clerk)
    for _owner in range(2):
        assert decide(applications.approve, amount=Decimal("1.00")) == ENTERED
        assert decide(applications.deny, reason="No") == ENTERED
        assert decide(applications.ask, question="Which bill?") == ENTERED
        assert decide(applications.defer, until=local_today() + timedelta(1), comments="Later") == ENTERED
        hand_over_intake(clerk, people["staff"], actor=clerk, reason="On leave")
        application.refresh_from_db()
    assert application.entered_by == people["staff"]
    assert state(approve_up_to(application, people, level)).status == (
        "approved" if level == levels[-1] else "under_review"
    )


# --- amending and withdrawing ----------------------------------------------------------------------------


def test_amending_voids_the_decisions(people, applied):
    application = approve_up_to(applied("1000.00"), people, Level.VP)
    applications.ask(application, actor=people["benevolence-admin"], question="Which bill?")
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


def test_amending_minds_the_cap(people, applied):
    application = applied()
    applications.change_policy({"cap_per_application": Decimal("500.00")}, actor=people["admin"])
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
    applications.withdraw(application, actor=people["member"], reason="Not needed any more")
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
    applications.ask(application, actor=people["benevolence-vp"], question="Which bill?")
    applications.answer(application, actor=people["staff"], text="Power")
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
        assert faults(applications.pay, application, actor=payer, **values) == {field: [sentence]}
    applications.pay(application, actor=payer, payment_date=today, payment_method="check", payment_reference="4711")
    again = {"payment_date": today, "payment_method": "check", "payment_reference": "4711"}
    assert faults(applications.pay, approved("10.00"), actor=people["treasurer"], **again) == {
        "payment_reference": ["Another payment has this reference. Look at the check or the bank's list."]
    }
    assert BenevolenceApplication.objects.filter(status="paid").count() == 1


# --- what was not read is not decided --------------------------------------------------------------------


def test_a_version_that_was_not_seen_is_refused(people, applied):
    application = applied()
    sentence = "Somebody changed this record meanwhile. Look at it again, then decide."
    seen = application.version
    applications.ask(application, actor=people["benevolence-vp"], question="Which bill?")
    assert refused(applications.deny, application, actor=people["benevolence-vp"], reason="x", version=seen) == sentence
    applications.deny(application, actor=people["benevolence-vp"], reason="x", version=seen + 1)
    assert state(application).status == "denied"


def test_rules_change_by_who_may(people):
    with pytest.raises(PermissionDenied):
        applications.change_policy({"vp_up_to": Decimal("100.00")}, actor=people["officer"])
    with pytest.raises(ValidationError, match="must be higher"):
        applications.change_policy({"vp_up_to": Decimal("2000.00")}, actor=people["admin"])
    applications.change_policy({"vp_up_to": Decimal("100.00")}, actor=people["admin"])
    assert one_row.current(BenevolencePolicy).vp_up_to == Decimal("100.00")
    assert AuditEvent.objects.get().action == "benevolence.policy"


def test_a_lower_limit_asks_for_more_levels_at_once(people, applied):
    application = applied("400.00")
    applications.change_policy({"vp_up_to": Decimal("100.00")}, actor=people["admin"])
    applications.approve(application, actor=people["benevolence-vp"], amount=Decimal("400.00"))
    assert state(application) == State("under_review", due="admin", reached=2)
    applications.change_policy({"vp_up_to": Decimal("450.00")}, actor=people["admin"])
    applications.approve(application, actor=people["benevolence-admin"], amount=Decimal("400.00"))
    assert state(application).status == "approved"


def test_factories_make_what_services_make(people, approved):
    for status in Status:
        application = ApplicationFactory(status=status)
        application.full_clean()
    ReviewFactory().full_clean()


def test_a_merged_members_draft_is_judged_by_the_record_that_was_kept(people):
    draft = ApplicationFactory(entered_by=people["staff"])
    kept = people["member"].member
    Member.objects.filter(pk=draft.member_id).update(merged_into=kept, deleted_at="2026-01-01T00:00Z")
    Member.objects.filter(pk=kept.pk).update(standing="arrears")
    assert refused(applications.submit, draft, actor=people["member"]) == ARREARS
    Member.objects.filter(pk=kept.pk).update(standing="good")
    assert applications.submit(draft, actor=people["member"]).status == Status.SUBMITTED
