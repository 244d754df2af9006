"""Who asks: one person of each role that the bench looks through, and 200 desks to which work is spread."""

from typing import Any

# The first accounts of the crowd; see bench.records.
FIRST_DESK, DESKS = 1_001, 200
ROLES = (
    *("admin", "officer", "staff", "organizer", "member", "steward", "representative", "grievance-chair"),
    *("treasurer", "trustee", "benevolence-vp", "benevolence-manager"),
)


def address_of(role: str) -> str:
    return f"{role}@bench.example"


def make() -> dict[str, Any]:
    """In an empty portal."""
    from accounts.factories import RoleAssignmentFactory, UserFactory

    people = {role: UserFactory(email=address_of(role), first_name=role.title(), last_name="Person") for role in ROLES}
    for role, person in people.items():
        RoleAssignmentFactory(user=person, role=role)
    return people
