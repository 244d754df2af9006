from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils.translation import gettext as _

from benevolence.models import FundTransfer
from benevolence.services import fund, ledger
from core.db import triggers
from core.web.formats import money_text


class Command(BaseCommand):
    help = "Compares the balances of the fund with its entries, applications and payments; names what differs."

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET statement_timeout = 0")  # the limit is for pages; this reads everything
        faults = [
            *ledger.differences(),
            *(
                _("The trigger %(name)s is missing: entries could be changed. Run migrate.") % {"name": name}
                for name in triggers.missing(connection)
            ),
        ]
        held = fund.figures()
        sentence = _("%(entries)s entries: balance %(balance)s, set aside %(aside)s, available %(available)s.")
        told = {"balance": held.balance, "aside": held.set_aside, "available": held.available}
        self.stdout.write(
            sentence
            % {
                "entries": FundTransfer.objects.count(),
                **{name: money_text(amount) for name, amount in told.items()},
            }
        )
        if faults:
            for fault in faults:
                self.stderr.write(fault)
            raise CommandError(_("The ledger does not balance. Keep this output, and compare with a backup."))
        self.stdout.write(_("The ledger balances."))
