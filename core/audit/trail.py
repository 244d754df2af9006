"""The audit trail: write-once events in per-subject streams, chained by HMAC, in the change's own transaction.

The key is outside the database (settings.AUDIT_KEYS), so whoever owns the tables still cannot rebuild a chain.
"""

import hmac
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from json.encoder import encode_basestring as json_text
from operator import attrgetter
from typing import Any, cast

from django.conf import settings
from django.db import connection, models
from django.utils import timezone

from core import request_id
from core.classification import is_sensitive
from core.db.insert import insert_missing, insert_values, present, reserve_keys
from core.db.one_of import Among
from core.db.statements import Place, Statement
from core.db.update import update_values
from core.enums import ReadKind
from core.models import AuditEvent, AuditHead, ReadEvent
from core.permissions import Actor

BATCH = 10_000
NAME_LENGTH = AuditEvent._meta.get_field("actor_name").max_length
# Every column but the mac itself is under the mac.
SIGNED = [column.attname for column in AuditEvent._meta.concrete_fields if column.name != "mac"]
COLUMNS = (
    *("id", "stream", "seq", "at", "actor_id", "actor_name", "action", "subject_type", "subject_id"),
    *("reason", "body", "request_id", "previous_mac", "key_id", "mac"),
)
HEAD = ("stream", "seq", "mac")
# Where a stream ends: the number and the mac of its last event.
End = tuple[int, str]
BEGINNING: End = (0, "")


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be recorded about one subject. `stream` defaults to the subject's own, `actor` to the call's.

    `at` is for first data alone, which tells a history; every other event happens as it is recorded.
    """

    subject: models.Model
    action: str
    changes: Sequence[Mapping[str, Any]] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    stream: str = ""
    actor: Actor | None = None
    at: datetime | None = None


def subject_type(subject: models.Model | type[models.Model]) -> str:
    return subject._meta.label_lower


def stream_of(subject: models.Model) -> str:
    return stream_name(type(subject), subject.pk)


def stream_name(model: type[models.Model], key: Any) -> str:
    """The stream of a subject of which only the key is at hand."""
    return f"{subject_type(model)}:{key}"


@cache
def _reader(model: type[models.Model], fields: tuple[str, ...]) -> attrgetter:
    """Reads the fields of a row, and something twice after them: of one attribute alone it would make no tuple."""
    meta: Any = model._meta
    return attrgetter(*(meta.get_field(name).attname for name in fields), "_state", "_state")


def values(row: models.Model, fields: Iterable[str]) -> dict[str, Any]:
    """The values of `fields` (attnames for relations), to be compared later by `changes`."""
    names = tuple(fields)
    return dict(zip(names, _reader(type(row), names)(row), strict=False))


@cache
def _told(model: type[models.Model]) -> frozenset[str]:
    """The fields whose values the trail may hold."""
    return frozenset(field.name for field in model._meta.get_fields() if not is_sensitive(model, field.name))


def changes(model: type[models.Model], before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One item per field that differs; a sensitive field says only that it changed."""
    found: list[dict[str, Any]] = []
    told = _told(model)
    for name, new in after.items():
        if (old := before.get(name)) == new:
            continue
        if name in told:
            found.append({"field": name, "old": _plain(old), "new": _plain(new)})
        else:
            found.append({"field": name})
    return found


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def record(
    subject: models.Model,
    action: str,
    *,
    actor: Actor | None,
    changes: Sequence[Mapping[str, Any]] = (),
    reason: str = "",
    stream: str = "",
    **data: Any,
) -> AuditEvent:
    """Append one event about `subject`; `actor` None means the clock or a command.

    Raises RuntimeError outside a transaction: an event and its change stand or fall together.
    """
    now = timezone.now()
    _require_transaction()
    (row,) = _append([Entry(subject, action, changes, data, reason, stream)], actor, now, frozenset())
    told = dict(zip(COLUMNS, row, strict=True))
    return AuditEvent(**{**told, "at": now, "body": json.loads(told["body"])})


def record_many(entries: Sequence[Entry], *, actor: Actor | None, fresh: Collection[str] = frozenset()) -> None:
    """Append events in order, with a constant number of statements per batch. Used by services and the bulk writer.

    `fresh` are streams of new subjects that nobody has begun (see `begun`): written once, and without a lock.
    """
    _require_transaction()
    for start in range(0, len(entries), BATCH):
        rows = _append(entries[start : start + BATCH], actor, timezone.now(), fresh)
        fresh = frozenset(fresh).difference(row[COLUMNS.index("stream")] for row in rows)


def begun(streams: Collection[str]) -> set[str]:
    """Those that have an event already."""
    return present(AuditHead, "stream", streams)


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("An audit event needs the transaction of its change.")


def _append(
    entries: Sequence[Entry], actor: Actor | None, now: datetime, fresh: Collection[str]
) -> list[tuple[Any, ...]]:
    """Returns the rows that were written, as COLUMNS."""
    subjects = [(subject_type(entry.subject), str(entry.subject.pk)) for entry in entries]
    streams = [entry.stream or ":".join(subject) for entry, subject in zip(entries, subjects, strict=True)]
    locked = sorted(set(streams).difference(fresh))
    ends = _locked_ends(locked)
    ids = _reserve_ids(len(entries))
    actors = [entry.actor or actor for entry in entries]
    rows = _signed(list(zip(ids, entries, subjects, streams, actors, strict=True)), ends, _common(now))
    insert_values(AuditEvent, COLUMNS, rows)
    _store_ends(ends, set(locked))
    return rows


def _named(actor: Actor | None) -> tuple[int | None, str]:
    return (None, "") if actor is None else (actor.pk, str(actor)[:NAME_LENGTH])


def _common(now: datetime) -> dict[str, Any]:
    """What the events of one call share."""
    return {
        "at": now,
        "request_id": request_id.current.get(),
        "key_id": list(settings.AUDIT_KEYS)[-1],
    }


def _body(entry: Entry) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if entry.changes:
        body["changes"] = list(entry.changes)
    if entry.data:
        body["data"] = {key: _plain(value) for key, value in entry.data.items()}
    return body


def _signed(
    told: Sequence[tuple[int, Entry, tuple[str, str], str, Any]], ends: dict[str, End], common: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """The rows to be written, as COLUMNS, of (id, entry, subject, stream, actor); moves `ends` on."""
    key, dated = settings.AUDIT_KEYS[common["key_id"]], dict[datetime | None, tuple[str, Any]]()
    rows = []
    for number, entry, (kind, pk), stream, actor in told:
        if entry.at not in dated:
            dated[entry.at] = _dated(common if entry.at is None else {**common, "at": entry.at})
        template, at = dated[entry.at]
        last, previous = ends.get(stream, BEGINNING)
        who, action, body = _named(actor), str(entry.action), ENCODER.encode(_body(entry))
        begin = (json_text(action), ENCODER.encode(who[0]), json_text(who[1]), body, number, json_text(previous))
        end = (json_text(entry.reason), last + 1, json_text(stream), json_text(pk), json_text(kind))
        mac = _mac(template % (*begin, *end), key)
        ends[stream] = (last + 1, mac)
        row = (number, stream, last + 1, at, *who, action, kind, pk, entry.reason, body)
        rows.append((*row, common["request_id"], previous, common["key_id"], mac))
    return rows


def _dated(common: Mapping[str, Any]) -> tuple[str, Any]:
    """The template of the events of one moment, and the moment as the database takes it."""
    return _template(common), AuditEvent._meta.get_field("at").get_db_prep_save(common["at"], connection)


def _template(common: Mapping[str, Any]) -> str:
    """The canonical JSON of an event with the values of `common` in it and a %s for each of the others."""
    parts = (
        f'"{name}":{ENCODER.encode(common[name]).replace("%", "%%") if name in common else "%s"}'
        for name in sorted(SIGNED)
    )
    return "{" + ",".join(parts) + "}"


_LOCKED_END = Statement(
    lambda: AuditHead.objects.select_for_update().filter(stream=Place("stream")).order_by().values_list("seq", "mac")
)


def _locked_ends(streams: Sequence[str]) -> dict[str, End]:
    """The ends of the streams, made where they are new, locked in the order of their names."""
    insert_missing(AuditHead, HEAD, [(stream, *BEGINNING) for stream in streams])
    if len(streams) == 1:
        return {streams[0]: cast(End, _LOCKED_END.first(stream=streams[0]))}
    rows = AuditHead.objects.select_for_update().filter(Among("stream", streams)).order_by("stream")
    return {stream: (seq, mac) for stream, seq, mac in rows.values_list("stream", "seq", "mac")}


def _store_ends(ends: Mapping[str, End], locked: Collection[str]) -> None:
    new = [(stream, *end) for stream, end in ends.items() if stream not in locked]
    insert_values(AuditHead, HEAD, new)
    update_values(AuditHead, HEAD, [(stream, *ends[stream]) for stream in sorted(locked)])


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
    return _mac(ENCODER.encode(signed), settings.AUDIT_KEYS[signed["key_id"]])


def _mac(text: str, key: bytes) -> str:
    return hmac.digest(key, text.encode(), "sha256").hex()


def _canonical(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"{type(value).__name__} has no place in an audit event")


# Canonical JSON: one text for one value.
ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_canonical)


def read(
    subject: models.Model | type[models.Model],
    kind: ReadKind,
    *,
    actor: Actor | None,
    rows: int | None = None,
    filters: Mapping[str, Any] | None = None,
) -> None:
    """Record that `actor` saw `subject` (a row, or a model for a list or an export), before the bytes leave.

    One statement, which outside a transaction stands on its own once it is done.
    """
    key = "" if isinstance(subject, type) else str(subject.pk)
    seen = (_named(actor)[0], kind.value, subject_type(subject), key, json.dumps(dict(filters or {})), rows)
    with connection.cursor() as cursor:
        cursor.execute(_read_statement(), (*seen, request_id.current.get()))


# What refusals of the request being answered told; None where no request is.
_told_in_refusals: ContextVar[list[Callable[[], None]] | None] = ContextVar("told_in_refusals", default=None)


def read_in_refusal(subject: models.Model, kind: ReadKind, *, actor: Actor | None) -> None:
    """As `read`, of what a refusal tells. It stands although whatever was refused is rolled back.

    In a request it is written once the answer is ready, see `keeping_what_refusals_tell`; elsewhere at once.
    """
    write = partial(read, subject, kind, actor=actor)
    waiting = _told_in_refusals.get()
    if waiting is None:
        write()
    else:
        waiting.append(write)


@contextmanager
def keeping_what_refusals_tell() -> Iterator[None]:
    """Round the making of an answer and all its transactions: writes at the end what its refusals told."""
    waiting: list[Callable[[], None]] = []
    token = _told_in_refusals.set(waiting)
    try:
        yield
    finally:
        _told_in_refusals.reset(token)
    for write in waiting:
        write()


@cache
def _read_statement() -> str:
    """Without the moment, which the database writes."""
    columns = ("actor_id", "kind", "subject_type", "subject_id", "filters", "rows", "request_id")
    names, places = ", ".join(map(connection.ops.quote_name, columns)), ", ".join(["%s"] * len(columns))
    table = connection.ops.quote_name(ReadEvent._meta.db_table)
    return f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608
