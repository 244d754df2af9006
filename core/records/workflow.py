"""A status workflow as a table: one row a transition, one door through which every row goes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.translation import gettext as _

from core.audit import trail
from core.errors import MoveConflict, MoveDenied, TransitionRefused
from core.models import Versioned
from core.permissions import Actor, may
from core.records import records


def always(obj: models.Model, actor: Actor | None) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Transition:
    """`target` and `permission` may be functions of the locked row; permission None: only the clock may take it."""

    name: str
    sources: tuple[str, ...]
    target: str | Callable[[models.Model], str]
    permission: str | Callable[[models.Model], str | None] | None
    label: Any
    guard: Callable[[models.Model, Any], str] = always


def denied(row: Transition) -> PermissionDenied:
    """What to raise at somebody who may not take it; a role does not decide alone where the record names the level."""
    return MoveDenied(row.name) if callable(row.permission) else PermissionDenied(row.name)


def _resolved(value: Any, obj: models.Model) -> Any:
    return value(obj) if callable(value) else value


class Workflow:
    """The transitions of one status field. `step` is the only door through which the status changes."""

    def __init__(
        self,
        prefix: str,
        states: type[models.TextChoices],
        rows: list[Transition],
        *,
        initial: str,
        field: str = "status",
    ) -> None:
        self.prefix, self.states, self.field, self.initial = prefix, states, field, initial
        self.rows = {row.name: row for row in rows}
        if len(self.rows) != len(rows):
            raise ValueError(f"{prefix}: two transitions share a name")
        fixed = {row.target for row in rows if not callable(row.target)}
        if not any(callable(row.target) for row in rows) and (lost := set(states) - fixed - {initial}):
            raise ValueError(f"{prefix}: nothing leads to {sorted(lost)}")

    def may(self, row: Transition, obj: models.Model, actor: Actor | None) -> bool:
        permission = _resolved(row.permission, obj)
        if actor is None or permission is None:
            return actor is permission
        return may(actor, permission)

    def refusal(self, obj: models.Model, row: Transition, actor: Actor | None) -> str:
        """Why `actor` may not take `row` from where `obj` stands; empty when they may."""
        state = getattr(obj, self.field)
        if state not in row.sources:
            return _("“%(move)s” is not possible while the status is “%(status)s”.") % {
                "move": row.label,
                "status": self.states(state).label,
            }
        return row.guard(obj, actor)

    def available(self, obj: models.Model, actor: Actor | None) -> list[tuple[Transition, str]]:
        """(row, refusal) for every row leaving the present state that `actor` holds the permission for."""
        state = getattr(obj, self.field)
        return [
            (row, self.refusal(obj, row, actor))
            for row in self.rows.values()
            if state in row.sources and self.may(row, obj, actor)
        ]

    @contextmanager
    def step(
        self,
        obj: models.Model,
        name: str,
        *,
        actor: Actor | None,
        reason: str = "",
        version: int | None = None,
        **data: Any,
    ) -> Iterator[Any]:
        """Lock, check and yield the row; then set the status, validate, save and audit, or undo all of it.

        The database sees, in one transaction: the row among those that the actor sees, FOR UPDATE; what guard and body
        ask and write; the UPDATE of the row; last the head of its audit stream, FOR UPDATE, and the event.
        `version` is the one that the person saw when they decided; `data` goes into the event.
        Raises PermissionDenied for what was not theirs to do when they looked, else TransitionRefused: also for a
        row that they no longer see, or a move that is somebody else's by now.
        """
        row, model = self.rows[name], type(obj)
        with transaction.atomic():
            locked = records.visible(model, actor).select_for_update(of=("self",)).filter(pk=obj.pk).first()
            if locked is None:
                raise TransitionRefused(_("This is no longer open to you. Go back to the list and look again."))
            if not self.may(row, locked, actor):
                if self.may(row, obj, actor):
                    raise TransitionRefused(_("Somebody was quicker: this is no longer yours to do. Look at it again."))
                raise denied(row)
            if refused := self.refusal(locked, row, actor):
                raise TransitionRefused(refused)
            if version is not None and version != locked.version:
                raise MoveConflict(_("Somebody changed this record meanwhile. Look at it again, then decide."))
            before, target = getattr(locked, self.field), _resolved(row.target, locked)
            yield locked
            setattr(locked, self.field, target)
            if isinstance(locked, Versioned):
                locked.version += 1
            locked.full_clean()
            locked.save()
            changed = trail.changes(model, {self.field: before}, {self.field: target})
            trail.record(locked, f"{self.prefix}.{row.name}", actor=actor, changes=changed, reason=reason, **data)

    def replay(self, obj: Any, name: str, *, target: str = "", reason: str = "", **data: Any) -> trail.Entry:
        """Take a move on an unsaved row, for first data; returns the event that belongs to it.

        The move's sources hold, whether its guard would let it through is the caller's to know. `target` says where a
        move leads whose target asks the database. Raises ValueError for a move that the flow does not have here.
        """
        row, before = self.rows[name], getattr(obj, self.field)
        target = target or _resolved(row.target, obj)
        if before not in row.sources or target not in self.states.values:
            raise ValueError(f"{self.prefix}: no {name} from {before} to {target}")
        setattr(obj, self.field, target)
        obj.version += 1
        changed = trail.changes(type(obj), {self.field: before}, {self.field: target})
        return trail.Entry(obj, f"{self.prefix}.{name}", changed, data, reason)
