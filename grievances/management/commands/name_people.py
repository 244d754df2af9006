"""Name people for a restricted case that nobody sees any more, on the server; it stays on record."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from core.errors import DomainError
from grievances.models import Grievance
from grievances.services import cases


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", help="of the case, as the daily mail of the chair says it")
        parser.add_argument("emails", nargs="+", help="with which the people sign in who see the case from now on")
        parser.add_argument("--reason", required=True, help="who decided it; stays on record")

    def handle(self, *args: Any, **options: Any) -> None:
        case = Grievance.objects.filter(grievance_number=options["number"]).first()
        if case is None:
            raise CommandError("No case has this number.")
        addresses = {User.objects.normalize_email(email) for email in options["emails"]}
        people = list(User.objects.filter(email__in=addresses))
        if missing := sorted(addresses - {user.email for user in people}):
            raise CommandError(f"Nobody signs in with {', '.join(missing)}.")
        try:
            cases.name_on_server(case, people, reason=options["reason"])
        except DomainError as error:
            raise CommandError(error.sentence) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(
            f"{case} is seen by {', '.join(sorted(user.get_full_name() for user in people))} from now on."
        )
