"""Random histories (battery E4): whatever happens in whichever order, the books agree after every step.

A commit plays a few programmes, BATTERY=1 a thousand.
"""

import os
import random
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from benevolence.enums import IN_REVIEW, Account, EntryKind
from benevolence.models import BenevolenceApplication, BenevolenceReview, FundTransfer, Payment
from benevolence.services import applications, fund, ledger, merging, payments, reviews
from benevolence.tests.conftest import ROLE_OF
from core.errors import DomainError
from core.site import local_today
from members.factories import MemberFactory

pytestmark = [pytest.mark.django_db, pytest.mark.heavy]
# In parts, for no test may take minutes: the battery plays a thousand programmes.
PARTS, PROGRAMMES, STEPS = (50, 20, 30) if os.environ.get("BATTERY") else (1, 3, 25)
REFUSED = (DomainError, ValidationError, PermissionDenied)
money = st.sampled_from([Decimal(amount) for amount in ("0.01", "40.00", "99.99", "300.00", "2500.00")])
places = st.integers(0, 5)


class Histories(RuleBasedStateMachine):
    people: Any

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.treasurer, self.staff = self.people["treasurer"], self.people["staff"]
        self.entries: dict[Any, tuple] = {}
        self.references = 0
        fund.contribute(self.came_in(Decimal("1000.00")), actor=self.treasurer)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @staticmethod
    def came_in(amount):
        return {"kind": EntryKind.DUES, "amount": amount, "on": local_today(), "note": ""}

    def row(self, place):
        rows = list(BenevolenceApplication.objects.order_by("created_at", "pk"))
        return rows[place % len(rows)] if rows else None

    def judge(self, row):
        return self.people[ROLE_OF[row.level_due or "vp"]]

    @rule(amount=money)
    def contribute(self, amount):
        fund.contribute(self.came_in(amount), actor=self.treasurer)

    @rule(place=places)
    def reverse_an_entry(self, place):
        rows = list(FundTransfer.objects.order_by("created_at", "pk"))
        with suppress(*REFUSED):
            fund.reverse(rows[place % len(rows)], actor=self.treasurer, reason="Wrong")

    @rule(amounts=st.lists(money, min_size=1, max_size=3))
    def apply(self, amounts):
        values = {"reason": "hardship", "description": "Rent", "amount_requested": sum(amounts), "needed_by": None}
        draft = applications.create_application(values, actor=self.staff, member=MemberFactory())
        if len(amounts) > 1:
            named = [{"payee_kind": "vendor", "payee_name": f"Payee {amount}", "asked": amount} for amount in amounts]
            applications.name_payees(draft, named, actor=self.staff)
        applications.submit(draft, actor=self.staff)

    @rule(place=places, part=st.sampled_from([1, 1, 2, 3]), twice=st.booleans())
    def approve(self, place, part, twice):
        """By hand the payees get their shares; `twice`: somebody else at once, who saw the same."""
        if (row := self.row(place)) is None:
            return
        lines = list(row.lines.all())
        amounts = {line.position: line.amount / part // Decimal("0.01") * Decimal("0.01") for line in lines}
        for _time in range(1 + twice):
            with suppress(*REFUSED):
                reviews.approve(row, actor=self.judge(row), amount=sum(amounts.values()), amounts=amounts)

    @rule(place=places, move=st.sampled_from(["ask", "defer", "deny", "answer", "withdraw", "void"]))
    def decide(self, place, move):
        if (row := self.row(place)) is None:
            return
        judge, to_come = self.judge(row), local_today() + timedelta(5)
        acts = {
            "ask": lambda: reviews.ask(row, actor=judge, question="Which?"),
            "defer": lambda: reviews.defer(row, actor=judge, until=to_come, comments="Later"),
            "deny": lambda: reviews.deny(row, actor=judge, reason="No"),
            "answer": lambda: applications.answer(row, actor=self.staff, text="This"),
            "withdraw": lambda: applications.withdraw(row, actor=self.staff, reason="No need"),
            "void": lambda: merging._void(row),
        }
        if move == "void" and (row.status not in (*IN_REVIEW, "approved") or Payment.objects.live().exists()):
            return
        with suppress(*REFUSED):
            acts[move]()

    @rule(place=places, amount=money)
    def amend(self, place, amount):
        if (row := self.row(place)) is None:
            return
        with suppress(*REFUSED):
            applications.amend(row, actor=self.staff, values={"amount_requested": amount})

    @rule(place=places, payee=st.sampled_from([None, 1, 2, 3]), twice=st.booleans())
    def pay(self, place, payee, twice):
        if (row := self.row(place)) is None:
            return
        for _time in range(1 + twice):
            self.references += 1
            with suppress(*REFUSED):
                payments.pay(
                    row,
                    actor=self.treasurer,
                    payment_date=local_today(),
                    payment_method="check",
                    payment_reference=str(self.references),
                    payee=payee,
                )

    @rule(place=places, twice=st.booleans())
    def void_a_payment(self, place, twice):
        made = list(Payment.objects.select_related("line__application").order_by("created_at", "pk"))
        if not made:
            return
        payment = made[place % len(made)]
        for _time in range(1 + twice):
            with suppress(*REFUSED):
                payments.reverse(
                    payment.line.application, actor=self.treasurer, reason="Lost", voucher=payment.voucher_number
                )

    @invariant()
    def the_books_agree(self):
        assert list(ledger.differences()) == []
        held = fund.figures()
        assert min(held.available, held.set_aside, held.paid_out) >= 0

    @invariant()
    def no_entry_ever_changes(self):
        now = {row.pk: row for row in FundTransfer.objects.all()}
        told = {pk: (row.kind, row.amount, row.credit_id, row.debit_id) for pk, row in now.items()}
        assert {pk: told.get(pk) for pk in self.entries} == self.entries
        self.entries = told
        ways = [(row.amount, row.credit_id == Account.OUTSIDE, row.debit_id == Account.OUTSIDE) for row in now.values()]
        held = fund.figures()
        assert sum(amount * (came - went) for amount, came, went in ways) == held.balance + held.paid_out

    @invariant()
    def nobody_is_paid_twice_or_by_whoever_decided(self):
        live = list(Payment.objects.live().select_related("line"))
        assert len({payment.line_id for payment in live}) == len(live)
        assert all(payment.amount == payment.line.amount <= payment.line.asked for payment in live)
        decided = set(BenevolenceReview.objects.filter(voided_at=None).values_list("application", "reviewer"))
        assert not {(payment.line.application_id, payment.paid_by_id) for payment in live} & decided


@pytest.mark.parametrize("part", range(PARTS))
def test_the_books_agree_after_every_step_of_any_history(people, seed, part):
    random.seed(f"{seed} histories {part}")  # from which Hypothesis draws
    Histories.people = people
    for role in (*ROLE_OF.values(), "treasurer", "staff"):
        people[role]
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=PROGRAMMES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
