"""Cases and applications are found by a new name, whichever door gave it, once the clock has run."""

from datetime import timedelta

import pytest
from django.utils import timezone

from benevolence.factories import ApplicationFactory
from benevolence.models import BenevolenceApplication
from core.search import search
from grievances.factories import GrievanceFactory
from grievances.models import Grievance
from members.factories import MemberFactory, OrganizationFactory
from members.services.members import update_member
from members.services.organizations import update_organization
from unionops.respelling import spell_again

pytestmark = pytest.mark.django_db


def found(text: str) -> set[object]:
    return {*search(Grievance.objects.all(), text), *search(BenevolenceApplication.objects.all(), text)}


def test_a_new_name_finds_what_the_person_and_the_employer_stand_in(people, django_assert_num_queries):
    maria, mill = MemberFactory(last_name="Dubois"), OrganizationFactory(name="Harbor Mill")
    case, other = GrievanceFactory(people=[maria], employer=mill), GrievanceFactory(employer=mill)
    application, strange = ApplicationFactory(member=maria), ApplicationFactory()
    update_member(maria, {"last_name": "Quintero"}, actor=people["staff"])
    update_organization(mill, {"name": "Bayside Paper"}, actor=people["staff"])
    assert found("quintero") | found("bayside paper") == set()

    before = list(Grievance.objects.order_by("pk").values("pk", "version", "updated_at"))
    spell_again(timezone.now() - timedelta(minutes=1))
    assert (found("quintero"), found("bayside paper")) == ({case, application}, {case, other})
    assert found(strange.member.last_name) >= {strange}
    assert list(Grievance.objects.order_by("pk").values("pk", "version", "updated_at")) == before
    with django_assert_num_queries(3):  # nothing is left to write
        spell_again(timezone.now() - timedelta(minutes=1))


def test_what_changed_before_is_left_alone(people):
    case = GrievanceFactory()
    Grievance.objects.update(search_text=" none")
    spell_again(timezone.now() + timedelta(minutes=1))
    assert found("none") == {case}
