"""What each side sees of an application; the page, the API and the admin ask here."""

from benevolence.enums import Side, Status
from benevolence.models import BenevolenceApplication
from benevolence.services.workflow import duties
from core.permissions import Actor

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
    "entered_by",
)
# Names of reviewers and payers, and what only those who decide need.
NOT_FOR_APPLICANTS = frozenset({"level_due", "deferred_until", "payment_reference", "paid_by", "notes"})
FOR_INTAKE = frozenset(
    {"application_number", "member", "application_date", "status", "is_awaiting_applicant", "entered_by"}
)


def side_of(user: Actor | None, application: BenevolenceApplication) -> Side:
    """From where `user` looks at an application that is visible to them."""
    return Side(duties(application, user).side)


def shown_fields(side: str, status: str) -> frozenset[str]:
    """The fields that a side sees; the office sees all of what it enters until it is submitted."""
    if side == Side.FULL or (side == Side.INTAKE and status == Status.DRAFT):
        return frozenset(FIELDS)
    return frozenset(FIELDS) - NOT_FOR_APPLICANTS if side == Side.APPLICANT else FOR_INTAKE
