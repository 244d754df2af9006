"""Which account keeps the entries of a salt, and for whom an assignment counts: lead, handler or director say so.

A member's record may change hands by a claim, a link or a merge, and an account by a new password; neither opens a
campaign. See accounts.services.identity.
"""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.enums import IdentityKind
from accounts.models import IdentityChange, User
from accounts.services import identity
from core.audit import trail
from core.errors import DomainError
from core.permissions import Actor, require
from core.records import records
from members.models import Member
from organizing import permissions as p
from organizing.enums import Duty, OrganizingAction, SaltAccount
from organizing.models import Campaign, CampaignAssignment, CampaignMember
from organizing.services.campaigns import lock_running
from organizing.services.duties import duties_of, may_open_name


def accounts_of(salts: Iterable[CampaignMember]) -> dict[Any, User]:
    """The account to which the record of each salt belongs now, by the salt's key; some have none."""
    keys = {salt.pk: int(salt.member_ref) for salt in salts if salt.member_ref}
    kept = dict(Member.objects.filter(pk__in=keys.values()).values_list("pk", "merged_into_id"))
    people = {salt: kept.get(key) or key for salt, key in keys.items()}
    users = {user.member_id: user for user in User.objects.filter(member_id__in=people.values(), is_active=True)}
    return {salt: users[key] for salt, key in people.items() if key in users}


def account_state(salt: CampaignMember, account: User | None) -> SaltAccount:
    if account is None:
        return SaltAccount.NONE
    if salt.account_ref == CampaignMember.account_key(account):
        return SaltAccount.CONFIRMED
    return SaltAccount.CHANGED if salt.account_ref else SaltAccount.WAITING


def confirm_account(salt: CampaignMember, *, actor: Actor | None, seen: str) -> CampaignMember:
    """Open the page of own entries to the salt's account, as it is now.

    `seen` is the account that lead or handler looked at, see `seen_as`. Raises PermissionDenied for anybody else.
    """
    with transaction.atomic():
        campaign = lock_running(salt.campaign, actor)
        salt = records.lock(salt, actor=actor)
        if not may_open_name(salt, actor, duties_of(campaign, actor)):
            raise PermissionDenied(p.VIEW_CAMPAIGNS)
        found = accounts_of([salt]).get(salt.pk)
        if found is None:
            raise DomainError(_("They have no account. Once they have one, open the name again and confirm it."))
        account = identity.lock(found)
        if seen != seen_as(account):
            raise DomainError(_("The account changed meanwhile. Open the name again and look at it."))
        former, _colon, epoch = salt.account_ref.rpartition(":")
        require_independent(account, actor, since=int(epoch) if former == str(account.pk) else 0)
        identity.require_unheld(account)
        salt.account_ref = CampaignMember.account_key(account)
        salt.version += 1
        records.save(salt)
        trail.record(salt, OrganizingAction.ACCOUNT_CONFIRMED, actor=actor)
        return salt


def seen_as(account: User) -> str:
    """The account as it stands, in a word that tells nothing in a page's source."""
    return salted_hmac("organizing.seen", CampaignMember.account_key(account), algorithm="sha256").hexdigest()


def confirm_assignment(
    assignment: CampaignAssignment, *, actor: Actor | None, epoch: int | None = None
) -> CampaignAssignment:
    """The lead vouches for somebody of the team whose account somebody else changed; `epoch` is the one seen."""
    with transaction.atomic():
        lock_running(assignment.campaign, actor, (Duty.LEAD,))
        return _confirm(records.lock(assignment, actor=actor), actor=actor, epoch=epoch)


def confirm_lead(campaign_id: Any, *, actor: Actor | None, epoch: int | None = None) -> CampaignAssignment:
    """The director vouches for the lead, after an officer did; `epoch` is the one seen."""
    require(actor, p.OVERSEE_CAMPAIGNS)
    with transaction.atomic():
        Campaign.objects.select_for_update(of=("self",)).get(pk=campaign_id)
        leading = CampaignAssignment.objects.in_term().filter(campaign=campaign_id, duty=Duty.LEAD)
        assignment = leading.select_for_update(of=("self",)).first()
        if assignment is None:
            raise DomainError(_("Nobody leads this campaign now. Appoint a lead."))
        others = IdentityChange.objects.filter(user=assignment.user, kind=IdentityKind.CONFIRMED)
        vouched = others.filter(epoch=assignment.user.identity_epoch).exclude(actor_id=actor.pk)
        if assignment.rests and not vouched.exists():
            refused = _(
                "An officer confirms this person first, and not you, on the page of the account. Ask one for it."
            )
            raise DomainError(refused)
        return _confirm(assignment, actor=actor, epoch=epoch)


def require_rest(rests: bool) -> None:
    """Raises DomainError where nobody has to be confirmed."""
    if not rests:
        raise DomainError(_("This person is confirmed already. Nothing is to be done."))


def _confirm(assignment: CampaignAssignment, *, actor: Actor | None, epoch: int | None) -> CampaignAssignment:
    user = assignment.user = identity.lock(assignment.user)
    require_rest(assignment.rests)
    if epoch is not None and epoch != user.identity_epoch:
        raise DomainError(_("The account changed once more meanwhile. Look at it again, then confirm."))
    require_independent(user, actor, since=assignment.identity_epoch)
    identity.require_unheld(user)
    assignment.identity_epoch = user.identity_epoch
    assignment.version += 1
    records.save(assignment)
    trail.record(assignment, OrganizingAction.ASSIGNMENT_CONFIRMED, actor=actor)
    return assignment


def require_independent(user: User, actor: Actor | None, *, since: int) -> None:
    """Raises DomainError for the person, and for whoever changed the account after the epoch `since`."""
    if actor is not None and actor.pk == user.pk:
        raise DomainError(_("Nobody confirms their own account. Leave it to somebody else."))
    changes = IdentityChange.objects.filter(user=user, actor_id=getattr(actor, "pk", None), epoch__gt=since)
    if actor is not None and changes.exclude(kind=IdentityKind.CONFIRMED).exists():
        raise DomainError(_("You changed this account yourself. Leave the confirmation to somebody else."))
