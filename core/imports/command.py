"""What import commands share: the engine of the pages, told by arguments."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import DomainError
from core.imports import applying, batches, checking, results
from core.imports.declaration import ImportedList
from core.imports.enums import RowDecision, RowOutcome
from core.imports.models import Batch
from core.mail import jobs

TICK_SECONDS = 0.5


class ImportCommand(BaseCommand):
    what: ImportedList

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a CSV or XLSX file")
        parser.add_argument(
            "--sheet", default="", help="the sheet of a workbook (default: the visible one with the best header)"
        )
        parser.add_argument("--header-row", type=int, default=0, metavar="N", help="where the columns' names are")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="COLUMN=FIELD",
            help=f"match a column; nothing after = ignores it. Fields: {', '.join(self.what.targets)}",
        )
        parser.add_argument(
            "--dates",
            choices=batches.DATE_ORDERS,
            default=batches.DATE_ORDERS[0],
            help="how dates such as 3/4/2020 are meant where a column does not tell (default: mdy)",
        )
        parser.add_argument("--dry-run", action="store_true", help="check only; the import waits on its page")
        parser.add_argument(
            "--accept-duplicates",
            choices=["create", "skip"],
            help="what to do with every possible duplicate (default: leave out)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            batch = self.checked(options)
            if not options["dry_run"]:
                if options["accept_duplicates"]:
                    batches.decide_all(batch, self.what, RowDecision(options["accept_duplicates"]), actor=None)
                with self.progress_shown(batch):
                    applying.start_apply(batch, self.what, actor=None, in_background=False)
        except DomainError as error:
            raise CommandError(error.sentence) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.report(batch)

    def checked(self, options: dict[str, Any]) -> Any:
        path: Path = options["file"]
        try:
            file = path.open("rb")
        except OSError as error:
            raise CommandError(f"{path} cannot be opened: {error.strerror}.") from error
        with file:
            batch = batches.upload(
                file,
                self.what,
                file_name=path.name,
                actor=None,
                sheet=options["sheet"],
                header_row=max(0, options["header_row"]),
            )
        self.stdout.write(f"{batch.layout['sentence']} Header in row {batch.layout['header_row']}.")
        chosen = self.chosen(batch, options["map"])
        told = self.for_list(options)
        batches.match_columns(batch, self.what, chosen, options=told, date_order=options["dates"], actor=None)
        for header in batch.layout["headers"]:
            if field := chosen.get(header):
                self.stdout.write(f"  {header} → {self.what.targets[field].label}")
        with self.progress_shown(batch):
            checking.start_check(batch, self.what, actor=None, in_background=False)
        return batch

    def for_list(self, options: dict[str, Any]) -> dict[str, str]:
        """What holds for the whole list; see core.imports.declaration.Option."""
        return {}

    def chosen(self, batch: Batch, pairs: list[str]) -> dict[str, str]:
        found = dict(batch.mapping)
        for pair in pairs:
            header, equals, field = pair.rpartition("=")
            if not equals:
                raise CommandError(f"--map takes COLUMN=FIELD, not “{pair}”.")
            found = {known: name for known, name in found.items() if known != header and name != field}
            if field:
                found[header] = field
        return found

    @contextmanager
    def progress_shown(self, batch: Batch) -> Iterator[None]:
        """While the work runs, draw how far it is; only where somebody looks."""
        done = threading.Event()

        def draw() -> None:
            while not done.wait(TICK_SECONDS):
                if (state := jobs.state_of(batch.pk)) and state.done:
                    total = f" of {state.total:,}" if state.total else ""
                    self.stdout.write(f"\r{state.label}: {state.done:,}{total}", ending="")

        if not self.stdout.isatty():
            yield
            return
        drawing = threading.Thread(target=draw)
        drawing.start()
        try:
            yield
        finally:
            done.set()
            drawing.join()
            self.stdout.write("")

    def report(self, batch: Batch) -> None:
        counts = batch.counts.get("applied", batch.counts)
        for sentence in (results.account_sentence(batch), *results.remarks(batch)):
            self.stdout.write(sentence)
        for outcome in RowOutcome:
            self.stdout.write(f"{outcome.label}: {counts.get(outcome.value, 0):,}")
        self.stdout.write(f"Every row with its outcome: {address_of(batch)}")


def address_of(batch: Any) -> str:
    return batch.get_absolute_url()
