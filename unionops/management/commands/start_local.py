"""Start an empty portal: the local's settings and the first administrator, whose one-time password is printed."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import RoleAssignment
from accounts.services.people import create_first_admin, one_time_password
from accounts.services.roles import sync_roles
from accounts.services.terms import ADMIN
from core.site import change_settings
from unionops.access import GRANTS, ROLES


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True, help="of the first administrator")
        parser.add_argument("--first-name", required=True)
        parser.add_argument("--last-name", required=True)
        parser.add_argument("--name", required=True, help="of the local")
        parser.add_argument("--number", default="", help="of the local")
        parser.add_argument("--time-zone", required=True, help="such as America/New_York")

    def handle(self, *args: Any, **options: Any) -> None:
        if RoleAssignment.objects.live().filter(role__name=ADMIN, user__is_active=True).exists():
            raise CommandError("This portal already has an administrator, who makes accounts on the page Users.")
        password = one_time_password()
        try:
            with transaction.atomic():
                sync_roles(ROLES, GRANTS)
                change_settings({key: options[key] for key in ("name", "number", "time_zone")}, actor=None)
                user = create_first_admin(
                    email=options["email"],
                    password=password,
                    first_name=options["first_name"],
                    last_name=options["last_name"],
                    must_change_password=True,
                )
        except ValidationError as error:
            raise CommandError(_sentences(error)) from error
        self.stdout.write(f"The portal is ready. Sign in as {user.email} with this one-time password:\n{password}")


def _sentences(error: ValidationError) -> str:
    return "\n".join(f"{field}: {' '.join(messages)}" for field, messages in error.message_dict.items())
