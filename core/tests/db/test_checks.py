import pytest
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.test.utils import CaptureQueriesContext, isolate_apps

from core.db import checks
from core.models import Versioned

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def model():
    """A model without a table: its constraints are asked about its rows' values alone."""
    with isolate_apps("core.tests.sample"):

        class Shift(Versioned):
            name = models.CharField(max_length=20)
            begins = models.IntegerField(null=True)
            ends = models.IntegerField(null=True)
            pay = models.DecimalField(max_digits=6, decimal_places=2, default=0)

            class Meta:
                app_label = "sample"
                constraints = [
                    models.CheckConstraint(
                        condition=Q(begins__lte=F("ends")), name="order", violation_error_message="It ends too early."
                    ),
                    models.CheckConstraint(
                        condition=~Q(name="") & Q(pay__gte=0), name="named", violation_error_message="Name it."
                    ),
                    models.CheckConstraint(condition=~Q(pk=7), name="not_seven", violation_error_message="Not seven."),
                ]

        return Shift


def faults(row, **options):
    try:
        row.validate_constraints(**options)
    except ValidationError as error:
        return error.messages
    return []


def asked(work) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        work()
    return [query["sql"].split()[0] for query in queries]


def test_three_that_hold_are_asked_about_at_once(model):
    row = model(pk=1, name="Night", begins=22, ends=30)
    assert asked(row.validate_constraints) == ["SAVEPOINT", "SELECT", "RELEASE"]
    assert asked(lambda: models.Model.validate_constraints(row)) == ["SAVEPOINT", "SELECT", "RELEASE"] * 3


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, []),
        ({"begins": None}, []),
        ({"name": "100 % \"night\" 'shift'"}, []),
        ({"begins": 31}, ["It ends too early."]),
        ({"begins": 31, "name": ""}, ["It ends too early.", "Name it."]),
        ({"pay": "-0.01"}, ["Name it."]),
        ({"pk": 7}, ["Not seven."]),
    ],
)
def test_each_that_is_broken_is_told_in_its_words_as_django_tells_it(model, values, said):
    row = model(**{"pk": 1, "name": "Night", "begins": 22, "ends": 30, **values})
    assert faults(row) == said
    with_django = []
    try:
        models.Model.validate_constraints(row)
    except ValidationError as error:
        with_django = error.messages
    assert with_django == said


def test_what_is_about_an_excluded_field_is_left_out(model):
    row = model(pk=7, name="", begins=31, ends=30)
    assert faults(row, exclude={"begins"}) == ["Name it.", "Not seven."]
    assert faults(row, exclude={"begins", "pay", "pk"}) == []
    assert asked(lambda: row.validate_constraints(exclude={"begins", "pay", "pk"})) == []


def test_a_value_that_only_the_database_knows_is_asked_about_by_django(model):
    row = model(pk=1, name="Night", begins=22, ends=30)
    assert checks.hold(row) is True
    row.name = Lower("name")
    assert checks.hold(row) is False


def test_the_rows_own_list_of_constraints_stays_whole(model):
    row = model(pk=1, name="Night", begins=22, ends=30)
    row.validate_constraints()
    assert [len(constraints) for _model, constraints in row.get_constraints()] == [3]
