import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.models import TimeStamped, Versioned
from core.validators import validate_single_line
from members import permissions as p
from members.enums import UNFINISHED, ImportKind, ImportStatus, RowDecision, RowOutcome


class ImportBatchQuerySet(models.QuerySet):
    def visible_to(self, user):
        if user.has_perm(p.VIEW_IMPORTS):
            return self.all()
        return self.none()


class ImportBatch(Versioned, TimeStamped):
    """One uploaded list on its way into the records."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("what it holds"), max_length=15, choices=ImportKind.choices)
    status = models.CharField(_("status"), max_length=12, choices=ImportStatus.choices, default=ImportStatus.UPLOADED)
    file = models.FileField(_("file"), upload_to="imports")
    file_name = models.CharField(_("file name"), max_length=200, validators=[validate_single_line])
    file_sha256 = models.CharField(max_length=64)
    layout = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    problem = models.CharField(max_length=500, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    applied_at = models.DateTimeField(_("applied"), null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(_("undone"), null=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        default_permissions = ("view",)
        permissions = [("run_import", "Can import lists and undo imports")]
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

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("import_detail", args=[self.pk])


class ImportRowQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(Exists(ImportBatch.objects.visible_to(user).filter(pk=OuterRef("batch_id"))))


class ImportRow(models.Model):
    """One row of the file: what it says, what it would do, and what it did.

    `before` and `after` are the record's values round the apply, which is what an exact undo needs.
    """

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"))
    raw = models.JSONField(default=dict)
    values = models.JSONField(default=dict)
    outcome = models.CharField(_("outcome"), max_length=10, choices=RowOutcome.choices)
    decision = models.CharField(_("decision"), max_length=10, blank=True, choices=RowDecision.choices)
    problems = models.JSONField(default=list)
    record_id = models.BigIntegerField(null=True)
    record_version = models.PositiveIntegerField(null=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    made = models.JSONField(default=dict)
    applied = models.CharField(max_length=10, blank=True, choices=RowOutcome.choices)
    undone = models.CharField(max_length=300, blank=True)

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("import row")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="import_row_number")]
        indexes = [
            models.Index(fields=["batch", "outcome", "number"], name="import_row_outcome"),
            models.Index(fields=["batch", "applied", "number"], name="import_row_applied"),
        ]

    def __str__(self) -> str:
        return str(self.number)


class ColumnMappingQuerySet(models.QuerySet):
    def visible_to(self, user):
        if user.has_perm(p.VIEW_IMPORTS):
            return self.all()
        return self.none()


class ColumnMapping(TimeStamped):
    """Which column means which field, remembered by the set of headers of a file."""

    kind = models.CharField(max_length=15, choices=ImportKind.choices)
    headers_key = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)

    objects = ColumnMappingQuerySet.as_manager()

    class Meta:
        verbose_name = _("remembered column mapping")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["kind", "headers_key"], name="column_mapping_headers")]

    def __str__(self) -> str:
        return self.get_kind_display()
