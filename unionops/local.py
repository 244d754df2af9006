"""Change the settings of the local, as far as the domains allow it."""

from typing import Any

from benevolence.services import periods
from core.models import SiteSettings
from core.permissions import Actor
from core.site import change_settings


def change_local(values: dict[str, Any], *, actor: Actor | None, version: int | None = None) -> SiteSettings:
    """See core.site.change_settings. Raises ValidationError by field."""
    periods.check_year_start(values)
    return change_settings(values, actor=actor, version=version)
