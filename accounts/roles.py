"""The verbs of roles: what a role may do and how it is described. `actor` None is a command or a release."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils.module_loading import import_string

from accounts.enums import AccountAction
from accounts.models import Role
from accounts.permissions import CHANGE_ROLES
from core import audit, records
from core.models import AuditEvent


def is_grave(permissions: Iterable[str]) -> bool:
    """Whether a role that may do this counts only once an officer confirms who gets it."""
    return not set(permissions).isdisjoint(import_string(settings.GRAVE_PERMISSIONS))


def describe_role(role: Role, description: str, *, actor: Any) -> Role:
    """Change the words that explain the role; nothing else of a role changes here."""
    records.allow(actor, CHANGE_ROLES)
    with transaction.atomic():
        locked = Role.objects.select_for_update(of=("self",)).get(pk=role.pk)
        before = audit.values(locked, ["description"])
        locked.description = description
        locked.full_clean()
        locked.save()
        if changed := audit.changes(Role, before, audit.values(locked, ["description"])):
            audit.record(locked, AccountAction.ROLE_DESCRIBED, actor=actor, changes=changed)
    return locked


def sync_roles(specs: Mapping[str, Any], grants: Mapping[str, tuple[str, ...]]) -> None:
    """Make the roles and their permissions equal to the table; running it again changes nothing.

    Raises LookupError for a permission in `grants` that no model declares. A custom role keeps its own
    permissions, and a description that somebody edited stays.
    """
    known = {
        f"{item.content_type.app_label}.{item.codename}": item.pk
        for item in Permission.objects.select_related("content_type")
    }
    if lost := sorted(set(grants) - set(known)):
        raise LookupError(f"GRANTS names permissions that do not exist: {', '.join(lost)}")
    with transaction.atomic():
        for position, (name, spec) in enumerate(specs.items(), start=1):
            is_new = not Role.objects.filter(name=name).exists()
            wanted = {permission for permission, roles in grants.items() if name in roles}
            role = _synced_role(name, spec, position, needs_confirmation=is_grave(wanted))
            held_ids = set(role.permissions.values_list("pk", flat=True))
            held = {permission for permission, pk in known.items() if pk in held_ids}
            if wanted != held:
                role.permissions.set([known[permission] for permission in wanted])
                if not is_new:
                    given, taken = ", ".join(sorted(wanted - held)), ", ".join(sorted(held - wanted))
                    audit.record(role, AccountAction.ROLE_GRANTS_CHANGED, actor=None, given=given, taken=taken)


def _synced_role(name: str, spec: Any, position: int, *, needs_confirmation: bool) -> Role:
    role = Role.objects.filter(name=name).first() or Role(name=name)
    wanted = {
        "needs_confirmation": needs_confirmation,
        "display_name": str(spec.display_name),
        "is_system_role": spec.is_system_role,
        "position": position,
        "description": str(spec.description),
    }
    if role.pk and role.description != wanted["description"] and _is_described(role):
        del wanted["description"]
    if role.pk is None or any(getattr(role, field) != value for field, value in wanted.items()):
        for field, value in wanted.items():
            setattr(role, field, value)
        role.save()
    return role


def _is_described(role: Role) -> bool:
    events = AuditEvent.objects.filter(subject_type=audit.subject_type(Role), subject_id=str(role.pk))
    return events.filter(action=AccountAction.ROLE_DESCRIBED).exists()
