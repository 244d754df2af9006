from django.db import models
from django.utils.translation import gettext_lazy as _


class CoreAction(models.TextChoices):
    """What the timeline calls the acts that every record knows."""

    CREATED = "created", _("Created")
    CHANGED = "changed", _("Changed")
    DELETED = "deleted", _("Deleted")
    RESTORED = "restored", _("Restored")
    SETTINGS_CHANGED = "settings.changed", _("Local settings changed")
    KEYS_ROTATED = "keys.rotated", _("Encrypted fields moved to a new key")


class ReadKind(models.TextChoices):
    OPENED = "opened", _("Opened")
    LISTED = "listed", _("Listed")
    EXPORTED = "exported", _("Exported")
    DOWNLOADED = "downloaded", _("Downloaded")
