"""Accounts that hold a permission now, to choose from where a case is assigned or restricted."""

from django.contrib.auth.models import Permission
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import RoleAssignment, User


def holders_of(permission: str) -> QuerySet[User]:
    app_label, _dot, codename = permission.partition(".")
    roles = Permission.objects.filter(content_type__app_label=app_label, codename=codename).values("group")
    live = RoleAssignment.objects.live().filter(user=OuterRef("pk"), role__in=roles)
    return User.objects.filter(Exists(live), is_active=True).order_by("last_name", "first_name", "pk")
