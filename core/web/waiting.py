"""What waits for one person, of several kinds of work: counted in one statement, each domain's rows read in another.

A kind says which rows wait for whom, since when and until when, and what the line of one says. The kinds of a domain
are one UNION of bounded parts, so that a domain costs one statement however many kinds it has and rows there are.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import DateTimeField, F, IntegerField, Model, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.db.one_of import OneOf
from core.db.prepared import prepared
from core.permissions import Actor
from core.site import local_today
from core.web.keyset import EXACT_COUNT, BoundedCount
from core.web.panels import Waiting

FIRST = 10
WORDS = tuple(f"waits_word_{number}" for number in range(6))
COLUMNS = ("waits_as", "waits_key", "waits_due", "waits_since", *WORDS)
SOON, NEAR = dt.timedelta(days=7), dt.timedelta(days=30)
LATE, WEEK, UNDATED = "late", "week", "undated"
DUE = {LATE: _("Overdue"), WEEK: _("Within 7 days or overdue"), UNDATED: _("Without a date")}


class At(NamedTuple):
    """The local's day and the last one that is long ago, the moment and the last one that is near.

    In a statement that is made for all askers: their places.
    """

    day: Any
    before: Any
    now: Any
    later: Any


def _values() -> dict[str, Any]:
    day, now = local_today(), timezone.now()
    return {"day": day, "before": day - NEAR, "now": now, "later": now + NEAR}


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """A kind of work.

    `rows(asker, at)`: those that wait for the asker, or None where no permission of theirs gives any.
    `since`, `due`: what they are put in order by, all days or all moments. `words`: at most six expressions over a
    row, which come as texts to `line(key, *words)`: that makes the row's Waiting, without its dates.
    """

    name: str
    label: Any
    model: type[Model]
    rows: Callable[..., QuerySet | None]
    line: Callable[..., Waiting]
    words: tuple[Any, ...]
    since: str
    due: str = ""
    in_days: bool = False

    def part(self, asker: Actor, at: At, *, most: int, due: str) -> QuerySet | None:
        """The first rows as COLUMNS; None where there is nothing to ask for."""
        if (rows := self.rows(asker, at)) is None or (due in (LATE, WEEK) and not self.due):
            return None
        if due and self.due:
            rows = self._due(rows, due, at.day)
        order = (F(self.due).asc(nulls_last=True), self.since, "pk") if self.due else (self.since, "pk")
        first = rows.order_by(*order)
        values = {"waits_due": _moment(self.due), "waits_since": _moment(self.since)}
        is_stored = {self.since, self.due or self.since} <= {field.name for field in self.model._meta.get_fields()}
        drawn = self.model._default_manager.all() if is_stored else rows
        return _as_columns(self, drawn.filter(OneOf("pk", first.values("pk")[:most])).order_by(), values)

    def _due(self, rows: QuerySet, due: str, day: dt.date) -> QuerySet:
        if due == UNDATED:
            return rows.filter(**{self.due: None})
        last = day if due == LATE else day + SOON + dt.timedelta(days=1)
        return rows.filter(**{f"{self.due}__lt": last if self.in_days else _begin_of(last)})

    def date_of(self, moment: dt.datetime | None) -> dt.date | None:
        if moment is None:
            return None
        return (moment.astimezone(dt.UTC) if self.in_days else timezone.localtime(moment)).date()


class Waits:
    """The work of several kinds; each asks the database once."""

    def __init__(self, *works: Work) -> None:
        self.works = {work.name: work for work in works}

        def first(asker: Actor, *, day: Any, before: Any, now: Any, later: Any) -> QuerySet:
            return self._union(asker, At(day, before, now, later), self.works, most=FIRST)

        def counts(asker: Actor, *, day: Any, before: Any, now: Any, later: Any) -> QuerySet:
            found = [work.rows(asker, At(day, before, now, later)) for work in self.works.values()]
            none, user = Value(0, output_field=IntegerField()), get_user_model().objects
            columns = [none if rows is None else BoundedCount(rows) for rows in found]
            if all(column is none for column in columns):
                return user.none()
            named = {f"count_{number}": column for number, column in enumerate(columns)}
            return user.filter(pk=asker.pk).order_by().annotate(**named).values_list(*named)

        self._first, self._counts = prepared(first), prepared(counts)

    def first(self, user: Actor) -> list[Waiting]:
        """The FIRST rows, the next due before all others."""
        return self._lines(self._first(user, **_values()))

    def rows(self, user: Actor, *, most: int, only: str = "", due: str = "") -> list[Waiting]:
        """The first `most` rows, of the kind `only` and as `due` says where these are given."""
        names = [name for name in self.works if only in ("", name)]
        return self._lines(self._union(user, At(**_values()), names, most=most, due=due))

    def counts(self, user: Actor) -> dict[str, int]:
        """How many rows of each kind wait, as `countable` counts; kinds of which none does are left out."""
        counted = self._counts.first(user, **_values()) or ()
        return {name: count for name, count in zip(self.works, counted, strict=False) if count}

    def _union(self, asker: Actor, at: At, names: Iterable[str], *, most: int, due: str = "") -> QuerySet:
        asked = (self.works[name].part(asker, at, most=most, due=due) for name in names)
        parts = [part for part in asked if part is not None]
        if not parts:
            return get_user_model().objects.none().values_list("pk")
        rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
        return rows.order_by(F("waits_due").asc(nulls_last=True), "waits_since", "waits_key")[:most]

    def _lines(self, rows: Iterable[tuple[Any, ...]]) -> list[Waiting]:
        found, today = [], local_today()
        for name, key, due, since, *words in rows:
            work = self.works[name]
            line = work.line(key, *words[: len(work.words)])
            line.model, line.due, line.when = work.model, work.date_of(due), work.date_of(since)
            line.is_late = line.due is not None and line.due < today
            found.append(line)
        return found


def in_order(items: Iterable[Waiting]) -> list[Waiting]:
    """The next due first, then what waits longest."""
    latest = dt.date.max
    return sorted(items, key=lambda item: (item.due or latest, item.when or latest))


def total_of(counts: Mapping[str, int]) -> int:
    """At most EXACT_COUNT + 1, which stands for "or more"."""
    return min(sum(counts.values()), EXACT_COUNT + 1)


def _as_columns(work: Work, rows: QuerySet, values: dict[str, Any]) -> QuerySet:
    words = [_text(word) for word in work.words] + [_text(Value(""))] * (len(WORDS) - len(work.words))
    named = {
        "waits_as": _text(Value(work.name)),
        "waits_key": _text(F("pk")),
        **values,
        **dict(zip(WORDS, words, strict=True)),
    }
    return rows.annotate(**named).values_list(*COLUMNS)


def _text(word: Any) -> Any:
    shown = Cast(F(word) if isinstance(word, str) else word, TextField())
    return Coalesce(shown, Value("", output_field=TextField()))


def _moment(column: str) -> Any:
    return Cast(F(column) if column else Value(None), DateTimeField())


def _begin_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))
