"""What an app keeps of a file: an abstract table, of which each app makes its own with what the file belongs to."""

import base64
import uuid
from collections.abc import Iterator
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core.classification import project_models
from core.crypto import EncryptedTextField
from core.enums import Badge, badge_of
from core.files import store
from core.files.enums import FileState
from core.files.kinds import BY_TYPE, Kind
from core.validators import validate_single_line

NAME_LENGTH = 120


class AttachmentQuerySet(models.QuerySet):
    def current(self) -> Self:
        """Without those that were replaced or taken back."""
        return self.filter(superseded_at=None)

    def held(self) -> Self:
        return self.filter(state=FileState.HELD)


class Attachment(models.Model):
    """One file. Its content never changes and is never deleted with the row in place: a newer one supersedes it.

    A subclass adds what the file belongs to, the choices of `category`, and a queryset with `visible_to`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = EncryptedTextField(_("name"), max_length=NAME_LENGTH, validators=[validate_single_line])
    category = models.CharField(_("what it is"), max_length=30)
    content_type = models.CharField(_("kind"), max_length=100, editable=False)
    size = models.PositiveBigIntegerField(_("size"), editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=FileState.choices, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)
    superseded_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name=_("replaced by")
    )
    superseded_at = models.DateTimeField(_("replaced or taken back"), null=True, blank=True, editable=False)
    scan_tried_at = models.DateTimeField(_("last tried by the scanner"), null=True, blank=True, editable=False)
    storage_key = models.UUIDField(unique=True, editable=False)
    shown_key = models.UUIDField(unique=True, null=True, blank=True, editable=False)
    shown_size = models.PositiveBigIntegerField(default=0, editable=False)
    file_key = EncryptedTextField(editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(superseded_by=None) | Q(superseded_at__isnull=False), name="%(class)s_superseded"
            ),
            models.CheckConstraint(condition=~Q(superseded_by=models.F("id")), name="%(class)s_not_by_itself"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kind(self) -> Kind:
        return BY_TYPE[self.content_type]

    @property
    def badge(self) -> Badge:
        return badge_of(FileState, self.state)

    @property
    def is_open(self) -> bool:
        """Whether it may be handed out: not before the scanner is done, and never when it found something."""
        return self.state == FileState.CLEAN

    @property
    def is_picture(self) -> bool:
        return self.kind.drawn == "picture"

    @property
    def has_preview(self) -> bool:
        return self.is_open and self.shown_key is not None

    @property
    def is_superseded(self) -> bool:
        return self.superseded_at is not None

    @property
    def words(self) -> str:
        return f"{self.kind.label} · {filesizeformat(self.size)}"

    @cached_property
    def key_bytes(self) -> bytes:
        return base64.b64decode(self.file_key)

    def content(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The original, or a part of it. See store.read."""
        return store.read(self.storage_key, self.size, file_key=self.key_bytes, start=start, end=end)

    def shown(self) -> Iterator[bytes]:
        """The JPEG that pages show: upright, without metadata."""
        return store.read(self.shown_key, self.shown_size, file_key=self.key_bytes)  # type: ignore[arg-type]

    def forget_content(self) -> None:
        """Of a row that was never saved."""
        store.forget(self.storage_key, self.shown_key)


def attachment_models() -> list[type[Attachment]]:
    return [model for model in project_models() if issubclass(model, Attachment)]
