"""A one-time code on paper for a member who is in the room: no address on file has to be trusted."""

import secrets
from datetime import timedelta
from typing import cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import INVITE_MEMBERS
from accounts.services import invitations
from accounts.services.invitations import Invitee
from core.audit import trail
from core.errors import DomainError
from core.permissions import Actor, allow, may
from core.records import records
from members.enums import MemberAction
from members.models import Member, PaperCode
from members.services import addresses
from members.services.invitations import NEVER_INVITED

ALPHABET, LENGTH, GROUP = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 12, 4  # none that look alike


class CodeRefused(DomainError):
    """The same for a wrong number, a wrong code and an old one."""

    code = "code_refused"


def why_not(member: Member, actor: Actor, account: User | None) -> str:
    """Why no code is printed for the member now, and what to do; "" when nothing stands against it."""
    if member.is_deleted or member.status in NEVER_INVITED:
        return _("A deleted record or that of somebody who has died is not invited.")
    if not member.member_number:
        return _("The code works together with a member number, and this record has none.")
    if cast(User, actor).member_id == member.pk:
        return _("This is your own record. Ask somebody else of the office.")
    if account is not None and not account.is_active:
        return _("The account of this member is switched off. Ask an administrator to invite the address again.")
    return _("This member has an account already.") if account is not None and not account.invited_at else ""


def print_code(member: Member, *, actor: Actor, reason: str) -> tuple[PaperCode, str]:
    """Make the code, which is shown once and kept nowhere; one of before stops working."""
    allow(actor, INVITE_MEMBERS)
    reason = records.stated_reason(reason)
    with transaction.atomic():
        member = records.lock_alive(member, actor=actor)
        if why := why_not(member, actor, _account_of(member)):
            raise DomainError(why)
        if member.pk in Member.objects.perhaps_of(actor):
            raise DomainError(_("This may be your own record. Ask somebody else of the office."))
        now, text = timezone.now(), "".join(secrets.choice(ALPHABET) for _turn in range(LENGTH))
        member.paper_codes.live().update(ends_at=now)
        made = PaperCode.objects.create(
            member=member,
            digest=_digest(text),
            printed_by=actor,
            printed_at=now,
            ends_at=now + timedelta(days=settings.INVITATION_DAYS),
        )
        trail.record(member, MemberAction.CODE_PRINTED, actor=actor, reason=reason)
    return made, "-".join(text[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def claim(number: str, code: str, email: str) -> User:
    """Invite the member at an address of their own choice. Raises CodeRefused, or DomainError for the address.

    What the person may see of their own waits until somebody else than who printed the code confirms them. The
    addresses on file hear of it.
    """
    address = User.objects.normalize_email(email)
    try:
        with transaction.atomic():
            return _use(_locked(number, code), address)
    except ValidationError as error:
        raise DomainError(" ".join(error.messages)) from error
    except IntegrityError as error:
        raise DomainError(_taken()) from error


def _use(found: PaperCode, address: str) -> User:
    member, printer = found.member, found.printed_by
    open_one = _account_of(member, locked=True)
    if not may(printer, INVITE_MEMBERS) or why_not(member, printer, open_one):
        raise CodeRefused(_refused())
    if User.objects.filter(email=address).exclude(pk=open_one.pk if open_one else None).exists():
        raise DomainError(_taken())
    found.used_at = timezone.now()
    found.save(update_fields=["used_at"])
    trail.record(member, MemberAction.CODE_USED, actor=None)
    addresses.tell_of_claim(member, address)
    if open_one is not None:
        return invitations.invite_elsewhere(open_one, address, actor=printer)
    person = Invitee(address, member.first_name, member.last_name, member.pk)
    return invitations.invite_members([person], actor=printer)[0]


def _account_of(member: Member, *, locked: bool = False) -> User | None:
    """Locked, so that nobody accepts, ends or links it before it is invited elsewhere."""
    rows = User.objects.filter(member=member)
    return (rows.select_for_update(of=("self",)) if locked else rows).first()


def _taken() -> str:
    return _("Another account uses this address. Enter one that is yours alone.")


def _locked(number: str, code: str) -> PaperCode:
    """The live code of the member with this number. Raises CodeRefused."""
    text = "".join(char for char in code.upper() if char in ALPHABET)
    rows = PaperCode.objects.live().filter(digest=_digest(text), member__member_number=number.strip().upper())
    found = rows.select_related("member", "printed_by").select_for_update(of=("self",)).first()
    if found is None:
        raise CodeRefused(_refused())
    return found


def _refused() -> str:
    return _("Number and code do not fit, or the code is too old or has been used. Ask the office for another one.")


def _digest(text: str) -> str:
    return salted_hmac("members.paper_codes", text, algorithm="sha256").hexdigest()
