"""The money of the demonstration: who is paid, what came into the fund, what was set aside and paid."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from operator import attrgetter
from random import Random
from typing import Any

from accounts.first_data import holder_of, moment_of
from benevolence.enums import GRANTED, REFERENCED, Account, BenevolenceAction, EntryKind, Payee, PaymentMethod
from benevolence.models import BenevolenceApplication, FundTransfer, Payment, PaymentLine, PaymentRun
from benevolence.services import fund
from benevolence.services.payees import filled
from benevolence.services.payments import VOUCHER_PREFIX
from core.audit import trail
from core.db.update import update_many
from core.records import bulk, records
from core.records.numbers import reserve_numbers, written_number

OPENING, SHARE, MONTHS = Decimal(36_000), Decimal(450), 11  # a set, and more than it takes
BEGUN = 345  # days ago
SIGNED_AFTER, CLEARED_AFTER = 2, 9  # days
# Whoever is paid instead of the member, by the reason of the application.
OTHERS = {
    "hardship": (Payee.UTILITY, "Lakeside Power and Light", "400 Harbor Street", "The electricity bill"),
    "death_in_family": (Payee.VENDOR, "Moreno Funeral Home", "12 Chapel Road", "The funeral"),
    "disaster": (Payee.LANDLORD, "Ridgeway Properties", "88 Ridgeway", "Rent until the house is dry"),
}

WORDS = ("payee_kind", "payee_name", "address", "purpose")


@dataclass
class Paid:
    """The payees of one application and, as far as it came, what was set aside and paid."""

    lines: list[PaymentLine]
    aside: list[FundTransfer] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    is_run: bool = False


class FirstMoney:
    """Made by FirstApplications, with its random numbers and its people."""

    def __init__(self, random: Random, treasurer: Any, as_of: date, scale: int) -> None:
        self.random, self.treasurer, self.as_of, self.scale = random, treasurer, as_of, scale
        self.officer = holder_of("officer", "Denise", "Kaminski")
        self.checks = self.wires = 1_000 + Payment.objects.count()
        self._lines = bulk.Inserter(PaymentLine, action=BenevolenceAction.SUBMITTED, recorded=())
        self._payments = bulk.Inserter(Payment, action=BenevolenceAction.PAID, recorded=())
        self._entries = bulk.Inserter(FundTransfer, action=BenevolenceAction.PAID, recorded=())

    @property
    def begun(self) -> date:
        return self.as_of - timedelta(BEGUN)

    def open(self) -> None:
        """What came in, so that the fund holds on every day what is set aside."""
        fund.lock()
        bulk.write(
            self._income(),
            actor=self.treasurer,
            action=BenevolenceAction.CONTRIBUTED,
            recorded=fund.RECORDED,
            at=lambda entry: moment_of(entry.on),
        )

    def _income(self) -> list[FundTransfer]:
        begun = self.begun
        is_first = not FundTransfer.objects.filter(kind=EntryKind.OPENING).exists()
        kind, note = (EntryKind.OPENING, "Statement of the bank") if is_first else (EntryKind.DONATION, "Sister locals")
        found = [self._entry(kind, OPENING * self.scale, begun, note=note)]
        for month in range(MONTHS):
            day = begun + timedelta(30 * (month + 1))
            found.append(self._entry(EntryKind.DUES, SHARE * self.scale, day, note="Share of the month's dues"))
        found.append(self._entry(EntryKind.RAFFLE, Decimal(1_280) * self.scale, begun + timedelta(200), note="Picnic"))
        return found

    def _entry(self, kind: EntryKind, amount: Decimal, day: date, **fields: Any) -> FundTransfer:
        number = f"{FundTransfer.objects.count()}:{kind}:{day}" if "application" not in fields else ""
        credit, debit = {
            EntryKind.SET_ASIDE: (Account.AVAILABLE, Account.SET_ASIDE),
            EntryKind.PAYMENT: (Account.SET_ASIDE, Account.PAID_OUT),
        }.get(kind, (Account.OUTSIDE, Account.AVAILABLE))
        return FundTransfer(
            kind=kind,
            credit_id=credit,
            debit_id=debit,
            amount=amount,
            on=day,
            recorded_by=self.treasurer,
            created_at=moment_of(day),
            **{"key": f"in:first:{number}", **fields},
        )

    # --- of one application -----------------------------------------------------------------------

    def fill(self, found: Paid, application: Any, approved: Decimal | None) -> None:
        """`approved`: what the last level left of the amount."""
        if application.application_date is None:
            return
        found.lines = self._payees(application)
        self._lower(found.lines, application.amount_requested if approved is None else approved)
        if application.status in GRANTED:
            key = f"set-aside:{application.pk}:{application.version}"
            fields = {"application": application, "key": key}
            found.aside = [
                self._entry(EntryKind.SET_ASIDE, application.approved_amount, application.approved_on, **fields)
            ]
        if application.payment_date:
            found.payments = [
                self._payment(line, application.payment_date, is_run=found.is_run) for line in found.lines
            ]
            last = found.payments[-1]
            application.payment_method, application.payment_reference = last.payment_method, last.reference
            application.paid_by = self.treasurer

    def _payees(self, application: Any) -> list[PaymentLine]:
        """The member, or whoever sent the bill; of a large one both."""
        asked, other = application.amount_requested, OTHERS.get(application.reason)
        shares: list[Any] = [(None, asked)] if other is None else [(other, asked)]
        if other is not None and asked >= 2_000:
            shares = [(other, Decimal(int(asked) // 20 * 10)), (None, asked - Decimal(int(asked) // 20 * 10))]
        lines = []
        for position, (payee, amount) in enumerate(shares, 1):
            words = dict(
                zip(("payee_kind", "payee_name", "address", "purpose"), payee or (Payee.MEMBER,), strict=False)
            )
            number = str(self.random.randint(10**8, 10**9)) if words["payee_kind"] == Payee.UTILITY else ""
            values = filled({**words, "account_number": number, "asked": amount}, application)
            lines.append(PaymentLine(application=application, position=position, amount=amount, **values))
        return lines

    @staticmethod
    def _lower(lines: Sequence[Any], total: Decimal) -> None:
        for line in lines:
            line.amount = min(line.asked, total)
            total -= line.amount

    def _payment(self, line: PaymentLine, day: date, *, is_run: bool) -> Payment:
        method = PaymentMethod.CHECK if is_run else self.random.choice(PaymentMethod.values)
        reference = ""
        if method == PaymentMethod.CHECK:
            self.checks += 1
            reference = str(self.checks)
        elif method in REFERENCED:
            self.wires += 1
            reference = f"W{self.wires}"
        payment = Payment(line=line, amount=line.amount, paid_on=day, payment_method=method, reference=reference)
        payment.paid_by = self.treasurer
        return payment

    # --- into the database ------------------------------------------------------------------------

    def number(self, found: Sequence[Paid]) -> None:
        """Vouchers in the order of payment, year by year."""
        by_year: dict[int, list[Payment]] = {}
        made = [payment for paid in found for payment in paid.payments]
        for payment in sorted(made, key=attrgetter("paid_on")):
            by_year.setdefault(payment.paid_on.year, []).append(payment)
        for year, rows in by_year.items():
            for number, payment in zip(reserve_numbers(f"{VOUCHER_PREFIX}-{year}", len(rows)), rows, strict=True):
                payment.voucher_number = written_number(VOUCHER_PREFIX, year, number)

    def insert(self, found: Sequence[Paid]) -> list[trail.Entry]:
        """After their applications and reviews; returns what happened to the payments afterwards."""
        self._make_run([payment for paid in found if paid.is_run for payment in paid.payments])
        self._lines.insert([line for paid in found for line in paid.lines])
        self._entries.insert([entry for paid in found for entry in paid.aside])
        payments = [payment for paid in found for payment in paid.payments]
        self._payments.insert(payments)
        self._entries.insert([self._of_payment(payment) for payment in payments])
        for payment in payments:
            payment.created_at = moment_of(payment.paid_on)
        update_many(payments, ("created_at",))
        return self._sign(payments)

    def _make_run(self, payments: Sequence[Payment]) -> None:
        """Checks that were written together."""
        if not payments:
            return
        day = payments[0].paid_on
        run = PaymentRun(paid_on=day, payment_method=PaymentMethod.CHECK, made_by=self.treasurer)
        records.save(run)
        PaymentRun.objects.filter(pk=run.pk).update(created_at=moment_of(day))
        for payment in payments:
            payment.run = run

    def _of_payment(self, payment: Any) -> FundTransfer:
        application: BenevolenceApplication = payment.line.application
        fields = {"application": application, "payment": payment, "key": f"payment:{payment.pk}"}
        return self._entry(EntryKind.PAYMENT, payment.amount, payment.paid_on, **fields)

    def _sign(self, payments: Sequence[Payment]) -> list[trail.Entry]:
        """The second signer, and when the bank had paid. Of the run's checks the last still waits for its signature."""
        runs = [payment for payment in payments if payment.run_id]
        signed = [payment for payment in payments if payment not in runs[-1:]]
        events = []
        for payment in signed:
            day = min(payment.paid_on + timedelta(SIGNED_AFTER), self.as_of)
            payment.second_signer, payment.signed_at = self.officer, moment_of(day)
            events.append(self._told(payment, BenevolenceAction.SIGNED, self.officer, day))
            day = payment.paid_on + timedelta(CLEARED_AFTER)
            if day <= self.as_of:
                payment.cleared_on = day
                events.append(self._told(payment, BenevolenceAction.CLEARED, self.treasurer, day))
        update_many(signed, ("second_signer", "signed_at", "cleared_on"))
        return events

    @staticmethod
    def _told(payment: Any, action: BenevolenceAction, actor: Any, day: date) -> trail.Entry:
        data = {"voucher": payment.voucher_number}
        return trail.Entry(payment.line.application, action, data=data, actor=actor, at=moment_of(day))
