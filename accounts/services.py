"""The verbs of accounts."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import Permission
from django.db import transaction

from accounts.models import Role


def sync_roles(specs: Mapping[str, Any], grants: Mapping[str, tuple[str, ...]]) -> None:
    """Make the roles and their permissions equal to the table; running it again changes nothing.

    Raises LookupError for a permission in `grants` that no model declares. A custom role keeps its own
    permissions.
    """
    known = {f"{item.content_type.app_label}.{item.codename}": item for item in
             Permission.objects.select_related("content_type")}
    if lost := sorted(set(grants) - set(known)):
        raise LookupError(f"GRANTS names permissions that do not exist: {', '.join(lost)}")
    with transaction.atomic():
        for position, (name, spec) in enumerate(specs.items(), start=1):
            role, _created = Role.objects.get_or_create(
                name=name,
                defaults={
                    "display_name": str(spec.display_name),
                    "description": str(spec.description),
                    "is_system_role": spec.is_system_role,
                    "position": position,
                },
            )
            wanted = {known[permission].pk for permission, roles in grants.items() if name in roles}
            if wanted != set(role.permissions.values_list("pk", flat=True)):
                role.permissions.set(wanted)
