from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.files import checking


class Command(BaseCommand):
    help = "Reads every attached file and compares it with what was sent; names each that is gone or changed."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(checking.faults())
        for fault in found:
            self.stderr.write(fault)
        if found:
            raise CommandError(_("Files are missing or changed. Keep this output, and restore them from a backup."))
        count = checking.count()
        sentence = ngettext("%(n)s file is as it was sent.", "%(n)s files are as they were sent.", count)
        self.stdout.write(sentence % {"n": count})
