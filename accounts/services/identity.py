"""Who an account is: nobody decides that alone.

The link account ↔ member's record and the credentials of an account have one epoch, raised by whoever else than the
person changes them. A sensitive right counts for the epoch for which somebody independent confirmed it.
"""

from collections.abc import Collection, Sequence
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.enums import AccountAction, IdentityKind
from accounts.models import IdentityChange, User, account_is_held
from accounts.services import notices
from core.errors import DomainError
from core.permissions import Actor
from core.records import records


def record_change(
    user: User,
    kind: IdentityKind,
    *,
    actor: Actor | None,
    reason: str = "",
    member_before: Any = None,
    member_after: Any = None,
) -> IdentityChange:
    """Add to the account's history what leaves its epoch as it is."""
    change = IdentityChange(
        user=user,
        epoch=user.identity_epoch,
        kind=kind,
        actor=actor,
        reason=reason,
        member_before=member_before,
        member_after=member_after,
    )
    records.save(change)
    return change


def raise_epoch(
    user: User,
    kind: IdentityKind,
    *,
    actor: Actor | None,
    reason: str = "",
    member_before: Any = None,
    member_after: Any = None,
) -> IdentityChange:
    """Put to rest whatever is confirmed for this account: somebody else than the person changed who it is.

    `user` is locked by the caller, in whose transaction this happens and who tells the person.
    """
    user.identity_epoch += 1
    user.save(update_fields=["identity_epoch"])
    links = {"member_before": member_before, "member_after": member_after}
    return record_change(user, kind, actor=actor, reason=reason, **links)


def begin(user: User, *, actor: Actor | None) -> None:
    """A new account, or one begun anew: nothing is confirmed for it yet, unless a command made it."""
    if IdentityChange.objects.filter(user=user).exists():
        raise_epoch(user, IdentityKind.CREATED, actor=actor, member_after=user.member)
        _look_again(user)
    else:
        record_change(user, IdentityKind.CREATED, actor=actor, member_after=user.member)
    if actor is None:  # a command on the server names the record, or there is none
        user.is_no_member = user.member_id is None
        user.save(update_fields=["is_no_member"])
        confirm_link(user)


def begin_many(users: Sequence[User], kind: IdentityKind, *, actor: Actor | None) -> None:
    """As `begin`, for new accounts of members; what an invitation confirms, its acceptance does."""
    IdentityChange.objects.bulk_create(
        IdentityChange(user=user, epoch=user.identity_epoch, kind=kind, actor=actor, member_after_id=user.member_id)
        for user in users
    )


def link(user: User, former: models.Model | None, *, actor: Actor | None, told: str) -> None:
    """The account's record is another one, or said to be none; the person is told at the address `told`."""
    links = {"member_before": former, "member_after": user.member}
    said = _("Not a member") if user.is_no_member else ""
    raise_epoch(user, IdentityKind.LINK, actor=actor, reason=said, **links)
    notices.tell(user, AccountAction.LINK_CHANGED, address=told)
    _look_again(user)
    if actor is None:
        confirm_link(user)


def _look_again(user: User) -> None:
    """What the account decided before may concern the member that it turns out to be."""
    if user.member is not None:
        import_string(settings.LOOK_AGAIN_AT)(user.member)


def confirm_link(user: User) -> None:
    """Let the person read what is theirs: somebody independent, or the server, vouches for account and record."""
    user.link_epoch = user.identity_epoch
    user.save(update_fields=["link_epoch"])


def held(users: Collection[int]) -> set[int]:
    """Keys of those of the accounts that somebody else than the person may hold, until an officer confirms them."""
    found = User.objects.filter(account_is_held("pk"), pk__in=users)
    return set(found.order_by().values_list("pk", flat=True))


def is_held(user: User) -> bool:
    return bool(held([user.pk]))


def require_unheld(user: User) -> None:
    """Refuse a right for an account that somebody else may hold; `user` is locked by the caller."""
    if is_held(user):
        raise DomainError(confirm_first())


def confirm_first() -> str:
    return _(
        "Somebody else could use this person’s account. An officer has to confirm the person first, on the page of the"
        " account."
    )


def lock(user: User) -> User:
    """The account as it stands; two who confirm each other do not wait for each other."""
    return User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)


def changed_by(actor: Actor) -> Any:
    """Keys of the accounts that `actor` changed, or made, since anybody else confirmed who they are."""
    return IdentityChange.objects.unconfirmed().filter(actor_id=actor.pk).order_by().values("user")


def changers(users: Collection[int]) -> Any:
    """The changes of these accounts, for who made them, since which nobody else confirmed who the person is."""
    return IdentityChange.objects.unconfirmed().filter(user__in=users).order_by()


def why_not_by(user: User, actor: Actor | None) -> str:
    """Why `actor` is not independent of this account, or nothing. The server is."""
    if actor is None:
        return ""
    if actor.pk == user.pk:
        return _("This account is your own, so another officer confirms it.")
    if changed_by(actor).filter(user=user).exists():
        return _("You made or changed this account yourself, so another officer confirms it.")
    return ""
