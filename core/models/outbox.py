"""Mails on their way, and how regular work goes."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.crypto import EncryptedTextField
from core.enums import MailState
from core.models.bases import TimeStamped
from core.permissions import ENTER_OFFICE, VIEW_SYSTEM


class Outbox(TimeStamped):
    """One mail on its way. Put in by core.mail.notifications, delivered by core.mail.outbox, emptied once it has left.

    `due_at` is when it may be taken next; whoever takes it sets it to the end of the lease and `claim` to a new
    value, so that a process that dies leaves a mail that falls due again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    template = models.CharField(_("kind of mail"), max_length=60)
    # a digest: keys of callers may tell what a mail is about
    key = models.CharField(max_length=64, blank=True, editable=False)
    address = EncryptedTextField(_("address"), blank=True)
    subject = EncryptedTextField(_("subject"), blank=True)
    body = EncryptedTextField(_("text"), blank=True)
    state = models.CharField(_("state"), max_length=8, choices=MailState.choices, default=MailState.WAITING)
    due_at = models.DateTimeField(_("next try"), default=timezone.now)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    claim = models.UUIDField(null=True, editable=False)
    sent_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    problem = models.CharField(_("what went wrong"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["key"], condition=~models.Q(key=""), name="outbox_key")]
        indexes = [models.Index(fields=["state", "due_at", "id"], name="outbox_due")]

    def __str__(self) -> str:
        return f"{self.template} {self.get_state_display()}"


class Heartbeat(models.Model):
    """When a piece of regular work last succeeded, and since when it fails; see core.mail.heartbeats."""

    name = models.CharField(max_length=30, primary_key=True)
    succeeded_at = models.DateTimeField(_("last success"), null=True)
    failing_since = models.DateTimeField(_("failing since"), null=True)
    problem = models.CharField(_("what went wrong"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("heartbeat")
        default_permissions = ()
        permissions = [
            (VIEW_SYSTEM.codename, "Can open the system page, send a test mail and retry mails"),
            (ENTER_OFFICE.codename, "Works in the office and is told when the portal is ill"),
        ]

    def __str__(self) -> str:
        return self.name
