"""Documents of a case: what was filed, answered, proven; the grievant sees those that are shared with them."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.enums import choice_label
from core.files.models import Attachment, AttachmentQuerySet
from core.models import Versioned
from core.permissions import Actor
from grievances.enums import DocumentCategory, Series, Step
from grievances.models.grievance import Grievance


class CaseDocumentQuerySet(AttachmentQuerySet):
    def visible_to(self, user: Actor) -> Self:
        """With the whole case, or what counts and is shared of one's own."""
        shared = Q(is_shared=True, superseded_at=None, grievance__in=Grievance.objects.visible_to(user))
        return self.filter(Q(grievance__in=Grievance.objects.whole_to(user)) | shared)

    def in_order(self) -> Self:
        return self.select_related("added_by").order_by("added_at", "pk")


class CaseDocument(Versioned, Attachment):
    """`step_number` is the step at which it came up; without one it belongs to the whole case."""

    grievance = models.ForeignKey(Grievance, models.PROTECT, related_name="documents", verbose_name=_("grievance"))
    step_number = models.PositiveSmallIntegerField(
        _("step"), null=True, blank=True, choices=list(enumerate(Step.labels, 1))
    )
    exhibit_series = models.CharField(_("exhibit of"), max_length=10, blank=True, choices=Series.choices)
    exhibit_number = models.PositiveSmallIntegerField(_("exhibit number"), null=True, blank=True)
    is_shared = models.BooleanField(_("shared with the grievant"), default=False)

    objects = CaseDocumentQuerySet.as_manager()

    class Meta(Attachment.Meta):
        abstract = False
        verbose_name = _("document of a case")
        verbose_name_plural = _("documents of cases")
        default_permissions = ()
        constraints = [
            *Attachment.Meta.constraints,
            models.UniqueConstraint(
                fields=["grievance", "sha256"],
                condition=Q(superseded_at=None),
                name="case_document_once",
                violation_error_message=_("This file is with the case already."),
            ),
            models.UniqueConstraint(
                fields=["grievance", "exhibit_series", "exhibit_number"],
                condition=Q(superseded_at=None) & ~Q(exhibit_series=""),
                name="case_document_exhibit_once",
                violation_error_message=_("Another document of this case has this exhibit number already."),
            ),
            models.CheckConstraint(
                condition=Q(exhibit_series="", exhibit_number=None)
                | (~Q(exhibit_series="") & Q(exhibit_number__gte=1)),
                name="case_document_exhibit",
                violation_error_message=_("An exhibit has a series and a number from 1 on."),
            ),
        ]
        indexes = [
            models.Index(fields=["grievance", "added_at", "id"], name="case_document_case"),
            models.Index(fields=["added_at", "id"], name="case_document_added"),
            models.Index(fields=["added_at", "id"], name="case_document_held", condition=Q(state="held")),
        ]

    @property
    def category_label(self) -> str:
        return choice_label(DocumentCategory, self.category)

    @property
    def exhibit(self) -> str:
        """“Union 3”; "" for a document that is no exhibit."""
        if not self.exhibit_series:
            return ""
        return f"{choice_label(Series, self.exhibit_series)} {self.exhibit_number}"
