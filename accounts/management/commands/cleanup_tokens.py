"""Delete devices whose tokens ended some days ago, and counts at the doors that refuse nobody any more."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts.api import devices
from accounts.services import limits


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=30, help="keep ended devices for so many days (default: 30)")

    def handle(self, *args: Any, **options: Any) -> None:
        ended, counts = devices.forget(days=max(options["days"], 0)), limits.forget_counts()
        self.stdout.write(f"Deleted {ended} ended devices and {counts} old counts.")
