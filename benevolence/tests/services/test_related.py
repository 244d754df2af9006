"""Whoever is related to an officer or employee says so, and it counts."""

from decimal import Decimal

import pytest

from benevolence.factories import ApplicationFactory
from benevolence.services import applications, intake, policies, reviews
from benevolence.tests.steps import refused

pytestmark = pytest.mark.django_db
WHO = "Who of the officers or employees the applicant is related to"


@pytest.fixture
def ticked(people):
    """`ticked("staff")`: the draft of the member of the cast, entered by this person, with the tick."""

    def make(name):
        fields = {"amount_requested": Decimal("400.00"), "is_related_to_office": True}
        return ApplicationFactory(member=people["member"].member, entered_by=people[name], **fields)

    return make


def test_the_office_names_who_it_is_before_the_first_decision(people, ticked, client_of):
    application = applications.submit(ticked("member"), actor=people["member"])
    vp = people["benevolence-vp"]
    sentence = "Intake is not finished: the office confirms or prepares something first. It comes back to you then."
    assert refused(reviews.approve, application, actor=vp, amount=Decimal(400)) == sentence
    assert intake.wanted(application) == [WHO]
    intake.finish(application, {WHO: "Her brother is a trustee."}, actor=people["staff"])
    page = client_of("benevolence-vp").get(f"{application.get_absolute_url()}moves/approve/").text
    assert [word in page for word in (WHO, "Her brother is a trustee.")] == [True, True]
    assert reviews.approve(application, actor=vp, amount=Decimal(400)).status == "approved"


def test_rules_that_exclude_households_send_whoever_is_related_to_the_office(staffed, ticked):
    policies.change_policy({"excludes_officers": True, "excludes_households": True}, actor=staffed["admin"])
    told = refused(applications.submit, ticked("member"), actor=staffed["member"])
    assert told.startswith("You are related to an officer or employee, and the rules exclude their households.")
    assert applications.submit(ticked("staff"), actor=staffed["staff"]).needs_intake
    policies.change_policy({"excludes_officers": True, "excludes_households": False}, actor=staffed["admin"])
    assert applications.submit(ticked("member"), actor=staffed["member"]).needs_intake
