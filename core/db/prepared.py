"""Queries whose SQL is made once a process for all who hold the same permissions; see core.db.statements.

    @prepared
    def cases_of(user, *, member):
        return Grievance.objects.visible_to(user).about_member(member).order_by("-filed_date")[:6]

    cases_of(request.user, member=7)            the rows, as the queryset would have given them
    cases_of.count(request.user, member=7)      how many they are

The function sees an Asker in place of the person, and a Place for each value: it may ask what the person may do, but
not who they are, and nothing that changes from one moment to the next but what it is given and `moment_of` the asker.
The person is None where the same rows are for everybody who gets there.
"""

import copy
from collections.abc import Callable
from functools import lru_cache, update_wrapper
from typing import Any
from weakref import WeakSet

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from core.db.statements import Compiled, Place
from core.permissions import Actor

KEPT = 256
every: WeakSet["Prepared"] = WeakSet()


class Asker(Place):
    """Whoever will ask: their permissions are known, their key is a place.

    `row_keys` of a user are places, or None; `row_texts` are places, whose text is made when a statement has them.
    """

    is_active = is_authenticated = True

    def __init__(
        self,
        permissions: frozenset[str],
        keys: tuple[str, ...] = (),
        known: tuple[str, ...] = (),
        texts: tuple[str, ...] = (),
    ) -> None:
        super().__init__("user")
        self.pk = self.id = Place("user")
        self.moment = Place("moment")
        self.permissions = permissions
        for key in keys:
            setattr(self, key, Place(f"user.{key}") if key in known else None)
        for text in texts:
            setattr(self, text, Place(f"user.{text}"))

    def has_perm(self, permission: str) -> bool:
        return permission in self.permissions

    def get_all_permissions(self) -> frozenset[str]:
        return self.permissions


def moment_of(user: Actor | None) -> Any:
    """When `user` asks: now, and in a query that is made for all askers a place."""
    return user.moment if isinstance(user, Asker) else timezone.now()


class _Given(dict):
    """What is put in the places; a text of the person's is made when a statement has its place."""

    def __init__(self, user: Actor | None, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.user = user

    def __missing__(self, name: str) -> Any:
        return getattr(self.user, name.removeprefix("user."))


class Prepared:
    def __init__(self, make: Callable[..., QuerySet], *, keeps_plan: bool = True) -> None:
        self.make, self.keeps_plan = make, keeps_plan
        self.statement = lru_cache(KEPT)(self._statement)
        update_wrapper(self, make)
        every.add(self)

    def __call__(self, user: Actor | None, **values: Any) -> list[Any]:
        statement, given = self.find(user, values)
        return statement.rows(given)

    def first(self, user: Actor | None, **values: Any) -> Any:
        return next(iter(self(user, **values)), None)

    def count(self, user: Actor | None, **values: Any) -> int:
        statement, given = self.find(user, values)
        return statement.count(given)

    def find(self, user: Actor | None, values: dict[str, Any]) -> tuple["_Statement", dict[str, Any]]:
        """The statement for people like `user`, and what is put in its places."""
        keys = getattr(user, "row_keys", ())
        given = _Given(user, {"moment": timezone.now(), **{f"user.{key}": getattr(user, key) for key in keys}})
        if user is not None:
            given["user"] = user.pk
        sizes = []
        for name, value in values.items():
            if isinstance(value, tuple):
                given |= {f"{name}.{number}": item for number, item in enumerate(value)}
            else:
                given[name] = value
            sizes.append((name, len(value) if isinstance(value, tuple) else None))
        known = tuple(key for key in keys if getattr(user, key) is not None)
        permissions = frozenset(user.get_all_permissions() if user is not None else ())
        return self.statement(permissions, keys, known, getattr(user, "row_texts", ()), tuple(sizes)), given

    def _statement(
        self,
        permissions: frozenset[str],
        keys: tuple[str, ...],
        known: tuple[str, ...],
        texts: tuple[str, ...],
        sizes: tuple[Any, ...],
    ) -> "_Statement":
        places = {
            name: Place(name) if size is None else [Place(f"{name}.{number}") for number in range(size)]
            for name, size in sizes
        }
        return _Statement(self.make(Asker(permissions, keys, known, texts), **places), keeps_plan=self.keeps_plan)


class _Statement(Compiled):
    """A queryset that is only asked again."""

    def rows(self, given: dict[str, Any]) -> list[Any]:
        if not self.sql:
            return []
        compiler: Any = copy.copy(self.compiler)
        compiler.execute_sql = lambda *args, **kwargs: [self.ask(given)]
        compiler.get_converters = lambda expressions: self.converters
        query: Any = object.__new__(type(self.queryset.query))
        query.__dict__ = {**self.queryset.query.__dict__, "get_compiler": lambda *args, **kwargs: compiler}
        found: Any = type(self.queryset)(self.queryset.model, query)
        for name in ("_iterable_class", "_fields", "_prefetch_related_lookups", "_known_related_objects"):
            setattr(found, name, getattr(self.queryset, name))
        found._prefetch_related_lookups = tuple(map(_asked_anew, found._prefetch_related_lookups))
        return list(found)

    def count(self, given: dict[str, Any]) -> int:
        if not self.sql:
            return 0
        return self.ask(given, f"SELECT COUNT(*) FROM ({self.sql}) counted")[0][0]  # noqa: S608


def _asked_anew(lookup: Any) -> Any:
    """A lookup with a queryset notes in it which rows it was asked for: one of its own for each time."""
    if not isinstance(lookup, Prefetch) or lookup.queryset is None:
        return lookup
    fresh = copy.copy(lookup)
    fresh.queryset = lookup.queryset.all()
    return fresh


def prepared(make: Callable[..., QuerySet]) -> Prepared:
    return Prepared(make)
