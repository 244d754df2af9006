"""Tell the portal that a backup has succeeded; the last line of the backup's script."""

from typing import Any

from django.core.management.base import BaseCommand

from core.mail import heartbeats


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        heartbeats.succeeded(heartbeats.BACKUP)
