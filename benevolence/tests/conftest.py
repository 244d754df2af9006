from datetime import date
from decimal import Decimal

import pytest

from accounts.factories import RoleAssignmentFactory, UserFactory
from benevolence.enums import Level
from benevolence.factories import ApplicationFactory, donated
from benevolence.models import BenevolenceApplication
from benevolence.services import applications, payments, reviews

ROLE_OF = {level: f"benevolence-{level.value}" for level in Level}


def fill_seats(people):
    """Make the person of each level and the one who pays."""
    for role in (*ROLE_OF.values(), "treasurer"):
        people[role]
    return people


@pytest.fixture
def person_with(db):
    """`person_with("member", "benevolence-vp", member=ann)`: a new account that holds these roles now."""

    def make(*roles: str, **fields):
        user = UserFactory(**fields)
        for role in roles:
            RoleAssignmentFactory(user=user, role=role)
        return user

    return make


@pytest.fixture
def staffed(people):
    """The cast, with somebody at every level and somebody who pays: what the rules can be made for."""
    return fill_seats(people)


@pytest.fixture
def applied(people):
    """`applied("700.00")`: an application that the member of the cast has submitted for this amount."""

    def make(amount="400.00", **fields) -> BenevolenceApplication:
        actor = fields.pop("entered_by", people["member"])
        fields = {"member": people["member"].member, "reason": "hardship", **fields}
        draft = ApplicationFactory(entered_by=actor, amount_requested=Decimal(amount), **fields)
        return applications.submit(draft, actor=actor)

    return make


@pytest.fixture
def approved(people, applied):
    """An application approved by the vice president."""

    def make(amount="400.00", **fields) -> BenevolenceApplication:
        return reviews.approve(applied(amount, **fields), actor=people["benevolence-vp"], amount=Decimal(amount))

    return make


@pytest.fixture
def paid(people, approved):
    def make(amount="400.00", **fields) -> BenevolenceApplication:
        application = approved(amount, **fields)
        return payments.pay(
            application,
            actor=people["treasurer"],
            payment_date=application.approved_on,
            payment_method="direct_deposit",
        )

    return make


A_DAY = date(2026, 3, 2)


@pytest.fixture
def money(db):
    """A fund that can help everybody of a test."""
    donated(Decimal("50000.00"))
