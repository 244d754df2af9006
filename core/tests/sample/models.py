import uuid

from django.db import models

from core.crypto import EncryptedTextField
from core.files.models import Attachment, AttachmentQuerySet
from core.models import SoftDelete, SoftDeleteQuerySet, TimeStamped, Versioned
from core.money import MoneyField


class TicketStatus(models.TextChoices):
    OPEN = "open", "Open"
    ANSWERED = "answered", "Answered"
    CLOSED = "closed", "Closed"


class TicketQuerySet(SoftDeleteQuerySet):
    def visible_to(self, user):
        if user.is_active:
            return self.filter(hidden=False)
        return self.none()


class Ticket(SoftDelete, Versioned, TimeStamped):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveIntegerField(null=True, blank=True, unique=True)
    title = models.CharField(max_length=100)
    secret = EncryptedTextField(blank=True)
    amount = MoneyField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=TicketStatus.choices, default=TicketStatus.OPEN)
    hidden = models.BooleanField(default=False)

    objects = TicketQuerySet.as_manager()


class PaperQuerySet(AttachmentQuerySet):
    def visible_to(self, user):
        return self.filter(ticket__in=Ticket.objects.visible_to(user))


class Paper(Attachment):
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="papers")

    objects = PaperQuerySet.as_manager()

    class Meta(Attachment.Meta):
        abstract = False
