import datetime
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import models
from django.utils.text import capfirst

from accounts.first_data import refuse_real_local
from core.site import local_now
from members.first_data import FirstData
from members.models import Employment, Member, Organization, OrganizationContact

SHOWN: tuple[type[models.Model], ...] = (Organization, OrganizationContact, Member, Employment)
LARGEST_SCALE = 10_000


class Command(BaseCommand):
    help = "Fill the portal with a demonstration local: 40 organizations, 200 members, their contacts and employments."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="the same number gives the same people")
        parser.add_argument("--as-of", type=datetime.date.fromisoformat, help="the day the data is true on: YYYY-MM-DD")
        parser.add_argument("--scale", type=int, default=1, help="so many times as much")
        parser.add_argument("--more", action="store_true", help="add another set to what is there")

    def handle(self, *, seed: int, as_of: datetime.date | None, scale: int, more: bool, **options: Any) -> None:
        refuse_real_local()
        if not 1 <= scale <= LARGEST_SCALE:
            raise CommandError(f"--scale takes a number from 1 to {LARGEST_SCALE}.")
        if not more and any(model._default_manager.exists() for model in SHOWN):
            self._say_counts()
            self.stdout.write("Nothing was added. To add another set, say --more.")
            return
        FirstData(seed, as_of or local_now().date(), scale, self._progress if scale > 10 else None).write()
        self._say_counts()

    def _say_counts(self) -> None:
        for model in SHOWN:
            self.stdout.write(f"{capfirst(model._meta.verbose_name_plural)}: {model._default_manager.count():,}")

    def _progress(self, members: int) -> None:
        self.stdout.write(f"{members:,} members written")
        self.stdout.flush()
