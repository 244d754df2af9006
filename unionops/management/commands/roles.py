"""Print the role table: which role may do what."""

from typing import Any

from django.core.management.base import BaseCommand

from unionops.access import GRANTS, ROLES


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write("| role | on screen | may |\n|---|---|---|")
        for name, spec in ROLES.items():
            granted = ", ".join(permission for permission, roles in GRANTS.items() if name in roles)
            self.stdout.write(f"| {name} | {spec.display_name} | {granted or '–'} |")
