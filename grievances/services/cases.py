"""What can be done with a case besides its moves (moves.py) and with drafts (intakes.py)."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import identity
from core.audit import trail
from core.errors import DomainError
from core.permissions import Actor, allow, may
from core.records import records
from grievances import permissions as p
from grievances.enums import Answer, GrievanceAction, Step, StepOutcome, TaskKind
from grievances.models import FACTS, AnswerReceived, Grievance, GrievanceStepRecord, latest
from grievances.services import carried, clocks, in_turn, step_records
from grievances.services.workflow import is_theirs
from members.models import Member


def assign_representative(
    grievance: Grievance, person: User, *, actor: Actor | None, reason: str = "", version: int | None = None
) -> Grievance:
    """Give the case to somebody who works grievances; None takes it from whoever has it."""
    allow(actor, p.ASSIGN_GRIEVANCES)
    reason = records.stated_reason(reason) if reason else ""
    with transaction.atomic():
        grievance = records.lock(grievance, actor=actor, version=version)
        if person is not None:
            _check_representative(grievance, person)
        if grievance.assigned_rep_id == (person.pk if person else None):
            return grievance
        former, grievance.assigned_rep = grievance.assigned_rep_id, person
        grievance.asked_by.clear()
        action = GrievanceAction.ASSIGNED if person else GrievanceAction.UNASSIGNED
        _keep(grievance, action, actor, reason, **({"person": person.pk} if person else {}))
        if person is not None:
            _hand_on_tasks(grievance, former, actor, reason)
        return grievance


def _hand_on_tasks(grievance: Grievance, former: Any, actor: Actor | None, reason: str) -> None:
    """The open to-dos of whoever had the case, and of people who see it no longer, are the representative's now."""
    open_ones = grievance.tasks.open().filter(kind=TaskKind.TODO).exclude(person=grievance.assigned_rep_id)
    seen = Grievance.objects.filter(pk=grievance.pk)
    for task in open_ones.select_related("person").select_for_update(of=("self",)):
        if task.person_id != former and seen.whole_to(task.person).exists():
            continue
        task.person = grievance.assigned_rep
        task.version += 1
        records.save(task)
        said: dict[str, Any] = {"task": str(task.pk), "kind": task.kind}
        trail.record(grievance, GrievanceAction.TASK_CHANGED, actor=actor, reason=reason, **said)


def hand_over(
    grievances: Iterable[Grievance], person: User, *, actor: Actor | None, reason: str
) -> tuple[list[Grievance], list[in_turn.Refused]]:
    """Assign each, with the same reason; those done, and those refused with their sentence."""
    reason = records.stated_reason(reason)
    check_works(person)
    with transaction.atomic():
        return in_turn.each(
            sorted(grievances, key=lambda case: case.pk),
            lambda case: assign_representative(case, person, actor=actor, reason=reason, version=case.version),
        )


def ask_for_case(grievance: Grievance, *, actor: Actor) -> Grievance:
    """Tell those who assign cases that `actor` would work this one; asking twice changes nothing."""
    allow(actor, p.WORK_GRIEVANCES)
    with transaction.atomic():
        grievance = records.lock(grievance, actor=actor)
        if refused := why_not_ask(grievance, actor):
            raise DomainError(refused)
        if grievance.asked_by.filter(pk=actor.pk).exists():
            return grievance
        grievance.asked_by.add(actor.pk)
        return _keep(grievance, GrievanceAction.ASKED_FOR, actor, "")


def why_not_ask(grievance: Grievance, actor: Actor) -> str:
    """Why there is nothing to ask for; "" for somebody who does not work the case yet."""
    if grievance.is_resolved:
        return _("This case has ended. Ask the grievance chair to reopen it first.")
    return "" if is_theirs(grievance, actor) else _("You can work this case already. Nobody has to assign it to you.")


def check_works(person: User) -> None:
    if not may(person, p.WORK_GRIEVANCES):
        raise ValidationError({"person": _("This person has no role that works grievances. Choose somebody else.")})


def _check_representative(grievance: Grievance, person: User) -> None:
    check_works(person)
    if grievance.is_restricted and not Grievance.objects.whole_to(person).filter(pk=grievance.pk).exists():
        if identity.is_held(person):
            raise ValidationError({"person": identity.confirm_first()})
        raise ValidationError({"person": _("This case is restricted. Name this person there first.")})


def change_notes(grievance: Grievance, notes: str, *, actor: Actor | None, version: int | None = None) -> Grievance:
    """The union's own notes, which only those who may read strategy see."""
    allow(actor, p.VIEW_STRATEGY)
    allow(actor, p.WORK_GRIEVANCES)
    with transaction.atomic():
        grievance = lock_theirs(grievance, actor, version)
        records.change(
            grievance, {"notes": notes}, editable=("notes",), actor=actor, action=GrievanceAction.NOTES_CHANGED
        )
        return grievance


def change_facts(
    grievance: Grievance, values: Mapping[str, Any], *, actor: Actor | None, version: int | None = None
) -> Grievance:
    """What is known of the matter beside the filed text, which stays as it is."""
    allow(actor, p.WORK_GRIEVANCES)
    with transaction.atomic():
        grievance = lock_theirs(grievance, actor, version)
        records.change(grievance, values, editable=FACTS, actor=actor, action=GrievanceAction.FACTS_CHANGED)
        return grievance


def restrict(
    grievance: Grievance, people: Collection[Any], *, actor: Actor | None, reason: str, version: int | None = None
) -> Grievance:
    """From now on only `people` see the case; at least one of them can lift the restriction again."""
    allow(actor, p.RESTRICT_GRIEVANCES)
    reason = records.stated_reason(reason)
    with transaction.atomic():
        grievance = records.lock(grievance, actor=actor, version=version)
        _check_named(grievance, people)
        grievance.named_people.set(people)
        grievance.is_restricted = True
        return _keep(grievance, GrievanceAction.RESTRICTED, actor, reason)


def name_on_server(grievance: Grievance, people: Collection[Any], *, reason: str) -> Grievance:
    """Where none of the named people sees the case any more, others take their places; never beside one who does.

    A representative who is none of them has the case no longer.
    """
    reason = records.stated_reason(reason)
    with transaction.atomic():
        grievance = records.lock(grievance, actor=None)
        if not Grievance.objects.seen_by_nobody().filter(pk=grievance.pk).exists():
            raise DomainError(_("Somebody sees this case, or it is over or not restricted. Nothing was changed."))
        if grievance.assigned_rep not in people and grievance.assigned_rep is not None:
            grievance.assigned_rep = None
            _keep(grievance, GrievanceAction.UNASSIGNED, None, reason)
        _check_named(grievance, people)
        grievance.named_people.set(people)
        return _keep(grievance, GrievanceAction.RESTRICTED, None, reason)


def _check_named(grievance: Grievance, people: Collection[Any]) -> None:
    own = {key for person in people for key in Member.objects.perhaps_of(person)}
    if grievance.grievants.filter(member__in=own).exists():
        raise ValidationError({"people": _("A grievant of the case cannot be one of the named people.")})
    if not all(may(person, p.VIEW_GRIEVANCES) for person in people):
        raise ValidationError({"people": _("Name only people whose roles let them see grievances.")})
    held = identity.held([person.pk for person in people])
    if told := [f"{person}: {identity.confirm_first()}" for person in people if person.pk in held]:
        raise ValidationError({"people": told})
    if not any(may(person, p.RESTRICT_GRIEVANCES) for person in people):
        raise ValidationError({"people": _("Name at least one person who may lift the restriction again.")})
    if grievance.assigned_rep_id and grievance.assigned_rep_id not in {person.pk for person in people}:
        raise ValidationError({"people": _("Name the representative of the case too, or assign somebody else first.")})


def lift_restriction(
    grievance: Grievance, *, actor: Actor | None, reason: str, version: int | None = None
) -> Grievance:
    allow(actor, p.RESTRICT_GRIEVANCES)
    reason = records.stated_reason(reason)
    with transaction.atomic():
        grievance = records.lock(grievance, actor=actor, version=version)
        if not grievance.is_restricted:
            raise DomainError(_("This case is not restricted, so there is nothing to lift."))
        grievance.named_people.clear()
        grievance.is_restricted = False
        return _keep(grievance, GrievanceAction.RESTRICTION_LIFTED, actor, reason)


def supersede_step_record(
    record: GrievanceStepRecord,
    values: Mapping[str, Any],
    *,
    actor: Actor | None,
    reason: str,
    version: int | None = None,
) -> GrievanceStepRecord:
    """Put a right record in the place of a wrong one, which is kept; `version` is the one of the record seen.

    `values` are those of a meeting, and `outcome`, which can only be said to be denied or not.
    """
    allow(actor, p.WORK_GRIEVANCES)
    reason = records.stated_reason(reason)
    with transaction.atomic():
        grievance = lock_theirs(record.grievance, actor, None)
        record = records.lock(record, actor=actor, version=version)
        if record.superseded_by_id:
            raise DomainError(_("This record was replaced already. Replace the one that counts now."))
        _check_outcome(record, values.get("outcome", record.outcome), actor)
        fresh = step_records.replace(record, values, reason)
        step = Step.values[record.step_number - 1]
        clocks.refresh_at(grievance, number=record.step_number, position=record.stage, actor=actor)
        _keep(grievance, GrievanceAction.STEP_SUPERSEDED, actor, reason, step=step)
        return fresh


def supersede_answer(
    answer: AnswerReceived,
    values: Mapping[str, Any],
    *,
    actor: Actor | None,
    reason: str,
    version: int | None = None,
) -> AnswerReceived:
    """Put a right answer in the place of a wrong one, which is kept.

    Whether the step was denied follows, as long as no move has made something else of it.
    """
    allow(actor, p.WORK_GRIEVANCES)
    reason = records.stated_reason(reason)
    with transaction.atomic():
        grievance = lock_theirs(answer.grievance, actor, None)
        answer = records.lock(answer, actor=actor, version=version)
        if answer.superseded_by_id:
            raise DomainError(_("This answer was replaced already. Replace the one that counts now."))
        fresh = step_records.replace_answer(answer, values, reason)
        if fresh.answer != answer.answer:
            _follow_answer(grievance, fresh, actor, reason)
        carried.put_right(grievance, answer.received_on, fresh.received_on)
        step = Step.values[answer.step_number - 1]
        clocks.refresh_at(grievance, number=answer.step_number, position=answer.stage, actor=actor)
        _keep(grievance, GrievanceAction.ANSWER_SUPERSEDED, actor, reason, step=step)
        return fresh


def _follow_answer(grievance: Grievance, answer: AnswerReceived, actor: Actor | None, reason: str) -> None:
    """Make the outcome of the step agree with the answers at it."""
    records_of_step = list(grievance.step_records.live().at(answer.step_number, answer.stage))
    if answer.answer == Answer.DENIED:
        last = latest(records_of_step)
        if last is not None and not last.outcome:
            step_records.set_outcome(last, StepOutcome.DENIED)
        return
    if grievance.answers.live().at(answer.step_number, answer.stage).filter(answer=Answer.DENIED).exists():
        return
    for record in records_of_step:
        if record.outcome == StepOutcome.DENIED:
            _check_outcome(record, "", actor)
            step_records.replace(record, {"outcome": ""}, reason)


def _check_outcome(record: GrievanceStepRecord, outcome: str, actor: Actor | None) -> None:
    """The outcomes that moves set stay; a denial at the last step decides who may end the case."""
    if outcome == record.outcome:
        return
    if not {outcome, record.outcome} <= {"", StepOutcome.DENIED}:
        raise ValidationError({"outcome": _("This outcome follows from a move of the case and stays as it is.")})
    case = record.grievance
    is_here = record.is_at(case.step_number, case.stage)
    if record.outcome == StepOutcome.DENIED and is_here and case.is_at_the_last_step():
        allow(actor, p.ARBITRATE_GRIEVANCES)


def lock_theirs(grievance: Grievance, actor: Actor | None, version: int | None) -> Grievance:
    """The case, locked, if `actor` works it."""
    grievance = records.lock(grievance, actor=actor, version=version)
    if actor is not None and (refused := is_theirs(grievance, actor)):
        raise DomainError(refused)
    return grievance


def lock_worked(
    grievance: Grievance,
    actor: Actor | None,
    why_not: Callable[[Grievance], str] = lambda _case: "",
    *,
    permission: str = p.WORK_GRIEVANCES,
) -> Grievance:
    """As `lock_theirs`, for whoever holds `permission`; `why_not` says of the locked case why it cannot be done now."""
    allow(actor, permission)
    grievance = lock_theirs(grievance, actor, None)
    if refused := why_not(grievance):
        raise DomainError(refused)
    return grievance


def _keep(grievance: Grievance, action: str, actor: Actor | None, reason: str, **data: Any) -> Grievance:
    """Save and record; the act says enough, and no value of the case is in it."""
    grievance.version += 1
    records.save(grievance)
    trail.record(grievance, action, actor=actor, reason=reason, **data)
    return grievance
