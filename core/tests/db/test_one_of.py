"""A column among the values that another query finds, beside OR and NOT as well."""

import datetime

import pytest
from django.db.models import Q

from core.db.one_of import Among, OneOf
from members.factories import MemberFactory
from members.models import Member

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(db):
    return [MemberFactory(last_name=name) for name in ("Abel", "Baker", "Cole")]


def found(condition) -> list[str]:
    return list(Member.objects.filter(condition).order_by("last_name").values_list("last_name", flat=True))


def test_one_of_the_values_none_of_them_or_something_else(three):
    kept = OneOf("pk", Member.objects.filter(last_name__in=("Abel", "Cole")).values("pk"))
    assert found(Q(kept)) == ["Abel", "Cole"]
    assert found(~Q(kept)) == ["Baker"]
    assert found(Q(kept) | Q(last_name="Baker")) == ["Abel", "Baker", "Cole"]


@pytest.mark.parametrize("nothing", [Member.objects.none(), Member.objects.filter(last_name="Nobody")])
def test_of_no_values_nothing_is_one(three, nothing):
    none = OneOf("pk", nothing.values("pk"))
    assert found(Q(none)) == []
    assert found(~Q(none)) == ["Abel", "Baker", "Cole"]
    assert set(Member.objects.annotate(among=none).values_list("among", flat=True)) == {False}


def test_rows_are_locked_beside_it(three):
    people = Member.objects.filter(OneOf("pk", Member.objects.filter(last_name="Cole").values("pk")))
    assert [row.last_name for row in people.select_for_update(of=("self",))] == ["Cole"]


def test_among_many_values_of_each_type(three):
    born = datetime.date(1980, 2, 29)
    Member.objects.filter(last_name="Baker").update(date_of_birth=born, city='a "b", {c} \\ é')

    assert found(Among("last_name", ["Abel", "Cole", "O'Neil", None, "NULL"])) == ["Abel", "Cole"]
    assert found(Among("pk", [three[0].pk, -1])) == ["Abel"]
    assert found(Among("date_of_birth", ["1980-02-29"])) == found(Among("date_of_birth", {born})) == ["Baker"]
    assert found(Among("city", ['a "b", {c} \\ é'])) == ["Baker"]
    assert found(~Q(Among("last_name", ["Abel"])) & (Q(Among("pk", ())) | Q(last_name="Cole"))) == ["Cole"]
    assert found(Among("last_name", [])) == []
