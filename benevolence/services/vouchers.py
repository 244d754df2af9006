"""The vouchers of payments: what was paid, what led to it, and who signed."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from benevolence import permissions as p
from benevolence.enums import GRANTED, PaymentMethod, Side
from benevolence.models import Payment
from benevolence.services.packets import day_of, decisions_of, payment_alone, standing_reviews, state_of
from core.enums import choice_label
from core.papers.typeset import Paper
from core.permissions import Actor, may
from core.web.formats import day_text, money_text

TEMPLATE = "papers/voucher.typ"
SEES = (p.PAY, p.VIEW_DECIDED)


def payments_for(user: Actor) -> Any:
    """Those that the person sees in the register, with what a voucher says of them."""
    decided = Prefetch("line__application__reviews", queryset=standing_reviews(), to_attr="standing_reviews")
    rows = Payment.objects.in_register(user).with_case(user)
    return rows.select_related("line__application", "paid_by", "second_signer").prefetch_related(decided)


def offered(application: Any, user: Actor) -> list[Any]:
    """The payments of which this person may print the voucher, by the side from which they look."""
    if application.side != Side.FULL or application.status not in GRANTED or not may(user, SEES):
        return []
    return list(Payment.objects.filter(line__application=application).order_by("created_at", "pk"))


def vouchers(payments: Iterable[Any]) -> Paper:
    """One page each."""
    data = {"vouchers": [_told(payment) for payment in payments], "decisions_title": _("Decisions")}
    return Paper(TEMPLATE, "voucher", _("Payment voucher"), data)


def _told(payment: Any) -> dict[str, Any]:
    return {
        "lead": state_of(payment) if payment.voided_at else "",
        "facts": _facts(payment),
        "decisions": _decisions(payment),
        "signatures": [_("Recorded by: %(name)s") % {"name": payment.paid_by.full_name}, _signer(payment)],
    }


def _decisions(payment: Any) -> list[str]:
    if not payment.tells_case:
        return [payment_alone()]
    return decisions_of(payment.line.application) or [_("none in the portal")]


def _facts(payment: Any) -> list[tuple[str, str]]:
    line = payment.line
    facts = [
        (_("Voucher"), payment.voucher_number),
        (_("Application"), str(line.application)),
        (_("Paid to"), "\n".join([line.payee_name, *line.address.splitlines()])),
        (_("What for"), line.purpose),
        (_("Amount"), money_text(payment.amount)),
        (_("Paid on"), day_text(payment.paid_on)),
        (_("Paid by"), choice_label(PaymentMethod, payment.payment_method)),
        (_("Check or bank reference"), payment.reference),
    ]
    return [(words, value) for words, value in facts if value]


def _signer(payment: Any) -> str:
    if payment.second_signer is None:
        return _("Second signer")
    words = _("Second signer: %(name)s, confirmed in the portal on %(day)s")
    return words % {"name": payment.second_signer.full_name, "day": day_of(payment.signed_at)}
