import datetime
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.text import capfirst

from accounts.first_data import refuse_real_local
from core.errors import DomainError
from core.site import local_today
from unionops.management.commands._progress import Bar
from unionops.seeding import COUNTED, Seeds, is_seeded

LARGEST_SCALE = 10_000
LONG = 20


class Command(BaseCommand):
    help = (
        "Fill the portal with 30 SALTing activities, 25 benevolence applications with 47 reviews and 20 grievances "
        "with 31 step records, on top of the members and employers of seed_phase1."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="the same number gives the same cases")
        parser.add_argument("--as-of", type=datetime.date.fromisoformat, help="the day the data is true on: YYYY-MM-DD")
        parser.add_argument("--scale", type=int, default=1, help="so many times as much")
        parser.add_argument("--more", action="store_true", help="add another set to what is there")

    def handle(self, *, seed: int, as_of: datetime.date | None, scale: int, more: bool, **options: Any) -> None:
        refuse_real_local()
        if not 1 <= scale <= LARGEST_SCALE:
            raise CommandError(f"--scale takes a number from 1 to {LARGEST_SCALE}.")
        if is_seeded() and not more:
            self._say_counts()
            self.stdout.write("Nothing was added. To add another set, say --more.")
            return
        today = local_today()
        if as_of is not None and as_of > today:
            raise CommandError("--as-of is a day to come. Choose today or an earlier day.")
        bar = Bar(self.stdout, scale) if scale >= LONG else None
        try:
            Seeds(seed, as_of or today, scale).write(bar.show if bar else None)
        except DomainError as error:
            raise CommandError(error.sentence) from error
        self._say_counts()

    def _say_counts(self) -> None:
        for model in COUNTED:
            name = str(model._meta.verbose_name_plural)
            self.stdout.write(f"{name if name[:2].isupper() else capfirst(name)}: {model._default_manager.count():,}")
