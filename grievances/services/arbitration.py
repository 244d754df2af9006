"""The arbitration of a case, from the request of a panel to the award: what is recorded, in which order.

Both sides strike in turn. Whoever records a strike names its number, so that of two people who press at once only one
is heard: the other reads that the turn has passed, instead of striking in the name of the other side.
"""

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.audit import trail
from core.enums import choice_label
from core.errors import DomainError
from core.permissions import Actor
from core.records import records
from core.site import local_today
from grievances import permissions as p
from grievances.enums import BRIEFS, DeadlineEnd, FirstStrike, GrievanceAction, GrievanceStatus, PanelSource, Side
from grievances.models import Arbitration, ArbitrationCost, Award, Grievance, HearingDay, PanelName
from grievances.models.arbitration import OTHER_SIDE
from grievances.services import cases, clocks

NO_STRIKING = (PanelSource.PERMANENT, PanelSource.SOLE)


def live_of(grievance: Grievance) -> Arbitration | None:
    """The panel that counts, with everything that hangs on it."""
    return Arbitration.objects.filter(grievance=grievance).live().with_rows().first()


def is_awarded(grievance: Grievance) -> bool:
    live = Arbitration.objects.filter(grievance=grievance).live()
    return Award.objects.filter(arbitration__in=live, superseded_at=None).exists()


def why_not_now(grievance: Grievance) -> str:
    """Why nothing can be recorded of its arbitration; "" while the case is there."""
    if grievance.status == GrievanceStatus.ARBITRATION:
        return ""
    if grievance.is_resolved:
        return _("This case has ended. Reopen it before you go on with its arbitration.")
    return _("This case is not at arbitration. Demand arbitration first.")


def asks_first(grievance: Grievance) -> str:
    """Why no panel can be asked for now."""
    if refused := why_not_now(grievance):
        return refused
    if live_of(grievance):
        return _("A panel is asked for already. Give it up first if both sides want another.")
    return ""


def has_begun(grievance: Grievance) -> str:
    """Why nothing can be recorded of a panel, a hearing or an award."""
    if refused := why_not_now(grievance):
        return refused
    return "" if live_of(grievance) else _("Record first from where the arbitrator comes.")


def can_cost(grievance: Grievance) -> str:
    """An invoice comes when it comes, also when the case has ended."""
    return "" if live_of(grievance) else _("There is no arbitration in this case that could cost anything.")


@contextmanager
def _working(
    grievance: Grievance, actor: Actor | None, guard: Any = has_begun, needed: str = p.WORK_GRIEVANCES
) -> Iterator[tuple[Grievance, Any]]:
    """The case, locked, with its live arbitration, if `actor` works it and the moment allows it."""
    with transaction.atomic():
        grievance = cases.lock_worked(grievance, actor, guard, permission=needed)
        yield grievance, live_of(grievance)


def _arbitrating(grievance: Grievance, actor: Actor | None, guard: Any = has_begun) -> Any:
    """As `_working`, for the panel and the award, which are of those who take cases to arbitration."""
    return _working(grievance, actor, guard, p.ARBITRATE_GRIEVANCES)


# --- the panel --------------------------------------------------------------------------------------------


def usual_panel(grievance: Grievance) -> dict[str, Any]:
    """Source and size as the agreement of the case says."""
    agreement = grievance.agreement
    if agreement is None:
        return {"source": PanelSource.FMCS, "size": 7}
    is_one = agreement.panel_source in NO_STRIKING
    return {"source": agreement.panel_source, "size": 1 if is_one else agreement.panel_size}


def usual_first(grievance: Grievance) -> str:
    """Who strikes first by the agreement, "" where a coin or nothing known decides."""
    agreement = grievance.agreement
    rule = agreement.first_strike if agreement else FirstStrike.COIN
    if rule in Side.values:
        return rule
    if rule != FirstStrike.IN_TURN:
        return ""
    before = Arbitration.objects.filter(grievance__employer=grievance.employer_id, names__struck_number__gt=0)
    last = before.order_by("-created_at").values_list("first_strike", flat=True).first()
    return OTHER_SIDE[Side(last)] if last else ""


def request_panel(
    grievance: Grievance, *, actor: Actor | None, source: str, size: int, requested_on: datetime.date
) -> Arbitration:
    """Keep from where the arbitrator comes, and how many names are asked for."""
    with _arbitrating(grievance, actor, asks_first) as (grievance, _none):
        if not grievance.filed_date <= requested_on <= local_today():
            raise ValidationError({"requested_on": _("A panel is asked for between the filing and today.")})
        if source == PanelSource.SOLE and size != 1:
            raise ValidationError({"size": _("A sole arbitrator is one name. Enter 1, or choose another source.")})
        if not size % 2:
            raise ValidationError({"size": _("A panel has an odd number of names, so that the last one serves.")})
        arbitration = Arbitration(grievance=grievance, source=source, size=size, requested_on=requested_on)
        records.save(arbitration)
        trail.record(grievance, GrievanceAction.PANEL_ASKED_FOR, actor=actor, size=size)
        return arbitration


def type_panel(
    grievance: Grievance, *, actor: Actor | None, names: Sequence[str], first_strike: str = ""
) -> Arbitration:
    """Keep the names that came, and who strikes first; of one name nothing is struck."""
    with _arbitrating(grievance, actor) as (grievance, arbitration):
        if arbitration.names.all():
            raise DomainError(_("The names are recorded already. Give the panel up if another one came."))
        _check_names(arbitration, names)
        if arbitration.size > 1 and not first_strike:
            raise ValidationError({"first_strike": _("Say who strikes first.")})
        arbitration.first_strike = first_strike if arbitration.size > 1 else ""
        arbitration.version += 1
        records.save(arbitration)
        for position, name in enumerate(names, 1):
            records.save(PanelName(arbitration=arbitration, position=position, name=name))
        trail.record(grievance, GrievanceAction.PANEL_TYPED, actor=actor, names=len(names))
        return arbitration


def _check_names(arbitration: Arbitration, names: Sequence[str]) -> None:
    if len(names) != arbitration.size:
        asked = ngettext("This panel has %(n)s name", "This panel has %(n)s names", arbitration.size)
        asked = asked % {"n": arbitration.size}
        sentence = _("%(asked)s; you typed %(n)s. Type one name a line.") % {"asked": asked, "n": len(names)}
        raise ValidationError({"names": sentence})
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise ValidationError({"names": _("“%(name)s” stands here twice.") % {"name": name}})
        seen.add(name.casefold())


def strikes(grievance: Grievance) -> str:
    """Why no name can be struck now."""
    if refused := has_begun(grievance):
        return refused
    arbitration = live_of(grievance)
    if arbitration is None or not arbitration.names.all():
        return _("Type the names on the panel first.")
    return "" if arbitration.turn else _("One name is left and serves. Nothing is struck any more.")


def strike(grievance: Grievance, *, actor: Actor | None, name: PanelName, number: int) -> Arbitration:
    """Strike a name for the side that has the turn; `number` is that of the strike that was seen to be next."""
    with _arbitrating(grievance, actor) as (grievance, arbitration):
        found = next((row for row in arbitration.names.all() if row.pk == name.pk), None)
        if found is None:
            raise ValidationError({"name": _("This name is not on the panel. Load the page again.")})
        if found.struck_number:
            said = {"name": found.name, "side": _by_whom(found.struck_by)}
            sentence = _("%(name)s was struck already, %(side)s. Strike one of the names that remain.")
            raise ValidationError({"name": sentence % said})
        if refused := strikes(grievance):
            raise DomainError(refused)
        if number != arbitration.next_number:
            sentence = _("Somebody struck a name meanwhile. It is the turn of %(side)s now; look before you strike.")
            raise DomainError(sentence % {"side": side_words(arbitration.turn)})
        found.struck_number, found.struck_by, found.struck_on = number, arbitration.turn, local_today()
        found.recorded_by = actor
        found.version += 1
        records.save(found)
        trail.record(grievance, GrievanceAction.STRUCK, actor=actor, name=str(found.pk), number=number)
        return arbitration


def side_words(side: str) -> str:
    return _("the union") if side == Side.UNION else _("the employer")


def _by_whom(side: str) -> str:
    return _("by the union") if side == Side.UNION else _("by the employer")


def has_struck(grievance: Grievance) -> str:
    """Why no strike can be taken back."""
    if refused := has_begun(grievance):
        return refused
    arbitration = live_of(grievance)
    if arbitration is None or not arbitration.struck:
        return _("No name is struck, so there is nothing to take back.")
    return _("The award is there, so the arbitrator stays.") if arbitration.award else ""


def take_back(grievance: Grievance, *, actor: Actor | None, number: int, reason: str) -> Arbitration:
    """The last strike was recorded by mistake; that it was, and why, stays in the history of the case."""
    reason = records.stated_reason(reason)
    with _arbitrating(grievance, actor, has_struck) as (grievance, arbitration):
        last = arbitration.struck[-1]
        if last.struck_number != number:
            raise DomainError(_("Only the last strike can be taken back, and that is another one now. Look again."))
        last.struck_number, last.struck_by, last.struck_on, last.recorded_by = None, "", None, None
        last.version += 1
        records.save(last)
        told: dict[str, Any] = {"name": str(last.pk), "number": number}
        trail.record(grievance, GrievanceAction.STRIKE_TAKEN_BACK, actor=actor, reason=reason, **told)
        return arbitration


def gives_up(grievance: Grievance) -> str:
    """Why the panel cannot be given up."""
    if refused := has_begun(grievance):
        return refused
    arbitration = live_of(grievance)
    return _("The award is there, so the panel stays.") if arbitration and arbitration.award else ""


def give_up_panel(grievance: Grievance, *, actor: Actor | None, reason: str) -> Arbitration:
    """Both sides want another panel, or this one was recorded wrongly; it is kept, and another can be asked for.

    No brief is due to its arbitrator any more: the next one says when theirs are.
    """
    reason = records.stated_reason(reason)
    with _arbitrating(grievance, actor, gives_up) as (grievance, arbitration):
        arbitration.superseded_at, arbitration.superseded_reason = timezone.now(), reason
        arbitration.version += 1
        records.save(arbitration)
        for row in grievance.deadlines.running().filter(clock__in=BRIEFS):
            clocks.end(row, DeadlineEnd.MOOT, local_today())
        trail.record(grievance, GrievanceAction.PANEL_GIVEN_UP, actor=actor, reason=reason)
        return arbitration


# --- hearing, award, costs --------------------------------------------------------------------------------


def set_hearing(grievance: Grievance, *, actor: Actor | None, day: datetime.date, place: str = "") -> HearingDay:
    with _working(grievance, actor) as (grievance, arbitration):
        if day < arbitration.requested_on:
            raise ValidationError({"day": _("This is before the panel was asked for. Check the day.")})
        if any(row.day == day and row.cancelled_at is None for row in arbitration.hearings.all()):
            raise ValidationError({"day": _("This day is set for the hearing already.")})
        hearing = HearingDay(arbitration=arbitration, day=day, place=place)
        records.save(hearing)
        trail.record(grievance, GrievanceAction.HEARING_SET, actor=actor, hearing=str(hearing.pk))
        return hearing


def cancel_hearing(grievance: Grievance, *, actor: Actor | None, hearing: HearingDay, reason: str) -> HearingDay:
    """The day does not take place; it stays on record with the reason."""
    reason = records.stated_reason(reason)
    with _working(grievance, actor) as (grievance, arbitration):
        found = next((row for row in arbitration.hearings.all() if row.pk == hearing.pk), None)
        if found is None or found.cancelled_at:
            raise DomainError(_("This day is no longer set. Look at the case again."))
        found.cancelled_at, found.cancelled_reason = timezone.now(), reason
        found.version += 1
        records.save(found)
        said: dict[str, Any] = {"hearing": str(found.pk), "reason": reason}
        trail.record(grievance, GrievanceAction.HEARING_CANCELLED, actor=actor, **said)
        return found


def record_award(
    grievance: Grievance,
    *,
    actor: Actor | None,
    day: datetime.date,
    received_on: datetime.date,
    outcome: str,
    summary: str,
    amount: Decimal | None = None,
    reason: str = "",
) -> Award:
    """Keep what the arbitrator decided; where an award is recorded already, `reason` says why this one replaces it."""
    with _arbitrating(grievance, actor) as (grievance, arbitration):
        _check_award_days(arbitration, day, received_on)
        before, action = arbitration.award, GrievanceAction.AWARD_RECORDED
        if before is not None:
            reason, action = records.stated_reason(reason), GrievanceAction.AWARD_REPLACED
            before.superseded_at, before.superseded_reason = timezone.now(), reason
            before.version += 1
            records.save(before)
        said = {"outcome": outcome, "amount": amount, "summary": summary}
        award = Award(arbitration=arbitration, day=day, received_on=received_on, **said)
        records.save(award)
        trail.record(grievance, action, actor=actor, reason=reason if before else "", award=str(award.pk))
        return award


def _check_award_days(arbitration: Arbitration, day: datetime.date, received_on: datetime.date) -> None:
    if received_on > local_today():
        raise ValidationError({"received_on": _("This day is still to come. Record the award when it has come.")})
    if received_on < day:
        raise ValidationError({"received_on": _("This is before the day of the award. Check the two days.")})
    if day < arbitration.requested_on:
        raise ValidationError({"day": _("This is before the panel was asked for. Check the day.")})


def record_cost(
    grievance: Grievance, *, actor: Actor | None, day: datetime.date, what: str, amount: Decimal
) -> ArbitrationCost:
    with _working(grievance, actor, can_cost) as (grievance, arbitration):
        if day > local_today():
            raise ValidationError({"day": _("This day is still to come. Record what has been charged.")})
        if not amount:
            raise ValidationError({"amount": _("Enter more than nothing.")})
        cost = ArbitrationCost(arbitration=arbitration, day=day, what=what, amount=amount)
        records.save(cost)
        trail.record(grievance, GrievanceAction.COST_RECORDED, actor=actor, cost=str(cost.pk))
        return cost


def strike_cost(grievance: Grievance, *, actor: Actor | None, cost: ArbitrationCost, reason: str) -> ArbitrationCost:
    """It was entered by mistake; it stays, struck through."""
    reason = records.stated_reason(reason)
    with _working(grievance, actor, can_cost) as (grievance, arbitration):
        found = next((row for row in arbitration.costs.all() if row.pk == cost.pk), None)
        if found is None or found.dropped_at:
            raise DomainError(_("This cost no longer counts. Look at the case again."))
        found.dropped_at, found.dropped_reason = timezone.now(), reason
        found.version += 1
        records.save(found)
        trail.record(grievance, GrievanceAction.COST_STRUCK, actor=actor, reason=reason, cost=str(found.pk))
        return found


def ending_of(grievance: Grievance) -> dict[str, Any]:
    """What the award says of how the case may end, to begin the form of its end with."""
    arbitration = live_of(grievance)
    award = arbitration.award if arbitration else None
    if arbitration is None or award is None:
        return {}
    by = str(arbitration.selected) if arbitration.selected else choice_label(PanelSource, arbitration.source)
    return {"reason": award.summary, "decided_by": by, "day": award.received_on, "amount": award.amount}
