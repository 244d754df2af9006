"""The local's settings: one row, read once a request."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from core import audit
from core.enums import CoreAction
from core.errors import EditConflict
from core.models import SiteSettings
from core.permissions import CHANGE_SETTINGS, require


def site_settings(request: Any = None) -> SiteSettings:
    """The settings row, or its defaults before anybody has saved it; kept on `request` when one is given."""
    if request is not None and (known := getattr(request, "_site_settings", None)):
        return known
    found = SiteSettings.objects.filter(pk=1).first() or SiteSettings(pk=1)
    if request is not None:
        request._site_settings = found
    return found


def local_now(site: SiteSettings | None = None) -> datetime:
    return timezone.now().astimezone(ZoneInfo((site or site_settings()).time_zone))


def change_settings(values: dict[str, Any], *, actor: Any, version: int | None = None) -> SiteSettings:
    """Save the given fields; actor None is first set-up by command. Raises EditConflict on a newer version."""
    if actor is not None:
        require(actor, CHANGE_SETTINGS)
    with transaction.atomic():
        SiteSettings.objects.bulk_create([SiteSettings(pk=1)], ignore_conflicts=True)
        site = SiteSettings.objects.select_for_update().get(pk=1)
        if version is not None and version != site.version:
            raise EditConflict("Somebody changed these settings meanwhile.", site)
        before = audit.values(site, values)
        for name, value in values.items():
            setattr(site, name, value)
        site.version += 1
        site.full_clean()
        site.save()
        changed = audit.changes(SiteSettings, before, audit.values(site, values))
        if changed:
            audit.record(site, CoreAction.SETTINGS_CHANGED, actor=actor, changes=changed)
        return site
