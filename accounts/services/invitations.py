"""Invitations: an account without a password, and a mailed link with which its person chooses one.

`User.invited_at` is set as long as an invitation is open. To withdraw one, the account is switched off.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import AccountAction, IdentityKind
from accounts.models import MailedCode, Role, RoleAssignment, User
from accounts.permissions import CHANGE_USERS, INVITE_MEMBERS
from accounts.services import factors, identity, limits, mailed_links, notices, terms
from accounts.services import people as services
from accounts.services.mailed_links import INVITATION, LinkDead
from core.audit import trail
from core.errors import DomainError
from core.mail import notifications
from core.permissions import Actor, allow
from core.records import bulk, records

KIND = "invitation"


class AddressTaken(DomainError):
    """`account` is the one that has the address."""

    code = "address_taken"

    def __init__(self, account: User) -> None:
        open_one = _("This address has been invited already. Open the account to invite it again.")
        known = _("This address has an account already. Open that account instead.")
        super().__init__(open_one if account.invited_at else known)
        self.account = account


@dataclass(frozen=True, slots=True)
class Invitee:
    """A member to be invited; `member_id` is the key of the record.

    `is_settled`: whoever follows the link is the member, by what is known of the address; see members' addresses.
    """

    email: str
    first_name: str
    last_name: str
    member_id: int
    is_settled: bool = False


def invite(
    email: str,
    first_name: str,
    last_name: str,
    *,
    actor: Actor | None,
    roles: Iterable[str] = (),
    member_id: int | None = None,
    is_no_member: bool = False,
) -> User:
    """A new account, or the switched-off one of that address without its roles and factors, and the mailed link.

    Raises AddressTaken when somebody signs in with the address or is invited by it.
    """
    allow(actor, CHANGE_USERS)
    with transaction.atomic():
        name = User.objects.normalize_email(email)
        user = User.objects.select_for_update(of=("self",)).filter(email=name).first()
        if user is not None and user.is_active:
            raise AddressTaken(user)
        records_of_people: Any = User._meta.get_field("member").related_model
        if member_id is not None and not records_of_people.objects.alive().filter(pk=member_id).exists():
            raise ValidationError({"member": _("This member is no longer there. Choose again.")})
        user = User(email=name) if user is None else _begun_anew(user, actor)
        action = AccountAction.USER_RESTORED if user.pk else AccountAction.USER_INVITED
        before = trail.values(user, services.EDITABLE) if user.pk else {}
        user.first_name, user.last_name = first_name, last_name
        user.member_id, user.is_no_member = member_id, is_no_member
        user.invited_at, user.invited_by, user.invited_epoch = timezone.now(), cast(User, actor), 0
        user.set_unusable_password()
        records.save(user)
        changed = trail.changes(User, before, trail.values(user, services.EDITABLE))
        trail.record(user, action, actor=actor, changes=changed)
        identity.begin(user, actor=actor)
        for role in roles:
            terms.assign_role(user, Role.objects.get(name=role), actor=actor, reason=_("Invitation"))
        _count_mail(user)
        mailed_links.send_invitations([user])
    return user


def _begun_anew(user: User, actor: Actor | None) -> User:
    """What the account was is over: terms, factors, sessions, proofs of the address, links. The caller saves it."""
    now = timezone.now()
    for term in user.assignments.select_for_update(of=("self",)).select_related("role"):
        if not term.is_over(now):
            term.ended_at, term.ended_by, term.end_reason = now, cast(User, actor), _("Account restored without roles")
            term.save()
            taken = [{"field": "role", "old": str(term.role), "new": None}]
            trail.record(user, AccountAction.ROLE_ENDED, actor=actor, changes=taken, reason=term.end_reason)
    if factors.of(user).delete()[0]:
        trail.record(user, AccountAction.FACTOR_REMOVED, actor=actor, kind="all")
    MailedCode.objects.filter(user=user).delete()
    EmailAddress.objects.filter(user=user).delete()
    SocialAccount.objects.filter(user=user).delete()
    user.is_active, user.is_verified, user.must_change_password = True, False, False
    user.session_epoch, user.version = uuid.uuid4(), user.version + 1
    return user


def _count_mail(user: User) -> None:
    if not limits.may_be_mailed(KIND, user.email):
        raise DomainError(_("Several invitations went to this address within an hour. Try again in an hour."))


def invite_members(people: Sequence[Invitee], *, actor: Actor | None) -> list[User]:
    """New accounts with the role member and their mails, all of them or none; nothing is hashed.

    `actor` None: the person has asked with the member number. Raises DomainError when somebody else was quicker.
    """
    allow(actor, INVITE_MEMBERS)
    role, now = Role.objects.get(name=services.MEMBER), timezone.now()
    shared = {"invited_at": now, "invited_by": actor}
    users = [
        User(
            email=User.objects.normalize_email(person.email),
            first_name=person.first_name,
            last_name=person.last_name,
            member_id=person.member_id,
            invited_epoch=int(person.is_settled),  # of a new account
            password=make_password(None),
            **shared,
        )
        for person in people
    ]
    given_roles = bulk.Inserter(RoleAssignment, action=AccountAction.ROLE_ASSIGNED, recorded=())

    def with_role(batch: list[User]) -> list[trail.Entry]:
        given = {"role": role, "reason": _("Invitation"), "assigned_by": actor, "assigned_at": now, "starts_at": now}
        given_roles.insert([RoleAssignment(user=user, **given) for user in batch])
        identity.begin_many(batch, IdentityKind.CREATED if actor is not None else IdentityKind.CLAIM, actor=actor)
        return [_role_given(user, role, given) for user in batch]

    try:
        with transaction.atomic():
            bulk.write(
                users, actor=actor, action=AccountAction.USER_INVITED, recorded=services.EDITABLE, further=with_role
            )
            mailed_links.send_invitations(users)
    except IntegrityError as error:
        raise DomainError(_("Somebody invited one of these people meanwhile. Look again.")) from error
    return users


def _role_given(user: User, role: Role, term: dict[str, Any]) -> trail.Entry:
    """As terms.assign_role records it."""
    data = {"role": role.name, "kind": "regular", "starts_at": term["starts_at"], "expires_at": None}
    changes = [{"field": "role", "old": None, "new": str(role)}]
    return trail.Entry(user, AccountAction.ROLE_ASSIGNED, changes, data, term["reason"])


def invite_again(user: User, *, actor: Actor | None) -> User:
    """Another link in place of the one before. Whoever may invite members may do that for an account of a member."""
    allow(actor, (CHANGE_USERS, INVITE_MEMBERS) if user.member_id else CHANGE_USERS)
    with transaction.atomic():
        locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        if not locked.is_active:
            raise DomainError(_("This account is switched off. An administrator invites its address again."))
        if locked.invited_at is None:
            raise DomainError(_("This person has accepted the invitation. “Password forgotten?” helps to sign in."))
        _count_mail(locked)
        locked.invited_at, locked.invited_by = timezone.now(), actor
        locked.version += 1
        records.save(locked)
        trail.record(locked, AccountAction.INVITED_AGAIN, actor=actor)
        mailed_links.send_invitations([locked])
    return locked


def invite_elsewhere(user: User, email: str, *, actor: Actor | None) -> User:
    """The open invitation of a member goes to another address, which the person gave; the former link is dead."""
    allow(actor, INVITE_MEMBERS)
    with transaction.atomic():
        locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk, is_active=True, invited_at__isnull=False)
        before, former = trail.values(locked, services.EDITABLE), locked.email
        locked.email, locked.invited_at, locked.invited_by, locked.invited_epoch = email, timezone.now(), actor, 0
        locked.version += 1
        records.save(locked)
        changed = trail.changes(User, before, trail.values(locked, services.EDITABLE))
        trail.record(locked, AccountAction.INVITED_AGAIN, actor=actor, changes=changed)
        identity.raise_epoch(locked, IdentityKind.CLAIM, actor=actor, member_after=locked.member)
        if former != locked.email:
            notices.tell(locked, notices.ADDRESS_LEFT, address=former)
        _count_mail(locked)
        mailed_links.send_invitations([locked])
    return locked


def remind(user: User) -> None:
    """Somebody asked with the member number: a new link for who is invited, one to the password for who is in.

    The same statements for every account, also for one that does not exist, which the caller takes back.
    """
    now = timezone.now()
    with transaction.atomic():
        open_one = User.objects.filter(pk=user.pk, is_active=True).exclude(invited_at=None)
        if open_one.update(invited_at=now, invited_by=None, version=F("version") + 1):
            user.invited_at, user.invited_by = now, None
        trail.record(user, AccountAction.ACCESS_CLAIMED, actor=None)
        if user.invited_at:
            mailed_links.send_invitations([user])
        else:
            notifications.send(user.email, "claim_known", {"token": mailed_links.PASSWORD_RESET.text(user)})


def accept(text: str, password: str, *, request: HttpRequest) -> User:
    """The person's own password by a mailed link, which also proves the address.

    Raises LinkDead, or ValidationError for a password that will not do; then the link still works.
    """
    user = INVITATION.owner(text)
    validate_password(password, user)
    hashed, same = make_password(password), {"pk": user.pk, "is_active": True}
    same |= {name: getattr(user, name) for name in ("email", "password", "session_epoch", "invited_at")}
    with transaction.atomic():
        values = {"password": hashed, "session_epoch": uuid.uuid4(), "is_verified": True}
        values |= {"invited_at": None, "invited_by": None, "must_change_password": False}
        values["link_epoch"] = F("invited_epoch")
        if not User.objects.filter(~Q(invited_at=None), **same).update(version=F("version") + 1, **values):
            raise LinkDead(_("This link is too old or has been used. Ask for a new one."))
        proof = {"verified": True, "primary": True}
        EmailAddress.objects.update_or_create(user=user, email=user.email, defaults=proof)
        limits.clear(user.email)
        notices.record(user, AccountAction.INVITATION_ACCEPTED, request=request, actor=user)
    return user
