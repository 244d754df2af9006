"""Documents of an application: the proof, the bill, the notice, and what answers a question."""

from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import Case, Count, IntegerField, OuterRef, Q, Subquery, When
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from benevolence.enums import DocumentCategory, Status
from benevolence.models.application import (
    BenevolenceApplication,
    seen_as_applicant,
    seen_at_intake,
    seen_in_full,
)
from benevolence.models.review import BenevolenceReview
from core.enums import choice_label
from core.files.models import Attachment, AttachmentQuerySet


def with_documents(user: Any) -> models.QuerySet:
    """Applications of which `user` sees the documents: the office until it is submitted, and for intake."""
    at_intake = seen_at_intake(user)
    conditions = [
        seen_in_full(user),
        seen_as_applicant(user),
        None if at_intake is None else at_intake & (Q(status=Status.DRAFT) | Q(needs_intake=True)),
    ]
    if given := [condition for condition in conditions if condition is not None]:
        return BenevolenceApplication.objects.filter(reduce(or_, given))
    return BenevolenceApplication.objects.none()


def kind_label(kind: str) -> str:
    """In words: the rules of the fund may ask for kinds of their own, which read as they are written there."""
    return capfirst(choice_label(DocumentCategory, kind))


def released_until_here():
    """How many released documents the application of a row has up to that row."""
    earlier = Q(added_at__lt=OuterRef("added_at")) | Q(added_at=OuterRef("added_at"), pk__lte=OuterRef("pk"))
    released = ApplicationDocument.objects.filter(earlier, application=OuterRef("application"), is_released=True)
    return Subquery(released.order_by().values("application").annotate(number=Count("pk")).values("number"))


class DocumentQuerySet(AttachmentQuerySet):
    def visible_to(self, user):
        """As far as the application is seen with its documents; in a blind review those that intake has released.

        Those have a `blind_number`, by which they are called instead of by the name of their file.
        """
        blind = BenevolenceApplication.objects.blind_to(user)
        rows = self.filter(application__in=with_documents(user)).exclude(is_released=False, application__in=blind)
        number = When(application__in=blind, then=released_until_here())
        return rows.annotate(blind_number=Case(number, default=None, output_field=IntegerField()))

    def named_to(self, user):
        """Without those of applications that they review blindly."""
        return self.visible_to(user).exclude(application__in=BenevolenceApplication.objects.blind_to(user))

    def in_order(self):
        return self.select_related("added_by").order_by("added_at", "pk")


class ApplicationDocument(Attachment):
    """`question` is what it answers; `is_released` says that reviewers see it who do not see the person."""

    application = models.ForeignKey(
        BenevolenceApplication, models.PROTECT, related_name="documents", verbose_name=_("application")
    )
    question = models.ForeignKey(
        BenevolenceReview,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="documents",
        verbose_name=_("answers the question"),
    )
    is_released = models.BooleanField(_("released to reviewers"), default=False, editable=False)

    objects = DocumentQuerySet.as_manager()

    class Meta(Attachment.Meta):
        abstract = False
        verbose_name = _("document of an application")
        verbose_name_plural = _("documents of applications")
        default_permissions = ()
        constraints = [
            *Attachment.Meta.constraints,
            models.UniqueConstraint(
                fields=["application", "sha256"],
                condition=Q(superseded_at=None),
                name="document_once",
                violation_error_message=_("This file is with the application already."),
            ),
        ]
        indexes = [
            models.Index(fields=["application", "added_at", "id"], name="document_application"),
            models.Index(fields=["added_at", "id"], name="document_added"),
            models.Index(fields=["added_at", "id"], name="document_held", condition=Q(state="held")),
        ]

    @property
    def is_blind(self) -> bool:
        """Whether it was read for somebody who reviews without seeing the person."""
        return getattr(self, "blind_number", None) is not None

    @property
    def shown_name(self) -> str:
        """The name of the file; in a blind review a number, for a file is often called after its owner."""
        if not self.is_blind:
            return self.name
        return gettext("Document %(number)s") % {"number": self.blind_number}  # type: ignore[attr-defined]

    @property
    def download_name(self) -> str:
        return f"{self.shown_name}.{self.kind.extension}" if self.is_blind else self.name

    @property
    def category_label(self) -> str:
        return kind_label(self.category)
