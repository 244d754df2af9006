"""What is done with approved applications: each payee is paid once, and a payment may be taken back."""

from datetime import date
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from benevolence.enums import REFERENCED
from benevolence.models import BenevolenceApplication, Payment, PaymentLine, PaymentRun
from benevolence.services import fund
from benevolence.services.steps import take_step
from core.permissions import Actor
from core.records import records
from core.records.numbers import yearly_number
from core.site import local_today

VOUCHER_PREFIX = "BV"


def pay(
    application: BenevolenceApplication,
    *,
    actor: Actor | None,
    payment_date: date,
    payment_method: str,
    payment_reference: str = "",
    payee: int | None = None,
    run: PaymentRun | None = None,
    version: int | None = None,
) -> BenevolenceApplication:
    """Record that one payee, named by its position where several are left, was paid what was approved for it.

    With the last one the application is paid.
    """
    reference = payment_reference.strip()
    try:
        with take_step(application, "pay", actor=actor, version=version) as application:
            line = line_to_pay(application, payee)
            check_payment(application, payment_date, payment_method, reference)
            fund.lock()
            payment = Payment(line=line, run=run, amount=line.amount, paid_on=payment_date, reference=reference)
            payment.payment_method, payment.paid_by = payment_method, cast(User, actor)
            payment.voucher_number = yearly_number(VOUCHER_PREFIX, payment_date)
            records.save(payment)
            fund.disburse(payment, actor=actor)
            if not application.lines.unpaid().exists():
                application.payment_date, application.payment_method = payment_date, payment_method
                application.payment_reference, application.paid_by = reference, cast(User, actor)
    except IntegrityError as error:
        if not Payment.objects.filter(reference=reference).exclude(reference="").exists():
            raise
        raise ValidationError({"payment_reference": reference_taken()}) from error
    return application


def line_to_pay(application: BenevolenceApplication, payee: int | None) -> PaymentLine:
    """Raises ValidationError for `payee` where it names none that is left, or several are."""
    left = {line.position: line for line in application.lines.unpaid()}
    if payee is None and len(left) > 1:
        raise ValidationError({"payee": _("Choose who is paid.")})
    found = left.get(payee) if payee is not None else next(iter(left.values()), None)
    if found is None:
        raise ValidationError({"payee": _("This payee is paid already, or gets nothing. Choose another one.")})
    return found


def check_payment(application: BenevolenceApplication, day: date, method: str, reference: str) -> None:
    """Raises ValidationError by field."""
    faults: dict[str, str] = {}
    if day > local_today():
        faults["payment_date"] = _("This day is still to come. Record the payment when it is made.")
    elif application.approved_on and day < application.approved_on:
        faults["payment_date"] = _("This is before the approval. Check the day.")
    if method in REFERENCED and not reference:
        faults["payment_reference"] = _("Enter the number of the check or of the transfer.")
    elif reference and Payment.objects.filter(reference=reference).exists():
        faults["payment_reference"] = reference_taken()
    if faults:
        raise ValidationError(faults)


def reference_taken() -> str:
    return _("Another payment has this reference. Look at the check or the bank's list.")


def reverse(
    application: BenevolenceApplication,
    *,
    actor: Actor | None,
    reason: str,
    voucher: str = "",
    version: int | None = None,
) -> BenevolenceApplication:
    """Void a payment that was not made, or came back: its money is set aside again, and its numbers stay used."""
    reason = records.stated_reason(reason)
    with take_step(application, "reverse", actor=actor, version=version, reason=reason) as application:
        payment = payment_to_void(application, voucher)
        fund.lock()
        payment.voided_at, payment.voided_by, payment.void_reason = timezone.now(), cast(User, actor), reason
        payment.version += 1
        records.save(payment)
        fund.take_back(payment, actor=actor, reason=reason)
        forget_payment(application)
    return application


def payment_to_void(application: BenevolenceApplication, voucher: str) -> Payment:
    """Raises ValidationError for `voucher` where it names none that stands, or several do."""
    live = {payment.voucher_number: payment for payment in payments_of(application).live()}
    if not voucher and len(live) > 1:
        raise ValidationError({"voucher": _("Choose the payment.")})
    found = live.get(voucher) if voucher else next(iter(live.values()), None)
    if found is None:
        raise ValidationError({"voucher": _("This payment is void already. Look at the application again.")})
    return found


def payments_of(application: BenevolenceApplication) -> Any:
    return Payment.objects.filter(line__application=application).select_related("line").order_by("created_at", "pk")


def forget_payment(application: BenevolenceApplication) -> None:
    application.payment_date, application.payment_method = None, ""
    application.payment_reference, application.paid_by = "", None
