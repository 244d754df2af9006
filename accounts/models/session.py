from datetime import timedelta
from hashlib import sha256
from typing import Self

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.user import OwnedQuerySet, User


def digest(session_key: str | None) -> str:
    """The key under which a session is kept: whoever has a copy of the table has no cookie."""
    return sha256((session_key or "").encode()).hexdigest()


class SessionQuerySet(OwnedQuerySet):
    def live(self) -> Self:
        """Browsers in which somebody is signed in still."""
        now = timezone.now()
        idle, longest = timedelta(minutes=settings.SESSION_IDLE_MINUTES), timedelta(seconds=settings.SESSION_COOKIE_AGE)
        return self.filter(epoch=F("user__session_epoch"), last_used_at__gt=now - idle, created_at__gt=now - longest)


class Session(AbstractBaseSession):
    """Django's table of sessions, which also says whose each is, so that one statement finds the person.

    `session_key` is the SHA-256 of the one that the cookie holds.
    """

    session_key = models.CharField(max_length=64, primary_key=True, editable=False)
    # without a constraint: Django takes an integrity error for a key that is taken, and tries another one for ever
    user = models.ForeignKey(User, models.CASCADE, null=True, editable=False, related_name="+", db_constraint=False)

    class Meta(AbstractBaseSession.Meta):
        default_permissions = ()


class SessionRecord(models.Model):
    """One browser in which a person is signed in. The key is the SHA-256 of the session's, which the cookie holds."""

    key = models.CharField(max_length=64, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="sessions", verbose_name=_("person"))
    # of the account when this browser last proved itself; another one means that the session is over
    epoch = models.UUIDField(editable=False)
    device = models.CharField(_("device"), max_length=80, blank=True)
    address_prefix = models.CharField(_("network"), max_length=43, blank=True)
    created_at = models.DateTimeField(_("signed in"), default=timezone.now)
    last_used_at = models.DateTimeField(_("last used"), default=timezone.now)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("browser session")
        ordering = ["-last_used_at", "-id"]
        default_permissions = ()
        indexes = [models.Index(fields=["user", "last_used_at"], name="session_user")]

    def __str__(self) -> str:
        return self.device or str(self._meta.verbose_name)
