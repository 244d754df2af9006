"""The most dangerous tables of the portal: opaque keys, encrypted texts, no link from a salt to a member's record."""

import uuid

from django.db import models
from django.utils.text import capfirst

from core.models import TimeStamped, Versioned

MOST_PEOPLE = 1_000_000
NOTES_LENGTH = 4_000


class VaultRow(Versioned, TimeStamped):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        """Tells two rows apart and nothing else: Django puts it into titles."""
        return f"{capfirst(str(self._meta.verbose_name))} {str(self.pk)[:8]}"
