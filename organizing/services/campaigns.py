"""What can be done in a campaign. Activities and own entries: activities.py."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import identity
from core.audit import trail
from core.enums import ReadKind
from core.errors import DomainError, EditConflict
from core.permissions import Actor, require
from core.records import records
from core.site import local_today
from members.models import Member
from organizing import permissions as p
from organizing.enums import DIRECTING, Duty, OrganizingAction, Stage
from organizing.models import Campaign, CampaignAssignment, CampaignMember
from organizing.services.duties import duties_of, handlers_of, may_open_name, require_duty, require_running

CAMPAIGN_FIELDS = ("target", "stage", "unit_size", "salting_score", "salting_notes")
ASSIGNMENT_FIELDS = ("user", "duty", "expires_at")


def open_campaign(*, code_name: str, lead: User, actor: Actor | None) -> Campaign:
    """A new campaign with its lead, who enters the target. The director sees no more of it than code name and stage."""
    require(actor, p.OVERSEE_CAMPAIGNS)
    _check_appointable(lead, actor, field="lead")
    with transaction.atomic():
        campaign = records.create(
            Campaign(),
            {"code_name": code_name},
            editable=("code_name",),
            actor=actor,
            action=OrganizingAction.CAMPAIGN_OPENED,
        )
        _start(campaign, {"user": lead, "duty": Duty.LEAD}, at=timezone.now(), actor=actor)
        return campaign


def replace_lead(campaign_id: Any, lead: User, *, actor: Actor | None, reason: str, replaces: Any = None) -> None:
    """The next lead starts at the moment at which the former one ends, also in a campaign that has ended.

    `replaces` is the key of the assignment that the director saw as the present lead's.
    """
    require(actor, p.OVERSEE_CAMPAIGNS)
    reason = records.stated_reason(reason)
    _check_appointable(lead, actor, field="lead")
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign_id)
        leading = CampaignAssignment.objects.filter(campaign=campaign, duty=Duty.LEAD, ended_at=None)
        former = leading.select_for_update(of=("self",)).first()
        if replaces is not None and (former is None or str(former.pk) != str(replaces)):
            raise DomainError(_("Somebody replaced the lead meanwhile. Look at the list again, then decide."))
        if former and former.user_id == lead.pk:
            raise ValidationError({"lead": _("This person leads the campaign already. Choose somebody else.")})
        now = timezone.now()
        if former:
            _end(former, at=now, actor=actor, reason=reason)
        _start(campaign, {"user": lead, "duty": Duty.LEAD}, at=now, actor=actor)


def change_campaign(
    campaign: Campaign, values: Mapping[str, Any], *, actor: Actor | None, version: int | None = None
) -> Campaign:
    """`version` is the one that the editor saw. A campaign ends by close_campaign."""
    with transaction.atomic():
        campaign = lock_running(campaign, actor, DIRECTING, version=version)
        if values.get("stage") == Stage.ENDED:
            raise ValidationError({"stage": _("Close the campaign to end it.")})
        records.change(
            campaign, values, editable=CAMPAIGN_FIELDS, actor=actor, action=OrganizingAction.CAMPAIGN_CHANGED
        )
        return campaign


def close_campaign(campaign: Campaign, *, actor: Actor | None, reason: str, version: int | None = None) -> Campaign:
    """Nothing is entered any more, by salts neither; whoever is assigned still sees it."""
    reason = records.stated_reason(reason)
    with transaction.atomic():
        campaign = lock_running(campaign, actor, (Duty.LEAD,), version=version)
        campaign.stage, campaign.closed = Stage.ENDED, max(local_today(), campaign.opened)
        campaign.version += 1
        records.save(campaign)
        trail.record(campaign, OrganizingAction.CAMPAIGN_CLOSED, actor=actor, reason=reason)
        return campaign


def appoint(campaign: Campaign, values: Mapping[str, Any], *, actor: Actor | None) -> CampaignAssignment:
    """A deputy, organizer or handler; the lead is the director's to appoint."""
    if values["duty"] == Duty.LEAD:
        raise PermissionDenied(p.OVERSEE_CAMPAIGNS)
    with transaction.atomic():
        campaign = lock_running(campaign, actor, DIRECTING)
        _check_appointable(values["user"], actor, field="user")
        term = _start(campaign, values, at=timezone.now(), actor=actor)
        if term.duty == Duty.HANDLER:  # an earlier term may have passed its last day, and nobody acted then
            _drop_handler(campaign, term.user_id, actor=actor)
        return term


def end_assignment(
    assignment: CampaignAssignment, *, actor: Actor | None, reason: str, version: int | None = None
) -> CampaignAssignment:
    """Closes the campaign to that person from the next request on, unless another duty keeps it open."""
    reason = records.stated_reason(reason)
    with transaction.atomic():
        campaign = _lock(assignment.campaign, actor, DIRECTING)
        assignment = records.lock(assignment, actor=actor, version=version)
        if assignment.duty == Duty.LEAD:
            raise DomainError(_("The lead is replaced by the organizing director, not ended."))
        now = timezone.now()
        if assignment.ends_at is not None and assignment.ends_at <= now:
            raise DomainError(_("This assignment has ended already."))
        _end(assignment, at=max(now, assignment.starts_at), actor=actor, reason=reason)
        if assignment.duty == Duty.HANDLER:
            _drop_handler(campaign, assignment.user_id, actor=actor)
        return assignment


def add_salt(
    campaign: Campaign, member: Member, *, actor: Actor | None, handler: User | None = None, since: date | None = None
) -> CampaignMember:
    """A member under the campaign's next pseudonym; the lead's to do, for whoever does it knows the name."""
    with transaction.atomic():
        campaign = lock_running(campaign, actor, (Duty.LEAD,))
        if not Member.objects.visible_to(actor).alive().filter(pk=member.pk).exists():
            raise ValidationError({"member": _("This member is no longer there. Choose again.")})
        _check_handler(campaign, handler, actor)
        known = CampaignMember.objects.filter(campaign=campaign).acted_by(member.pk).first()
        if known is None:
            return _create_salt(campaign, member, actor=actor, handler=handler, since=since)
    # The refusal tells who stands behind a pseudonym, so it counts as opening the name.
    trail.read_in_refusal(known, ReadKind.OPENED, actor=actor)
    raise ValidationError({"member": _("This member already acts in this campaign. Choose somebody else.")})


def change_handler(
    salt: CampaignMember, handler: User | None, *, actor: Actor | None, version: int | None = None
) -> CampaignMember:
    """Who besides the lead may open the name from now on."""
    with transaction.atomic():
        campaign = lock_running(salt.campaign, actor, DIRECTING)
        salt = records.lock(salt, actor=actor, version=version)
        _check_handler(campaign, handler, actor)
        values = {"handler": handler}
        records.change(salt, values, editable=("handler",), actor=actor, action=OrganizingAction.SALT_HANDLED)
        return salt


def end_salt(
    salt: CampaignMember, *, actor: Actor | None, until: date, reason: str, version: int | None = None
) -> CampaignMember:
    """`until` is the last day on which they may add entries of their own."""
    reason = records.stated_reason(reason)
    with transaction.atomic():
        _lock(salt.campaign, actor, DIRECTING)
        salt = records.lock(salt, actor=actor, version=version)
        salt.until = until
        salt.version += 1
        records.save(salt)
        trail.record(salt, OrganizingAction.SALT_ENDED, actor=actor, reason=reason)
        return salt


def reveal_name(salt: CampaignMember, *, actor: Actor | None) -> Member:
    """Who stands behind a pseudonym. The opening is recorded on the pseudonym, never on the member's record."""
    held = duties_of(salt.campaign, actor)
    if not may_open_name(salt, actor, held):
        raise PermissionDenied(p.VIEW_CAMPAIGNS)
    trail.read(salt, ReadKind.OPENED, actor=actor)
    member = Member.objects.select_related("merged_into").get(pk=int(salt.member_ref))
    return member.merged_into or member


def _lock(campaign: Campaign, actor: Actor | None, duties: tuple[str, ...], *, version: int | None = None) -> Campaign:
    """The campaign, locked. Raises PermissionDenied without one of the duties."""
    require(actor, p.VIEW_CAMPAIGNS)
    campaign = records.lock(campaign, actor=actor, version=version)
    require_duty(campaign, actor, duties)
    return campaign


def lock_running(
    campaign: Campaign, actor: Actor | None, duties: tuple[str, ...] = tuple(Duty), *, version: int | None = None
) -> Campaign:
    """The campaign, locked. Raises PermissionDenied without one of the duties, DomainError when it has ended."""
    try:
        campaign = _lock(campaign, actor, duties, version=version)
    except EditConflict as conflict:
        require_running(conflict.current)  # there is nothing to decide between two versions then
        raise
    require_running(campaign)
    return campaign


def _check_appointable(person: User, actor: Actor | None, *, field: str) -> None:
    if person.pk == actor.pk:
        raise ValidationError({field: _("You cannot appoint yourself. Choose somebody else.")})
    if not User.objects.holding(p.VIEW_CAMPAIGNS).filter(pk=person.pk).exists():
        raise ValidationError({field: _("This person's roles do not include campaigns. Choose somebody else.")})


def _check_handler(campaign: Campaign, handler: User | None, actor: Actor | None) -> None:
    """Raises ValidationError for somebody without the duty, and for a deputy who would open names that way."""
    if handler is None:
        return
    if handler.pk == actor.pk and Duty.LEAD not in duties_of(campaign, actor):
        raise ValidationError({"handler": _("You cannot make yourself a handler. Choose somebody else.")})
    if not handlers_of(campaign).filter(pk=handler.pk).exists():
        raise ValidationError({"handler": _("Appoint this person as a handler of this campaign first.")})


def _start(campaign: Campaign, values: Mapping[str, Any], *, at: datetime, actor: Actor | None) -> CampaignAssignment:
    person = identity.lock(values["user"])
    identity.require_unheld(person)
    term = CampaignAssignment(campaign=campaign, starts_at=at, appointed_by=actor, identity_epoch=person.identity_epoch)
    live = CampaignAssignment.objects.in_term(at).filter(campaign=campaign, user=values["user"], duty=values["duty"])
    if live.exists():
        raise ValidationError({"user": _("This person already has this duty. End it first to change its term.")})
    return records.create(term, values, editable=ASSIGNMENT_FIELDS, actor=actor, action=OrganizingAction.APPOINTED)


def _end(assignment: CampaignAssignment, *, at: datetime, actor: Actor | None, reason: str) -> None:
    assignment.ended_at, assignment.ended_by, assignment.end_reason = at, cast(Any, actor), reason
    assignment.version += 1
    records.save(assignment)
    trail.record(assignment, OrganizingAction.ASSIGNMENT_ENDED, actor=actor, reason=reason)


def _drop_handler(campaign: Campaign, user_id: Any, *, actor: Actor | None) -> None:
    for salt in CampaignMember.objects.filter(campaign=campaign, handler_id=user_id).select_for_update(of=("self",)):
        values = {"handler": None}
        records.change(salt, values, editable=("handler",), actor=actor, action=OrganizingAction.SALT_HANDLED)


def _create_salt(
    campaign: Campaign, member: Member, *, actor: Actor | None, handler: User | None, since: date | None
) -> CampaignMember:
    """Under the lock of the campaign, which keeps the numbers unique."""
    taken = CampaignMember.objects.filter(campaign=campaign).order_by("-number").values_list("number", flat=True)
    number = (taken.first() or 0) + 1
    salt = CampaignMember(
        campaign=campaign,
        number=number,
        pseudonym=CampaignMember.pseudonym_of(number),
        member_ref=str(member.pk),
        handler=handler,
        since=since or local_today(),
    )
    records.save(salt)
    trail.record(salt, OrganizingAction.SALT_ADDED, actor=actor)
    return salt
