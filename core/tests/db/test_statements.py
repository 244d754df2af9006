"""Queries whose SQL is made once: the same rows as from a queryset, whatever stands in their places."""

import pytest
from django.db.models import F

from core.db.statements import Place, Statement
from core.tests.sample.models import Ticket

pytestmark = pytest.mark.django_db

BY_TITLE = Statement(
    lambda: Ticket.objects.filter(title=Place("title"), created_at__lte=Place("now")).values_list("pk", "created_at")
)


def test_rows_are_those_of_the_queryset(django_assert_num_queries):
    a, b = (Ticket.objects.create(title=title, amount=1) for title in ("a", "b"))
    with django_assert_num_queries(3):
        assert BY_TITLE.rows(title="a", now=a.created_at) == [(a.pk, a.created_at)]
        assert BY_TITLE.first(title="b", now=b.created_at) == (b.pk, b.created_at)
        assert BY_TITLE.first(title="%s' OR 1=1 --", now=b.created_at) is None


def test_a_query_that_finds_nothing_is_not_asked(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert Statement(lambda: Ticket.objects.none().annotate(twice=F("pk") * 2).values_list("pk")).rows() == []
