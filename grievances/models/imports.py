"""The tables of the lists in which cases come from an earlier file."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.imports.enums import UNFINISHED
from core.imports.models import Batch, Matching, Row
from core.models import FollowsParent
from core.permissions import Actor, may
from grievances import permissions as p
from grievances.enums import GrievanceList
from grievances.models.grievance import Grievance


class CaseImportQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        if may(user, p.IMPORT_GRIEVANCES):
            return self.all()
        return self.none()


class CaseImport(Batch):
    """A list of cases on its way into the records."""

    kind = models.CharField(_("what it holds"), max_length=15, choices=GrievanceList.choices)

    objects = CaseImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of cases")
        verbose_name_plural = _("imports of cases")
        default_permissions = ()
        permissions = [(p.IMPORT_GRIEVANCES.codename, "Can import grievances")]
        indexes = [
            models.Index(fields=["created_at", "id"], name="case_import_created"),
            models.Index(
                fields=["uploaded_by", "created_at", "id"],
                name="case_import_unfinished",
                condition=Q(status__in=UNFINISHED),
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("case_import_detail", args=[self.pk])


class CaseImportRowQuerySet(FollowsParent):
    parent = "batch"

    def visible_to(self, user: Actor) -> Self:
        """Those of the imports that the person sees, without rows about a case that they do not see."""
        if not may(user, p.IMPORT_GRIEVANCES):
            return self.none()
        hidden = [str(key) for key in Grievance.objects.hidden_from(user).values_list("pk", flat=True)]
        return super().visible_to(user).filter(~Q(made__has_key="case") | ~Q(made__case__in=hidden))


class CaseImportRow(Row):
    """A case has no number for a key, so `made` names the case that the row made or is about."""

    batch = models.ForeignKey(CaseImport, models.CASCADE, related_name="rows")

    objects = CaseImportRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("row of an import of cases")
        verbose_name_plural = _("rows of imports of cases")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="case_import_row_number")]
        indexes = [
            models.Index(fields=["batch", "outcome", "number"], name="case_import_row_outcome"),
            models.Index(fields=["batch", "applied", "number"], name="case_import_row_applied"),
        ]


class CaseMatchingQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> Self:
        if may(user, p.IMPORT_GRIEVANCES):
            return self.all()
        return self.none()


class CaseMatching(Matching):
    kind = models.CharField(max_length=15, choices=GrievanceList.choices)

    objects = CaseMatchingQuerySet.as_manager()

    class Meta:
        verbose_name = _("remembered columns of cases")
        verbose_name_plural = _("remembered columns of cases")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["kind", "headers_key"], name="case_matching_headers")]

    def __str__(self) -> str:
        return self.get_kind_display()
