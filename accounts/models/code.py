from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class SpentCode(models.Model):
    """The time step of the last code that an authenticator app was believed for; older ones and it are worthless."""

    authenticator = models.OneToOneField("mfa.Authenticator", models.CASCADE, primary_key=True, related_name="spent")
    step = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("spent authenticator code")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.step)


class MailedCode(models.Model):
    """The one sign-in code that a person was mailed last: a digest, deleted by whoever uses it."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="mailed_code")
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("mailed sign-in code")
        default_permissions = ()

    def __str__(self) -> str:
        return self.digest[:8]
