"""What every page's template may use."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from core.mail import heartbeats
from core.permissions import ENTER_OFFICE, may
from core.site import site_settings

THEMES = ("auto", "light", "dark")


def local(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get("theme", "auto")
    return {
        "local": site_settings(),
        "theme": theme if theme in THEMES else "auto",
        "alarms": SimpleLazyObject(lambda: _alarms(request)),
        "notices": SimpleLazyObject(lambda: getattr(getattr(request, "user", None), "notices", [])),
    }


def _alarms(request: HttpRequest) -> list[str]:
    """Asked for by whole pages of the office only: one query there, none anywhere else."""
    user = getattr(request, "user", None)
    return heartbeats.alarms() if user is not None and may(user, ENTER_OFFICE) else []
