"""Every door through which something is written: of those who have to do with campaigns only the listed come in.

Everybody else is refused there by the matrix; here by two drawn ones, and in the battery by all.
"""

import os
import random

import pytest
from django.utils import timezone

from organizing.factories import AssignmentFactory, OpeningFactory, organizer
from unionops.testing.cast import CAST

pytestmark = pytest.mark.django_db
# The officer of the cast leads the campaign.
STRANGERS = [name for name in CAST if name not in ("anon", "officer")]
DUTIES = ("lead", "deputy", "organizer", "handler")
# Address → who comes in. An empty form is answered 422, one without its version 409, as is an emergency opening that is
# over, and the name 200. The lead is an officer and so the one who decides.
DOORS = {
    "/organizing/campaigns/{campaign}/edit/": {"lead", "deputy"},
    "/organizing/campaigns/{campaign}/close/": {"lead"},
    "/organizing/campaigns/{campaign}/team/add/": {"lead", "deputy"},
    "/organizing/campaigns/{campaign}/salts/add/": {"lead"},
    "/organizing/campaigns/{campaign}/activities/add/": {"lead", "deputy", "organizer", "handler"},
    "/organizing/assignments/{term}/end/": {"lead", "deputy"},
    "/organizing/salts/{salt}/handler/": {"lead", "deputy"},
    "/organizing/salts/{salt}/end/": {"lead", "deputy"},
    "/organizing/salts/{salt}/name/": {"lead", "handler"},
    "/organizing/activities/{activity}/edit/": {"lead", "deputy", "organizer"},
    "/organizing/activities/{own}/edit/": {"lead", "deputy"},
    "/organizing/oversight/open/": {"organizing-director"},
    "/organizing/oversight/{campaign}/lead/": {"organizing-director"},
    "/organizing/oversight/{campaign}/emergency/": {"organizing-director"},
    "/organizing/openings/{opening}/": set(),
    "/organizing/openings/{opening}/confirm/": {"lead"},
    "/organizing/openings/{opening}/refuse/": {"lead"},
    "/organizing/openings/{opening}/end/": {"lead", "deputy"},
    "/entries/add/": {"member"},
    "/organizing/": set(),
    "/organizing/activities/": set(),
    "/organizing/oversight/": set(),
    "/api/v1/campaigns/": set(),
    "/api/v1/campaigns/{campaign}/": set(),
    "/api/v1/salting-activities/": set(),
    "/api/v1/salting-activities/{activity}/": set(),
    "/admin/organizing/campaign/{campaign}/change/": set(),
    "/admin/organizing/campaignassignment/{term}/change/": set(),
    "/admin/organizing/campaignmember/{salt}/change/": set(),
    "/admin/organizing/saltingactivity/{activity}/change/": set(),
    "/admin/organizing/emergencyopening/{opening}/change/": set(),
}
CLOSED = {302, 401, 403, 404, 405}


@pytest.fixture
def everybody(vault, people, door, seed):
    """ "elsewhere" leads another campaign; "former" has been the deputy of this one."""
    draw = random.Random(f"{seed} {door}")
    strangers = (
        STRANGERS if os.environ.get("BATTERY") else (*draw.sample(STRANGERS, 2), *DOORS[door].intersection(STRANGERS))
    )
    cast = {name: people[name] for name in strangers} | {duty: vault[duty] for duty in DUTIES}
    cast["unassigned"] = people["organizer"]
    cast["organizer"] = vault["organizer"]
    cast["elsewhere"] = AssignmentFactory(duty="lead", user=organizer()).user
    term = AssignmentFactory(campaign=vault.campaign, duty="deputy")
    type(term).objects.filter(pk=term.pk).update(ended_at=term.starts_at)
    return cast | {"former": term.user}


@pytest.mark.heavy
@pytest.mark.parametrize("door", DOORS)
def test_a_door_opens_to_the_listed_people_only(vault, everybody, browser_of, door):
    address = door.format(
        campaign=vault.campaign.pk,
        term=vault.terms["organizer"].pk,
        salt=vault.salt.pk,
        activity=vault.activity.pk,
        own=vault.own.pk,
        opening=OpeningFactory(campaign=vault.campaign, opened=True, ended_at=timezone.now()).pk,
    )
    statuses = {name: browser_of(user).post(address).status_code for name, user in everybody.items()}
    inside = {name for name, status in statuses.items() if status not in CLOSED}
    wanted = DOORS[door]
    assert inside == wanted
    assert {statuses[name] for name in wanted} <= {200, 409, 422}
