from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


class SignInThrottle(models.Model):
    """Failures of one sign-in name over every door; the key is a digest so that no address is listed."""

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    # of the first attempt that counts; once every place is taken, of the last
    window_started = models.DateTimeField(default=timezone.now)
    locked_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("sign-in lock")
        default_permissions = ()
        indexes = [models.Index(fields=["window_started"], name="throttle_window")]

    def __str__(self) -> str:
        return self.key[:8]

    @staticmethod
    def key_for(email: str) -> str:
        return salted_hmac("accounts.throttle", email.strip().lower(), algorithm="sha256").hexdigest()

    def refuses_until(self, now: datetime) -> datetime | None:
        """When this name may try again, or None when it may: locked, or every place taken and not answered yet."""
        until = self.locked_until
        if until is None and self.failures >= settings.LOCKOUT_FAILURES:
            until = self.window_started + timedelta(minutes=settings.LOCKOUT_MINUTES)
        return until if until and until > now else None


class DoorCount(models.Model):
    """How often one network, or one address that mail goes to, used a door in the present window; see limits."""

    key = models.CharField(max_length=64, primary_key=True)
    used = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField()

    class Meta:
        verbose_name = _("count at a door")
        verbose_name_plural = _("counts at the doors")
        default_permissions = ()
        indexes = [models.Index(fields=["ends_at"], name="door_count_ends")]

    def __str__(self) -> str:
        return self.key[:8]

    @staticmethod
    def key_for(door: str, whose: str) -> str:
        return salted_hmac("accounts.doors", f"{door} {whose}", algorithm="sha256").hexdigest()
