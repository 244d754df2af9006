"""List the terms that ended in the last days, by their own end or because somebody ended them."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.models import RoleAssignment
from core.site import local_now


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=30, help="how far to look back (default: 30)")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        since = now - timedelta(days=min(max(options["days"], 0), 36_500))
        found = list(RoleAssignment.objects.ended_between(since, now).select_related("user", "role", "ended_by"))
        here = local_now().tzinfo
        for term in sorted(found, key=lambda term: (term.ends_at, term.pk)):
            ended = term.ends_at.astimezone(here)
            self.stdout.write(f"{ended:%Y-%m-%d %H:%M}  {term.role.name:24} {term.user.email:40} {why(term)}")
        self.stdout.write(f"{len(found)} terms ended in {options['days']} days.")


def why(term: RoleAssignment) -> str:
    if term.ended_at is None or term.ended_at != term.ends_at:
        return "its term was over"
    return f"ended by {term.ended_by or 'a command'}: {term.end_reason}".removesuffix(": ")
