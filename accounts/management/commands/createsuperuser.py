"""Make an account with the role admin and a verified address. Asks for what is not given."""

import getpass
import os
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.services.people import create_first_admin

FIELDS = (User.USERNAME_FIELD, *User.REQUIRED_FIELDS)


class Command(BaseCommand):
    help = __doc__
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name in FIELDS:
            parser.add_argument(f"--{name}")
        parser.add_argument(
            "--noinput",
            "--no-input",
            action="store_false",
            dest="interactive",
            help="ask nothing: the password is DJANGO_SUPERUSER_PASSWORD, or nobody can sign in until one is set",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        asks = options["interactive"]
        try:
            given = {name: self._field(name, options[name], asks=asks) for name in FIELDS}
            password = typed_password(given) if asks else os.environ.get("DJANGO_SUPERUSER_PASSWORD")
            create_first_admin(password=password, **given)
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        if options["verbosity"] >= 1:
            self.stdout.write("The account is made.")

    def _field(self, name: str, value: str | None, *, asks: bool) -> str:
        field = User._meta.get_field(name)
        value = value or os.environ.get(f"DJANGO_SUPERUSER_{name.upper()}")
        if not value and not asks:
            raise CommandError(f"You must use --{name} with --noinput.")
        return field.clean(value or input(f"{field.verbose_name}: "), None)


def typed_password(given: dict[str, str]) -> str:
    """What is typed twice and is a good password for that person."""
    password = getpass.getpass()
    if password != getpass.getpass("Password (again): "):
        raise CommandError("The passwords are not the same.")
    validate_password(password, User(**given))
    return password
