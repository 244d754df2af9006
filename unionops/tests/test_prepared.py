"""Every query whose SQL is made once is, for everybody, the one that would be made anew.

On each commit some people are drawn; the battery asks for all.
"""

import os
import uuid
from datetime import UTC, date, datetime
from random import Random

import pytest
import time_machine
from django.core.exceptions import EmptyResultSet
from django.db import models
from django.http import HttpRequest
from django.urls import URLPattern, get_resolver

from core.api import viewsets
from core.db import prepared
from core.web import lists
from core.web.views import row_of
from unionops.access import GRANTS
from unionops.api import router

pytestmark = [pytest.mark.django_db, pytest.mark.heavy]

WHOLE = bool(os.environ.get("BATTERY"))
DRAWN = 2  # of these people, on each commit
PEOPLE = [*sorted({role for roles in GRANTS.values() for role in roles}), "nobody", "expired"]
SAMPLES = {
    "streams": ("members.member:7", "members.member:8"),
    "members": (7, 8),
    "address": "ann@people.example",
    "key": "article 9",
    "case": uuid.UUID(int=7),
    "agreement": uuid.UUID(int=7),
    "since": datetime(2026, 1, 2, tzinfo=UTC),
    "now": datetime(2026, 1, 2, tzinfo=UTC),
    "later": datetime(2026, 2, 1, tzinfo=UTC),
    "day": date(2026, 1, 2),
    "today": date(2026, 1, 2),
    "before": date(2025, 12, 3),
}


def views(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield getattr(pattern.callback, "view_class", None)
        else:
            yield from views(pattern.url_patterns)


def all_prepared(user):
    """Prepare every query for `user`: which columns a list has may hang on the person."""
    for view in set(views(get_resolver().url_patterns)):
        if getattr(view, "row_is_prepared", False):
            row_of(view)
        if getattr(view, "is_prepared", False):
            page = view()
            page.setup(HttpRequest())
            page.request.user = user
            lists.first_page(view, tuple(column.name for column in page.columns))
    for _prefix, viewset, _basename in router.registry:
        if viewset.is_prepared:
            viewsets.first_page(viewset)
            viewsets.row_of(viewset)
    return [item for item in prepared.every if not item.make.__module__.startswith("core.tests")]


def sample(name: str, model: type[models.Model]):
    if name == "pk" and isinstance(model._meta.pk, models.UUIDField):
        return uuid.UUID(int=7)
    return SAMPLES.get(name, 7)


def plain(sql, parameters):
    """Take away the brackets that Django puts round an expression and not round a value."""
    return sql.replace("(%s)", "%s"), parameters


def made_anew(item, user, values):
    try:
        sql, parameters = item.make(user, **values).query.get_compiler("default").as_sql()
    except EmptyResultSet:
        return "", ()
    return sql, tuple(parameters)


@time_machine.travel("2026-01-02", tick=False)
def test_it_is_the_query_that_would_be_made_anew(people, seed):
    for name in PEOPLE if WHOLE else Random(seed).sample(PEOPLE, DRAWN):
        user = people[name]
        for item in all_prepared(user):
            names = item.make.__kwdefaults__ or {}
            wanted = item.make.__code__.co_varnames[1 : 1 + item.make.__code__.co_kwonlyargcount]
            values = {argument: sample(argument, _model_of(item, user, wanted)) for argument in wanted}
            for given in (values, {argument: value for argument, value in values.items() if argument not in names}):
                statement, places = item.find(user, given)
                kept = statement.sql, statement.filled(places)
                assert plain(*kept) == plain(*made_anew(item, user, given)), (name, item.make.__qualname__)


def _model_of(item, user, wanted):
    statement, _places = item.find(user, {argument: SAMPLES.get(argument, 7) for argument in wanted})
    return statement.queryset.model


def test_there_are_some_of_every_kind(people):
    named = {item.make.__qualname__.rpartition(".")[2] for item in all_prepared(people["staff"])}
    assert {"row", "_newest", "_cases_of", "_jobs_of", "<lambda>"} <= named
