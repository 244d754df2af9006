"""Random walks (battery E8): whoever tries whatever in whichever order, each step is a listed one and the rules hold.

Everything goes through the forms and services that pages, admin and API share. Walks share their beginnings: some steps
are taken once, from where they led walks go on in several ways, and so again. A commit plays 64 walks of twelve steps,
BATTERY=1 ten thousand.
"""

import os
import random
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from benevolence.factories import ApplicationFactory, donated
from benevolence.models import BenevolenceApplication, Payment
from benevolence.services import applications
from benevolence.tests.conftest import ROLE_OF
from benevolence.views.moves import MOVES
from core.errors import TransitionRefused
from core.site import local_today
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db
# How many times a part begins. A beginning has so many steps, each of its ways so many more: it leads to 32 walks.
PARTS, BEGINNINGS = (40, 8) if os.environ.get("BATTERY") else (1, 2)
STEPS, WAYS = (4, 3, 3, 2), (2, 4, 4)
# Typed from the domain's rules: move → the statuses between which it leads.
STEPS_LISTED = {
    "submit": {("draft", "submitted")},
    "start": {("submitted", "under_review")},
    "ask": {("submitted", "under_review"), ("under_review", "under_review")},
    "defer": {("submitted", "under_review"), ("under_review", "under_review")},
    "answer": {("under_review", "under_review")},
    "amend": {("submitted", "submitted"), ("under_review", "submitted")},
    "approve": {(before, after) for before in ("submitted", "under_review") for after in ("under_review", "approved")},
    "deny": {("submitted", "denied"), ("under_review", "denied")},
    "withdraw": {(before, "withdrawn") for before in ("draft", "submitted", "under_review", "approved")},
    "pay": {("approved", "paid")},
    "reverse": {("paid", "approved")},
    "release": {("approved", "withdrawn")},
}
LEVELS = ("vp", "admin", "manager", "president")
# Likely enough that walks go far: each level's people and the payer more often than those who may do nothing.
OUTSIDERS = ("admin", "organizer", "trustee", "grievance-chair", "nobody")


class World:
    """An applicant, the clerk who entered it, two people a level, two payers, one who is both; and outsiders."""

    def __init__(self, people, person_with):
        donated(Decimal("50000.00"))
        self.clerk, self.applicant = people["staff"], person_with("member", *ROLE_OF.values(), member=MemberFactory())
        deciders = [person_with(role) for role in (*ROLE_OF.values(), *ROLE_OF.values())]
        payers = [person_with("treasurer"), person_with("treasurer")]
        self.both = person_with("treasurer", *ROLE_OF.values())
        self.at = {level: [*deciders[number::4], self.both] for number, level in enumerate(ROLE_OF)}
        self.cast = [self.clerk, self.applicant, *deciders, *payers, self.both, self.both]
        self.cast += [people[name] for name in OUTSIDERS]

        # One a number of levels, and a draft.
        self.rows = [self.submitted(amount) for amount in ("400.00", "900.00", "2500.00", "6000.00")]
        self.rows.append(self.draft("400.00"))

    def draft(self, amount: str) -> BenevolenceApplication:
        fields = {"entered_by": self.clerk, "amount_requested": Decimal(amount), "reason": "hardship"}
        return ApplicationFactory(member=self.applicant.member, **fields)

    def submitted(self, amount: str) -> BenevolenceApplication:
        return applications.submit(self.draft(amount), actor=self.clerk)


def typed(draw: random.Random, move: str, row: BenevolenceApplication) -> dict[str, str]:
    asked, today = row.amount_requested, str(local_today())
    values = {
        "answer": {"text": "The power bill"},
        "amend": {"reason": "disaster", "description": "Worse now", "amount_requested": str(draw.choice((asked, 350)))},
        "withdraw": {"reason": "Not needed"},
        "approve": {"amount": str(draw.choice((asked, asked, asked, asked + 1, Decimal("90.00"))))},
        "ask": {"question": "Which bill?"},
        "defer": {"until": "2099-01-01", "comments": "Wait for the bill"},
        "deny": {"reason": "Not a hardship"},
        "pay": {"payment_method": "direct_deposit", "payment_date": today},
        "reverse": {"reason": "The check came back"},
        "release": {"reason": "Nobody can be paid"},
    }
    return {"version": str(row.version), **values.get(move, {})}


def attempt(row: Any, move: str, draw: random.Random, person: Any) -> bool:
    form = MOVES.table[move].form_class(typed(draw, move, row), record=row, actor=person)
    if not form.is_valid():
        return False
    try:
        with transaction.atomic():
            MOVES.take(row, move, form, person)
    except (PermissionDenied, TransitionRefused, ValidationError):
        return False
    return True


def levels_for(amount: Decimal) -> int:
    """Count the levels of the default rules: nothing else is granted to this member in a walk."""
    return sum(amount > limit for limit in (0, 500, 2_000, 5_000))


def faults(world: World, row: BenevolenceApplication) -> list[str]:
    standing = list(row.reviews.filter(decision="approved", voided_at=None).order_by("created_at", "pk"))
    deciders = [review.reviewer_id for review in standing]
    amounts = [row.amount_requested, *(review.amount for review in standing)]
    granted = row.status in ("approved", "paid")
    payers = set(Payment.objects.live().filter(line__application=row).values_list("paid_by", flat=True))
    found = {
        "one person decided two levels": len(set(deciders)) < len(deciders),
        "the applicant or who entered it decided": {world.clerk.pk, world.applicant.pk} & set(deciders),
        "levels out of order": [review.review_level for review in standing] != list(LEVELS[: len(standing)]),
        "granted by fewer levels than the amount asks": granted and len(standing) < levels_for(row.amount_requested),
        "a level raised the amount": amounts != sorted(amounts, reverse=True),
        "more granted than the last level approved": granted and row.approved_amount != amounts[-1],
        "paid by who decided, asked or entered": payers & {*deciders, world.clerk.pk, world.applicant.pk},
        "paid without a payer": row.status == "paid" and not payers,
    }
    return [fault for fault, is_found in found.items() if is_found]


def state_of(row: BenevolenceApplication) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def drawn(draw: random.Random, moves: list[str]) -> str:
    """One of `moves`, seldom one after which nothing is left to do."""
    return draw.choices(moves, [1 if move in ("deny", "withdraw", "release") else 4 for move in moves])[0]


def walk(world: World, draw: random.Random, taken: Counter[tuple[str, str]], row: Any, path: Any, steps: Any) -> None:
    """Take the first number of `steps` from `row`, to which `path` led; then go on with the rest in some ways."""
    path = [*path]
    for _step in range(steps[0]):
        person, move = draw.choice(world.cast), drawn(draw, list(STEPS_LISTED))
        # Half of the time somebody tries what the status would allow, or one of the level tries it, so that walks
        # reach the payment.
        if row.level_due and draw.random() < 0.5:
            person = draw.choice(world.at[row.level_due])
        if draw.random() < 0.5:
            move = drawn(draw, [name for name, edges in STEPS_LISTED.items() if row.status in dict(edges)] or [move])
        before = state_of(row)
        is_taken = attempt(row, move, draw, person)
        row = BenevolenceApplication.objects.get(pk=row.pk)
        path.append((move, person.email, is_taken, row.status))
        if is_taken:
            taken[move, row.status] += 1
            assert (before["status"], row.status) in STEPS_LISTED[move], path
            assert faults(world, row) == [], path
        else:
            assert state_of(row) == before, path
    for _way in range(WAYS[-len(steps[1:])] if steps[1:] else 0):
        with transaction.atomic():
            walk(world, draw, taken, BenevolenceApplication.objects.get(pk=row.pk), path, steps[1:])
            transaction.set_rollback(True)


@pytest.mark.heavy
@pytest.mark.parametrize("part", range(PARTS))
def test_each_step_of_a_walk_is_listed_and_the_rules_hold(people, person_with, seed, part):
    world, draw, taken = World(people, person_with), random.Random(f"{seed} {part}"), Counter()
    for _beginning in range(BEGINNINGS):
        with transaction.atomic():
            walk(world, draw, taken, BenevolenceApplication.objects.get(pk=draw.choice(world.rows).pk), [], STEPS)
            transaction.set_rollback(True)
    assert len({move for move, _status in taken}) > 3 or PARTS < 2, taken
