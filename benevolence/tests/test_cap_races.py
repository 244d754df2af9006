"""Much is given at once, and together it stays below what the rules allow; each beside a naive control that must fail.

Help from before the portal comes in while an application is approved; two members are approved of one budget.
"""

import io
import os
import time
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Sum

from accounts.tests.serving import fails_once
from benevolence.enums import Decision
from benevolence.factories import ApplicationFactory, PastHelpFactory
from benevolence.imports.lists import PAST_HELP_LIST
from benevolence.imports.past_help import granted_meanwhile
from benevolence.models import BenevolenceApplication, PastHelp
from benevolence.services import policies, reviews
from benevolence.services.facts import facts_of, policy_of
from benevolence.services.policy import over_budget
from benevolence.services.steps import end_review, take_step
from core.imports import applying, batches, checking
from core.site import local_today
from members.factories import MemberFactory
from members.models import Member
from unionops.testing.races import run_in_processes

ROUNDS = 20 if os.environ.get("BATTERY") else 2
CAP, ASKED, HELPED = Decimal("1000.00"), Decimal("400.00"), Decimal("700.00")
LESS = "The rules allow $1,000.00 for one member in 12 months; $300.00 are left."

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time"),
]


@pytest.fixture(autouse=True)
def capped(staffed):
    """Vice presidents alone decide what is asked here."""
    policies.change_policy({"cap_per_member": CAP, "vp_up_to": Decimal("1500.00")}, actor=staffed["admin"])


def checked_list(member):
    """A list with one payment of a member, which adds $700, up to its check."""
    text = f"Member No,Date paid,Amount\n{member.member_number},{local_today():%m/%d/%Y},{HELPED}\n"
    batch = batches.upload(io.BytesIO(text.encode()), PAST_HELP_LIST, file_name="register.csv", actor=None)
    batches.match_columns(batch, PAST_HELP_LIST, batch.mapping, actor=None)
    checking.start_check(batch, PAST_HELP_LIST, actor=None, in_background=False)
    return batch


def apply_list(batch):
    applying.start_apply(batch, PAST_HELP_LIST, actor=None, in_background=False)
    return "; ".join(problem["text"] for row in batch.rows.all() for problem in row.problems if row.applied == "error")


def enter_naively(batch):
    """Write what the check allowed, and lock nobody."""
    with transaction.atomic():
        member = Member.objects.get(pk=batch.rows.get().made["member"])
        PastHelpFactory(member=member, amount=HELPED, paid_on=local_today())
        time.sleep(0.6)
    return ""


def at_once(enter, vp):
    """An approval of $400 beside the list; return what either was told, and what the member was given then."""
    member = MemberFactory(standing="good")
    row = ApplicationFactory(member=member, status="submitted", amount_requested=ASKED, reason="hardship")
    batch = checked_list(member)

    def act(number):
        if number:
            return enter(batch)
        time.sleep(0.1)  # a list takes longer to begin
        try:
            reviews.approve(row, actor=vp, amount=ASKED)
        except ValidationError as refused:
            return refused.messages[0].removesuffix(" Lower the amount, or deny the application.")
        return ""

    approved, entered = run_in_processes(act, processes=2)
    granted = BenevolenceApplication.objects.filter(member=member).aggregate(total=Sum("approved_amount"))["total"]
    helped = PastHelp.objects.filter(member=member).aggregate(total=Sum("amount"))["total"]
    return approved, entered, (granted or 0) + (helped or 0)


def test_an_approval_and_a_list_at_once_stay_below_the_cap(people):
    ways = {(LESS, "", HELPED), ("", granted_meanwhile(), ASKED)}
    found = {at_once(apply_list, people["benevolence-vp"]) for _round in range(ROUNDS)}
    assert found <= ways


def test_control_a_list_that_locks_nobody_passes_the_cap(people):
    passed = ("", "", HELPED + ASKED)
    assert fails_once(lambda: at_once(enter_naively, people["benevolence-vp"]) == passed)


BUDGET, HALF_AND_MORE = Decimal("800.00"), Decimal("450.00")
USED = "Of the budget of this year $350.00 are left. Lower the amount, or wait for the next one."


def approve_naively(row, *, actor, amount):
    """Compare with what the budget has left, and let nobody wait."""
    with take_step(row, "approve", actor=actor, version=None) as application:
        rules = policy_of(application)
        if refused := over_budget(rules, amount, facts_of(application, rules)):
            raise ValidationError({"amount": refused})
        time.sleep(0.6)
        reviews.add_review(application, Decision.APPROVED, actor=actor, comments="", amount=amount)
        end_review(application)
        reviews.grant(application, amount, actor=actor)


def two_members_at_once(approve, people):
    """Return what the two approvals were told, in order, and what was granted then."""
    policies.change_policy({"budget_amount": BUDGET, "budget_period": "year"}, actor=people["admin"])
    rows = [
        ApplicationFactory(
            member=MemberFactory(standing="good"),
            status="submitted",
            amount_requested=HALF_AND_MORE,
            reason="hardship",
        )
        for _number in range(2)
    ]

    def act(number):
        try:
            approve(rows[number], actor=people["benevolence-vp"], amount=HALF_AND_MORE)
        except ValidationError as refused:
            return refused.messages[0]
        return ""

    found = run_in_processes(act, processes=2)
    granted = BenevolenceApplication.objects.filter(pk__in=[row.pk for row in rows]).granted()
    return sorted(found), granted.aggregate(total=Sum("approved_amount"))["total"]


def test_two_members_at_once_stay_within_the_budget(people):
    assert two_members_at_once(reviews.approve, people) == (["", USED], HALF_AND_MORE)


def test_control_who_only_compares_passes_the_budget(people):
    assert two_members_at_once(approve_naively, people) == (["", ""], 2 * HALF_AND_MORE)
