"""Do what is due: deliver the outbox. Run it every minute; several at once share the work.

With --every it stays, repeats, and ends with the process that started it.
"""

import os
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections

from unionops import due


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=int, metavar="SECONDS", help="stay and repeat after so many seconds")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["every"]:
            self._once()
            return
        parent = os.getppid()
        while os.getppid() == parent:
            try:
                self._once()
            except CommandError as error:
                self.stderr.write(str(error))
            close_old_connections()
            time.sleep(options["every"])

    def _once(self) -> None:
        try:
            for sentence in due.run(due.WORK):
                self.stdout.write(sentence)
        except RuntimeError as error:
            raise CommandError(f"Failed: {error}. The log says why.") from error
