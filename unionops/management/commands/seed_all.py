import datetime
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from accounts.first_data import refuse_real_local


class Command(BaseCommand):
    help = "The whole demonstration: seed_phase1, one demo account per role, seed_phase2."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="the same number gives the same data")
        parser.add_argument("--as-of", type=datetime.date.fromisoformat, help="the day the data is true on: YYYY-MM-DD")
        parser.add_argument("--scale", type=int, default=1, help="so many times as much")
        parser.add_argument("--more", action="store_true", help="add another set to what is there")

    def handle(self, **options: Any) -> None:
        refuse_real_local()
        chosen = {name: options[name] for name in ("seed", "as_of", "scale", "more")}
        call_command("seed_phase1", stdout=self.stdout, **chosen)
        call_command("seed_auth", demo=True, stdout=self.stdout)
        call_command("seed_phase2", stdout=self.stdout, **chosen)
