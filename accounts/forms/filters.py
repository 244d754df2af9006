"""How the list of accounts is narrowed."""

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters as filters
from django.db import models
from django.db.models import Exists, OuterRef
from django.forms import DateInput
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import InstallationState
from accounts.models import AssignmentQuerySet, Installation, Role, RoleAssignment, User, UserQuerySet
from accounts.services import limits
from core.validators import validate_sensible_date
from core.web.filters import ListFilterSet, SearchFilter

DAY = timedelta(days=1)
STATES = [
    ("active", _("May sign in")),
    ("invited", _("Invited")),
    ("off", _("Switched off")),
    ("locked", _("Locked")),
    ("new", _("One-time password")),
]


class UserFilterSet(ListFilterSet):
    q = SearchFilter(label=_("Search"), method="search")
    role = filters.ChoiceFilter(
        label=_("Role"), choices=Role.objects.choices, method="with_role", empty_label=_("Any role")
    )
    state = filters.ChoiceFilter(label=_("State"), choices=STATES, method="in_state", empty_label=_("Any state"))

    class Meta:
        model = User
        fields: list[str] = []

    def search(self, rows: UserQuerySet, name: str, value: str) -> models.QuerySet:
        return rows.named(value)

    def with_role(self, rows: models.QuerySet, name: str, value: str) -> models.QuerySet:
        return rows.filter(Exists(RoleAssignment.objects.live().filter(role__name=value, user_id=OuterRef("pk"))))

    def in_state(self, rows: models.QuerySet, name: str, value: str) -> models.QuerySet:
        conditions: dict[str, Any] = {
            "active": {"is_active": True, "invited_at": None},
            "invited": {"is_active": True, "invited_at__isnull": False},
            "off": {"is_active": False},
            "new": {"must_change_password": True},
        }
        if value == "locked":
            return rows.filter(pk__in=limits.locked_ids(rows))
        return rows.filter(**conditions[value])


class RoleFilterSet(ListFilterSet):
    q = SearchFilter(label=_("Search"), field_name="display_name", lookup_expr="icontains")

    class Meta:
        model = Role
        fields: list[str] = []


class InstallationFilterSet(ListFilterSet):
    q = SearchFilter(label=_("Search"), field_name="title", lookup_expr="icontains")
    state = filters.ChoiceFilter(label=_("State"), choices=InstallationState.choices, empty_label=_("Any state"))

    class Meta:
        model = Installation
        fields: list[str] = []


def held_role() -> filters.ChoiceFilter:
    return filters.ChoiceFilter(
        label=_("Role"), choices=Role.objects.choices, field_name="role__name", empty_label=_("Any role")
    )


class TermFilterSet(ListFilterSet):
    role = held_role()

    class Meta:
        model = RoleAssignment
        fields: list[str] = []


class HeldFilterSet(ListFilterSet):
    day = filters.DateFilter(
        label=_("Day"), method="held_on", validators=[validate_sensible_date], widget=DateInput(attrs={"type": "date"})
    )
    role = held_role()

    class Meta:
        model = RoleAssignment
        fields: list[str] = []

    def held_on(self, rows: AssignmentQuerySet, name: str, value: date) -> AssignmentQuerySet:
        begin, end = (datetime.combine(day, time.min, get_current_timezone()) for day in (value, value + DAY))
        return rows.held_between(begin, end)


class AssignmentFilterSet(ListFilterSet):
    user = filters.NumberFilter(
        label=_("Person"), field_name="user_id", min_value=1, max_value=models.BigIntegerField.MAX_BIGINT
    )
    role = filters.ChoiceFilter(label=_("Role"), choices=Role.objects.choices, field_name="role__name")
    live = filters.ChoiceFilter(label=_("Live"), choices=[("now", _("Now"))], method="that_are_live")

    class Meta:
        model = RoleAssignment
        fields: list[str] = []

    def that_are_live(self, rows: models.QuerySet, name: str, value: str) -> models.QuerySet:
        return rows.filter(pk__in=RoleAssignment.objects.live().values("pk"))
