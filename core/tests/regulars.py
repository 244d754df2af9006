"""People of the cast whom nearly every test of a module asks for: made once a module, and not once a test."""

from copy import deepcopy
from typing import Any

import pytest
from django.db import transaction

from unionops.testing.cast import People


class WithRegulars(People):
    """The cast of one test: of the regulars the rows are the module's, the objects its own, for it may alter them.

    Everybody else is made when first asked for, as usual.
    """

    def __init__(self, regulars: People) -> None:
        super().__init__()
        self._made |= deepcopy(regulars._made)


def cast_with(*names: str) -> tuple[Any, Any]:
    """Return two fixtures, which a module or a conftest calls `regulars` and `people`: who is named is made but once.

    What a test does to their rows is undone with the test, they themselves with the module. A test that commits needs
    another module: these rows stand in a transaction that stays open.
    """

    @pytest.fixture(scope="module")
    def regulars(django_db_setup, django_db_blocker):
        with django_db_blocker.unblock(), transaction.atomic():
            people = People()
            for name in names:
                people[name]
            yield people
            transaction.set_rollback(True)

    @pytest.fixture
    def people(db, regulars):
        return WithRegulars(regulars)

    return regulars, people
