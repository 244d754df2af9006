"""The local's settings: one row, which each process reads every few seconds."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from core.kept import Kept
from core.models import SiteSettings
from core.permissions import CHANGE_SETTINGS, Actor
from core.records import one_row

settings_row = Kept(lambda: one_row.current(SiteSettings))


def site_settings() -> SiteSettings:
    """The settings row, or its defaults before anybody has saved it. Not for changing; see change_settings."""
    return settings_row()


def local_now(site: SiteSettings | None = None) -> datetime:
    return timezone.now().astimezone(ZoneInfo((site or site_settings()).time_zone))


def local_today() -> date:
    """Today on the local's calendar."""
    return local_now().date()


def change_settings(values: dict[str, Any], *, actor: Actor | None, version: int | None = None) -> SiteSettings:
    """See core.records.one_row.change."""
    row = one_row.change(SiteSettings, values, permission=CHANGE_SETTINGS, actor=actor, version=version)
    settings_row.forget_with_commit()
    return row
