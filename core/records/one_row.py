"""Settings of which there is one row: read with defaults before anybody saved them, changed under a lock, recorded."""

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _

from core.audit import trail
from core.db.prepared import Prepared
from core.enums import CoreAction
from core.errors import EditConflict
from core.models import OneRow
from core.permissions import Actor, allow

Row = TypeVar("Row", bound=OneRow)


def current(model: type[Row]) -> Row:
    """The row, or its defaults before anybody has saved it."""
    return _row_of(model).first(None) or model(pk=1)


@cache
def _row_of(model: Any) -> Prepared:
    def row(_asker: Actor | None) -> models.QuerySet:
        return model._default_manager.filter(pk=1)

    return Prepared(row)


def change(
    model: type[Row],
    values: Mapping[str, Any],
    *,
    permission: str,
    actor: Actor | None,
    action: str = CoreAction.SETTINGS_CHANGED,
    version: int | None = None,
) -> Row:
    """Save the given fields; actor None is first set-up by command. Raises EditConflict on a newer version."""
    allow(actor, permission)
    with transaction.atomic():
        model._default_manager.bulk_create([model(pk=1)], ignore_conflicts=True)
        row: Any = model._default_manager.select_for_update().filter(pk=1).first()
        if version is not None and version != row.version:
            raise EditConflict(_("Somebody changed these settings meanwhile."), row)
        before = trail.values(row, values)
        for name, value in values.items():
            setattr(row, name, value)
        row.version += 1
        row.full_clean()
        row.save()
        if changed := trail.changes(model, before, trail.values(row, values)):
            trail.record(row, action, actor=actor, changes=changed)
        return row
