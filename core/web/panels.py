"""What an app offers to the pages that are composed of several: home, search, a person's page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Model, QuerySet

from core.audit.timeline import Entry, entry_of
from core.audit.trail import stream_of
from core.db.prepared import prepared
from core.enums import Badge
from core.models import AuditEvent
from core.web.keyset import EXACT_COUNT


@dataclass(frozen=True, slots=True)
class Hit:
    """One row that a search found."""

    label: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class HitGroup:
    model: type[Model]
    label: str
    hits: list[Hit]
    more_url: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A count of rows that the person may see."""

    label: str
    value: str
    url: str


def figure(label: str, count: int, url: str) -> Figure:
    """`count`: how many `countable` rows there are."""
    return Figure(label, f"{count:,}" if count <= EXACT_COUNT else f"{EXACT_COUNT:,}+", url)


@dataclass(slots=True)
class Waiting:
    """Something that this person should do, since `when` and until `due`.

    `about`: the person or the employer, `asks`: the amount, or what is asked, where `what` does not say it; `model`:
    of the row that waits.
    """

    what: str
    url: str
    state: str
    tone: str
    about: str = ""
    asks: str = ""
    when: Any = None
    due: Any = None
    is_late: bool = False
    model: type[Model] | None = None


@dataclass(frozen=True, slots=True)
class Matter:
    """Something of the person's own that is not over: where it stands, and what happens next."""

    label: str
    url: str
    badge: Badge
    next: str
    model: type[Model]


@dataclass(frozen=True, slots=True)
class Happened:
    """An event on a record that the person may see."""

    id: int
    entry: Entry
    label: str
    url: str


def recent(rows: Iterable[Model], label: Callable[[Any], str], limit: int) -> list[Happened]:
    """The newest event on each of `rows` (the records that changed last), newest first."""
    by_stream = {stream_of(row): row for row in rows}
    return [
        Happened(event.pk, entry_of(event), label(row), row.get_absolute_url())  # type: ignore[attr-defined]
        for event in _newest(None, streams=tuple(by_stream))[:limit]
        for row in [by_stream[event.stream]]
    ]


@prepared
def _newest(_asker: Any, *, streams: Any) -> QuerySet[AuditEvent]:
    """The newest event of each stream."""
    last = AuditEvent.objects.filter(stream__in=streams).values("stream").annotate(last=Max("id")).values("last")
    return AuditEvent.objects.filter(pk__in=last).order_by("-id")
