"""What was answered and what was typed, kept for whoever sends it again."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField


class KeptAnswer(models.Model):
    """What a POST with a key was answered, for whoever sends it again; see core.api.once and core.web.sent_once.

    Key and request are digests. A row without an answer exists only inside the transaction of the work.
    """

    FORM = "form"  # the operation of every page: an address could tell of a campaign

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    operation = models.CharField(max_length=200)
    key = models.CharField(max_length=64)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    answer = EncryptedTextField(blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("kept answer")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["account", "operation", "key"], name="kept_answer_key")]
        indexes = [models.Index(fields=["made_at"], name="kept_answer_made")]

    def __str__(self) -> str:
        return self.operation


class KeptForm(models.Model):
    """What somebody has typed in a form and not sent yet; see core.web.keeping. `page` is a digest."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    page = models.CharField(max_length=64)
    typed = EncryptedTextField()
    kept_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("kept form")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["account", "page"], name="kept_form_page")]
        indexes = [models.Index(fields=["kept_at"], name="kept_form_kept")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
