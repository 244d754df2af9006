"""The trail: what was done, and who looked."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.classification import vault_labels
from core.enums import ReadKind
from core.permissions import VIEW_AUDIT, VIEW_HISTORY


class TrailQuerySet(models.QuerySet):
    """Events as the audit pages show them; the code that keeps and checks the chain reads all of them."""

    def outside_vault(self):
        """Without what was done to, or seen of, records whose existence is a secret."""
        return self.exclude(subject_type__in=vault_labels())


class HeadQuerySet(models.QuerySet):
    def outside_vault(self):
        kept = models.Q()
        for label in vault_labels():
            kept &= ~models.Q(stream__startswith=f"{label}:")
        return self.filter(kept)


class AuditHead(models.Model):
    """The end of one stream; locked last in every audited transaction."""

    stream = models.CharField(max_length=120, primary_key=True)
    seq = models.PositiveBigIntegerField(default=0)
    mac = models.CharField(max_length=64, blank=True)

    objects = HeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit stream")

    def __str__(self) -> str:
        return self.stream


class AuditEvent(models.Model):
    """One write-once line of a subject's history. Written by core.audit.trail, checked by `verify_audit`."""

    append_only = True

    stream = models.CharField(max_length=120)
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=200, blank=True)
    action = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=64)
    reason = models.CharField(max_length=500, blank=True)
    body = models.JSONField(default=dict)
    request_id = models.CharField(max_length=36, blank=True)
    previous_mac = models.CharField(max_length=64, blank=True)
    key_id = models.CharField(max_length=16)
    mac = models.CharField(max_length=64)

    objects = TrailQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit event")
        permissions = [
            (VIEW_AUDIT.codename, "Can read the audit trail"),
            (VIEW_HISTORY.codename, "Can read the history of records they may see"),
        ]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="audit_stream_seq")]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="audit_subject"),
            models.Index(fields=["actor", "id"], name="audit_actor"),
            models.Index(fields=["at", "id"], name="audit_at"),
            models.Index(fields=["subject_type", "at", "id"], name="audit_kind_at"),
        ]

    def __str__(self) -> str:
        return f"{self.stream} #{self.seq}"


class ReadEvent(models.Model):
    """Who looked: one row for each sensitive record or file opened, and one for each list or export."""

    append_only = True

    at = models.DateTimeField(db_default=Now())
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=ReadKind.choices)
    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=64, blank=True)
    filters = models.JSONField(default=dict)
    rows = models.PositiveIntegerField(null=True)
    request_id = models.CharField(max_length=36, blank=True)

    objects = TrailQuerySet.as_manager()

    class Meta:
        verbose_name = _("read event")
        default_permissions = ()
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "at"], name="read_subject_at"),
            models.Index(fields=["actor", "at"], name="read_actor_at"),
            models.Index(fields=["at", "id"], name="read_at"),
            models.Index(fields=["subject_type", "at", "id"], name="read_kind_at"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject_type} {self.subject_id}".strip()
