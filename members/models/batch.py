from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.imports.enums import UNFINISHED
from core.imports.models import Batch, Matching, Row
from core.models import FollowsParent
from core.permissions import may
from members import permissions as p
from members.enums import ImportKind


class ImportBatchQuerySet(models.QuerySet):
    def visible_to(self, user):
        if may(user, p.VIEW_IMPORTS):
            return self.all()
        return self.none()


class ImportBatch(Batch):
    kind = models.CharField(_("what it holds"), max_length=15, choices=ImportKind.choices)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        default_permissions = ("view",)
        permissions = [(p.RUN_IMPORTS.codename, "Can import lists and undo imports")]
        indexes = [
            models.Index(fields=["created_at", "id"], name="import_created"),
            models.Index(fields=["kind", "created_at", "id"], name="import_kind"),
            models.Index(fields=["status", "created_at", "id"], name="import_status"),
            models.Index(
                fields=["uploaded_by", "created_at", "id"],
                name="import_unfinished",
                condition=Q(status__in=UNFINISHED),
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("import_detail", args=[self.pk])


class ImportRowQuerySet(FollowsParent):
    parent = "batch"


class ImportRow(Row):
    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("import row")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="import_row_number")]
        indexes = [
            models.Index(fields=["batch", "outcome", "number"], name="import_row_outcome"),
            models.Index(fields=["batch", "applied", "number"], name="import_row_applied"),
        ]


class ColumnMappingQuerySet(models.QuerySet):
    def visible_to(self, user):
        if may(user, p.VIEW_IMPORTS):
            return self.all()
        return self.none()


class ColumnMapping(Matching):
    kind = models.CharField(max_length=15, choices=ImportKind.choices)

    objects = ColumnMappingQuerySet.as_manager()

    class Meta:
        verbose_name = _("remembered column mapping")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["kind", "headers_key"], name="column_mapping_headers")]

    def __str__(self) -> str:
        return self.get_kind_display()
