"""What people are told of on their pages, and how they want to hear of it."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.enums import NoticeWay
from core.models.audit import AuditEvent
from core.permissions import Actor


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        """One's own."""
        return self.filter(user=user.pk) if user.is_authenticated else self.none()

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def about(self, record: models.Model) -> Self:
        return self.filter(subject_type=record._meta.label_lower, subject_id=str(record.pk))


class Notice(models.Model):
    """That something is new about a record, told to one person; what it is they read on the record's page.

    Written by core.mail.notices. `kind` is what the person chooses a way for, `reference` a number and never a name.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    event = models.ForeignKey(AuditEvent, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=30)
    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=64)
    reference = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    awaits_digest = models.BooleanField(default=False)
    # new ones first, and the latest of them: see core.mail.notices
    sort_key = models.CharField(max_length=30, editable=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "event"], name="notice_once")]
        indexes = [
            models.Index(fields=["user", "sort_key", "id"], name="notice_sort"),
            models.Index(fields=["user"], condition=models.Q(read_at=None), name="notice_unread"),
            models.Index(fields=["user"], condition=models.Q(awaits_digest=True), name="notice_digest"),
            models.Index(fields=["subject_id"], condition=models.Q(read_at=None), name="notice_subject"),
            models.Index(fields=["at"], name="notice_at"),
        ]

    def __str__(self) -> str:
        return self.reference or self.kind

    def get_absolute_url(self) -> str:
        return reverse("notice", args=[self.pk])


class NoticeChoice(models.Model):
    """How one person wants to hear of one kind of thing; without a row by a mail at once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=30)
    way = models.CharField(max_length=7, choices=NoticeWay.choices)

    class Meta:
        verbose_name = _("choice of notices")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="notice_choice_once")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.way}"


class NoticedEvent(models.Model):
    """An event that has been looked at for whom to tell; kept as long as events are looked for that far back.

    `retry_at`: when it is looked at again, because telling of it failed.
    """

    event = models.OneToOneField(AuditEvent, models.PROTECT, primary_key=True, related_name="+")
    retry_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("noticed event")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.event_id)
