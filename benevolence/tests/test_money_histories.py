"""Random histories (battery E4): whatever happens in whichever order, the books agree and enough people decided.

A commit plays a few programmes, BATTERY=1 a thousand. One world is built for a part of them: people, records and
applications that wait for the first level; a programme plays in it and is undone.
"""

import os
import random
from collections import Counter, defaultdict
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as play

from benevolence.enums import GRANTED, LEVELS, Account, EntryKind, Status
from benevolence.models import BenevolenceApplication, BenevolenceReview, FundAccount, FundTransfer, Payment
from benevolence.services import applications, fund, ledger, merging, payments, reviews
from benevolence.services.facts import policy_of, total_of
from benevolence.services.policy import levels_needed
from benevolence.tests.conftest import ROLE_OF
from core.errors import DomainError
from core.site import local_today
from members.factories import MemberFactory
from members.models import Member

pytestmark = [pytest.mark.django_db, pytest.mark.heavy]
# In parts, for no test may take minutes: the battery plays a thousand programmes.
PARTS, PROGRAMMES, STEPS = (40, 25, 30) if os.environ.get("BATTERY") else (1, 2, 20)
REFUSED = (DomainError, ValidationError, PermissionDenied)
money = st.sampled_from([Decimal(amount) for amount in ("0.01", "40.00", "99.99", "300.00", "2500.00")])
places = st.integers(0, 7)
# What the applications that wait ask for, payee by payee; two of one member, so that what is split counts together.
ASKED = (("300.00",), ("40.00", "99.99"), ("450.00",), ("450.00",), ("1500.00", "500.00"), ("6000.00",))


class World:
    """Two people at each level; the first of them has a member's record, which may turn out to be the applicant's."""

    def __init__(self, people, person_with):
        self.staff, self.payers = people["staff"], [people["treasurer"], person_with("treasurer")]
        self.judges = {
            level: [person_with(role, member=MemberFactory()), person_with(role)] for level, role in ROLE_OF.items()
        }
        fund.contribute(self.came_in(Decimal("9000.00")), actor=self.payers[0])
        self.member = MemberFactory()
        for number, amounts in enumerate(ASKED):
            self.apply([Decimal(amount) for amount in amounts], self.member if number in (2, 3) else MemberFactory())

    def apply(self, amounts, member):
        values = {"reason": "hardship", "description": "Rent", "amount_requested": sum(amounts), "needed_by": None}
        draft = applications.create_application(values, actor=self.staff, member=member)
        if len(amounts) > 1:
            named = [{"payee_kind": "vendor", "payee_name": f"Payee {amount}", "asked": amount} for amount in amounts]
            applications.name_payees(draft, named, actor=self.staff)
        applications.submit(draft, actor=self.staff)

    @staticmethod
    def came_in(amount):
        return {"kind": EntryKind.DUES, "amount": amount, "on": local_today(), "note": ""}


class Histories(RuleBasedStateMachine):
    world: Any
    # Of all programmes of a part: how often each act succeeded, so that a machine which only meets refusals is noticed.
    done: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.entries: dict[Any, tuple] = {}
        self.enough: dict[Any, int] = {}
        self.references, self.has_changed = 0, True

    def teardown(self) -> None:
        assert list(ledger.differences()) == []
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def does(self, name, act, *args, **kwargs):
        """What is refused changes nothing, so nothing is looked at after it."""
        with suppress(*REFUSED):
            act(*args, **kwargs)
            self.has_changed = True
            self.done[name] += 1

    def row(self, place, *, of=()):
        rows = BenevolenceApplication.objects.order_by("created_at", "pk")
        found = list(rows.filter(status__in=of) if of else rows)
        return found[place % len(found)] if found else None

    def judge(self, row, which=0):
        return self.world.judges[row.level_due or "vp"][which]

    @initialize(places=st.lists(places, min_size=1, max_size=3))
    def begin_with_some_approved(self, places):
        """By every level they need, else most histories end before anything is paid."""
        for place in places:
            row = self.row(place, of=IN_PLAY)
            for _level in LEVELS:
                if row.status in IN_PLAY:
                    self.approve_now(row, 1, place % 2)
                    row.refresh_from_db()

    @rule(amount=money)
    def contribute(self, amount):
        self.does("contribute", fund.contribute, self.world.came_in(amount), actor=self.world.payers[0])

    @rule(place=places)
    def reverse_an_entry(self, place):
        rows = list(FundTransfer.objects.order_by("created_at", "pk"))
        self.does("reverse", fund.reverse, rows[place % len(rows)], actor=self.world.payers[0], reason="Wrong")

    @precondition(lambda self: self.references < 3)
    @rule(amounts=st.lists(money, min_size=1, max_size=2))
    def apply(self, amounts):
        self.references += 1
        self.does("apply", self.world.apply, amounts, self.world.member)

    @rule(place=places, part=st.sampled_from([1, 1, 1, 2, 3]), which=st.integers(0, 1), twice=st.booleans())
    def approve(self, place, part, which, twice):
        """`part`: lowered to that share; `twice`: the same person at once again, and the other one who saw the same."""
        if row := self.row(place, of=IN_PLAY):
            self.approve_now(row, part, which)
            if twice:
                self.approve_now(row, part, which)
                self.approve_now(row, part, 1 - which)

    def approve_now(self, row, part, which):
        amounts = {line.position: line.amount / part // Decimal("0.01") * Decimal("0.01") for line in row.lines.all()}
        total = sum(amounts.values())
        self.does("approve", reviews.approve, row, actor=self.judge(row, which), amount=total, amounts=amounts)
        now = BenevolenceApplication.objects.get(pk=row.pk)
        if now.status == Status.APPROVED and row.status != Status.APPROVED:
            rules = policy_of(now)
            self.enough[row.pk] = len(levels_needed(total_of(now, rules), rules))

    @rule(place=places, move=st.sampled_from(["ask", "defer", "deny", "answer", "withdraw", "void"]))
    def decide(self, place, move):
        of = (*IN_PLAY, Status.APPROVED) if move in ("withdraw", "void") else IN_PLAY
        if (row := self.row(place, of=of)) is None:
            return
        judge, to_come, staff = self.judge(row), local_today() + timedelta(5), self.world.staff
        acts = {
            "ask": lambda: reviews.ask(row, actor=judge, question="Which?"),
            "defer": lambda: reviews.defer(row, actor=judge, until=to_come, comments="Later"),
            "deny": lambda: reviews.deny(row, actor=judge, reason="No"),
            "answer": lambda: applications.answer(row, actor=staff, text="This"),
            "withdraw": lambda: applications.withdraw(row, actor=staff, reason="No need"),
            "void": lambda: merging._void(row),
        }
        if move != "void" or not Payment.objects.live().filter(line__application=row).exists():
            self.does(move, acts[move])

    @rule(place=places, amount=money)
    def amend(self, place, amount):
        if row := self.row(place, of=IN_PLAY):
            self.does("amend", applications.amend, row, actor=self.world.staff, values={"amount_requested": amount})

    @rule(place=places, payee=st.sampled_from([None, 1, 2]), who=st.integers(0, 5), twice=st.booleans())
    def pay(self, place, payee, who, twice):
        """By a treasurer, or by somebody who decided; `twice`: the other treasurer at once, who saw the same."""
        if (row := self.row(place, of=GRANTED)) is None:
            return
        first = self.judge(row) if who == 5 else self.world.payers[who % 2]
        for actor in (first, self.world.payers[1 - who % 2])[: 1 + twice]:
            paid = {"actor": actor, "payment_date": local_today(), "payment_method": "direct_deposit"}
            self.does("pay", payments.pay, row, payee=payee, **paid)

    @rule(place=places, twice=st.booleans())
    def void_a_payment(self, place, twice):
        made = list(Payment.objects.select_related("line__application").order_by("created_at", "pk"))
        if not made:
            return
        payment = made[place % len(made)]
        lost = {"reason": "Lost", "voucher": payment.voucher_number, "actor": self.world.payers[place % 2]}
        for _time in range(1 + twice):
            self.does("void a payment", payments.reverse, payment.line.application, **lost)

    @rule(place=places, who=st.integers(0, 2), twice=st.booleans())
    def release(self, place, who, twice):
        """By a treasurer, or by somebody who decided."""
        if row := self.row(place, of=GRANTED):
            actor = self.judge(row) if who == 2 else self.world.payers[who]
            for _time in range(1 + twice):
                self.does("release", payments.release, row, actor=actor, reason="Nobody can be paid")

    @rule(place=places, level=st.sampled_from(LEVELS), with_judge=st.booleans())
    def merge_records(self, place, level, with_judge):
        """The applicant's record is that of somebody who decides, or that of another applicant."""
        duplicate = self.row(place).member
        kept = self.world.judges[level][0].member if with_judge else self.world.member
        if kept.pk != duplicate.pk and Member.objects.alive().filter(pk__in=[kept.pk, duplicate.pk]).count() == 2:
            now = timezone.now()
            Member.objects.filter(pk=duplicate.pk).update(merged_into=kept, deleted_at=now)
            duplicate.merged_into = kept
            self.does("merge", merging.follow, kept, duplicate, actor=self.world.staff)

    @invariant()
    def all_is_as_it_should_be(self):
        if self.has_changed:
            self.has_changed = False
            rows = FundTransfer.objects.values_list("pk", "kind", "amount", "credit", "debit", "application")
            entries = {row[0]: row[1:] for row in rows}
            paid = list(Payment.objects.live().values_list("line", "line__application", "amount", "paid_by"))
            self.no_entry_ever_changes(entries)
            self.the_books_agree(entries, paid)
            self.enough_people_decided(paid)

    def no_entry_ever_changes(self, entries):
        assert {key: entries.get(key) for key in self.entries} == self.entries
        self.entries = entries

    def the_books_agree(self, entries, paid):
        """Accounts are the fold of the entries, never below zero; set aside is what is approved and not paid."""
        held, aside = defaultdict(Decimal), defaultdict(Decimal)
        for _kind, amount, credit, debit, application in entries.values():
            held[credit] -= amount
            held[debit] += amount
            aside[application] += amount * ((debit == Account.SET_ASIDE) - (credit == Account.SET_ASIDE))
        accounts = dict(FundAccount.objects.values_list("kind", "balance"))
        assert accounts == {kind: held[kind] for kind in accounts}
        assert min(balance for kind, balance in accounts.items() if kind != Account.OUTSIDE) >= 0
        for _line, application, amount, _payer in paid:
            aside[application] += amount
        granted = BenevolenceApplication.objects.filter(status__in=GRANTED).values_list("pk", "approved_amount")
        assert {key: left for key, left in aside.items() if left and key} == dict(granted)

    def enough_people_decided(self, paid):
        """Nothing is paid twice, nor by who decided, and no fewer people decide than the rules ask for."""
        assert max(Counter(line for line, *_rest in paid).values(), default=1) == 1
        decided = defaultdict(set)
        standing = BenevolenceReview.objects.filter(voided_at=None, decision="approved")
        standing = standing.filter(application__status__in=(*IN_PLAY, *GRANTED))
        for application, reviewer, member, applicant in standing.values_list(
            "application", "reviewer", "reviewer__member", "application__member"
        ):
            decided[application].add(reviewer)
            assert member != applicant or application in {row[1] for row in paid}  # what is paid is told, not undone
        for _line, application, _amount, payer in paid:
            assert payer not in decided[application]
        granted = BenevolenceApplication.objects.filter(status__in=GRANTED).values_list("pk", flat=True)
        assert {key for key in granted if len(decided[key]) < self.enough[key]} == set()


IN_PLAY = (Status.SUBMITTED, Status.UNDER_REVIEW)
# What some programme of a part has to bring about.
NEEDED = {"approve", "pay", "merge", "contribute"}


@pytest.mark.parametrize("part", range(PARTS))
def test_the_books_agree_after_every_step_of_any_history(people, person_with, seed, part):
    random.seed(f"{seed} histories {part}")  # from which Hypothesis draws
    Histories.world, Histories.done = World(people, person_with), Counter()
    played = settings(
        max_examples=PROGRAMMES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    play(Histories, settings=played)
    assert PARTS == 1 or set(Histories.done) >= NEEDED
