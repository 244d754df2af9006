"""Take an application some steps, and tell where it stands."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

import pytest
from django.core.exceptions import ValidationError

from benevolence.models import BenevolenceApplication
from benevolence.services import reviews
from benevolence.tests.conftest import ROLE_OF
from core.errors import TransitionRefused
from core.models import AuditEvent

TYPED = {"reason": "medical", "description": "Off work.", "amount_requested": Decimal("450.00"), "needed_by": None}

# A version of the rules as its form is typed.
RULES = {
    "starts_on": "2099-01-01",
    "why": "The meeting decided",
    **dict.fromkeys(("uses_vp", "uses_admin", "uses_manager", "uses_president", "asks_standing"), "on"),
    "vp_up_to": "100.00",
    "admin_up_to": "200.00",
    "manager_up_to": "300.00",
    **dict.fromkeys(("vp_days", "admin_days", "manager_days", "president_days"), "5"),
    "vote": "",
    "lookback_days": "30",
    "cap_per_application": "",
    "cap_per_member": "5000",
    "cap_months": "12",
    "times_per_member": "2",
    "times_months": "24",
    "wait_days": "",
    "budget_amount": "10000",
    "budget_period": "year",
    "months_a_member": "",
    "dues_grace_days": "",
    "conditions": "Another fund was asked first.",
    "most_medical": "700",
    "outside_medical": "on",
    "documents_medical": "bill",
    "paused_because": "",
}


def events(row) -> list[tuple[str, dict]]:
    found = AuditEvent.objects.filter(subject_id=str(row.pk)).order_by("id")
    return [(event.action, event.body.get("data", {})) for event in found]


class State(NamedTuple):
    status: str
    due: str = ""
    reached: int = 1
    is_awaiting: bool = False
    deferred_until: date | None = None


def state(application) -> State:
    row = BenevolenceApplication.objects.get(pk=application.pk)
    return State(row.status, row.level_due, row.level_reached, row.is_awaiting_applicant, row.deferred_until)


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
        application = reviews.approve(application, actor=people[ROLE_OF[level]], amount=application.amount_requested)
    return application
