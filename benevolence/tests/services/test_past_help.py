"""What was paid before the portal counts for every limit, as if an application had been approved that day."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from benevolence.factories import ApplicationFactory, PastHelpFactory
from benevolence.models import BenevolencePolicy, PastHelp
from benevolence.services import facts, merging
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 27)


@pytest.fixture(autouse=True)
def on_a_day():
    with time_machine.travel("2026-11-27 18:00:00", tick=False):
        yield


@pytest.fixture
def application(people):
    return ApplicationFactory(member=people["member"].member, amount_requested=Decimal("400.00"))


def rules(**fields) -> BenevolencePolicy:
    return BenevolencePolicy(**fields)


def helped(member, days: int, amount="300.00", **fields):
    return PastHelpFactory(member=member, paid_on=DAY - timedelta(days), amount=Decimal(amount), **fields)


def test_the_look_back_counts_it_for_the_levels(application):
    helped(application.member, 30)
    helped(application.member, 120)
    assert facts.total_of(application, rules(lookback_days=90)) == Decimal("700.00")


def test_the_cap_of_a_member_counts_it_with_its_day_and_reason(application):
    helped(application.member, 30, reason="medical")
    ApplicationFactory(member=application.member, status="paid", amount_requested=Decimal("200.00"), reason="other")
    found = facts.helped_before(application, rules(cap_per_member=Decimal(1000), cap_months=12), DAY)
    assert sorted((help.day, help.amount, help.reason) for help in found) == [
        (DAY - timedelta(30), Decimal("300.00"), "medical"),
        (DAY, Decimal("200.00"), "other"),
    ]


def test_the_budget_of_a_period_counts_what_anybody_got(application):
    helped(MemberFactory(), 30)
    assert facts.spent(rules(budget_amount=Decimal(1000), budget_period="year"), DAY) == Decimal("300.00")


def test_what_was_taken_out_or_belongs_to_somebody_else_does_not_count(application):
    helped(application.member, 30, deleted_at="2026-11-01T00:00Z", deleted_reason="Import undone")
    helped(MemberFactory(), 30)
    assert facts.granted_since(application, DAY - timedelta(90)) == Decimal(0)


def test_another_record_of_the_same_person_counts(application):
    member = application.member
    twin = MemberFactory(
        first_name=member.first_name, last_name=member.last_name, date_of_birth=member.date_of_birth, email=member.email
    )
    helped(twin, 30)
    assert facts.granted_since(application, DAY - timedelta(90)) == Decimal("300.00")


def test_it_follows_when_two_records_become_one(people, application):
    duplicate = MemberFactory()
    row = helped(duplicate, 30)
    PastHelp.objects.update(updated_at=timezone.now() - timedelta(days=1))
    merging.follow(application.member, duplicate, actor=people["staff"])
    found = PastHelp.objects.get(pk=row.pk)
    assert found.member == application.member
    assert (found.version, found.updated_at) == (row.version + 1, timezone.now())
