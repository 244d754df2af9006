"""4! orders of the reviewers × what they might agree on: nothing is paid by fewer people than the rules ask for.

On a commit every pattern is played in some orders, drawn by the seed; BATTERY=1 plays all of them.
"""

import os
import random
from decimal import Decimal
from itertools import permutations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.factories import RoleAssignmentFactory
from accounts.models import User
from benevolence.enums import LEVELS, Decision, Level, Status
from benevolence.models import BenevolenceApplication, BenevolenceReview
from benevolence.services import applications, ledger, payments, relationships, reviews, seats
from benevolence.services.merging import follow
from benevolence.tests.conftest import ROLE_OF
from benevolence.tests.steps import TYPED
from core.errors import DomainError
from core.site import local_today
from members.factories import MemberFactory
from members.models import Member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("money")]
AMOUNT = Decimal("6000.00")
ORDERS = list(permutations(LEVELS))
WHOLE = bool(os.environ.get("BATTERY"))
REFUSED = (PermissionDenied, DomainError, ValidationError)


class Ring:
    """The member, one person at each level, the treasurer; a pattern bends who they are."""

    def __init__(self, people, person_with):
        self.person_with = person_with
        self.member = MemberFactory(status="active", standing="good")
        self.applicant = person_with("member", member=self.member)
        self.at = {level: person_with(ROLE_OF[level]) for level in LEVELS}
        self.payer, self.officers = person_with("treasurer"), (person_with("officer"), person_with("officer"))

    def apply(self):
        draft = applications.create_application({**TYPED, "amount_requested": AMOUNT}, actor=self.applicant)
        return applications.submit(draft, actor=self.applicant)


def the_requester(ring, first):
    """The applicant holds the first level too."""
    RoleAssignmentFactory(user=ring.applicant, role=ROLE_OF[first])
    ring.at[first] = ring.applicant


def the_household(ring, first):
    relationships.declare_relationship(ring.member, "household", actor=ring.at[first])


def one_person_twice(ring, first):
    """Two levels are one person's."""
    other = next(level for level in LEVELS if level != first)
    RoleAssignmentFactory(user=ring.at[first], role=ROLE_OF[other])
    ring.at[other] = ring.at[first]


def their_own_delegate(ring, first):
    """Who decides seats themselves as the substitute of another level."""
    other = next(level for level in LEVELS if level != first)
    RoleAssignmentFactory(user=ring.at[first], role=ROLE_OF[other], kind="delegated")
    seats.appoint({"level": other, "user": ring.at[first], "reason": "Delegate"}, actor=ring.officers[0])
    ring.at[other] = ring.at[first]


def an_expired_approver(ring, first):
    ring.at[first].assignments.update(ended_at=timezone.now())


def two_accounts_of_one_member(ring, first):
    """A second record of the applicant has an account that decides."""
    twin = MemberFactory(
        first_name=ring.member.first_name,
        last_name=ring.member.last_name,
        date_of_birth=ring.member.date_of_birth,
        status="active",
        standing="good",
    )
    ring.at[first] = ring.person_with(ROLE_OF[first], member=twin)


def the_payer_decides(ring, first):
    RoleAssignmentFactory(user=ring.payer, role=ROLE_OF[first])
    ring.at[first] = ring.payer


PATTERNS = (
    the_requester,
    the_household,
    one_person_twice,
    their_own_delegate,
    an_expired_approver,
    two_accounts_of_one_member,
    the_payer_decides,
)


def tried(call, *args, **kwargs) -> bool:
    try:
        with transaction.atomic():
            call(*args, **kwargs)
    except REFUSED:
        return False
    return True


def push(ring, application, order) -> BenevolenceApplication:
    """Each of the ring approves whenever they can, in their order, until nothing moves any more; then it is paid."""
    for _round in LEVELS:
        for level in order:
            row = BenevolenceApplication.objects.get(pk=application.pk)
            if row.status in (Status.SUBMITTED, Status.UNDER_REVIEW):
                actor = User.objects.get(pk=ring.at[level].pk)
                tried(reviews.approve, row, actor=actor, amount=AMOUNT)
    row = BenevolenceApplication.objects.get(pk=application.pk)
    for actor in (ring.payer, *ring.at.values(), ring.applicant):
        values = {"payment_date": local_today(), "payment_method": "direct_deposit"}
        if row.status == Status.APPROVED:
            tried(payments.pay, row, actor=User.objects.get(pk=actor.pk), **values)
            row.refresh_from_db()
    return row


def orders(pattern, seed):
    return ORDERS if WHOLE else random.Random(f"{seed} {pattern.__name__}").sample(ORDERS, 1)


def test_honest_people_are_paid_in_every_order(people, person_with, seed):
    for order in orders(push, seed):
        with transaction.atomic():  # each finds the fund full
            ring = Ring(people, person_with)
            row = push(ring, ring.apply(), order)
            assert row.status == Status.PAID
            assert BenevolenceReview.objects.filter(application=row, decision=Decision.APPROVED).count() == 4
            transaction.set_rollback(True)


@pytest.mark.heavy
@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.__name__)
def test_no_ring_is_paid(people, person_with, pattern, seed):
    paid = []
    for order in orders(pattern, seed):
        with transaction.atomic():
            ring = Ring(people, person_with)
            pattern(ring, order[0])
            row = push(ring, ring.apply(), order)
            if row.status == Status.PAID:
                paid.append((order, row.status))
            transaction.set_rollback(True)
    assert paid == []


def test_a_payment_that_is_void_leaves_no_decision_of_the_applicants_own(people, person_with):
    """What was paid before anybody knew is told, not undone; once the check came back nothing keeps the decision."""
    ring, other = Ring(people, person_with), MemberFactory(status="active", standing="good")
    ring.at[Level.VP] = person_with(ROLE_OF[Level.VP], member=other)
    row = push(ring, ring.apply(), LEVELS)
    Member.objects.filter(pk=other.pk).update(merged_into=ring.member)
    follow(Member.objects.get(pk=ring.member.pk), Member.objects.get(pk=other.pk), actor=people["staff"])
    assert BenevolenceApplication.objects.get(pk=row.pk).status == Status.PAID
    row = payments.reverse(row, actor=ring.payer, reason="Came back")
    assert (row.status, row.level_due, row.approved_amount) == (Status.SUBMITTED, Level.VP, None)
    assert not row.reviews.filter(voided_at=None).exists()
    assert list(ledger.differences()) == []


def test_records_that_become_one_void_what_their_owner_decided(people, person_with):
    """The second account of the applicant decided before anybody knew whose it is."""
    ring = Ring(people, person_with)
    other = MemberFactory(status="active", standing="good")
    ring.at[Level.VP] = person_with(ROLE_OF[Level.VP], member=other)
    application = ring.apply()
    reviews.approve(application, actor=ring.at[Level.VP], amount=AMOUNT)
    Member.objects.filter(pk=other.pk).update(merged_into=ring.member)
    with transaction.atomic():
        follow(Member.objects.get(pk=ring.member.pk), Member.objects.get(pk=other.pk), actor=people["staff"])
    row = BenevolenceApplication.objects.get(pk=application.pk)
    assert (row.status, row.level_due) == ("submitted", "vp")
    assert not row.reviews.filter(voided_at=None).exists()
    assert not tried(reviews.approve, row, actor=User.objects.get(pk=ring.at[Level.VP].pk), amount=AMOUNT)
