"""The workflow of the sample ticket."""

from core.permissions import CHANGE_SETTINGS, VIEW_SETTINGS
from core.records.workflow import Transition, Workflow
from core.tests.sample.models import TicketStatus

OPEN, ANSWERED, CLOSED = TicketStatus.OPEN, TicketStatus.ANSWERED, TicketStatus.CLOSED


def has_title(ticket, actor):
    return "" if ticket.title else "Give it a title first."


def answer_or_close(ticket):
    return CLOSED if ticket.amount else ANSWERED


def by_amount(ticket):
    return CHANGE_SETTINGS if ticket.amount else VIEW_SETTINGS


FLOW = Workflow(
    "sample",
    TicketStatus,
    [
        Transition("answer", (OPEN,), ANSWERED, CHANGE_SETTINGS, "Answer", has_title),
        Transition("settle", (OPEN,), answer_or_close, by_amount, "Settle"),
        Transition("close", (OPEN, ANSWERED), CLOSED, CHANGE_SETTINGS, "Close"),
        Transition("expire", (ANSWERED,), CLOSED, None, "Expire"),
    ],
    initial=OPEN,
)
