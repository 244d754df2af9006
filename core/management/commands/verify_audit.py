from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils.translation import gettext as _

from core.audit.check import StillWriting, verify
from core.db import triggers


class Command(BaseCommand):
    help = "Checks the whole audit trail, names the first broken row of each stream and prints today's digest."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--digest", default="", help="a digest that an earlier run printed: nothing of it may be gone"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET statement_timeout = 0")  # the limit is for pages; this reads everything
        try:
            verdict = verify(known_digest=options["digest"])
        except StillWriting as error:
            raise CommandError(
                _("A long write, such as an import, is still running. Try again when it is done.")
            ) from error
        self.stdout.write(
            _("%(events)s events in %(streams)s streams.") % {"events": verdict.events, "streams": verdict.streams}
        )
        self.stdout.write(f"digest {verdict.digest}")
        unguarded = [
            _("The trigger %(name)s is missing: rows could be changed. Run migrate.") % {"name": name}
            for name in triggers.missing(connection)
        ]
        if faults := verdict.faults + unguarded:
            for fault in faults:
                self.stderr.write(fault)
            raise CommandError(_("The audit trail is broken. Keep this output, and compare with a backup."))
        self.stdout.write(_("The audit trail is whole. Keep the digest outside this machine."))
