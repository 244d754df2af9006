"""The local's settings: one row, read once a request."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from core import one_row
from core.models import SiteSettings
from core.permissions import CHANGE_SETTINGS


def site_settings(request: Any = None) -> SiteSettings:
    """The settings row, or its defaults before anybody has saved it; kept on `request` when one is given."""
    if request is not None and (known := getattr(request, "_site_settings", None)):
        return known
    found = one_row.current(SiteSettings)
    if request is not None:
        request._site_settings = found
    return found


def local_now(site: SiteSettings | None = None) -> datetime:
    return timezone.now().astimezone(ZoneInfo((site or site_settings()).time_zone))


def local_today() -> date:
    """Today on the local's calendar."""
    return local_now().date()


def change_settings(values: dict[str, Any], *, actor: Any, version: int | None = None) -> SiteSettings:
    """See core.one_row.change."""
    return one_row.change(SiteSettings, values, permission=CHANGE_SETTINGS, actor=actor, version=version)
