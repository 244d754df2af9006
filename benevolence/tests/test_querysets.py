"""Who sees which applications, and from which side."""

import pytest

from benevolence import services
from benevolence.factories import AnswerFactory, ApplicationFactory, RelationshipFactory, ReviewFactory
from benevolence.models import (
    ApplicantAnswer,
    BenevolenceApplication,
    BenevolencePolicy,
    BenevolenceReview,
    DeclaredRelationship,
)
from benevolence.tests.test_matrix import PERSONAS
from core.site import local_today
from members.models import Member

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
    everybody = [name for name in PERSONAS if name != "anon"]
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
    applicant.member = own
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
        assert not BenevolenceReview.objects.visible_to(people[name]).exists()
        assert not ApplicantAnswer.objects.visible_to(people[name]).exists()
    for name in ("benevolence-vp", "benevolence-president"):
        assert BenevolenceReview.objects.visible_to(people[name]).get() == review
        assert ApplicantAnswer.objects.visible_to(people[name]).get() == review.answer


def test_declarations_and_rules(people):
    own = RelationshipFactory(user=people["benevolence-vp"])
    RelationshipFactory()
    services.change_policy({"lookback_days": 60}, actor=people["admin"])
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
        "member": set(), "staff": set(), "benevolence-vp": {"submitted"}, "benevolence-admin": {"second"},
        "benevolence-manager": set(), "benevolence-president": {"fourth"}, "treasurer": {"approved"}, "trustee": set(),
    }  # fmt: skip
    assert states["submitted"].list_date == local_today()
