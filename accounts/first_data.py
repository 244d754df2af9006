"""The people who act in first data."""

from datetime import UTC, date, datetime, time

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from accounts.models import RoleAssignment, User
from accounts.services.people import create_seat
from core.site import site_settings

# When an office is at work anywhere in the United States.
WORKING = time(18, tzinfo=UTC)
DOMAIN = "seats.unionops.example"


def refuse_real_local() -> None:
    """Raise CommandError where invented people would stand among real ones, sign for them or get their accounts."""
    if settings.PRODUCTION:
        raise CommandError("This portal runs with production settings. Demonstration data is refused here.")
    if User.objects.exclude(last_login=None).exists() and not site_settings().is_demo:
        raise CommandError("People work in this portal. Demonstration data belongs into a database of its own.")


def moment_of(day: date) -> datetime:
    """When on that day something happened that first data tells of; nothing is still to come."""
    return min(datetime.combine(day, WORKING), timezone.now())


def holder_of(role: str, first_name: str, last_name: str) -> User:
    """Somebody who holds the role now; where nobody does, an account of that name that nobody can sign in to."""
    live = RoleAssignment.objects.live().filter(role__name=role, user__is_active=True)
    found = User.objects.filter(pk__in=live.values("user")).order_by("pk").first()
    if found is not None:
        return found
    email = f"{first_name}.{last_name}@{DOMAIN}".lower()
    return User.objects.filter(email=email).first() or create_seat(
        email, first_name, last_name, role=role, reason="Acts in the demonstration data"
    )
