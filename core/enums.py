from functools import cache
from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class CoreAction(models.TextChoices):
    """What the timeline calls the acts that every record knows."""

    CREATED = "created", _("Created")
    CHANGED = "changed", _("Changed")
    DELETED = "deleted", _("Deleted")
    RESTORED = "restored", _("Restored")
    SETTINGS_CHANGED = "settings.changed", _("Local settings changed")
    KEYS_ROTATED = "keys.rotated", _("Encrypted fields moved to a new key")
    MAIL_TESTED = "mail.tested", _("Test mail sent")
    MAIL_RETRIED = "mail.retried", _("Failed mail put back into the outbox")


class MailState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Delivered")
    FAILED = "failed", _("Given up")


class ReadKind(models.TextChoices):
    OPENED = "opened", _("Opened")
    LISTED = "listed", _("Listed")
    EXPORTED = "exported", _("Exported")
    DOWNLOADED = "downloaded", _("Downloaded")


@cache
def _labels(language: str | None, choices: type[models.Choices]) -> dict[Any, str]:
    return {choice.value: str(choice.label) for choice in choices}


def choice_label(choices: type[models.Choices], value: Any) -> str:
    """What a person reads for the value; the labels of a language are made once. Empty where nothing is chosen.

    A value that is no choice any more reads as it is stored.
    """
    return _labels(get_language(), choices).get(value, str(value)) if value not in (None, "") else ""
