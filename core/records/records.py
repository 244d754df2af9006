"""How a service changes one row: read again under a lock, compared with the version seen, cleaned, saved, recorded."""

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.audit import trail
from core.enums import CoreAction
from core.errors import DomainError, EditConflict
from core.permissions import Actor
from core.validators import validate_single_line

Row = TypeVar("Row", bound=models.Model)
REASON_LENGTH = 300


def visible(model: type[models.Model], actor: Actor | None) -> Any:
    rows: Any = model._default_manager.all()
    return rows if actor is None else rows.visible_to(actor)


def lock(row: Row, *, actor: Actor | None, version: int | None = None) -> Row:
    """`row` as it stands now, locked until the transaction ends.

    Raises DomainError when it is gone, EditConflict when `version` is given and no longer the current one.
    """
    current: Any = visible(type(row), actor).select_for_update(of=("self",)).filter(pk=row.pk).first()
    if current is None:
        raise DomainError(_("This record is no longer there. Go back to the list and look again."))
    if version is not None and version != current.version:
        raise EditConflict(_("Somebody else saved this record while you were editing it."), current)
    return current


def lock_alive(row: Row, *, actor: Actor | None, version: int | None = None) -> Row:
    """As `lock`; also refuses a soft-deleted row."""
    current: Any = lock(row, actor=actor, version=version)
    if current.is_deleted:
        raise DomainError(_("This record is deleted. Restore it before you change it."))
    return current


def lock_pair(
    first: Row, second: Row, *, actor: Actor | None, versions: tuple[int, int] | None = None
) -> tuple[Row, Row]:
    """Two different living rows, locked in the order of their keys whoever asks.

    `versions` are those that were seen of the first and the second; see `lock`.
    """
    if first.pk == second.pk:
        raise DomainError(_("Choose two different records to merge."))
    seen = dict(zip((first.pk, second.pk), versions or (None, None), strict=True))
    rows = sorted((first, second), key=lambda row: row.pk)
    found = {row.pk: lock_alive(row, actor=actor, version=seen[row.pk]) for row in rows}
    return found[first.pk], found[second.pk]


def stated_reason(reason: str) -> str:
    """The reason as it is kept. Raises ValidationError for the field `reason`."""
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("Say why in a few words; it stays with the record.")})
    if len(reason) > REASON_LENGTH:
        raise ValidationError({"reason": _("Say it in at most %(limit)s characters.") % {"limit": REASON_LENGTH}})
    try:
        validate_single_line(reason)
    except ValidationError as error:
        raise ValidationError({"reason": error.messages}) from error
    return reason


def assign(row: models.Model, values: Mapping[str, Any], editable: Collection[str]) -> None:
    """Set fields by name. Raises ValueError for one that people may not edit: a caller's mistake."""
    if strange := sorted(set(values) - set(editable)):
        raise ValueError(f"{row._meta.label} takes no {', '.join(strange)} from an edit")
    for name, value in values.items():
        setattr(row, name, value)


def save(row: models.Model) -> None:
    """Clean and save. Two people who take the same unique value at once: the second gets the field's error too."""
    row.full_clean()
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        row.full_clean()
        raise


def initial_changes(row: models.Model, fields: Collection[str]) -> list[dict[str, Any]]:
    """What the event of a new row says: the fields that hold something."""
    filled = {name: value for name, value in trail.values(row, fields).items() if value not in (None, "")}
    return trail.changes(type(row), {}, filled)


def create(
    row: Row,
    values: Mapping[str, Any],
    *,
    editable: Collection[str],
    actor: Actor | None,
    action: str = CoreAction.CREATED,
    stream: str = "",
    reason: str = "",
) -> Row:
    """Fill, clean, save and record a new row, in the caller's transaction."""
    assign(row, values, editable)
    save(row)
    trail.record(row, action, actor=actor, changes=initial_changes(row, editable), stream=stream, reason=reason)
    return row


def change(
    row: Any,
    values: Mapping[str, Any],
    *,
    editable: Collection[str],
    actor: Actor | None,
    action: str = CoreAction.CHANGED,
    stream: str = "",
) -> list[dict[str, Any]]:
    """Save and record what differs in a locked row; nothing is written when nothing does. Returns the changes."""
    before = trail.values(row, editable)
    assign(row, values, editable)
    changed = trail.changes(type(row), before, trail.values(row, editable))
    if changed:
        row.version += 1
        save(row)
        trail.record(row, action, actor=actor, changes=changed, stream=stream)
    return changed


def soft_delete(row: Any, *, actor: Actor | None, reason: str) -> None:
    row.deleted_at, row.deleted_by, row.deleted_reason = timezone.now(), actor, stated_reason(reason)
    row.version += 1
    row.save()
    trail.record(row, CoreAction.DELETED, actor=actor, reason=row.deleted_reason)


def restore(row: Any, *, actor: Actor | None, reason: str = "") -> None:
    if not row.is_deleted:
        raise DomainError(_("This record is not deleted, so there is nothing to restore."))
    reason = stated_reason(reason) if reason else ""
    row.deleted_at, row.deleted_by, row.deleted_reason = None, None, ""
    row.version += 1
    row.save()
    trail.record(row, CoreAction.RESTORED, actor=actor, reason=reason)
