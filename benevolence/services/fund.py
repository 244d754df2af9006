"""The fund: what comes in, what is set aside, released and paid, and how an entry is taken back.

Entries move money between accounts and are never changed; the database counts the balances (models/guards.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, F, Sum, Value, When
from django.utils.translation import gettext as _

from benevolence import permissions as p
from benevolence.enums import INCOME, Account, BenevolenceAction, EntryKind
from benevolence.models import BenevolenceApplication, FundAccount, FundSettings, FundTransfer, Payment
from benevolence.services import periods
from core.audit import trail
from core.errors import DomainError
from core.money import MoneyField
from core.permissions import Actor, allow
from core.records import one_row, records
from core.site import local_today
from core.web.formats import money_text

RECORDED = ("kind", "amount", "on", "note")
LATEST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Figures:
    """What the fund holds: of the balance a part is set aside, the rest is available."""

    available: Decimal
    set_aside: Decimal
    paid_out: Decimal

    @property
    def balance(self) -> Decimal:
        return self.available + self.set_aside


def figures() -> Figures:
    return _figures(FundAccount.objects.values_list("kind", "balance"))


def _figures(rows: Any) -> Figures:
    found = dict(rows)
    nothing = Decimal("0.00")
    return Figures(*(found.get(kind, nothing) for kind in (Account.AVAILABLE, Account.SET_ASIDE, Account.PAID_OUT)))


def lock() -> Figures:
    """The accounts, locked in one order until the transaction ends: of two entries at once the second sees the first.

    After the member and the application, before numbers and the trail.
    """
    rows = FundAccount.objects.select_for_update().order_by("pk").values_list("kind", "balance")
    found = list(rows)
    if len(found) < len(Account):
        FundAccount.objects.bulk_create([FundAccount(kind=kind) for kind in Account], ignore_conflicts=True)
        found = list(rows.all())
    return _figures(found)


def enter(kind: EntryKind, credit: Account, debit: Account, amount: Decimal, **fields: Any) -> FundTransfer:
    """Write one entry, inside the caller's transaction and its lock."""
    return FundTransfer.objects.create(kind=kind, credit_id=credit, debit_id=debit, amount=amount, **fields)


# --- what comes in --------------------------------------------------------------------------------------


def contribute(values: Mapping[str, Any], *, actor: Actor | None, key: str = "") -> FundTransfer:
    """Record what came into the fund: `kind`, `amount`, `on`, `note`. With a `key` it is recorded once.

    Raises ValidationError by field.
    """
    allow(actor, p.RECORD_FUND)
    if strange := sorted(set(values) - set(RECORDED)):
        raise ValueError(f"the fund takes no {', '.join(strange)}")
    key = f"in:{key or uuid4()}"
    with transaction.atomic():
        lock()
        if known := FundTransfer.objects.filter(key=key).first():
            return known
        check_contribution(values)
        entry = FundTransfer(credit_id=Account.OUTSIDE, debit_id=Account.AVAILABLE, key=key, recorded_by=actor)
        return records.create(entry, values, editable=RECORDED, actor=actor, action=BenevolenceAction.CONTRIBUTED)


def check_contribution(values: Mapping[str, Any]) -> None:
    faults: dict[str, str] = {}
    if values.get("kind") not in INCOME:
        faults["kind"] = _("Choose where the money comes from.")
    if values.get("on") and values["on"] > local_today():
        faults["on"] = _("This day is still to come. Record the money when it is there.")
    if values.get("kind") == EntryKind.OPENING:
        if FundTransfer.objects.not_reversed().filter(kind=EntryKind.OPENING).exists():
            faults["kind"] = _("The opening balance is recorded already. Reverse it first if it is wrong.")
        if not values.get("note"):
            faults["note"] = _("Name the statement that shows this balance.")
    if faults:
        raise ValidationError(faults)


def reverse(entry: Any, *, actor: Actor | None, reason: str) -> FundTransfer:
    """Take back what came in by mistake, with an entry of its own. Once."""
    allow(actor, p.RECORD_FUND)
    reason = records.stated_reason(reason)
    with transaction.atomic():
        held = lock()
        if refused := not_reversible(entry):
            raise DomainError(refused)
        if entry.amount > held.available:
            raise DomainError(short(held.available, entry.amount))
        mirrored = mirror(entry, actor=actor, note=reason[:200])
        trail.record(mirrored, BenevolenceAction.REVERSED, actor=actor, reason=reason, entry=str(entry.pk))
        notice_if_low(held.available, held.available - entry.amount)
        return mirrored


def not_reversible(entry: FundTransfer) -> str:
    if entry.kind not in INCOME:
        return _("This entry belongs to an application. Withdraw the application, or void the payment.")
    if FundTransfer.objects.filter(reverses=entry).exists():
        return _("This entry is reversed already.")
    return ""


def mirror(entry: Any, *, actor: Actor | None, note: str = "") -> FundTransfer:
    return enter(
        EntryKind.REVERSAL,
        Account(entry.debit_id),
        Account(entry.credit_id),
        entry.amount,
        key=f"reversal:{entry.pk}",
        reverses=entry,
        application=entry.application,
        payment=entry.payment,
        recorded_by=actor,
        note=note,
    )


# --- what is given --------------------------------------------------------------------------------------


def set_aside(application: BenevolenceApplication, amount: Decimal, *, actor: Actor | None) -> FundTransfer:
    """Keep `amount` for this application; refused when less is available. Raises ValidationError for `amount`."""
    held = lock()
    if amount > held.available:
        raise ValidationError({"amount": short(held.available, amount)})
    entry = enter(
        EntryKind.SET_ASIDE,
        Account.AVAILABLE,
        Account.SET_ASIDE,
        amount,
        key=f"set-aside:{application.pk}:{application.version}",
        application=application,
        recorded_by=actor,
    )
    notice_if_low(held.available, held.available - amount)
    return entry


def short(available: Decimal, amount: Decimal) -> str:
    sentence = _("The fund has %(available)s available, and this takes %(amount)s. Take less, or wait for more.")
    return sentence % {"available": money_text(available), "amount": money_text(amount)}


def release(application: BenevolenceApplication, *, actor: Actor | None) -> FundTransfer | None:
    """Give back to the fund what is still set aside for this application."""
    lock()
    left = kept_for(application)
    if not left:
        return None
    return enter(
        EntryKind.RELEASE,
        Account.SET_ASIDE,
        Account.AVAILABLE,
        left,
        key=f"release:{application.pk}:{application.version}",
        application=application,
        recorded_by=actor,
    )


def disburse(payment: Any, *, actor: Actor | None) -> FundTransfer:
    """Take a payment out of what is set aside for its application."""
    return enter(
        EntryKind.PAYMENT,
        Account.SET_ASIDE,
        Account.PAID_OUT,
        payment.amount,
        key=f"payment:{payment.pk}",
        application=payment.line.application,
        payment=payment,
        on=payment.paid_on,
        recorded_by=actor,
    )


def take_back(payment: Payment, *, actor: Actor | None, reason: str) -> FundTransfer:
    """A void payment's money is set aside again."""
    return mirror(payment.transfers.get(kind=EntryKind.PAYMENT), actor=actor, note=reason[:200])


def moved(account: Account) -> Sum:
    """What `account` gained by some entries."""
    sides = Case(When(debit=account, then=F("amount")), When(credit=account, then=-F("amount")), default=Value(0))
    return Sum(sides, output_field=MoneyField())


def kept_for(application: BenevolenceApplication) -> Decimal:
    """What is set aside for it now."""
    entries = FundTransfer.objects.filter(application=application)
    return entries.aggregate(left=moved(Account.SET_ASIDE))["left"] or Decimal(0)


def notice_if_low(before: Decimal, after: Decimal) -> None:
    """Recorded when the fund falls below what its settings name; unionops/telling.py says who hears of it."""
    limit = one_row.current(FundSettings).notice_below
    if limit is not None and after < limit <= before:
        subject = FundSettings.objects.filter(pk=1).first()
        if subject is not None:
            trail.record(subject, BenevolenceAction.FUND_LOW, actor=None)


def change_settings(values: Mapping[str, Any], *, actor: Actor | None, version: int | None = None) -> FundSettings:
    """See core.records.one_row.change. Raises ValidationError by field."""
    periods.check_change(values)
    return one_row.change(
        FundSettings,
        values,
        permission=p.RECORD_FUND,
        actor=actor,
        action=BenevolenceAction.FUND_SETTINGS_CHANGED,
        version=version,
    )
