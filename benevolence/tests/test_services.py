"""The verbs: each success beside its refusals, on one arrangement."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from benevolence import services
from benevolence.enums import Level, Status
from benevolence.factories import ApplicationFactory, ReviewFactory
from benevolence.models import (
    ApplicantAnswer,
    BenevolenceApplication,
    BenevolencePolicy,
    BenevolenceReview,
    DeclaredRelationship,
)
from benevolence.tests.conftest import ROLE_OF
from core import one_row
from core.errors import DomainError, EditConflict, TransitionRefused
from core.models import AuditEvent
from core.site import local_today
from members.factories import MemberFactory
from members.models import Member

pytestmark = pytest.mark.django_db
TYPED = {"reason": "medical", "description": "Off work.", "amount_requested": Decimal("450.00"), "needed_by": None}


def events(row) -> list[tuple[str, dict]]:
    found = AuditEvent.objects.filter(subject_id=str(row.pk)).order_by("id")
    return [(event.action, event.body.get("data", {})) for event in found]


def state(application) -> tuple:
    row = BenevolenceApplication.objects.get(pk=application.pk)
    return row.status, row.level_due, row.level_reached, row.is_awaiting_applicant, row.deferred_until


def refused(call, *args, **kwargs) -> str:
    with pytest.raises(TransitionRefused) as error:
        call(*args, **kwargs)
    return error.value.sentence


def faults(call, *args, **kwargs) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as error:
        call(*args, **kwargs)
    return error.value.message_dict


def approve_up_to(application, people, *levels):
    for level in levels:
        application = services.approve(
            application, actor=people[ROLE_OF[level]], amount=application.amount_requested
        )
    return application


# --- from the draft to the payment ---------------------------------------------------------------------


def test_a_member_applies_and_is_paid(people):
    member = people["member"]
    application = services.create_application(TYPED, actor=member)
    assert (application.member, application.entered_by, application.application_number, state(application)) == (
        member.member, member, None, ("draft", "", 0, False, None)
    )  # fmt: skip
    application = services.submit(application, actor=member)
    assert (application.application_number, application.application_date) == (
        f"BN-{local_today().year}-0001", local_today()
    )  # fmt: skip
    assert state(application) == ("submitted", "vp", 1, False, None)
    application = services.start_review(application, actor=people["benevolence-vp"])
    assert state(application) == ("under_review", "vp", 1, False, None)
    application = services.approve(application, actor=people["benevolence-vp"], amount=Decimal("300.00"))
    assert (state(application), application.approved_amount, application.approved_on) == (
        ("approved", "", 1, False, None), Decimal("300.00"), local_today()
    )  # fmt: skip
    application = services.pay(
        application, actor=people["treasurer"], payment_date=local_today(), payment_method="check",
        payment_reference=" 4711 ",
    )  # fmt: skip
    assert (state(application)[0], application.payment_reference, application.paid_by) == (
        "paid", "4711", people["treasurer"]
    )  # fmt: skip
    assert events(application) == [
        ("created", {}), ("benevolence.submit", {}), ("benevolence.start", {"level": "vp"}),
        ("benevolence.approve", {"level": "vp"}), ("benevolence.pay", {}),
    ]  # fmt: skip
