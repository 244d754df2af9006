"""Who wrote the e-mail address of a member's record, and what lets it claim an account before it is old enough.

`note` before an address is saved, `tell` after: the former address hears of every change.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import CONFIRM_ROLES
from accounts.services import programs
from accounts.services.mailed_links import LinkDead
from core.audit import trail
from core.db.update import update_many
from core.errors import DomainError
from core.mail import notifications
from core.permissions import Actor, allow, may
from core.records import records
from members import permissions as p
from members.enums import AddressSource, MemberAction
from members.models import ImportRow, Member

SALT = "members.written_address"
NOTED = (
    "email_written_at",
    "email_written_by",
    "email_source",
    "email_former",
    "email_former_shared",
    "email_seen_at",
    "email_seen_by",
)
mailbox = User.objects.normalize_email


@dataclass(frozen=True, slots=True)
class Change:
    """An address that was replaced; `former` is the one of before, "" for none."""

    member: Member
    former: str


# The people on whose records a mailbox is, or was last, by the mailbox.
Readers = Mapping[str, Collection[int]]


def with_mailbox(address: str) -> QuerySet[Member]:
    """Deleted records count, and the last address of before: to delete or empty one makes no mailbox somebody's own."""
    return _with_mailboxes([address])


def _with_mailboxes(found: Sequence[str]) -> QuerySet[Member]:
    mailboxes = [Lower(Value(address)) for address in found]
    rows = Member.objects.alias(now=Lower("email"), former=Lower("email_former"))
    return rows.filter(Q(now__in=mailboxes) | Q(former__in=mailboxes, merged_into=None) & ~Q(email_former=""))


def readers_of(found: Iterable[str], *, to_come: Readers | None = None) -> Readers:
    """In one statement, for `note` on many records, which asks about both addresses: the one that is replaced and the
    last settled one of before. Merged records are the same person.

    `to_come` are readers that the caller is about to write.
    """
    readers = defaultdict(set)
    if mailboxes := sorted({mailbox(address) for address in found} - {""}):
        rows = _with_mailboxes(mailboxes).values_list("pk", "merged_into", "email", "email_former")
        for pk, merged_into, *held in rows.order_by():
            for address in held[: 1 if merged_into else 2]:
                readers[mailbox(address)].add(merged_into or pk)
        for address in mailboxes:
            readers[address].update((to_come or {}).get(address, ()))
    return readers


def _set_former(member: Member, former: str, readers: Readers | None, *, same: Collection[Member]) -> None:
    """Others who read the mailbox, as a family does, could say of any address that it is the member's."""
    readers = readers_of([former]) if readers is None else readers
    member.email_former = former
    others = set(readers.get(mailbox(former), ())) - {record.pk for record in same}
    member.email_former_shared = bool(others)


def note(
    member: Member,
    former: str,
    email: str,
    *,
    source: AddressSource,
    actor: Actor | None,
    readers: Readers | None = None,
) -> Change | None:
    """Say on a locked record, which the caller saves, how `email` comes into it; None when it is the same mailbox.

    An address of before that was theirs becomes the one at which the member may confirm. One that never was does not:
    two changes in a row would put the word into the mouth of whoever made the first. Nor does one that a merge left
    behind: it speaks for the address that stayed then, and for one of two records.
    """
    if mailbox(former) == mailbox(email):
        return None
    if former and is_theirs(member):
        _set_former(member, former, readers, same=[member])
    elif member.email_source == AddressSource.MERGE:
        _set_former(member, "", {}, same=[member])
    elif member.email_former and not member.email_former_shared:
        # It may have become a family's since; once it was one, it stays so.
        _set_former(member, member.email_former, readers, same=[member])
    _stamp(member, source, actor)
    return Change(member, former)


def note_merge(kept: Member, duplicate: Member, email: str, *, actor: Actor | None) -> list[Change]:
    """As `note`, for two records that become one: the address that stays speaks for more than it did.

    Whoever reads the one that is left may confirm, where both addresses are theirs who are said to be one: otherwise
    the word of one would open what is the other's.
    """
    pair = (kept, duplicate)
    both = all(map(is_theirs, pair))
    if both and mailbox(kept.email) == mailbox(duplicate.email):
        return []
    left = [record for record in pair if mailbox(record.email) not in ("", mailbox(email))]
    changes = [Change(kept, record.email) for record in left]
    _set_former(kept, left[0].email if both and len(left) == 1 else "", None, same=pair)
    _stamp(kept, AddressSource.MERGE, actor)
    return changes


def is_theirs(member: Member) -> bool:
    """Whether the address may speak for the member: by its age, their own word, or an officer who saw them.

    The word of a clerk lets it be invited and no more, for an administrator could have made that clerk an account:
    what is the member's own opens when an officer confirms the person. Nor is age enough where nobody could be told.
    """
    if not member.has_settled_email:
        return False
    if member.email_source == AddressSource.MEMBER:
        return True
    aged = member.email_settles_at <= timezone.now() and not member.is_untold
    return aged or (member.email_seen_by is not None and may(member.email_seen_by, CONFIRM_ROLES))


def _stamp(member: Member, source: AddressSource, actor: Actor | None) -> None:
    member.email_written_at, member.email_source = timezone.now(), source
    member.email_written_by_id = actor.pk if actor is not None else None
    member.email_seen_at = member.email_seen_by = None


def write(changes: Sequence[Change | None]) -> None:
    """Save what was noted on records that somebody else has saved, and tell; for imports."""
    update_many([change.member for change in changes if change is not None], NOTED)
    tell(changes)


def tell(changes: Sequence[Change | None]) -> None:
    """Mail whoever may be the member, in the caller's transaction; neither address is named to the other.

    The link goes to the last settled address alone, and not where others read it too.
    """
    found = [change for change in changes if change is not None]
    accounts = User.objects.filter(member__in=[change.member for change in found], is_active=True)
    own = dict(accounts.values_list("member_id", "email"))
    mails = []
    for change in found:
        member = change.member
        addresses = {mailbox(address) for address in (member.email_former, change.former, own.get(member.pk, ""))}
        for address in sorted(addresses - {"", mailbox(member.email)}):
            alone = mailbox(member.email_former) if not member.email_former_shared else ""
            confirms = bool(member.email) and address == alone
            token = token_of(member) if confirms else ""
            mails.append((address, {"token": token, "days": settings.ADDRESS_DAYS, "is_gone": not member.email}))
    notifications.send_many("member_address", mails)


def tell_of_claim(member: Member, chosen: str) -> None:
    """A code on paper set the account up at the address `chosen`, which may be somebody else's: mail those on file."""
    known = {mailbox(member.email), mailbox(member.email_former)} - {"", chosen}
    notifications.send_many("member_claimed", [(address, {}) for address in sorted(known)])


# --- the member's own word ------------------------------------------------------------------------------


def token_of(member: Member) -> str:
    """For the mail to the former address; another change of the address kills it."""
    return signing.dumps([member.pk, member.email_written_at.isoformat()], salt=SALT)


def owner(text: str) -> Member:
    """The member whom a mailed link concerns. Raises LinkDead."""
    try:
        key, written = signing.loads(text[:200], salt=SALT, max_age=settings.ADDRESS_DAYS * 86_400)
    except signing.BadSignature:
        raise LinkDead(_dead()) from None
    rows = Member.objects.alive().filter(pk=key, email_written_at=written, email_seen_at=None).exclude(email="")
    member = rows.exclude(email_source=AddressSource.MEMBER).first()
    if member is None:
        raise LinkDead(_dead())
    return member


def _dead() -> str:
    return _("This link is too old or has been used. If the new address is yours, ask the office.")


def confirm(text: str) -> Member:
    """Whoever reads the former address says that the new one is theirs. Raises LinkDead."""
    member = owner(text)
    with transaction.atomic():
        same = Member.objects.filter(pk=member.pk, email_written_at=member.email_written_at)
        told = {"email_source": AddressSource.MEMBER, "version": F("version") + 1, "updated_at": timezone.now()}
        if not same.exclude(email_source=AddressSource.MEMBER).update(**told):
            raise LinkDead(_dead())
        trail.record(member, MemberAction.ADDRESS_CONFIRMED, actor=None)
    return member


# --- a second person of the office ----------------------------------------------------------------------


def not_a_witness(member: Member, actor: Actor) -> str:
    """Why this person may not vouch for the address of the record, or ""."""
    if not member.email or member.is_deleted:
        return _("There is no address to vouch for.")
    if member.has_settled_email:
        return _("This address may be invited already.")
    if actor.pk == member.email_written_by_id or _imported(member, actor):
        return _("You wrote this address, so somebody else of the office has to see the member.")
    if programs.let_in(member.email_written_by_id, by=actor):
        return _("A program that you let in wrote this address, so somebody else of the office has to see the member.")
    person = cast(User, actor)
    if person.email == mailbox(member.email) or member.pk in Member.objects.perhaps_of(person):
        return _("This is, or may be, your own record or address. Ask somebody else of the office.")
    return ""


def _imported(member: Member, actor: Actor) -> bool:
    """Whether the list that brought the address was uploaded by this person, whoever applied it."""
    rows = ImportRow.objects.filter(record_id=member.pk, batch__uploaded_by=actor)
    return member.email_source == AddressSource.IMPORT and rows.exists()


def vouch(member: Member, *, actor: Actor, reason: str) -> Member:
    """A second person of the office saw the member, who says that the address is theirs."""
    allow(actor, p.CHANGE_MEMBERS)
    reason = records.stated_reason(reason)
    with transaction.atomic():
        member = records.lock_alive(member, actor=actor)
        if why := not_a_witness(member, actor):
            raise DomainError(why)
        member.email_seen_at, member.email_seen_by = timezone.now(), cast(User, actor)
        member.version += 1
        records.save(member)
        trail.record(member, MemberAction.ADDRESS_SEEN, actor=actor, reason=reason)
    return member
