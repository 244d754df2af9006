"""The tables of an import, abstract: the app that takes lists in makes them, with its kinds and its permissions."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.imports.enums import ImportStatus, RowDecision, RowOutcome
from core.models import TimeStamped, Versioned
from core.validators import validate_single_line


class Batch(Versioned, TimeStamped):
    """One uploaded list on its way into the records. A subclass adds `kind`, with its choices."""

    kind: Any
    rows: Any

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
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

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.file_name


class Row(models.Model):
    """One row of the file: what it says, what it would do, and what it did. A subclass adds `batch`.

    `before` and `after` are the record's values round the apply, which is what an exact undo needs.
    """

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

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.number)


class Matching(TimeStamped):
    """Which column means which field, remembered by the set of headers of a file. A subclass adds `kind`."""

    kind: Any

    headers_key = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.kind)
