"""Confirm who a person is, on the server, where no officer of the local can; every officer and trustee is told."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.services import confirming
from core.errors import DomainError


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="with which the person signs in")
        parser.add_argument("--reason", required=True, help="how you know that it is this person; stays on record")

        parser.add_argument(
            "--keep-password",
            action="store_true",
            help="they cannot read mail, and have signed in before you with a password of their own",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=User.objects.normalize_email(options["email"])).first()
        if user is None:
            raise CommandError("Nobody signs in with this address.")
        rested = confirming.what_rests(user)
        try:
            waited = confirming.confirm_on_server(
                user, reason=options["reason"], keeps_password=options["keep_password"]
            )
        except DomainError as error:
            raise CommandError(error.sentence) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{user} is confirmed. What counts now:")
        for words in (*rested, *(term.role_and_kind for term in waited)):
            self.stdout.write(f"  {words}")
