"""What can be done with organizations and their contacts."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.audit import trail
from core.errors import DomainError
from core.permissions import Actor, allow
from core.records import records
from members import permissions as p
from members.enums import MemberAction
from members.models import Employment, Member, Organization, OrganizationContact
from members.services.employments import employed_at, refresh_search
from members.services.search import remember_words

ORGANIZATION_FIELDS = (
    "name",
    "org_type",
    "address",
    "city",
    "state",
    "zip_code",
    "phone",
    "email",
    "website",
)
CONTACT_FIELDS = ("first_name", "last_name", "title", "phone", "email", "is_primary", "notes")


def create_organization(values: Mapping[str, Any], *, actor: Actor | None) -> Organization:
    """Raises ValidationError by field."""
    allow(actor, p.ADD_ORGANIZATIONS)
    with transaction.atomic():
        organization = records.create(Organization(), values, editable=ORGANIZATION_FIELDS, actor=actor)
        remember_words([organization.name, organization.city])
        return organization


def update_organization(
    organization: Organization, values: Mapping[str, Any], *, actor: Actor | None, version: int | None = None
) -> Organization:
    """A new name is searched for through the people who work there, so theirs is written again too."""
    allow(actor, p.CHANGE_ORGANIZATIONS)
    with transaction.atomic():
        organization = records.lock_alive(organization, actor=actor, version=version)
        changed = records.change(organization, values, editable=ORGANIZATION_FIELDS, actor=actor)
        remember_words([organization.name, organization.city])
        if any(change["field"] == "name" for change in changed):
            refresh_search(employed_at(organization))
        return organization


def delete_organization(
    organization: Organization, *, actor: Actor | None, reason: str, version: int | None = None
) -> Organization:
    """Refused while members work there."""
    allow(actor, p.DELETE_ORGANIZATIONS)
    with transaction.atomic():
        organization = records.lock_alive(organization, actor=actor, version=version)
        working = Employment.objects.current().filter(organization=organization, member__in=Member.objects.alive())
        if count := working.count():
            raise DomainError(
                ngettext(
                    "%(count)s member works here now. End that employment first, or merge the two records.",
                    "%(count)s members work here now. End their employments first, or merge the two records.",
                    count,
                )
                % {"count": count}
            )
        records.soft_delete(organization, actor=actor, reason=reason)
        return organization


def restore_organization(
    organization: Organization, *, actor: Actor | None, reason: str = "", version: int | None = None
) -> Organization:
    """Refused for a record that was merged: its history went on in the other one."""
    allow(actor, p.RESTORE_ORGANIZATIONS)
    with transaction.atomic():
        organization = records.lock(organization, actor=actor, version=version)
        if organization.merged_into_id:
            raise DomainError(_("This record was merged into another organization. Open that organization instead."))
        records.restore(organization, actor=actor, reason=reason)
        return organization


def add_contact(organization: Organization, values: Mapping[str, Any], *, actor: Actor | None) -> OrganizationContact:
    """A new main contact takes the place of the former one."""
    allow(actor, p.CHANGE_ORGANIZATIONS)
    with transaction.atomic():
        organization = records.lock_alive(organization, actor=actor)
        if values.get("is_primary"):
            _unset_primary(organization, actor=actor)
        _touch(organization)
        return records.create(
            OrganizationContact(organization=organization),
            values,
            editable=CONTACT_FIELDS,
            actor=actor,
            action=MemberAction.CONTACT_ADDED,
            stream=trail.stream_of(organization),
        )


def change_contact(
    contact: OrganizationContact, values: Mapping[str, Any], *, actor: Actor | None, version: int | None = None
) -> OrganizationContact:
    """As in `add_contact`, a new main contact takes the place of the former one."""
    allow(actor, p.CHANGE_ORGANIZATIONS)
    with transaction.atomic():
        organization = records.lock_alive(contact.organization, actor=actor)
        contact = records.lock(contact, actor=actor, version=version)
        _touch(organization)
        if values.get("is_primary"):
            _unset_primary(organization, actor=actor, but=contact)
        records.change(
            contact,
            values,
            editable=CONTACT_FIELDS,
            actor=actor,
            action=MemberAction.CONTACT_CHANGED,
            stream=trail.stream_of(organization),
        )
        return contact


def remove_contact(
    contact: OrganizationContact, *, actor: Actor | None, reason: str, version: int | None = None
) -> None:
    allow(actor, p.CHANGE_ORGANIZATIONS)
    with transaction.atomic():
        organization = records.lock_alive(contact.organization, actor=actor)
        contact = records.lock(contact, actor=actor, version=version)
        _touch(organization)
        trail.record(
            contact,
            MemberAction.CONTACT_REMOVED,
            actor=actor,
            reason=records.stated_reason(reason),
            stream=trail.stream_of(organization),
        )
        contact.delete()


def _unset_primary(organization: Organization, *, actor: Actor | None, but: OrganizationContact | None = None) -> None:
    former = organization.contacts.filter(is_primary=True).first()
    if former is not None and former != but:
        records.change(
            former,
            {"is_primary": False},
            editable=CONTACT_FIELDS,
            actor=actor,
            action=MemberAction.CONTACT_CHANGED,
            stream=trail.stream_of(organization),
        )


def _touch(organization: Organization) -> None:
    """Contacts are told with their organization, so that has changed too, for programs that keep in step."""
    Organization.objects.filter(pk=organization.pk).update(updated_at=timezone.now())
