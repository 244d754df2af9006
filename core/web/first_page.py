"""What most people see: the first page of rows that nothing narrows, or one row. Its SQL is made once a process."""

from collections.abc import Callable
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from core.db.prepared import Prepared
from core.permissions import Actor
from core.web import keyset
from core.web.keyset import EXACT_COUNT, Page, Sort, countable, few_in_order, many_in_order

Rows = Callable[[Any], QuerySet]
Drawn = Callable[[Any, QuerySet], QuerySet]
LAST_CHANGED = Sort("changed", "updated_at", "", descending=True)


def asked_by(asker: Actor | None) -> Any:
    """What a view reads of a request to find the rows of somebody who asks for nothing in particular."""
    nothing = QueryDict()
    return SimpleNamespace(user=asker, GET=nothing, query_params=nothing)


def by_key(rows: Rows) -> Prepared:
    """The one of `rows` that has the key `pk`."""

    def row(asker: Actor, *, pk: Any) -> QuerySet:
        return rows(asker).filter(pk=pk).order_by()[:1]

    return Prepared(row)


class FirstPage:
    """`rows` gives those of the person who asks (see core.db.prepared), `drawn` adds what is drawn of them."""

    def __init__(
        self, rows: Rows, sort: Sort, *, size: int = keyset.PAGE_SIZE, drawn: Drawn = lambda _asker, rows: rows
    ) -> None:
        self.size = size

        def ordered(order: Callable[..., QuerySet], asker: Actor) -> QuerySet:
            prepare = partial(drawn, asker)
            return order(rows(asker), sort.field, upwards=not sort.descending, limit=size + 1, prepare=prepare)

        self.few = Prepared(lambda asker: ordered(few_in_order, asker), keeps_plan=False)
        self.many = Prepared(lambda asker: ordered(many_in_order, asker), keeps_plan=False)
        self.counted = Prepared(lambda asker: countable(rows(asker)), keeps_plan=False)

    def __call__(self, user: Actor) -> Page:
        count = self.counted.count(user)
        rows = (self.few if count <= EXACT_COUNT else self.many)(user) if count else []
        return keyset.first_of(rows, count, size=self.size)


@cache
def last_changed(rows: Rows, limit: int) -> FirstPage:
    """Those of `rows` that changed last, for records with `updated_at`."""
    return FirstPage(rows, LAST_CHANGED, size=limit)
