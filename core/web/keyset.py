"""Pages by key instead of by offset: page 20,000 costs what page 1 costs.

The cursor in the URL is a row's key, never its sort value, because URLs must not carry names; programs get a sealed
place instead (core.api.places).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from core.db.one_of import OneOf

EXACT_COUNT = 1_000
PAGE_SIZE = 50
SAMPLE = 2_000  # of so many rows of a search the page's end is guessed; the larger, the nearer
LONGEST_POSITION = 12
CURSOR = ("after", "before", "from")
Anchor = tuple[Any, Any] | None
ReadPlace = Callable[[str, str], tuple[Any, Any]]
Rows = Callable[[], models.QuerySet]
Prepare = Callable[[models.QuerySet], models.QuerySet]


@dataclass(frozen=True, slots=True)
class Sort:
    """A declared order: a NOT NULL column that is indexed together with the key."""

    name: str
    field: str
    label: Any
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Any]
    count: int
    first: int
    previous_url: str = ""
    next_url: str = ""

    @property
    def count_label(self) -> str:
        return count_in_words(self.count)

    @property
    def range_label(self) -> str:
        if not self.rows:
            return ""
        last = self.first + len(self.rows) - 1
        return _("%(first)s–%(last)s") % {
            "first": number_format(self.first, force_grouping=True),
            "last": number_format(last, force_grouping=True),
        }


def as_they_are(rows: models.QuerySet) -> models.QuerySet:
    return rows


def countable(queryset: models.QuerySet) -> models.QuerySet:
    """So many of the rows as are counted: EXACT_COUNT, and one more that stands for "or more"."""
    return queryset.order_by().values("pk")[: EXACT_COUNT + 1]


def bounded_count(queryset: models.QuerySet) -> int:
    return countable(queryset).count()


class BoundedCount(models.Subquery):
    """How many of `rows` there are for each row of the outer query, as `bounded_count` tells it."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = models.IntegerField()

    def __init__(self, rows: models.QuerySet) -> None:
        super().__init__(countable(rows))


def count_in_words(count: int) -> str:
    """“1,000+” for what is no more counted."""
    if count > EXACT_COUNT:
        return _("%(count)s+") % {"count": number_format(EXACT_COUNT, force_grouping=True)}
    return number_format(count, force_grouping=True)


def paginate(
    queryset: models.QuerySet,
    *,
    params: QueryDict,
    sort: Sort,
    size: int = PAGE_SIZE,
    narrowed: bool = False,
    positions: Rows | None = None,
    prepare: Prepare = as_they_are,
    read: ReadPlace | None = None,
) -> Page:
    """The page that `params` (after, before, from) asks for.

    `narrowed`: a text search found the rows. `positions` gives the rows whose keys may serve as cursors (default:
    `queryset`). `prepare` adds what is drawn of the rows: nobody counts that. `read` makes the place of a cursor, given
    with the name of its parameter, where that is no row's key.
    """
    positions = positions or queryset.all
    name = "before" if params.get("before") else "after"
    raw = params.get(name)
    anchor = read(name, raw) if read and raw else _anchor(positions, raw, sort)
    backwards = anchor is not None and bool(params.get("before"))
    upwards = sort.descending == backwards
    if narrowed:
        count, rows = _found_first(queryset, positions, prepare, sort, anchor, upwards=upwards, limit=size + 1)
    else:
        count = bounded_count(queryset)
        found = _in_table_order(queryset, prepare, sort, anchor, upwards=upwards, limit=size + 1, count=count)
        rows = list(found)
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    first = _first(params, rows, backwards, anchor is not None)
    has_next = backwards or more
    has_previous = more if backwards else anchor is not None
    return Page(
        rows,
        count,
        first,
        url(params, {"before": rows[0].pk, "from": first}) if has_previous and rows else "",
        url(params, {"after": rows[-1].pk, "from": first + len(rows)}) if has_next and rows else "",
    )


def first_of(rows: list[Any], count: int, *, size: int) -> Page:
    """The first page, of at most one row more than it has."""
    more, rows = len(rows) > size, rows[:size]
    return Page(rows, count, 1, next_url=url(QueryDict(), {"after": rows[-1].pk, "from": size + 1}) if more else "")


def first_found(queryset: models.QuerySet, field: str, size: int) -> list[Any]:
    """The first rows of a text search by `field`, without the slow walk that `order_by` would take; see below."""
    sort = Sort("", field, "")
    return _found_first(queryset, queryset.all, as_they_are, sort, None, upwards=True, limit=size)[1]


def _found_first(
    queryset: models.QuerySet, drawn: Rows, prepare: Prepare, sort: Sort, anchor: Anchor, *, upwards: bool, limit: int
) -> tuple[int, list[Any]]:
    """Count and rows of a search: find, then put in order. `drawn` gives the rows of a known key.

    `ORDER BY name LIMIT` beside a LIKE makes PostgreSQL walk the name index (700 ms at a million rows), so the order
    is an expression that no index serves. Of a frequent word only a part is read: where a page of some of its rows
    ends, the page of all of them has ended too.
    """
    some = list(queryset.order_by().values_list(sort.field, "pk")[:SAMPLE])
    count = min(len(some), EXACT_COUNT + 1)
    ahead = [place for place in some if anchor is None or (place > anchor if upwards else place < anchor)]
    ahead = sorted(ahead, reverse=not upwards)[:limit]
    if len(some) < SAMPLE:
        found = prepare(drawn()).in_bulk([pk for _value, pk in ahead])
        return count, [found[pk] for _value, pk in ahead if pk in found]
    rest = prepare(beyond(queryset, sort.field, anchor, upwards=upwards))
    rest = in_order(unindexed(rest, sort.field), "sort_expression", upwards)
    for reach in (limit // 4, limit - 1):  # the nearer end is enough for the most frequent words
        if reach < len(ahead):
            rows = list(rest.filter(**{f"{sort.field}__{'lte' if upwards else 'gte'}": ahead[reach][0]})[:limit])
            if len(rows) == limit:
                return count, rows
    return count, list(rest[:limit])


def _in_table_order(
    queryset: models.QuerySet, prepare: Prepare, sort: Sort, anchor: Anchor, *, upwards: bool, limit: int, count: int
) -> models.QuerySet:
    """The rows of a page that no text search narrows."""
    if not count:
        return queryset.none()
    ordered = many_in_order if count > EXACT_COUNT else few_in_order
    rest = beyond(queryset, sort.field, anchor, upwards=upwards)
    return ordered(rest, sort.field, upwards=upwards, limit=limit, prepare=prepare)


def many_in_order(
    queryset: models.QuerySet, key: str, *, upwards: bool, limit: int, prepare: Prepare = as_they_are
) -> models.QuerySet:
    """Read in the order of their index, as far as the limit goes."""
    return in_order(prepare(queryset), key, upwards)[:limit]


def few_in_order(
    queryset: models.QuerySet, key: str, *, upwards: bool, limit: int, prepare: Prepare = as_they_are
) -> models.QuerySet:
    """Found first and put in order then; only those of the page are read with what belongs to them.

    PostgreSQL guesses how far an index has to be walked from what is frequent in the whole table: for a steward with
    ten old cases it walked past a million others.
    """
    found = in_order(unindexed(queryset, key), "sort_expression", upwards).values("pk")[:limit]
    return in_order(prepare(queryset.filter(OneOf("pk", found))), key, upwards)


def unindexed(queryset: models.QuerySet, field: str) -> models.QuerySet:
    """With `sort_expression`, which has the values of `field` but no index that could be walked."""
    return queryset.annotate(sort_expression=Coalesce(F(field), F(field)))


def in_order(queryset: models.QuerySet, key: str, upwards: bool) -> models.QuerySet:
    return queryset.order_by(*((key, "pk") if upwards else (f"-{key}", "-pk")))


def _anchor(positions: Rows, raw: str | None, sort: Sort) -> Anchor:
    """(sort value, key) of the row that the cursor names; an unknown cursor means the first page."""
    if not raw:
        return None
    rows = positions()
    try:
        key = _cursor_field(rows.model).clean(raw)
    except ValidationError:
        return None
    return rows.order_by().filter(pk=key).values_list(sort.field, "pk").first()


def _cursor_field(model: type[models.Model]) -> forms.Field:
    if isinstance(model._meta.pk, models.UUIDField):
        return forms.UUIDField()
    return forms.IntegerField(min_value=0, max_value=models.BigIntegerField.MAX_BIGINT)


def beyond(queryset: models.QuerySet, key: str, anchor: Anchor, *, upwards: bool) -> models.QuerySet:
    """Rows past the anchor. The first condition looks redundant; it is what lets the index start there."""
    if anchor is None:
        return queryset
    value, pk = anchor
    edge, past = ("gte", "gt") if upwards else ("lte", "lt")
    tie = Q(**{f"{key}__{past}": value}) | Q(**{key: value, f"pk__{past}": pk})
    return queryset.filter(Q(**{f"{key}__{edge}": value}) & tie)


def _first(params: QueryDict, rows: Sequence[Any], backwards: bool, anchored: bool) -> int:
    if not anchored:
        return 1
    raw = params.get("from", "")
    start = int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= LONGEST_POSITION else 1
    return max(1, start - len(rows)) if backwards else max(1, start)


def url(params: QueryDict, cursor: dict[str, Any]) -> str:
    """The address of another page of the same list."""
    kept = [(name, values) for name, values in params.lists() if name not in CURSOR]
    return f"?{urlencode([*kept, *cursor.items()], doseq=True)}"
