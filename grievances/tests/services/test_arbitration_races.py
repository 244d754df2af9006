"""Two sides pressing at once, in processes of their own; beside it a naive control that must fail."""

import os

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from accounts.factories import RoleAssignmentFactory
from core.errors import DomainError
from grievances.arbitration_factories import ArbitrationFactory
from grievances.models import Arbitration, PanelName
from grievances.services import arbitration
from unionops.testing.races import run_in_processes

ROUNDS = 20 if os.environ.get("BATTERY") else 2
PEOPLE = 4

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time"),
]


@pytest.fixture
def officer(transactional_db):
    return RoleAssignmentFactory(role="officer").user


def strike_by_number(case, name, actor):
    arbitration.strike(case, actor=actor, name=name, number=1)


def strike_as_it_comes(case, name, actor):
    """Lock, then strike for whoever has the turn by then: nobody asks which turn was seen."""
    with transaction.atomic():
        panel = Arbitration.objects.select_for_update(of=("self",)).get(grievance=case)
        arbitration.strike(case, actor=actor, name=name, number=panel.next_number)


def strike_at_once(strike, actor, *, same_name):
    """Return what each of four was told when all saw that the union strikes first, and who struck."""
    case = ArbitrationFactory().grievance
    names = list(PanelName.objects.filter(arbitration__grievance=case))

    def act(number):
        try:
            strike(case, names[0 if same_name else number], actor)
        except (DomainError, ValidationError) as refused:
            return str(getattr(refused, "sentence", None) or refused.messages[0])
        return ""

    told = run_in_processes(act, processes=PEOPLE)
    struck = PanelName.objects.filter(arbitration__grievance=case, struck_number__gt=0).order_by("struck_number")
    return told, [row.struck_by for row in struck]


@pytest.mark.parametrize("same_name", [True, False])
def test_of_several_who_strike_at_once_one_is_heard(officer, same_name):
    turn = "Somebody struck a name meanwhile. It is the turn of the employer now; look before you strike."
    twice = "A. Abbott was struck already, by the union. Strike one of the names that remain."
    for _round in range(ROUNDS):
        told, struck = strike_at_once(strike_by_number, officer, same_name=same_name)
        assert sorted(told) == ["", *[twice if same_name else turn] * 3]
        assert struck == ["union"]


def test_control_without_the_number_one_side_strikes_for_the_other(officer):
    told, struck = strike_at_once(strike_as_it_comes, officer, same_name=False)
    assert told == [""] * PEOPLE
    assert struck == ["union", "employer", "union", "employer"]
