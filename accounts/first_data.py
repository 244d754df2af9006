"""The people who act in first data."""

from accounts.models import RoleAssignment, User
from accounts.services.people import create_seat

DOMAIN = "seats.unionops.example"


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
