"""Whether the fund's books agree: accounts with their entries, and applications and payments with theirs."""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext as _

from benevolence.enums import Account, EntryKind, Status
from benevolence.models import BenevolenceApplication, FundAccount, FundTransfer, Payment
from benevolence.services.fund import moved
from core.money import MoneyField
from core.web.formats import money_text

NOTHING = Decimal("0.00")


def differences() -> Iterator[str]:
    """A sentence for each difference; none where the books agree."""
    yield from _of_accounts()
    yield from _of_applications()
    yield from _of_payments()


def _of_accounts() -> Iterator[str]:
    held = dict(FundAccount.objects.values_list("kind", "balance"))
    gained = FundTransfer.objects.aggregate(**{account.value: moved(account) for account in Account})
    for account in Account:
        balance, entries = held.get(account, NOTHING), gained[account] or NOTHING
        if balance != entries:
            sentence = _("%(account)s: the account says %(balance)s, its entries %(entries)s.")
            told = {"account": account.label, "balance": money_text(balance), "entries": money_text(entries)}
            yield sentence % told
        if account != Account.OUTSIDE and entries < 0:
            yield _("%(account)s: the entries are below zero.") % {"account": account.label}


def _of_applications() -> Iterator[str]:
    """Set aside is what is approved and not paid yet, and nothing else."""
    kept = FundTransfer.objects.exclude(application=None).order_by().values("application")
    aside = dict(kept.annotate(left=moved(Account.SET_ASIDE)).values_list("application", "left"))
    paid = Payment.objects.live().order_by().values("line__application")
    out = dict(paid.annotate(sum=Sum("amount", output_field=MoneyField())).values_list("line__application", "sum"))
    rows = BenevolenceApplication.objects.filter(Q(status=Status.APPROVED) | Q(pk__in=[*_nonzero(aside), *out]))
    for row in rows.order_by("sort_number", "pk").iterator():
        due = (row.approved_amount or NOTHING) - out.get(row.pk, NOTHING) if row.status == Status.APPROVED else NOTHING
        if due != (found := aside.get(row.pk) or NOTHING):
            sentence = _("%(number)s: %(found)s are set aside, and it should be %(due)s.")
            yield sentence % {"number": row, "found": money_text(found), "due": money_text(due)}
        if row.status == Status.PAID and out.get(row.pk) != row.approved_amount:
            sentence = _("%(number)s: approved are %(approved)s, paid %(paid)s.")
            told = {"approved": money_text(row.approved_amount), "paid": money_text(out.get(row.pk, NOTHING))}
            yield sentence % {"number": row, **told}


def _nonzero(aside: dict) -> list:
    return [key for key, left in aside.items() if left]


def _of_payments() -> Iterator[str]:
    """Each payment has its entry of the same amount; a void one also the entry that takes it back."""
    made = Count("transfers", filter=Q(transfers__kind=EntryKind.PAYMENT, transfers__amount=F("amount")))
    undone = Count("transfers", filter=Q(transfers__kind=EntryKind.REVERSAL, transfers__amount=F("amount")))
    rows = Payment.objects.annotate(made=made, undone=undone)
    right = Q(voided_at=None, made=1, undone=0) | Q(voided_at__isnull=False, made=1, undone=1)
    for payment in rows.exclude(right).order_by("voucher_number"):
        yield _("%(voucher)s: the payment and its entries do not agree.") % {"voucher": payment.voucher_number}
