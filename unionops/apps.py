from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class UnionOpsConfig(AppConfig):
    """Last in INSTALLED_APPS: when its post_migrate comes, every permission exists."""

    name = "unionops"

    def ready(self) -> None:
        post_migrate.connect(sync_roles, sender=self, dispatch_uid="unionops.sync_roles")


def sync_roles(using: str, **kwargs: Any) -> None:
    from accounts.services.roles import sync_roles  # noqa: PLC0415  the apps are not there before
    from unionops.access import GRANTS, ROLES  # noqa: PLC0415  as above

    sync_roles(ROLES, GRANTS)
