import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import TimeStamped, Versioned


class Campaign(Versioned, TimeStamped):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        verbose_name = _("campaign")
        default_permissions = ()
        permissions = [
            ("view_campaign", "Can view campaign"),
            ("oversee_campaign", "Can oversee campaign"),
            ("log_own_activity", "Can log own activity"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
