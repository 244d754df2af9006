from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from core.audit_check import verify


class Command(BaseCommand):
    help = "Checks the whole audit trail, names the first broken row of each stream and prints today's digest."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--digest", default="", help="a digest that an earlier run printed: nothing of it may be gone"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = verify(known_digest=options["digest"])
        self.stdout.write(
            _("%(events)s events in %(streams)s streams.") % {"events": verdict.events, "streams": verdict.streams}
        )
        self.stdout.write(f"digest {verdict.digest}")
        if verdict.faults:
            for fault in verdict.faults:
                self.stderr.write(fault)
            raise CommandError(_("The audit trail is broken. Keep this output, and compare with a backup."))
        self.stdout.write(_("The audit trail is whole. Keep the digest outside this machine."))
