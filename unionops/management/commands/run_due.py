"""Do what is due: tell of terms that are over, deliver the outbox. Run it every minute; several at once share the work.

With --every it stays, repeats, and ends with the process that started it.
"""

import logging
import os
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from unionops import due

logger = logging.getLogger("unionops.due")


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=int, metavar="SECONDS", help="stay and repeat after so many seconds")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["every"]:
            self._once()
            return
        parent, waited = os.getppid(), options["every"]
        while os.getppid() == parent:
            if waited >= options["every"]:
                self._repeated()
                waited = 0
            time.sleep(1)
            waited += 1

    def _repeated(self) -> None:
        """Whatever goes wrong, also where that cannot be written down: a database that is away comes back."""
        try:
            self._once()
        except CommandError as error:
            self.stderr.write(str(error))
        except Exception:
            logger.exception("regular work failed")
        finally:
            connections.close_all()

    def _once(self) -> None:
        try:
            for sentence in due.run(due.WORK):
                self.stdout.write(sentence)
        except RuntimeError as error:
            raise CommandError(f"Failed: {error}. The log says why.") from error
