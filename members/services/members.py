"""What can be done with members. Employments, organizations and merges have files of their own beside this one."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.audit import trail
from core.enums import CoreAction
from core.errors import DomainError
from core.permissions import Actor, allow
from core.records import records
from members import permissions as p
from members.enums import AddressSource, MemberStatus
from members.models import Member
from members.services import addresses, matches
from members.services.identity import alike, facts_of
from members.services.search import remember_words

MEMBER_FIELDS = (
    "member_number",
    "first_name",
    "middle_name",
    "last_name",
    "address",
    "city",
    "state",
    "zip_code",
    "phone",
    "email",
    "date_of_birth",
    "hire_date",
    "initiation_date",
    "status",
    "classification",
    "dues_paid_through",
    "standing",
    "standing_as_of",
    "standing_source",
    "notes",
)
MOST_AT_ONCE = 5_000


class PerhapsKnown(DomainError):
    """The new member may be one of `members`, who are recorded already."""

    code = "perhaps_known"

    def __init__(self, members: Sequence[Member]) -> None:
        super().__init__(
            _("This may be somebody who is recorded already. Open that record, or say why this is another person.")
        )
        self.members = members
        self.told = {"members": [member.pk for member in members]}


def create_member(values: Mapping[str, Any], *, actor: Actor | None, why_another: str = "") -> Member:
    """Raises ValidationError by field; PerhapsKnown when somebody alike is recorded and nothing says why this is
    another person.
    """
    allow(actor, p.ADD_MEMBERS)
    reason = records.stated_reason(why_another) if why_another.strip() else ""
    with transaction.atomic(), clash_named(values):
        member = Member()
        addresses.note(member, "", values.get("email", ""), source=AddressSource.OFFICE, actor=actor)
        records.create(member, values, editable=MEMBER_FIELDS, actor=actor, reason=reason)
        if not reason and (known := alike(records.visible(Member, actor), facts_of(member), but=member.pk)):
            raise PerhapsKnown(known)
        remember_words(searched_names(member))
        return member


def update_member(
    member: Member, values: Mapping[str, Any], *, actor: Actor | None, version: int | None = None
) -> Member:
    """`version` is the one that the editor saw; raises EditConflict when it is no longer the current one."""
    allow(actor, p.CHANGE_MEMBERS)
    with transaction.atomic(), clash_named(values):
        member = records.lock_alive(member, actor=actor, version=version)
        email = values.get("email", member.email)
        moved = addresses.note(member, member.email, email, source=AddressSource.OFFICE, actor=actor)
        matches.keep_before(member, values)
        records.change(member, values, editable=MEMBER_FIELDS, actor=actor)
        addresses.tell([moved])
        remember_words(searched_names(member))
        return member


def delete_member(member: Member, *, actor: Actor | None, reason: str, version: int | None = None) -> Member:
    allow(actor, p.DELETE_MEMBERS)
    with transaction.atomic():
        member = records.lock_alive(member, actor=actor, version=version)
        records.soft_delete(member, actor=actor, reason=reason)
        return member


def restore_member(member: Member, *, actor: Actor | None, reason: str = "", version: int | None = None) -> Member:
    """Refused for a record that was merged: its history went on in the other one."""
    allow(actor, p.RESTORE_MEMBERS)
    with transaction.atomic():
        member = records.lock(member, actor=actor, version=version)
        if member.merged_into_id:
            raise DomainError(_("This record was merged into another member. Open that member instead."))
        records.restore(member, actor=actor, reason=reason)
        return member


def set_status(pks: Collection[int], status: str, *, actor: Actor | None, reason: str) -> int:
    """Give many members one status; returns how many changed. All of them, or none."""
    allow(actor, p.CHANGE_MEMBERS)
    if len(pks) > MOST_AT_ONCE:
        raise DomainError(_("Choose at most %(limit)s members at once.") % {"limit": f"{MOST_AT_ONCE:,}"})
    if status not in MemberStatus.values:
        raise ValidationError({"status": _("Choose a status from the list.")})
    reason = records.stated_reason(reason)
    with transaction.atomic():
        rows = records.visible(Member, actor).alive().filter(pk__in=pks).exclude(status=status)
        members = list(rows.select_for_update(of=("self",)).order_by("pk"))
        numberless = sum(member.member_number is None for member in members)
        if numberless and status != MemberStatus.REPRESENTED_NON_MEMBER:
            raise DomainError(
                ngettext(
                    "%(count)s of them has no member number. Enter it first.",
                    "%(count)s of them have no member number. Enter their numbers first.",
                    numberless,
                )
                % {"count": numberless}
            )
        Member.objects.filter(pk__in=[member.pk for member in members]).update(
            status=status, version=F("version") + 1, updated_at=timezone.now()
        )
        trail.record_many([_status_entry(member, status, reason) for member in members], actor=actor)
        return len(members)


def _status_entry(member: Member, status: str, reason: str) -> trail.Entry:
    changed = trail.changes(Member, {"status": member.status}, {"status": status})
    return trail.Entry(member, CoreAction.CHANGED, changed, reason=reason)


def searched_names(member: Member) -> list[str]:
    """The texts whose words a slip of the finger may be corrected to."""
    return [member.first_name, member.middle_name, member.last_name]


@contextmanager
def clash_named(values: Mapping[str, Any]) -> Iterator[None]:
    """Says of a number that a deleted member has that restoring is the way, not another record."""
    try:
        yield
    except ValidationError as error:
        found = error.error_dict if hasattr(error, "error_dict") else {}
        number = values.get("member_number")
        taken = "unique" in {item.code for item in found.get("member_number", ())}
        if not taken or not Member.objects.deleted().filter(member_number=number).exists():
            raise
        sentence = _("The number %(number)s belongs to a deleted record. Restore it instead.") % {"number": number}
        raise ValidationError({**found, "member_number": ValidationError(sentence, code="unique")}) from error
