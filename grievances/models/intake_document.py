"""What is with a draft: photos of the fact sheet, mostly. They go along into the case when it is filed."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.enums import choice_label
from core.files.models import Attachment, AttachmentQuerySet
from core.permissions import Actor
from grievances.enums import DocumentCategory
from grievances.models.intake import GrievanceIntake


class IntakeDocumentQuerySet(AttachmentQuerySet):
    def visible_to(self, user: Actor) -> Self:
        return self.filter(intake__in=GrievanceIntake.objects.visible_to(user))

    def in_order(self) -> Self:
        return self.select_related("added_by").order_by("added_at", "pk")


class IntakeDocument(Attachment):
    intake = models.ForeignKey(GrievanceIntake, models.PROTECT, related_name="documents", verbose_name=_("draft"))

    objects = IntakeDocumentQuerySet.as_manager()

    class Meta(Attachment.Meta):
        abstract = False
        verbose_name = _("document of a draft")
        verbose_name_plural = _("documents of drafts")
        default_permissions = ()
        constraints = [
            *Attachment.Meta.constraints,
            models.UniqueConstraint(
                fields=["intake", "sha256"],
                condition=Q(superseded_at=None),
                name="intake_document_once",
                violation_error_message=_("This file is with the draft already."),
            ),
        ]
        indexes = [
            models.Index(fields=["intake", "added_at", "id"], name="intake_document_draft"),
            models.Index(fields=["added_at", "id"], name="intake_document_added"),
            models.Index(fields=["added_at", "id"], name="intake_document_held", condition=Q(state="held")),
        ]

    @property
    def category_label(self) -> str:
        return choice_label(DocumentCategory, self.category)
