"""Settings of which there is one row: read with defaults before anybody saved them, changed under a lock, recorded."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.enums import CoreAction
from core.errors import EditConflict
from core.models import OneRow
from core.records import allow

Row = TypeVar("Row", bound=OneRow)


def current(model: type[Row]) -> Row:
    """The row, or its defaults before anybody has saved it."""
    return model._default_manager.filter(pk=1).first() or model(pk=1)


def change(
    model: type[Row],
    values: Mapping[str, Any],
    *,
    permission: str,
    actor: Any,
    action: str = CoreAction.SETTINGS_CHANGED,
    version: int | None = None,
) -> Row:
    """Save the given fields; actor None is first set-up by command. Raises EditConflict on a newer version."""
    allow(actor, permission)
    with transaction.atomic():
        model._default_manager.bulk_create([model(pk=1)], ignore_conflicts=True)
        row = model._default_manager.select_for_update().get(pk=1)
        if version is not None and version != row.version:
            raise EditConflict(_("Somebody changed these settings meanwhile."), row)
        before = audit.values(row, values)
        for name, value in values.items():
            setattr(row, name, value)
        row.version += 1
        row.full_clean()
        row.save()
        if changed := audit.changes(model, before, audit.values(row, values)):
            audit.record(row, action, actor=actor, changes=changed)
        return row
