"""What each side sees of an application; the page, the API and the admin ask here."""

from typing import Any

from django.db.models import Q

from benevolence.enums import Side, Status
from benevolence.models import FULL_PERMISSIONS, BenevolenceApplication
from benevolence.services.workflow import duties
from core.db.one_of import OneOf
from core.permissions import Actor, may
from core.search import search

FIELDS = (
    "application_number",
    "member",
    "application_date",
    "reason",
    "description",
    "amount_requested",
    "needed_by",
    "status",
    "level_due",
    "is_awaiting_applicant",
    "deferred_until",
    "approved_amount",
    "approved_on",
    "payment_date",
    "payment_method",
    "payment_reference",
    "paid_by",
    "notes",
    "is_related_to_office",
    "entered_by",
)
# Names of reviewers and payers, and what only those who decide need.
NOT_FOR_APPLICANTS = frozenset({"level_due", "deferred_until", "payment_reference", "paid_by", "notes"})
# What a review by number needs: nothing that tells the person.
NAMING = (
    "member",
    "description",
    "notes",
    "entered_by",
    "payment_date",
    "payment_method",
    "payment_reference",
    "paid_by",
)
FOR_BLIND = frozenset(FIELDS).difference(NAMING)
FOR_INTAKE = frozenset(
    {"application_number", "member", "application_date", "status", "is_awaiting_applicant", "entered_by"}
)


def side_of(user: Actor | None, application: BenevolenceApplication) -> Side:
    """From where `user` looks at an application that is visible to them."""
    return Side(duties(application, user).side)


def searched_by(user: Actor, rows: Any, text: str) -> Any:
    """Rows that hold every word; of those that are reviewed blindly only by their number."""
    if not may(user, FULL_PERMISSIONS):
        return search(rows, text)
    blind = BenevolenceApplication.objects.blind_to(user).values("pk")
    by_number = Q(application_number__iexact=text.strip())
    return search(rows, text).exclude(OneOf("pk", blind)) | rows.filter(by_number)


def shown_fields(side: str, status: str) -> frozenset[str]:
    """The fields that a side sees; the office sees all of what it enters until it is submitted."""
    if side == Side.FULL or (side == Side.INTAKE and status == Status.DRAFT):
        return frozenset(FIELDS)
    if side == Side.BLIND:
        return FOR_BLIND
    return frozenset(FIELDS) - NOT_FOR_APPLICANTS if side == Side.APPLICANT else FOR_INTAKE
