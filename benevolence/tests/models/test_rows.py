"""Who sees which applications, and from which side."""

import pytest

from benevolence.factories import AnswerFactory, ApplicationFactory, PaymentFactory, RelationshipFactory, ReviewFactory
from benevolence.models import (
    ApplicantAnswer,
    BenevolenceApplication,
    BenevolencePolicy,
    BenevolenceReview,
    DeclaredRelationship,
    Payment,
)
from benevolence.services import fund, payments, policies, steps
from benevolence.services.workflow import FLOW
from core.site import local_today
from members.factories import MemberFactory
from members.models import Member
from unionops.testing.cast import CAST

pytestmark = pytest.mark.django_db
STATES = ("draft", "submitted", "second", "fourth", "approved", "denied", "paid", "withdrawn")
SEEN = {
    "member": set(STATES),
    "staff": set(STATES),
    "benevolence-vp": {"submitted", "second", "fourth", "approved", "denied", "paid"},
    "benevolence-admin": {"second", "fourth"},
    "benevolence-manager": {"fourth"},
    "benevolence-president": {"fourth"},
    "treasurer": {"approved", "paid"},
    "trustee": {"approved", "denied", "paid"},
}
SIDES = {"member": "applicant", "staff": "intake"}


@pytest.fixture
def states(people):
    """One application of the member in each state, entered by staff."""
    found = {}
    for state in STATES:
        status = {"second": "under_review", "fourth": "under_review"}.get(state, state)
        level = {"second": {"level_due": "admin"}, "fourth": {"level_due": "president"}}.get(state, {})
        found[state] = ApplicationFactory(
            status=status, member=people["member"].member, entered_by=people["staff"], **level
        )
    return found


def seen_by(user, states) -> set[str]:
    keys = set(BenevolenceApplication.objects.visible_to(user).values_list("pk", flat=True))
    return {state for state, application in states.items() if application.pk in keys}


def test_who_sees_what(people, states):
    everybody = [name for name in CAST if name != "anon"]
    assert {name: seen_by(people[name], states) for name in everybody} == {
        name: SEEN.get(name, set()) for name in everybody
    }


def test_from_which_side(people, states):
    for name, seen in SEEN.items():
        rows = BenevolenceApplication.objects.visible_to(people[name]).for_person(people[name])
        assert {row.side for row in rows} == {SIDES.get(name, "full")}
        assert rows.count() == len(seen)


@pytest.mark.parametrize("name", ["benevolence-vp", "benevolence-president", "treasurer", "trustee"])
def test_nobody_sees_their_own_in_full(people, states, person_with, name):
    applicant = person_with(name)
    Member.objects.filter(pk=people["member"].member.pk).update(merged_into=None)
    people["member"].member, own = None, people["member"].member
    people["member"].save()
    applicant.member, applicant.is_no_member = own, False
    applicant.save()
    assert seen_by(applicant, states) == set()
    with_own = person_with(name, "member")
    assert seen_by(with_own, states) == SEEN[name]


def test_own_rows_are_those_of_merged_records_too(people, states):
    other = ApplicationFactory()
    Member.objects.filter(pk=other.member_id).update(merged_into=people["member"].member)
    rows = BenevolenceApplication.objects.visible_to(people["member"])
    assert set(rows.values_list("pk", flat=True)) == {row.pk for row in states.values()} | {other.pk}


def test_a_relation_is_not_seen_by_reviewer_or_payer(people, states):
    for name in ("benevolence-vp", "treasurer", "trustee", "staff"):
        RelationshipFactory(user=people[name], member=people["member"].member)
        assert seen_by(people[name], states) == (SEEN["staff"] if name == "staff" else set())


def test_a_member_without_a_record_sees_nothing(person_with, states):
    assert seen_by(person_with("member"), states) == set()


def test_parts_are_seen_with_the_full_case_only(people, states):
    review = ReviewFactory(application=states["fourth"], decision="needs_info")
    AnswerFactory(review=review)
    for name in ("member", "staff", "nobody", "treasurer"):
        assert not BenevolenceReview.objects.visible_to(people[name]).filter(application=states["fourth"]).exists()
        assert not ApplicantAnswer.objects.visible_to(people[name]).exists()
    for name in ("benevolence-vp", "benevolence-president"):
        assert BenevolenceReview.objects.visible_to(people[name]).get(application=states["fourth"]) == review
        assert ApplicantAnswer.objects.visible_to(people[name]).get() == review.answer


@pytest.fixture
def void(people):
    """A payment of the member's application that is void; nothing else came of it yet."""
    application = ApplicationFactory(status="approved", member=people["member"].member, entered_by=people["staff"])
    payment = PaymentFactory(line=application.lines.get(), paid_by=people["treasurer"])
    payments.reverse(application, actor=people["treasurer"], reason="Lost in the mail")
    return payment


def who_sees_payments(people) -> set[str]:
    return {name for name in CAST if name != "anon" and Payment.objects.visible_to(people[name]).exists()}


def test_a_void_payment_is_seen_whatever_became_of_its_application(people, void):
    everybody = {"treasurer", "trustee", "benevolence-vp"}  # the level decided it
    assert who_sees_payments(people) == everybody
    payments.release(void.line.application, actor=people["treasurer"], reason="The member died")
    assert who_sees_payments(people) == everybody
    assert BenevolenceApplication.objects.get().status == "withdrawn"
    for name in everybody:
        assert BenevolenceApplication.objects.visible_to(people[name]).exists() == (name == "benevolence-vp")
        RelationshipFactory(user=people[name], member=void.line.application.member)
    assert who_sees_payments(people) == set()


def test_a_void_payment_tells_no_name_to_who_may_review_it_blindly_again(people, person_with, void):
    BenevolenceApplication.objects.update(is_blind=True)
    both = person_with("treasurer", "benevolence-admin")
    assert Payment.objects.visible_to(both).exists()
    with FLOW.step(void.line.application, "void", actor=None) as row:
        fund.release(row, actor=None)
        steps.start_again(row)
    assert not Payment.objects.visible_to(both).exists()
    assert who_sees_payments(people) == {"treasurer", "trustee"}


@pytest.mark.usefixtures("staffed")
def test_declarations_and_rules(people):
    own = RelationshipFactory(user=people["benevolence-vp"])
    RelationshipFactory()
    policies.change_policy({"lookback_days": 60}, actor=people["admin"])
    assert list(DeclaredRelationship.objects.visible_to(people["benevolence-vp"])) == [own]
    assert not DeclaredRelationship.objects.visible_to(people["staff"]).exists()
    found = {
        name: BenevolencePolicy.objects.visible_to(people[name]).exists() for name in ("trustee", "staff", "admin")
    }
    assert found == {"trustee": True, "staff": False, "admin": True}


def test_what_is_due(people, states):
    def due(name):
        return {s for s, a in states.items() if BenevolenceApplication.objects.due_to(people[name]).filter(pk=a.pk)}

    assert {name: due(name) for name in SEEN} == {
        "member": set(),
        "staff": set(),
        "benevolence-vp": {"submitted"},
        "benevolence-admin": {"second"},
        "benevolence-manager": set(),
        "benevolence-president": {"fourth"},
        "treasurer": {"approved"},
        "trustee": set(),
    }
    assert states["submitted"].list_date == local_today()


# --- the same rules in plain Python, row by row -------------------------------------------------------


def of_one_person(member, key) -> bool:
    return key is not None and key in (member.pk, member.merged_into_id)


def is_declared(user, member) -> bool:
    """Tell whether the user declared a relation to the record, or to one that shares a merge with it."""
    declared = [row.member for row in DeclaredRelationship.objects.filter(user=user).select_related("member")]
    return any(of_one_person(member, key) for record in declared for key in (record.pk, record.merged_into_id) if key)


def in_full(user, row) -> bool:
    levels = ("benevolence-vp", "benevolence-admin", "benevolence-manager", "benevolence-president")
    lowest = min((place for place, name in enumerate(levels, 1) if user.has_role(name)), default=5)
    reached = lowest <= row.level_reached
    pays = user.has_role("treasurer") and row.status in ("approved", "paid")
    audits = user.has_role("trustee") and row.status in ("approved", "paid", "denied")
    own = of_one_person(row.member, user.member_id)
    return (reached or pays or audits) and not own and not is_declared(user, row.member)


def is_seen(user, row) -> bool:
    own = user.has_role("member") and of_one_person(row.member, user.member_id)
    entered = (user.has_role("staff") or user.has_role("officer")) and row.entered_by_id == user.pk
    return in_full(user, row) or own or entered


def facts_of(user, row) -> tuple[bool, bool, str]:
    own = of_one_person(row.member, user.member_id)
    side = "applicant" if own and user.has_role("member") else "full" if in_full(user, row) else "intake"
    return own, is_declared(user, row.member), side


@pytest.fixture
def crowd(person_with):
    """Make seven records, some of one person, with an application in each state; return who looks at them."""
    kept, alone, other = MemberFactory.create_batch(3)
    declared, sibling = MemberFactory.create_batch(2, merged_into=kept)
    below, own_former = MemberFactory(merged_into=declared), MemberFactory(merged_into=alone)
    roles = [
        ("member",),
        ("staff", "member"),
        ("benevolence-vp", "member"),
        ("benevolence-president",),
        ("benevolence-manager", "staff"),
        ("treasurer", "member"),
        ("trustee",),
        ("officer",),
        (),
    ]
    people = [person_with(*names) for names in roles]
    people += [person_with("benevolence-vp", "staff", "member", member=alone), person_with("treasurer", member=other)]
    for at, user in enumerate(people):
        if at % 2 == 0:
            RelationshipFactory(user=user, member=declared)
    levels = {"under_review": {"level_due": "president"}}
    for at, member in enumerate((kept, alone, other, declared, sibling, below, own_former)):
        for place, status in enumerate(("draft", "submitted", "under_review", "approved", "denied", "paid")):
            entered = people[(at + place) % len(people)]
            ApplicationFactory(member=member, status=status, entered_by=entered, **levels.get(status, {}))
    return people


def test_rows_and_sides_are_those_of_the_rules_taken_row_by_row(crowd):
    rows = list(BenevolenceApplication.objects.select_related("member"))
    for user in crowd:
        seen = BenevolenceApplication.objects.visible_to(user).for_person(user)
        assert {row.pk for row in seen} == {row.pk for row in rows if is_seen(user, row)}
        facts = {row.pk: (row.is_own, row.is_related, row.side) for row in seen}
        assert facts == {row.pk: facts_of(user, row) for row in rows if row.pk in facts}
