"""Who of the members may be invited to the portal, inviting them one by one or all of a filter, and asking oneself."""

import uuid
from collections import Counter
from typing import Any

from django.db import models, transaction
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import INVITE_MEMBERS
from accounts.services import invitations, limits
from accounts.services.invitations import Invitee
from core.db.prepared import prepared
from core.errors import DomainError
from core.mail import jobs
from core.permissions import Actor, allow
from core.records import records
from members.enums import Invitability, MemberStatus
from members.models import Member, settled_address
from members.services import addresses

NEVER_INVITED = (MemberStatus.DECEASED,)
INLINE, BATCH, TRIES = 500, 500, 3
JOBS = uuid.UUID("0f0b3c53-93ce-4b6e-9f0c-6d1c9a1f2e77")


def sorted_out(rows: Any) -> Any:
    """`rows` with `invitability`, in a constant number of statements whatever their number."""
    holders = Member.objects.exclude(email="").order_by().annotate(mailbox=Lower("email")).values("mailbox")
    people = Count(Coalesce("merged_into", "pk"), distinct=True)
    shared = holders.annotate(members=people).filter(members__gt=1).values("mailbox")
    moved = Member.objects.filter(merged_into=None).exclude(email_former="").exclude(email__iexact=F("email_former"))
    left = moved.order_by().annotate(former=Lower("email_former")).values("former")
    accounts = User.objects.order_by()
    return rows.annotate(
        mailbox=Lower("email"),
        invitability=Case(
            When(~Q(deleted_at=None) | Q(status__in=NEVER_INVITED), then=Value(Invitability.LEFT_OUT)),
            When(Exists(accounts.filter(member=OuterRef("pk"), invited_at=None)), then=Value(Invitability.ACCOUNT)),
            When(Exists(accounts.filter(member=OuterRef("pk"))), then=Value(Invitability.INVITED)),
            When(email="", then=Value(Invitability.NO_ADDRESS)),
            When(Exists(accounts.filter(email=OuterRef("mailbox"))), then=Value(Invitability.TAKEN)),
            When(Q(mailbox__in=shared) | Q(mailbox__in=left), then=Value(Invitability.SHARED)),
            When(~settled_address(timezone.now()), then=Value(Invitability.RECENT)),
            default=Value(Invitability.READY),
            output_field=models.CharField(),
        ),
    )


def counts(rows: Any) -> Counter[str]:
    """How many of `rows` may be invited, and how many may not for which reason."""
    found = sorted_out(rows).order_by().values("invitability").annotate(members=Count("pk"))
    return Counter({item["invitability"]: item["members"] for item in found})


def account_of(member: Member) -> User | None:
    """The member's own account, otherwise the one that has the address on file."""
    address = User.objects.normalize_email(member.email)
    found = _accounts(None, member=member.pk, **({"address": address} if address else {}))
    return min(found, key=lambda user: user.member_id != member.pk, default=None)


@prepared
def _accounts(_asker: Any, *, member: Any, address: Any = None) -> models.QuerySet[User]:
    mine = Q(member_id=member)
    return User.objects.filter(mine | Q(email=address) if address else mine)


def refusal(member: Member, account: User | None) -> str:
    """Why the member cannot be invited now, and what to do; "" when nothing stands against it."""
    if member.is_deleted or member.status in NEVER_INVITED:
        return _("A deleted record or that of somebody who has died is not invited.")
    if account is None:
        return _not_by_mail(member)
    if account.member_id != member.pk:
        return _("Another account uses the address on file. Enter another address, or ask an administrator to link it.")
    if not account.is_active:
        return _("The account of this member is switched off. Ask an administrator to invite the address again.")
    return "" if account.invited_at else _("This member has an account already.")


def _not_by_mail(member: Member) -> str:
    if not member.email:
        return _("There is no e-mail address on file. Add it to the record, or invite the member in person.")
    if sharing(member).exists():
        return _(
            "Another member has the same address on file, or had it, so it claims nobody. Invite the member in person."
        )
    if not member.has_settled_email:
        return _("The address on file is too new to be invited.")
    return ""


def sharing(member: Member) -> models.QuerySet[Member]:
    """Other members who have or had the same address: whoever reads the family's mail could be any of them."""
    return addresses.with_mailbox(member.email).exclude(pk=member.pk).exclude(merged_into=member.pk)


def invite(member: Member, *, actor: Actor | None) -> User:
    """Mail an invitation to the address on file, another one when the first is still open."""
    allow(actor, INVITE_MEMBERS)
    with transaction.atomic():
        locked = records.lock(member, actor=actor)
        account = account_of(locked)
        if why := refusal(locked, account):
            raise DomainError(why)
        if account is not None:
            return invitations.invite_again(account, actor=actor)
        return invitations.invite_members([_invitee(locked)], actor=actor)[0]


def _invitee(member: Member) -> Invitee:
    """Of a member with a settled address: see `refusal` and `sorted_out`."""
    is_theirs = addresses.is_theirs(member)
    return Invitee(member.email, member.first_name, member.last_name, member.pk, is_settled=is_theirs)


# --- all members of a filter ----------------------------------------------------------------------------


def job_key(actor: Actor | None) -> uuid.UUID:
    """One such work of a person at a time."""
    return uuid.uuid5(JOBS, str(actor.pk))


def invite_all(rows: Any, *, actor: Actor | None, in_background: bool | None = None) -> int:
    """Invite whoever of `rows` may be invited; returns how many that are. Done again, it invites nobody twice."""
    allow(actor, INVITE_MEMBERS)
    ready = sorted_out(rows).filter(invitability=Invitability.READY)
    keys = list(ready.order_by("pk").values_list("pk", flat=True))
    if keys:
        jobs.run(
            job_key(actor),
            _("Inviting the members"),
            lambda progress: _work_through(keys, actor, progress),
            in_background=len(keys) > INLINE if in_background is None else in_background,
        )
    return len(keys)


def _work_through(keys: list[int], actor: Actor | None, progress: jobs.Progress) -> None:
    for start in range(0, len(keys), BATCH):
        progress.advance(start, len(keys))
        _invite_batch(keys[start : start + BATCH], actor)


def _invite_batch(keys: list[int], actor: Actor | None) -> None:
    """In a transaction of its own; again, when somebody invited one of them at the same moment."""
    for turn in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                if people := _still_without(keys, actor):
                    invitations.invite_members(people, actor=actor)
            return
        except DomainError:
            if turn == TRIES:
                raise


def _still_without(keys: list[int], actor: Actor | None) -> list[Invitee]:
    """Of these members, locked, those who may be invited now."""
    rows = sorted_out(Member.objects.visible_to(actor).filter(pk__in=keys)).filter(invitability=Invitability.READY)
    return [_invitee(member) for member in rows.select_for_update(of=("self",)).order_by("pk")]


# --- asking oneself -------------------------------------------------------------------------------------

STRANGER = 0


def claim(number: str, email: str) -> None:
    """Number and address on file fit one member: mail an invitation, or how to sign in when there is an account.

    An address that is too new, or that another member has or had, fits nobody. The same work for whoever asks; what
    concerns nobody is taken back unwritten. A limit counts the mailbox that would be mailed, and where nobody would be
    the number with the address: whoever guesses numbers uses up no mail of the member's.
    """
    address, number = User.objects.normalize_email(email), number.strip().upper()
    with transaction.atomic():
        twin = addresses.with_mailbox(address).exclude(pk=OuterRef("pk")).exclude(merged_into=OuterRef("pk"))
        found = Member.objects.alive().exclude(status__in=NEVER_INVITED).filter(~Exists(twin), email__iexact=address)
        found = found.filter(settled_address(timezone.now()), member_number=number)
        member = found.select_for_update(of=("self",)).first()
        account = account_of(member or Member(pk=STRANGER, email=address))
        known = account if account is not None and account.is_active else None
        if known is not None and not (known.invited_at or known.has_usable_password()):
            known = None
        mailed = known.email if known is not None else address
        counted = mailed if member is not None else f"{number} {address}"
        fits = limits.may_be_mailed("claim", counted) and member is not None
        _pretend_to_invite(member if fits and account is None else None)
        _pretend_to_remind(known if fits else None)


def _pretend_to_invite(member: Member | None) -> None:
    somebody = Invitee(f"{uuid.uuid4()}@claim.invalid", "-", "-", STRANGER)
    with transaction.atomic():
        try:
            invitations.invite_members([_invitee(member) if member else somebody], actor=None)
        except DomainError:  # somebody in the office was quicker
            member = None
        transaction.set_rollback(member is None)


def _pretend_to_remind(account: User | None) -> None:
    with transaction.atomic():
        invitations.remind(account or User(pk=STRANGER, email="nobody@claim.invalid"))
        transaction.set_rollback(account is None)
