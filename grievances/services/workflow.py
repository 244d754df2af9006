"""What can happen to a grievance, in which order. Status says what we are doing, step says where the case stands."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.permissions import Actor, may
from core.records import one_row
from core.records.workflow import Transition, Workflow
from grievances import permissions as p
from grievances.enums import AT_STEPS, RESOLVED, UNRESOLVED, GrievanceStatus, StepOutcome
from grievances.models import GrievancePolicy
from grievances.services import clocks

OPEN, INVESTIGATION, HEARING = AT_STEPS
ARBITRATION = GrievanceStatus.ARBITRATION


def same_status(grievance: Any) -> str:
    return grievance.status


def status_before(grievance: Any) -> str:
    return grievance.status_before


def who_may_resolve(grievance: Any) -> str:
    """Past the last step a case ends by those who may take it to arbitration."""
    return p.ARBITRATE_GRIEVANCES if grievance.is_past_the_steps() else p.RESOLVE_GRIEVANCES


def is_theirs(grievance: Any, actor: Actor) -> str:
    """Some work every case, others those assigned to them or to somebody for whom they stand in now."""
    if grievance.assigned_rep_id == actor.pk or may(actor, p.WORK_ALL_GRIEVANCES):
        return ""
    if any(person.pk == actor.pk for person in grievance.stand_ins):
        return ""
    if grievance.assigned_rep_id is None:
        return _("This case is assigned to nobody. Ask the grievance chair to assign it to you.")
    return _("This case is assigned to %(person)s. Ask the grievance chair to assign it to you.") % {
        "person": grievance.assigned_rep.get_full_name()
    }


def may_end(grievance: Any, actor: Actor) -> str:
    if refused := is_theirs(grievance, actor):
        return refused
    if may(actor, p.WORK_ALL_GRIEVANCES) or one_row.current(GrievancePolicy).representative_may_resolve:
        return ""
    return _("The rules of this local leave this to the grievance chair and the officers. Ask one of them.")


def after_the_last_step(grievance: Any, actor: Actor) -> str:
    """Who goes on with a case that no step follows any more, as a sentence for `actor`."""
    if may(actor, p.ARBITRATE_GRIEVANCES):
        return _("After the last step comes arbitration. Use “Demand arbitration”.")
    if grievance.is_past_the_steps():
        return _("The grievance chair or an officer demands arbitration or ends the case. It waits for them.")
    return _(
        "After the last step comes arbitration, which the grievance chair or an officer demands. "
        "Record the employer’s answer; once it is a denial, the case waits for them."
    )


def waits_for_an_answer(grievance: Any, actor: Actor) -> str:
    if refused := is_theirs(grievance, actor):
        return refused
    here = grievance.step_records.live().at(grievance.step_number, grievance.stage)
    if not here.filter(outcome=StepOutcome.DENIED).exists():
        return ""
    if grievance.is_at_the_last_step():
        return _("It is recorded already that the employer denied it.") + " " + after_the_last_step(grievance, actor)
    return _("It is recorded already that the employer denied it. Move the case on, or resolve it.")


def has_a_next_step(grievance: Any, actor: Actor) -> str:
    if refused := is_theirs(grievance, actor):
        return refused
    if grievance.is_at_the_last_step():
        return after_the_last_step(grievance, actor)
    return ""


def may_default(grievance: Any, actor: Any) -> str:
    """The contract moves the case on by itself when the employer lets the time go by."""
    if grievance.is_at_the_last_step():
        return after_the_last_step(grievance, actor)
    return "" if clocks.answer_is_overdue(grievance) else _("The employer still has time to answer.")


def is_at_the_last_step(grievance: Any, actor: Actor) -> str:
    if not grievance.is_at_the_last_step():
        return _("Arbitration is demanded after the last step. Move the case to the next step first.")
    return ""


FLOW = Workflow(
    "grievance",
    GrievanceStatus,
    [
        Transition(
            "investigate", (OPEN,), INVESTIGATION, p.WORK_GRIEVANCES, gettext_lazy("Start investigating"), is_theirs
        ),
        Transition(
            "hold_meeting",
            (OPEN, INVESTIGATION),
            HEARING,
            p.WORK_GRIEVANCES,
            gettext_lazy("Record the step meeting"),
            is_theirs,
        ),
        Transition(
            "record_answer",
            AT_STEPS,
            same_status,
            p.WORK_GRIEVANCES,
            gettext_lazy("Record the employer’s answer"),
            waits_for_an_answer,
        ),
        Transition(
            "advance",
            AT_STEPS,
            same_status,
            p.WORK_GRIEVANCES,
            gettext_lazy("Move to the next step"),
            has_a_next_step,
        ),
        Transition(
            "default_advance",
            AT_STEPS,
            same_status,
            None,
            gettext_lazy("Move on because the employer did not answer"),
            may_default,
        ),
        Transition(
            "demand_arbitration",
            AT_STEPS,
            ARBITRATION,
            p.ARBITRATE_GRIEVANCES,
            gettext_lazy("Demand arbitration"),
            is_at_the_last_step,
        ),
        Transition(
            "record_meeting",
            (HEARING, ARBITRATION),
            same_status,
            p.WORK_GRIEVANCES,
            gettext_lazy("Record a meeting"),
            is_theirs,
        ),
        Transition("settle", UNRESOLVED, GrievanceStatus.SETTLED, who_may_resolve, gettext_lazy("Settle"), may_end),
        Transition(
            "withdraw", UNRESOLVED, GrievanceStatus.WITHDRAWN, who_may_resolve, gettext_lazy("Withdraw"), may_end
        ),
        Transition("close", UNRESOLVED, GrievanceStatus.CLOSED, who_may_resolve, gettext_lazy("Close"), may_end),
        Transition("reopen", RESOLVED, status_before, p.ARBITRATE_GRIEVANCES, gettext_lazy("Reopen")),
    ],
    initial=OPEN,
)
