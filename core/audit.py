"""The audit trail: write-once events in per-subject streams, chained by HMAC, in the change's own transaction.

The key is outside the database (settings.AUDIT_KEYS), so whoever owns the tables still cannot rebuild a chain.
"""

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from core import request_id
from core.classification import is_sensitive
from core.enums import ReadKind
from core.insert import insert_many, reserve_keys
from core.models import AuditEvent, AuditHead, ReadEvent

BATCH = 2_000
NAME_LENGTH = AuditEvent._meta.get_field("actor_name").max_length
# Every column but the mac itself is under the mac.
SIGNED = [column.attname for column in AuditEvent._meta.concrete_fields if column.name != "mac"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be recorded about one subject. `stream` defaults to the subject's own."""

    subject: models.Model
    action: str
    changes: Sequence[Mapping[str, Any]] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    stream: str = ""


def subject_type(subject: models.Model | type[models.Model]) -> str:
    return subject._meta.label_lower


def stream_of(subject: models.Model) -> str:
    return f"{subject_type(subject)}:{subject.pk}"


def values(row: models.Model, fields: Iterable[str]) -> dict[str, Any]:
    """The values of `fields` (attnames for relations), to be compared later by `changes`."""
    meta: Any = row._meta
    return {name: getattr(row, meta.get_field(name).attname) for name in fields}


def changes(model: type[models.Model], before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One item per field that differs; a sensitive field says only that it changed."""
    found: list[dict[str, Any]] = []
    for name, new in after.items():
        if (old := before.get(name)) == new:
            continue
        if is_sensitive(model, name):
            found.append({"field": name})
        else:
            found.append({"field": name, "old": _plain(old), "new": _plain(new)})
    return found


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def record(
    subject: models.Model,
    action: str,
    *,
    actor: Any,
    changes: Sequence[Mapping[str, Any]] = (),
    reason: str = "",
    stream: str = "",
    **data: Any,
) -> AuditEvent:
    """Append one event about `subject`; `actor` None means the clock or a command.

    Raises RuntimeError outside a transaction: an event and its change stand or fall together.
    """
    return record_many([Entry(subject, action, changes, data, reason, stream)], actor=actor)[0]


def record_many(entries: Sequence[Entry], *, actor: Any) -> list[AuditEvent]:
    """Append events in order, with a constant number of statements per batch. Used by services and the bulk writer."""
    if not connection.in_atomic_block:
        raise RuntimeError("An audit event needs the transaction of its change.")
    written: list[AuditEvent] = []
    for start in range(0, len(entries), BATCH):
        written += _append(entries[start : start + BATCH], actor)
    return written


def _append(entries: Sequence[Entry], actor: Any) -> list[AuditEvent]:
    streams = [entry.stream or stream_of(entry.subject) for entry in entries]
    heads = _locked_heads(sorted(set(streams)))
    now, key_id = timezone.now(), list(settings.AUDIT_KEYS)[-1]
    name = actor.get_full_name()[:NAME_LENGTH] if actor is not None else ""
    events = []
    for number, entry, stream in zip(_reserve_ids(len(entries)), entries, streams, strict=True):
        head = heads[stream]
        body: dict[str, Any] = {}
        if entry.changes:
            body["changes"] = list(entry.changes)
        if entry.data:
            body["data"] = {key: _plain(value) for key, value in entry.data.items()}
        event = AuditEvent(
            id=number,
            stream=stream,
            seq=head.seq + 1,
            at=now,
            actor_id=actor.pk if actor is not None else None,
            actor_name=name,
            action=str(entry.action),
            subject_type=subject_type(entry.subject),
            subject_id=str(entry.subject.pk),
            reason=entry.reason,
            body=body,
            request_id=request_id.current.get(),
            previous_mac=head.mac,
            key_id=key_id,
        )
        event.mac = mac_of({name: getattr(event, name) for name in SIGNED})
        head.seq, head.mac = event.seq, event.mac
        events.append(event)
    insert_many(events)
    AuditHead.objects.bulk_create(
        heads.values(), update_conflicts=True, unique_fields=["stream"], update_fields=["seq", "mac"]
    )
    return events


def _locked_heads(streams: Sequence[str]) -> dict[str, AuditHead]:
    """The ends of the streams, made where they are new, locked in the order of their names."""
    AuditHead.objects.bulk_create([AuditHead(stream=stream) for stream in streams], ignore_conflicts=True)
    rows = AuditHead.objects.select_for_update().filter(stream__in=streams).order_by("stream")
    return {head.stream: head for head in rows}


def _reserve_ids(count: int) -> list[int]:
    """Ids are known before the insert so that the mac covers them too."""
    if connection.vendor == "postgresql":
        return reserve_keys(AuditEvent, count)
    table = AuditEvent._meta.db_table
    with connection.cursor() as cursor:
        # The write lock is already held (transaction_mode IMMEDIATE), so nobody else counts meanwhile.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or (0,))[0]
        return list(range(last + 1, last + count + 1))


def mac_of(signed: Mapping[str, Any]) -> str:
    """HMAC-SHA256 over the canonical JSON of all signed columns. Raises KeyError for an unknown key id."""
    text = json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_canonical)
    return hmac.new(settings.AUDIT_KEYS[signed["key_id"]], text.encode(), sha256).hexdigest()


def _canonical(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"{type(value).__name__} has no place in an audit event")


def read(
    subject: models.Model | type[models.Model],
    kind: ReadKind,
    *,
    actor: Any,
    rows: int | None = None,
    filters: Mapping[str, Any] | None = None,
) -> None:
    """Record that `actor` saw `subject` (a row, or a model for a list or an export), before the bytes leave."""
    with transaction.atomic():
        ReadEvent.objects.create(
            actor=actor,
            kind=kind,
            subject_type=subject_type(subject),
            subject_id="" if isinstance(subject, type) else str(subject.pk),
            rows=rows,
            filters=dict(filters or {}),
            request_id=request_id.current.get(),
        )
