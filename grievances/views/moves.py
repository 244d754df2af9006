"""The moves of a case as people take them, on the page, in the admin and in the API."""

from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.permissions import Actor
from core.web.moves import Move, MoveForm, Moves, Offer, move_urls
from grievances.enums import AT_STEPS, RESOLVED, GrievanceStatus, StepOutcome
from grievances.forms.moves import (
    AdvanceForm,
    AnswerForm,
    MeetingForm,
    NotPursuedForm,
    ReopenForm,
    SettleForm,
    WithdrawForm,
)
from grievances.models import Grievance, GrievanceStepRecord
from grievances.services import moves as services
from grievances.services.arbitration import is_awarded
from grievances.services.workflow import FLOW

TOLD = _("Each grievant must have been told, or a letter mailed to their last known address.")

MOVES = Moves(
    FLOW,
    {
        "investigate": Move(
            services.investigate,
            MoveForm,
            lead=_("The case is marked as being investigated."),
            done=_("The investigation has started."),
            icon="search",
        ),
        "hold_meeting": Move(
            services.hold_meeting,
            MeetingForm,
            lead=_("Record a meeting at this step after it was held."),
            done=_("Meeting recorded."),
            icon="users",
        ),
        "record_answer": Move(
            services.record_answer,
            AnswerForm,
            lead=_("What the employer answered at the step where the case stands, and the day on which we got it."),
            done=_("Answer recorded."),
            icon="message",
        ),
        "advance": Move(
            services.advance,
            AdvanceForm,
            lead=_("The case leaves this step and goes on at the next one."),
            done=_("The case is at the next step."),
            icon="arrow-right",
        ),
        "demand_arbitration": Move(
            services.demand_arbitration,
            MoveForm,
            lead=_("The case leaves the steps and goes to arbitration."),
            done=_("Arbitration is demanded."),
            icon="scale",
        ),
        "record_meeting": Move(
            services.record_meeting,
            MeetingForm,
            lead=_(
                "A meeting at the step where the case stands, or the hearing before the arbitrator. "
                "It stands beside the meetings before it. To put one of those right, use “Correct” there."
            ),
            done=_("Meeting recorded."),
            icon="users",
        ),
        "settle": Move(services.settle, SettleForm, lead=TOLD, done=_("The case is settled."), icon="circle-check"),
        "withdraw": Move(
            services.withdraw,
            WithdrawForm,
            lead=TOLD,
            done=_("The case is withdrawn."),
            icon="arrow-back-up",
            danger=True,
        ),
        "close": Move(
            services.close, NotPursuedForm, lead=TOLD, done=_("The case is closed."), icon="archive", danger=True
        ),
        "reopen": Move(
            services.reopen,
            ReopenForm,
            lead=_("The case goes back to where it stood. How it was resolved stays on record."),
            done=_("The case is open again."),
            icon="restore",
        ),
    },
)


def comes_next(grievance: Grievance, live: Iterable[GrievanceStepRecord]) -> str:
    """The move that the work asks for now, as far as `live`, the records that count, tell; "" when a person decides.

    Asks the database whether the award is there, and after a denial whether the contract has a further step.
    """
    here = [record for record in live if record.is_at(grievance.step_number, grievance.stage)]
    if grievance.status in RESOLVED:
        return "reopen"
    if grievance.status == GrievanceStatus.ARBITRATION and is_awarded(grievance):
        return ""
    if any(record.outcome == StepOutcome.DENIED for record in here):
        return "demand_arbitration" if grievance.is_at_the_last_step() else "advance"
    if not any(record.meeting_date for record in here):
        return "hold_meeting" if grievance.status in AT_STEPS[:2] else "record_meeting"
    return "" if grievance.status == GrievanceStatus.ARBITRATION else "record_answer"


def offers_of(
    grievance: Grievance, live: Iterable[GrievanceStepRecord], user: Actor, *, assign_first: bool
) -> list[Offer]:
    """The moves; only the one that the work asks for is the button, and none while nobody has the case."""
    first = comes_next(grievance, live)
    offers = MOVES.offers(grievance, user, move_urls("grievance_move")(grievance))
    return [
        replace(
            offer,
            quiet=offer.quiet or assign_first or offer.name != first,
            label=_first_words(offer, first, grievance),
        )
        for offer in offers
    ]


def _first_words(offer: Offer, first: str, grievance: Grievance) -> str:
    """A meeting is called what it is: the first at a step, the hearing, or a further one."""
    if offer.name not in ("hold_meeting", "record_meeting"):
        return offer.label
    if grievance.status == GrievanceStatus.ARBITRATION:
        return gettext("Record the hearing") if offer.name == first else gettext("Record a further hearing")
    return gettext("Record the step meeting") if offer.name == first else gettext("Record a further meeting")
