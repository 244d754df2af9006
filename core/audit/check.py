"""Verification of the audit chain, in constant memory."""

import hmac
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Exists, Max, OuterRef, Q
from django.utils.translation import gettext as _

from core.audit.trail import SIGNED, mac_of
from core.models import AuditEvent, AuditHead

CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """`faults` in stream order, each a sentence naming a row; `digest` pins everything recorded so far."""

    events: int
    streams: int
    digest: str
    faults: list[str]


class StillWriting(Exception):
    """Somebody's long write did not end in time; nothing was checked."""


def _last_id(patience: float) -> int:
    """The newest id below which nothing can still be committed.

    On PostgreSQL ids are given out before the commit, so those who write events at this moment are waited for
    (`patience`, in seconds), without standing in anybody's way. SQLite has one writer: what is visible is all there is.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [AuditEvent._meta.db_table])
            (sequence,) = cursor.fetchone()
            cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")  # noqa: S608
            (last,) = cursor.fetchone()
            # Whoever drew an id up to this one locked the sequence before, and keeps it locked until the end.
            earlier, deadline = _writers(cursor, sequence), time.monotonic() + patience
            while earlier.intersection(_writers(cursor, sequence)):
                if time.monotonic() > deadline:
                    raise StillWriting
                time.sleep(0.2)
            return last
    return AuditEvent.objects.aggregate(last=Max("id"))["last"] or 0


def _writers(cursor: CursorWrapper, sequence: str) -> set[str]:
    """The transactions that write events in this database now, or have drawn ids for them, without our own."""
    cursor.execute(
        "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock'"
        " AND relation IN (%s::regclass, %s::regclass) AND pid IS DISTINCT FROM pg_backend_pid()"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        [AuditEvent._meta.db_table, sequence],
    )
    return {number for (number,) in cursor.fetchall()}


def _digest(last_id: int) -> tuple[int, str]:
    """Count and HMAC over the macs of events up to `last_id`, in id order."""
    key = next(iter(settings.AUDIT_KEYS.values()))
    running, count, at = hmac.new(key, digestmod=sha256), 0, 0
    macs = AuditEvent.objects.filter(id__lte=last_id).order_by("id").values_list("id", "mac")
    while chunk := list(macs.filter(id__gt=at)[:CHUNK]):
        for _id, mac in chunk:
            running.update(mac.encode())
        count, at = count + len(chunk), chunk[-1][0]
    return count, running.hexdigest()


def _event_faults(event: dict, previous: tuple[int, str]) -> str:
    place = _("stream %(stream)s, row %(seq)s (id %(id)s)") % event
    if event["key_id"] not in settings.AUDIT_KEYS:
        return _("%(place)s: signed with the unknown key “%(key)s”.") % {"place": place, "key": event["key_id"]}
    if not hmac.compare_digest(mac_of({name: event[name] for name in SIGNED}), event["mac"]):
        return _("%(place)s: the row was changed after it was written.") % {"place": place}
    if event["seq"] != previous[0] + 1:
        return _("%(place)s: row %(missing)s before it is missing.") % {"place": place, "missing": previous[0] + 1}
    if event["previous_mac"] != previous[1]:
        return _("%(place)s: it does not continue the row before it.") % {"place": place}
    return ""


def _rows() -> Iterator[dict]:
    """In pieces by key: no statement is long, and SQLite's readers and writers go on."""
    rows = AuditEvent.objects.order_by("stream", "seq").values(*SIGNED, "mac")
    stream, seq = "", 0
    while chunk := list(
        rows.filter(Q(stream__gte=stream) & (Q(stream__gt=stream) | Q(stream=stream, seq__gt=seq)))[:CHUNK]
    ):
        yield from chunk
        stream, seq = chunk[-1]["stream"], chunk[-1]["seq"]


def verify(
    *, known_digest: str = "", on_progress: Callable[[int], None] | None = None, patience: float = 600
) -> Verdict:
    """Check every row and every stream's end; with `known_digest`, also that nothing of that day is gone.

    Raises StillWriting when a write that had begun does not end within `patience` seconds.
    """
    last_id = _last_id(patience)
    faults: list[str] = []
    ends: dict[str, tuple[int, str]] = {}
    events = streams = 0
    for stream, rows in groupby(_rows(), key=lambda event: event["stream"]):
        streams += 1
        previous, broken = (0, ""), False
        for event in rows:
            events += 1
            if on_progress:
                on_progress(events)
            if not broken and (fault := _event_faults(event, previous)):
                faults.append(fault)  # the first broken row of a stream; what follows it hangs in the air
                broken = True
            previous = (event["seq"], event["mac"])
        if not broken:
            ends[stream] = previous
        if len(ends) >= CHUNK:
            faults += _end_faults(ends)
            ends.clear()
    faults += _end_faults(ends) + _lost_streams()
    count, digest = _digest(last_id)
    if known_digest:
        faults += _digest_faults(known_digest)
    return Verdict(events, streams, f"{last_id}:{count}:{digest}", faults)


def _end_faults(ends: dict[str, tuple[int, str]]) -> list[str]:
    """Streams whose last row is not the one that their head names."""
    heads = {head.stream: head for head in AuditHead.objects.filter(stream__in=list(ends))}
    faults = []
    for stream, last in ends.items():
        head = heads.get(stream)
        if head and (head.seq, head.mac) == last:
            continue
        if AuditEvent.objects.filter(stream=stream, seq__gt=last[0]).exists():
            continue  # grew while we were reading
        if head is None:
            faults.append(_("stream %(stream)s: its end is not on record.") % {"stream": stream})
        else:
            faults.append(
                _("stream %(stream)s: it ends at row %(seq)s, but row %(head)s was written last.")
                % {"stream": stream, "seq": last[0], "head": head.seq}
            )
    return faults


def _lost_streams() -> list[str]:
    events = AuditEvent.objects.filter(stream=OuterRef("stream"))
    lost = AuditHead.objects.filter(~Exists(events), seq__gt=0).order_by("stream")
    return [
        _("stream %(stream)s: all its %(seq)s rows are missing.") % {"stream": head.stream, "seq": head.seq}
        for head in lost
    ]


def _digest_faults(known: str) -> list[str]:
    """What the digest printed earlier shows: events of that time that are gone or replaced."""
    parts = known.strip().split(":")
    if len(parts) != 3 or not (parts[0].isdigit() and parts[1].isdigit()):
        return [_("The digest given is not one that verify_audit printed.")]
    last_id, count, digest = int(parts[0]), int(parts[1]), parts[2]
    present, now = _digest(last_id)
    if present != count:
        newest = AuditEvent.objects.filter(id__lte=last_id).order_by("-id").first()
        return [
            _("%(missing)s rows recorded before the digest are missing; the newest left of that time is %(row)s.")
            % {"missing": count - present, "row": newest or _("none")}
        ]
    if not hmac.compare_digest(now, digest):
        return [_("Rows recorded before the digest (up to id %(id)s) were replaced.") % {"id": last_id}]
    return []
