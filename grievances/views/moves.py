"""The moves of a case as people take them, on the page, in the admin and in the API."""

from django.utils.translation import gettext_lazy as _

from core.web.moves import Move, MoveForm, Moves
from grievances.forms.moves import AdvanceForm, MeetingForm, ReopenForm, ResolveForm, SettleForm, WithdrawForm
from grievances.services import moves as services
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
            lead=_("Record the first meeting at this step after it was held."),
            done=_("Meeting recorded."),
            icon="users",
        ),
        "record_denial": Move(
            services.record_denial,
            MoveForm,
            lead=_("The record of this step will say that the employer denied the grievance."),
            done=_("Denial recorded."),
            icon="x",
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
                "If this step has a record already, that one is kept as replaced."
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
            services.close, ResolveForm, lead=TOLD, done=_("The case is closed."), icon="archive", danger=True
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
