"""What intake confirmed of an application, and what it prepared for those who review it blindly."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from benevolence.models.application import TEXT_LENGTH, BenevolenceApplication
from benevolence.models.review import PartQuerySet
from core.crypto import EncryptedTextField
from core.models import TimeStamped
from core.validators import validate_paragraphs


class IntakeNote(TimeStamped):
    """`words`: the condition of the rules that the note confirms; of the text for blind reviewers empty."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(
        BenevolenceApplication, models.PROTECT, related_name="intake_notes", verbose_name=_("application")
    )
    words = models.CharField(_("condition"), max_length=300, blank=True)
    text = EncryptedTextField(_("note"), max_length=TEXT_LENGTH, validators=[validate_paragraphs])
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    written_at = models.DateTimeField(_("written"))
    voided_at = models.DateTimeField(_("void since"), null=True, blank=True)

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("note of intake")
        verbose_name_plural = _("notes of intake")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["application", "words"], condition=models.Q(voided_at=None), name="intake_note_once"
            )
        ]

    def __str__(self) -> str:
        return self.words or str(_("Text for the reviewers"))
