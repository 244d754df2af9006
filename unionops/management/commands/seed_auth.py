"""Make the roles equal to the table and say what is there; with --demo also one account per role."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.first_data import refuse_real_local
from accounts.models import Role, RoleAssignment, User
from accounts.services.people import change_own_password, change_user, create_user
from accounts.services.roles import sync_roles
from core.models import Outbox
from core.site import change_settings, site_settings
from members.first_data import linked_to
from members.models import Member
from unionops.access import GRANTS, ROLES

DOMAIN = "demo.unionops.example"
PASSWORD = "union-hall-demo-2026"  # noqa: S105  (printed, documented, refused in production)


# Whom one meets in the demonstration; an address says the role.
NAMES = {
    "admin": ("Alma", "Ferris"),
    "officer": ("Otto", "Marsh"),
    "staff": ("Irene", "Kowalski"),
    "organizer": ("Lucia", "Ferrante"),
    "instructor": ("Neil", "Okafor"),
    "member": ("Mae", "Dunning"),
    "representative": ("Rosa", "Delgado"),
    "steward": ("Pete", "Vasquez"),
    "grievance-chair": ("Walter", "Novak"),
    "organizing-director": ("Samuel", "Whitaker"),
    "treasurer": ("George", "Abernathy"),
    "trustee": ("Helen", "Sorensen"),
    "benevolence-vp": ("Marlene", "Ostrowski"),
    "benevolence-admin": ("Teresa", "Quintana"),
    "benevolence-manager": ("Harold", "Lindqvist"),
    "benevolence-president": ("Yvonne", "Baptiste"),
}


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="one account per role, all with one known password")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["demo"]:
            refuse_real_local()
        sync_roles(ROLES, GRANTS)
        if options["demo"]:
            self._demo()
        for role in Role.objects.all():
            holders = RoleAssignment.objects.live().filter(role=role, user__is_active=True).count()
            self.stdout.write(f"{role.name:24} {role.permissions.count():3} permissions  {holders:3} holders")

    def _demo(self) -> None:
        made = [self._account(name) for name in ROLES]
        Outbox.objects.all().delete()  # nobody is there to be told of invented accounts
        _link_member()
        if not site_settings().is_demo:
            change_settings({"is_demo": True}, actor=None)
        self.stdout.write(f"{sum(made)} demo accounts made, {len(made) - sum(made)} were there.")
        self.stdout.write(f"Sign in as ROLE@{DOMAIN} (admin, officer, staff, member, …) with {PASSWORD}\n")

    def _account(self, role: str) -> bool:
        email = f"{role}@{DOMAIN}"
        if User.objects.filter(email=email).exists():
            return False
        with transaction.atomic():
            user, _once = create_user(email, *NAMES[role], actor=None, roles=[role])
            change_own_password(user, PASSWORD)
        return True


def _link_member() -> None:
    """The demo member sees somebody's record as their own, once there are members."""
    user = User.objects.get(email=f"member@{DOMAIN}")
    free = Member.objects.filter(deleted_at=None, account=None).order_by("pk").first()
    if user.member_id is None and free is not None:
        change_user(user, linked_to(free), actor=None)
