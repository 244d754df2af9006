from typing import ClassVar, Self

from django.contrib.auth.models import Group, GroupManager
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.permissions import VIEW_ROLES
from core.models import Versioned
from core.permissions import Actor, Permission, may
from core.validators import validate_single_line


class RoleQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        if may(user, VIEW_ROLES):
            return self.all()
        return self.none()

    def granting(self, permission: Permission) -> Self:
        app_label, codename = permission.app_label, permission.codename
        return self.filter(permissions__content_type__app_label=app_label, permissions__codename=codename)


RoleRows = GroupManager.from_queryset(RoleQuerySet)


class RoleManager(RoleRows):  # type: ignore[valid-type]
    def choices(self) -> list[tuple[str, str]]:
        """(name, name on screen) of every role, for forms and filters."""
        return list(self.order_by("position", "display_name").values_list("name", "display_name"))


class Role(Versioned, Group):
    """A named set of permissions; decided by unionops.access and synced after migrate, or custom: by this local."""

    display_name = models.CharField(_("name on screen"), max_length=80, validators=[validate_single_line])
    description = models.CharField(_("description"), max_length=300, blank=True, validators=[validate_single_line])
    is_system_role = models.BooleanField(_("system role"), default=False, editable=False)
    is_custom = models.BooleanField(_("made by this local"), default=False, editable=False)
    needs_confirmation = models.BooleanField(_("an officer confirms it"), default=False, editable=False)
    position = models.PositiveSmallIntegerField(default=100, editable=False)

    objects: ClassVar[RoleManager] = RoleManager()

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ["position", "display_name"]
        default_permissions = ("view", "change")
        constraints = [
            models.CheckConstraint(
                condition=~Q(is_system_role=True, is_custom=True),
                name="role_system_or_custom",
                violation_error_message=_("A system role comes with the product; nobody adds one."),
            )
        ]

    def __str__(self) -> str:
        return self.display_name

    def get_absolute_url(self) -> str:
        return reverse("role", args=[self.name])

    @property
    def origin(self) -> str:
        """Where the role comes from, in words."""
        if self.is_system_role:
            return str(_("System role"))
        return str(_("Made by this local") if self.is_custom else _("Further role"))
