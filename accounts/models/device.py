import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import DeviceEnd
from accounts.models.user import OwnedQuerySet, User


class DeviceQuerySet(OwnedQuerySet):
    def live(self, at: datetime | None = None) -> Self:
        """Devices whose tokens work; see RefreshToken.is_valid."""
        same = {"user__is_active": True, "user__session_epoch": F("session_epoch")}
        return self.filter(revoked_at=None, expires_at__gt=at or timezone.now(), **same)

    def over(self, before: datetime) -> Self:
        """Devices that ended or expired before that moment."""
        return self.filter(Q(expires_at__lt=before) | Q(revoked_at__lt=before))


class RefreshToken(models.Model):
    """One device that uses the API: a family of refresh tokens, of which only the newest one works.

    The digest of that one is all that is kept. Every token names its family, so an earlier one is recognised.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="devices", verbose_name=_("person"))
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    # as the account's at sign-in: what ends all sessions ends this one, whoever does it
    session_epoch = models.UUIDField(editable=False)
    rotations = models.PositiveIntegerField(_("renewals"), default=0)
    device_info = models.CharField(_("device"), max_length=200, blank=True)
    ip_address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    # of `ip_address`; a device of the same name and network is no news, see accounts.api.devices
    network = models.CharField(max_length=43, blank=True, editable=False)
    created_at = models.DateTimeField(_("signed in"), default=timezone.now)
    last_used_at = models.DateTimeField(_("last used"), default=timezone.now)
    expires_at = models.DateTimeField(_("ends"))
    revoked_at = models.DateTimeField(_("ended early"), null=True, blank=True)
    revoke_reason = models.CharField(_("why"), max_length=12, choices=DeviceEnd.choices, blank=True)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        ordering = ["-last_used_at", "id"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["user", "-last_used_at"], name="device_user"),
            models.Index(fields=["user", "session_epoch", "device_info", "network"], name="device_known"),
            models.Index(fields=["user", "expires_at"], name="device_not_ended", condition=Q(revoked_at=None)),
            models.Index(fields=["expires_at"], name="device_expires"),
            models.Index(fields=["revoked_at"], name="device_revoked"),
        ]

    def __str__(self) -> str:
        return self.device_info or str(self._meta.verbose_name)

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def is_valid(self) -> bool:
        """Whether its tokens open anything now."""
        ended = self.revoked_at is not None or self.is_expired
        return not ended and self.user.is_active and self.session_epoch == self.user.session_epoch
