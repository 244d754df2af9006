"""A new slate: who holds which elected role from one moment on."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import InstallationState
from accounts.permissions import HAND_OVER, VIEW_ROLES
from core.models import TimeStamped, Versioned
from core.permissions import Actor, may
from core.terms import last_moment_before
from core.validators import validate_single_line


class InstallationQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        """Every slate for those who may see roles; for those who hand over the ones that are set."""
        if may(user, VIEW_ROLES):
            return self.all()
        if may(user, HAND_OVER):
            return self.filter(state=InstallationState.SET)
        return self.none()


class Installation(Versioned, TimeStamped):
    """Once set, every earlier term of its roles ends and every seat's begins at `takes_effect_at`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(_("name of the installation"), max_length=120, validators=[validate_single_line])
    reason = models.CharField(_("reason"), max_length=300, validators=[validate_single_line])
    state = models.CharField(
        _("state"), max_length=10, choices=InstallationState.choices, default=InstallationState.DRAFT
    )
    # empty in a draft that takes effect when it is set
    takes_effect_at = models.DateTimeField(_("takes effect"), null=True, blank=True)
    expires_at = models.DateTimeField(_("new terms end"), null=True, blank=True)
    roles = models.ManyToManyField("accounts.Role", related_name="+", verbose_name=_("roles of the slate"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("prepared by")
    )
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("set by")
    )
    set_at = models.DateTimeField(_("set"), null=True, blank=True)

    objects = InstallationQuerySet.as_manager()

    class Meta:
        verbose_name = _("installation")
        verbose_name_plural = _("installations")
        ordering = ["-created_at", "-id"]
        default_permissions = ()
        permissions = [(HAND_OVER.codename, "Can hand over what people who leave office worked on")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=InstallationState.SET)
                | models.Q(takes_effect_at__isnull=False, set_at__isnull=False, set_by__isnull=False),
                name="installation_set",
                violation_error_message=_("A slate that is set needs its moment."),
            )
        ]
        indexes = [models.Index(fields=["created_at", "id"], name="installation_created")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("installation", args=[self.pk])

    @property
    def is_draft(self) -> bool:
        return self.state == InstallationState.DRAFT

    @property
    def is_set(self) -> bool:
        return self.state == InstallationState.SET

    def has_begun(self, at: datetime | None = None) -> bool:
        return self.is_set and self.takes_effect_at is not None and self.takes_effect_at <= (at or timezone.now())

    def moment(self) -> datetime:
        """When it takes effect, or would if it were set now."""
        return self.takes_effect_at or timezone.now()

    @property
    def last_moment(self) -> datetime | None:
        """Of the new terms, where they have an end."""
        return last_moment_before(self.expires_at)


class SeatQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        if may(user, VIEW_ROLES):
            return self.all()
        return self.none()


class InstallationSeat(models.Model):
    """One person who is to hold one role of the slate."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    installation = models.ForeignKey(Installation, models.CASCADE, related_name="seats", verbose_name=_("installation"))
    # a role that somebody was seated in is never deleted; see accounts.services.roles
    role = models.ForeignKey("accounts.Role", models.CASCADE, related_name="+", verbose_name=_("role"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))

    objects = SeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["installation", "role", "user"],
                name="installation_seat_once",
                violation_error_message=_("This person is on the slate for this role already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.role}"
