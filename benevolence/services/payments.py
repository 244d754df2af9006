"""What is done with approved applications: the help is paid."""

from datetime import date
from typing import cast

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _

from accounts.models import User
from benevolence.enums import REFERENCED
from benevolence.models import BenevolenceApplication
from benevolence.services.steps import take_step
from core.permissions import Actor
from core.site import local_today


def pay(
    application: BenevolenceApplication,
    *,
    actor: Actor | None,
    payment_date: date,
    payment_method: str,
    payment_reference: str = "",
    version: int | None = None,
) -> BenevolenceApplication:
    """Record that the approved amount was paid."""
    reference = payment_reference.strip()
    try:
        with take_step(application, "pay", actor=actor, version=version) as application:
            check_payment(application, payment_date, payment_method, reference)
            application.payment_date, application.payment_method = payment_date, payment_method
            application.payment_reference, application.paid_by = reference, cast(User, actor)
    except IntegrityError as error:
        raise ValidationError({"payment_reference": reference_taken()}) from error
    return application


def check_payment(application: BenevolenceApplication, day: date, method: str, reference: str) -> None:
    """Raises ValidationError by field."""
    faults: dict[str, str] = {}
    if day > local_today():
        faults["payment_date"] = _("This day is still to come. Record the payment when it is made.")
    elif application.approved_on and day < application.approved_on:
        faults["payment_date"] = _("This is before the approval. Check the day.")
    if method in REFERENCED and not reference:
        faults["payment_reference"] = _("Enter the number of the check or of the transfer.")
    elif reference and BenevolenceApplication.objects.filter(payment_reference=reference).exists():
        faults["payment_reference"] = reference_taken()
    if faults:
        raise ValidationError(faults)


def reference_taken() -> str:
    return _("Another payment has this reference. Look at the check or the bank's list.")
