from functools import cache
from typing import Any, NamedTuple

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Badge(NamedTuple):
    """How a page shows a state; `tone` is one of core.web.formats, which have icons of their own."""

    text: Any
    tone: str
    icon: str = ""


class StateChoices(models.TextChoices):
    """Choices that a page shows as badges: each stands as value, tone, icon, label.

    Tone and icon may be left out only where a state is looked up by its value.
    """

    tone: str
    icon: str

    def __new__(cls, value: str, tone: str = "", icon: str = "") -> "StateChoices":
        state = str.__new__(cls, value)
        state._value_, state.tone, state.icon = value, tone, icon
        return state


DELETED = Badge(_("Deleted"), "red", "trash")


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


class Clock(models.TextChoices):
    """How the local tells the time; each is shown as an example."""

    TWELVE_HOURS = "12", _("5:41 a.m.")
    DAY = "24", _("05:41")


class MailState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Delivered")
    FAILED = "failed", _("Given up")


class NoticeWay(models.TextChoices):
    """How somebody wants to hear of something new, beside the notice in the portal."""

    AT_ONCE = "at_once", _("A mail at once")
    DIGEST = "digest", _("In one mail a day")
    NONE = "none", _("No mail")


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


@cache
def _badges(language: str | None, states: type[StateChoices]) -> dict[str, Badge]:
    return {state.value: Badge(str(state.label), state.tone, state.icon) for state in states}


def badge_of(states: type[StateChoices], value: str) -> Badge:
    """The badge of the state with this value; those of a language are made once."""
    return _badges(get_language(), states)[value]
