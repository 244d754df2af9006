"""What is done with approved applications: each payee is paid once, and a payment may be taken back."""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from benevolence import permissions as p
from benevolence.enums import REFERENCED, BenevolenceAction, Status
from benevolence.models import BenevolenceApplication, Payment, PaymentLine, PaymentRun
from benevolence.services import fund
from benevolence.services.merging import void_own_decision
from benevolence.services.steps import lock_as_seen, lock_people, take_step
from benevolence.services.workflow import may_pay
from core.audit import trail
from core.errors import DomainError
from core.permissions import Actor, allow, may
from core.records import records
from core.records.numbers import yearly_number
from core.site import local_today
from core.web.formats import money_text

VOUCHER_PREFIX = "BV"
MOST_AT_ONCE = 100


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
                remember_payment(application, payment)
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
    seen: int | None = None,
) -> BenevolenceApplication:
    """Void a payment that was not made, or came back: its money is set aside again, and its numbers stay used.

    `seen`: the version of the payment that was looked at, where that was not the application.
    """
    reason = records.stated_reason(reason)
    with transaction.atomic():
        with take_step(application, "reverse", actor=actor, version=version, reason=reason) as application:
            payment = lock_as_seen(payment_to_void(application, voucher), actor=actor, version=seen)
            fund.lock()
            payment.voided_at, payment.voided_by, payment.void_reason = timezone.now(), cast(User, actor), reason
            payment.version += 1
            records.save(payment)
            fund.take_back(payment, actor=actor, reason=reason)
            forget_payment(application)
        return void_own_decision(application)


def release(
    application: BenevolenceApplication, *, actor: Actor | None, reason: str, version: int | None = None
) -> BenevolenceApplication:
    """Give back to the fund what nobody can pay any more: the applicant died, or a payee refuses it.

    What is paid stays, and is from then on what was approved; each decision keeps its own amount.
    """
    reason = records.stated_reason(reason)
    with take_step(application, "release", actor=actor, version=version, reason=reason) as application:
        fund.release(application, actor=actor)
        made = payments_of(application).live()
        if (last := made.order_by("paid_on", "created_at", "pk").last()) is not None:
            left = PaymentLine.objects.filter(pk__in=[line.pk for line in application.lines.unpaid()])
            left.update(amount=0, updated_at=timezone.now(), version=F("version") + 1)
            application.approved_amount = made.aggregate(paid=Sum("amount"))["paid"]
            remember_payment(application, last)
    return application


def void(payment: Any, *, actor: Actor | None, reason: str, version: int | None = None) -> BenevolenceApplication:
    """`reverse` for one payment, by the version of its own that was looked at."""
    given = {"reason": reason, "voucher": payment.voucher_number, "seen": version}
    return reverse(payment.line.application, actor=actor, **given)


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


def remember_payment(application: BenevolenceApplication, last: Payment) -> None:
    """The application is paid; `last` is the payment that says when and how."""
    application.payment_date, application.payment_method = last.paid_on, last.payment_method
    application.payment_reference, application.paid_by = last.reference, last.paid_by


def forget_payment(application: BenevolenceApplication) -> None:
    application.payment_date, application.payment_method = None, ""
    application.payment_reference, application.paid_by = "", None


# --- the second signer, the bank, and payments made together ------------------------------------------------


def may_sign(payment: Any, actor: Actor | None) -> str:
    """Why `actor` is not the second signer of this payment."""
    if payment.voided_at is not None:
        return _("This payment is void, so there is nothing to sign.")
    if payment.second_signer_id is not None:
        return _("This payment has its second signature already.")
    if actor is not None and actor.pk == payment.paid_by_id:
        return _("You recorded this payment. The second signer is somebody else.")
    return may_pay(payment.line.application, actor)


def sign(payment: Payment, *, actor: Actor | None, version: int | None = None) -> Payment:
    """Confirm a payment as the second person."""
    allow(actor, p.COUNTERSIGN)
    with transaction.atomic():
        payment = lock_as_seen(payment, actor=actor, version=version)
        if refused := may_sign(payment, actor):
            raise DomainError(refused)
        payment.second_signer, payment.signed_at = cast(User, actor), timezone.now()
        return kept(payment, BenevolenceAction.SIGNED, actor)


def clear(payment: Payment, *, actor: Actor | None, cleared_on: date, version: int | None = None) -> Payment:
    """Record the day on which the bank paid it."""
    allow(actor, p.PAY)
    with transaction.atomic():
        payment = lock_as_seen(payment, actor=actor, version=version)
        if payment.voided_at is not None:
            raise DomainError(_("This payment is void, so the bank does not pay it."))
        if not payment.paid_on <= cleared_on <= local_today():
            sentence = _("Choose the day on the bank's statement: from the day of the payment until today.")
            raise ValidationError({"cleared_on": sentence})
        payment.cleared_on = cleared_on
        return kept(payment, BenevolenceAction.CLEARED, actor)


def kept(payment: Payment, action: BenevolenceAction, actor: Actor | None) -> Payment:
    """Saved, and in the history of its application."""
    payment.version += 1
    records.save(payment)
    trail.record(payment.line.application, action, actor=actor, voucher=payment.voucher_number)
    return payment


def to_run(actor: Any) -> list[PaymentLine]:
    """Payees of approved applications whom `actor` may pay, the most urgent first."""
    if not may(actor, p.PAY):
        return []
    seen = BenevolenceApplication.objects.in_full(actor).filter(status=Status.APPROVED).for_person(actor)
    free = seen.filter(has_reviewed=False).exclude(begun_by=actor).exclude(entered_by=actor)
    rows = PaymentLine.objects.unpaid().filter(application__in=free.values("pk")).select_related("application")
    return list(rows.order_by("application__list_date", "application__sort_number", "position")[:MOST_AT_ONCE])


def make_run(
    lines: Sequence[PaymentLine],
    *,
    actor: Actor | None,
    payment_date: date,
    payment_method: str,
    first_reference: str = "",
) -> PaymentRun:
    """Pay these payees, all or none, with checks that are numbered one after the other."""
    allow(actor, p.PAY)
    if not lines:
        raise ValidationError({"lines": _("Choose at least one payee.")})
    references = numbered(first_reference.strip(), payment_method, len(lines))
    with transaction.atomic():
        lock_people({line.application.member_id for line in lines})
        run = PaymentRun(paid_on=payment_date, payment_method=payment_method, made_by=cast(User, actor))
        records.save(run)
        for line, reference in zip(lines, references, strict=True):
            pay(
                line.application,
                actor=actor,
                payment_date=payment_date,
                payment_method=payment_method,
                payment_reference=reference,
                payee=line.position,
                run=run,
            )
        return run


def numbered(first: str, method: str, count: int) -> list[str]:
    """The numbers of the checks. Raises ValidationError for `first_reference`."""
    if method not in REFERENCED:
        return [""] * count
    if not (first.isascii() and first.isdecimal()):
        raise ValidationError({"first_reference": _("Enter the number of the first check, in digits.")})
    return [str(int(first) + number).zfill(len(first)) for number in range(count)]


def of_run(run: PaymentRun, actor: Any) -> list[Payment]:
    rows = Payment.objects.visible_to(actor).filter(run=run).select_related("line__application")
    return list(rows.order_by("voucher_number"))


def in_words(payment: Any) -> str:
    """What the second signer puts their name to."""
    sentence = _("%(voucher)s: %(amount)s to %(payee)s, %(method)s %(reference)s")
    told = {
        "voucher": payment.voucher_number,
        "amount": money_text(payment.amount),
        "payee": payment.line.payee_name,
        "method": payment.get_payment_method_display(),
        "reference": payment.reference,
    }
    return (sentence % told).strip()
