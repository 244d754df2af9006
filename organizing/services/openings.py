"""Opening a campaign in an emergency: the director asks and says why, an officer says yes, some hours later it ends.

Open means to read what an organizer of the campaign reads. Nobody gets a duty by it, so that every change and every
name behind a pseudonym is refused as before (see duties.py).
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import identity
from core.audit import trail
from core.errors import DomainError
from core.permissions import Actor, require
from core.records import records
from organizing import permissions as p
from organizing.enums import OrganizingAction
from organizing.models import DECIDED_WITHIN, Campaign, EmergencyOpening
from organizing.services.duties import directs, duties_of


def deciders(director_id: Any) -> Any:
    """The officers who can decide what this director asks for."""
    return User.objects.holding(p.CONFIRM_OPENING).exclude(pk=director_id)


def ask(campaign_id: Any, *, actor: Actor, reason: str, hours: int) -> EmergencyOpening:
    """Ask an officer to open the campaign for some hours; lapses where nobody decides in time."""
    require(actor, p.OVERSEE_CAMPAIGNS)
    reason = records.stated_reason(reason)
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign_id)
        if Campaign.objects.visible_to(actor).filter(pk=campaign.pk).exists():
            raise DomainError(_("This campaign is open to you already."))
        now = timezone.now()
        _settle_former(campaign, actor, now)
        director = identity.lock(cast(User, actor))
        identity.require_unheld(director)
        opening = EmergencyOpening(
            campaign=campaign,
            asked_by=director,
            asked_at=now,
            asked_epoch=director.identity_epoch,
            lapses_at=now + DECIDED_WITHIN,
        )
        values = {"reason": reason, "hours": hours}
        return records.create(
            opening, values, editable=tuple(values), actor=actor, action=OrganizingAction.OPENING_ASKED
        )


def _settle_former(campaign: Campaign, actor: Actor, now: datetime) -> None:
    """What they asked and nobody decided in time is over. Raises DomainError where it still waits."""
    undecided = EmergencyOpening.objects.filter(campaign=campaign, asked_by_id=actor.pk, decided_at=None, ended_at=None)
    if undecided.waiting(now).exists():
        raise DomainError(_("You have asked for this campaign already. Wait for an officer, or withdraw it first."))
    for former in undecided.select_for_update(of=("self",)):
        former.ended_at = now
        former.version += 1
        records.save(former)


def confirm(opening: EmergencyOpening, *, actor: Actor) -> EmergencyOpening:
    """The second person opens the campaign to the director, from now on for the hours that were asked for."""
    with transaction.atomic():
        opening = _lock_waiting(opening, actor)
        identity.require_unheld(opening.asked_by)
        opening.ends_at = _decide(opening, actor) + timedelta(hours=opening.hours)
        return _save(opening, OrganizingAction.OPENING_CONFIRMED, actor)


def refuse(opening: EmergencyOpening, *, actor: Actor, reason: str) -> EmergencyOpening:
    """The campaign stays closed; the director, its lead and its deputy read why."""
    reason = records.stated_reason(reason)
    with transaction.atomic():
        opening = _lock_waiting(opening, actor)
        _decide(opening, actor)
        opening.refusal = reason
        return _save(opening, OrganizingAction.OPENING_REFUSED, actor)


def may_end(opening: EmergencyOpening, actor: Actor, held: Collection[str]) -> bool:
    """The director may withdraw and close, the lead and the deputy close; `held` are the duties in its campaign."""
    return opening.asked_by_id == actor.pk or (opening.ends_at is not None and directs(held))


def end(opening: EmergencyOpening, *, actor: Actor) -> EmergencyOpening:
    """Close it before its hours are over, or withdraw what nobody has decided yet."""
    with transaction.atomic():
        opening = records.lock(opening, actor=actor)
        if not may_end(opening, actor, duties_of(opening.campaign, actor)):
            raise PermissionDenied(p.OVERSEE_CAMPAIGNS)
        now = timezone.now()
        until = opening.ends_at if opening.decided_at else opening.lapses_at
        if opening.ended_at is not None or until is None or until <= now:
            raise DomainError(_("This is over already. Nothing is open by it."))
        opening.ended_at, opening.ended_by = now, cast(User, actor)
        return _save(opening, OrganizingAction.OPENING_ENDED, actor)


def _lock_waiting(opening: EmergencyOpening, actor: Actor) -> EmergencyOpening:
    """The request, locked with the director's account. Raises DomainError where this officer cannot decide it."""
    require(actor, p.CONFIRM_OPENING)
    opening = EmergencyOpening.objects.select_for_update(of=("self",)).get(pk=opening.pk)
    opening.asked_by = identity.lock(opening.asked_by)
    if not EmergencyOpening.objects.waiting().filter(pk=opening.pk).exists():
        raise DomainError(_("This waits for nobody any more: it was decided or withdrawn, or is too old."))
    if opening.asked_by_id == actor.pk:
        raise DomainError(_("You asked for this yourself, so an officer decides."))
    if identity.changed_by(actor).filter(user=opening.asked_by).exists():
        raise DomainError(_("You made or changed the director’s account yourself, so another officer decides."))
    return opening


def _decide(opening: EmergencyOpening, actor: Actor) -> datetime:
    """Note who decides, and return the moment."""
    officer, now = cast(User, actor), timezone.now()
    opening.decided_by, opening.decided_epoch, opening.decided_at = officer, officer.identity_epoch, now
    return now


def _save(opening: EmergencyOpening, action: str, actor: Actor) -> EmergencyOpening:
    opening.version += 1
    records.save(opening)
    trail.record(opening, action, actor=actor)
    return opening
