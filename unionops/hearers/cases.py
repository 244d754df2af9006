"""Who hears of cases and drafts."""

from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.services import identity
from core.models import AuditEvent
from grievances import permissions as grievances
from grievances.enums import ClockKind
from grievances.models import Away, Grievance, GrievanceIntake, stand_ins_of
from unionops.hearers.lines import People, Turn, accounts_of


def draft_of(case: Any, event: AuditEvent) -> GrievanceIntake | None:
    return GrievanceIntake.objects.filter(filed_as=case).select_related("drafted_by").first()


def drafter(turn: Turn) -> People:
    return [turn.about.drafted_by]


def who_files(turn: Turn) -> People:
    return [] if turn.about.filed_as_id else [turn.about.drafted_by]


def representative(turn: Turn) -> People:
    return [] if turn.about.is_resolved else [turn.about.assigned_rep]


def stand_ins(about: Any) -> People:
    """Who works a case beside its representative, or a draft beside its drafter, who is away."""
    if isinstance(about, GrievanceIntake):
        return [away.stand_in for away in stand_ins_of(about.drafted_by_id)]
    return about.stand_ins


def stand_in(turn: Turn) -> People:
    return [] if turn.about.is_over or turn.about.is_called_off else [turn.about.stand_in]


def of_absence(turn: Turn) -> People:
    return [turn.about.person, turn.about.stand_in]


def reminded(turn: Turn) -> People:
    """Whoever has the case or the draft, and a stand-in; of the last reminders, and where nobody can, the chair too.

    Of a restricted case whose representative is away, its named people.
    """
    about, person = turn.about, whoever_has(turn.about)
    if not can_work(about, person) or turn.event.body.get("data", {}).get("to_the_chair"):
        return [person, *stand_ins(about), *over_all(about)]
    return [person, *stand_ins(about), *(named_people(about) if is_left(about) else ())]


def told_of_lateness(turn: Turn) -> People:
    """As `reminded`, and always the chair."""
    return [whoever_has(turn.about), *stand_ins(turn.about), *over_all(turn.about)]


def whoever_has(about: Any) -> User | None:
    return about.drafted_by if isinstance(about, GrievanceIntake) else about.assigned_rep


def can_work(about: Any, person: User | None) -> bool:
    """Whether somebody has the case or the draft, and still may sign in and work it."""
    needed = grievances.DRAFT_GRIEVANCES if isinstance(about, GrievanceIntake) else grievances.WORK_GRIEVANCES
    return person is not None and User.objects.holding(needed).filter(pk=person.pk).exists()


def over_all(about: Any) -> People:
    """The chair, and the named people of a restricted case, which the chair may not see."""
    return [*User.objects.holding(grievances.HEAR_DEADLINES), *named_people(about)]


def named_people(about: Any) -> People:
    is_restricted = not isinstance(about, GrievanceIntake) and about.is_restricted
    return about.named_people.all() if is_restricted else []


def is_left(about: Any) -> bool:
    """Whether it is a restricted case whose representative is away, or may not read it.

    A stand-in may be none of its named people.
    """
    if isinstance(about, GrievanceIntake) or not about.is_restricted:
        return False
    is_away = Away.objects.at(timezone.now()).filter(person=about.assigned_rep_id).exists()
    return is_away or bool(identity.held([about.assigned_rep_id]))


def workers(turn: Turn) -> People:
    return [turn.about.assigned_rep, *stand_ins(turn.about), turn.about.filed_by]


def assigners(turn: Turn) -> People:
    case = turn.about
    waits = case.assigned_rep_id is None and not case.is_resolved
    return User.objects.holding(grievances.ASSIGN_GRIEVANCES) if waits else []


def asked(turn: Turn) -> People:
    """Whoever may give the case to somebody who asks for it."""
    waits = not turn.about.is_resolved and turn.about.asked_by.exists()
    return User.objects.holding(grievances.ASSIGN_GRIEVANCES) if waits else []


def arbitrators(turn: Turn) -> People:
    """Whoever takes a case to arbitration, once the last step ended with a denial."""
    waits = Grievance.objects.denied_at_the_last_step().filter(pk=turn.about.pk).exists()
    return User.objects.holding(grievances.ARBITRATE_GRIEVANCES) if waits else []


def arbitrators_of_silence(turn: Turn) -> People:
    """As `arbitrators`, where the employer let the day of the answer go by."""
    return arbitrators(turn) if turn.event.body.get("data", {}).get("clock") == ClockKind.ANSWER else []


def named(turn: Turn) -> People:
    return turn.about.named_people.all()


def grievants(turn: Turn) -> People:
    return accounts_of(turn.about.grievants.values("member"))
