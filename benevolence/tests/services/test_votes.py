"""A vote in place of levels, the order received, a pause, a budget; appeals that other people decide."""

from decimal import Decimal

import pytest

from benevolence.models import Vote
from benevolence.services import applications, policies, reviews
from benevolence.tests.steps import TYPED, faults, refused, state
from core.errors import DomainError
from members.factories import MemberFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("staffed", "money")]
ADMIN = "benevolence-admin"
ONE_LEVEL = {"uses_vp": False, "uses_manager": False, "uses_president": False, "vote": "board"}
CARRIED = {"motion": "To help", "present": 7, "votes_for": 5, "votes_against": 1, "minute_number": "2026-11"}


@pytest.fixture
def submitted(people):
    def make(amount="450.00", **fields):
        member = MemberFactory(status="active", standing="good")
        values = {**TYPED, "amount_requested": Decimal(amount), **fields}
        draft = applications.create_application(values, actor=people["staff"], member=member)
        return applications.submit(draft, actor=people["staff"])

    return make


def test_the_last_level_records_the_vote(people, submitted):
    policies.change_policy(ONE_LEVEL, actor=people["admin"])
    application, actor, amount = submitted(), people[ADMIN], Decimal("450.00")
    missing = {name: ["Say what the minutes say."] for name in CARRIED}
    assert faults(reviews.approve, application, actor=actor, amount=amount) == missing
    lost = {**CARRIED, "votes_for": 1, "votes_against": 5}
    assert faults(reviews.approve, application, actor=actor, amount=amount, vote=lost) == {
        "votes_for": ["The motion was not carried, so deny the application."]
    }
    assert faults(reviews.deny, application, actor=actor, reason="No", vote=CARRIED) == {
        "votes_against": ["The motion was carried, so approve the application."]
    }
    assert reviews.approve(application, actor=actor, amount=amount, vote=CARRIED).status == "approved"
    vote = Vote.objects.get()
    assert {name: getattr(vote, name) for name in CARRIED} == CARRIED


def test_the_form_asks_for_the_vote(people, client_of, submitted):
    policies.change_policy(ONE_LEVEL, actor=people["admin"])
    application = submitted()
    url, typed = f"/benevolence/applications/{application.pk}/moves/approve/", {"amount": "450", "version": "2"}
    assert client_of(ADMIN).post(url, typed).status_code == 422
    assert client_of(ADMIN).post(url, typed | CARRIED | {"present": "3"}).status_code == 422
    assert client_of(ADMIN).post(url, typed | CARRIED).status_code == 302
    assert state(application).status == "approved"


def test_the_order_received(people, submitted):
    policies.change_policy({"is_in_order": True}, actor=people["admin"])
    first, second = submitted(), submitted()
    amount = {"amount": Decimal("450.00"), "actor": people["benevolence-vp"]}
    assert refused(reviews.approve, second, **amount) == (
        f"The rules ask for the order received: {first.application_number} comes first. Decide it, or put it off."
    )
    reviews.approve(first, **amount)
    assert reviews.approve(second, **amount).status == "approved"


def test_a_pause_stops_submitting_and_approving(people, submitted):
    application = submitted()
    policies.change_policy({"paused_because": "There is a strike"}, actor=people["admin"])
    with pytest.raises(AssertionError):
        assert refused(submitted) == ""
    assert refused(reviews.approve, application, actor=people["benevolence-vp"], amount=Decimal("450.00")).startswith(
        "The fund is paused: There is a strike."
    )


def test_the_budget_holds_at_the_decision_too(people, submitted):
    policies.change_policy({"budget_amount": Decimal("800.00"), "budget_period": "year"}, actor=people["admin"])
    first, second, vp = submitted(), submitted(), people["benevolence-vp"]
    reviews.approve(first, actor=vp, amount=Decimal("450.00"))
    assert faults(reviews.approve, second, actor=vp, amount=Decimal("450.00")) == {
        "amount": ["Of the budget of this year $350.00 are left. Lower the amount, or wait for the next one."]
    }
    assert reviews.approve(second, actor=vp, amount=Decimal("350.00")).status == "approved"


def test_who_may_not_read_the_fund_is_not_told_what_of_the_budget_is_left(people, submitted, client_of):
    policies.change_policy({"budget_amount": Decimal("800.00"), "budget_period": "year"}, actor=people["admin"])
    reviews.approve(submitted(), actor=people["benevolence-vp"], amount=Decimal("450.00"))
    draft = applications.create_application(TYPED, actor=people["member"])
    sentence = "The budget of this year has less left. Ask for less, or wait for the next one."
    assert refused(applications.submit, draft, actor=people["member"]) == sentence

    rules = client_of("officer").get("/benevolence/rules/?amount=1200&reason=hardship").text
    assert "$350" not in rules
    assert "Nothing of the budget is used in this example." in rules
    assert "Of the budget of this year $800.00 are left." in rules


@pytest.mark.parametrize("excluded", ["officer", "household", "nobody"])
def test_the_rules_exclude_their_own_people(people, person_with, excluded):
    from benevolence.services import relationships

    values = {"excludes_officers": True, "excludes_households": True}
    policies.change_policy(values, actor=people["admin"])
    member = MemberFactory(status="active", standing="good")
    if excluded == "officer":
        person_with("trustee", member=member)
    elif excluded == "household":
        relationships.declare_relationship(member, "household", actor=people["treasurer"])
    draft = applications.create_application(TYPED, actor=people["staff"], member=member)
    if excluded == "nobody":
        assert applications.submit(draft, actor=people["staff"]).status == "submitted"
    else:
        assert refused(applications.submit, draft, actor=people["staff"]).startswith("The rules exclude ")


def test_an_appeal_is_decided_by_other_people(people, person_with, submitted):
    denied, vp = submitted(), people["benevolence-vp"]
    with pytest.raises(DomainError, match="Only a denied application"):
        applications.appeal(denied, actor=people["staff"], values=TYPED)
    reviews.deny(denied, actor=vp, reason="Not a hardship")
    made = applications.appeal(denied, actor=people["staff"], values=TYPED)
    assert (made.status, made.appeal_of, made.amount_requested) == ("draft", denied, denied.amount_requested)
    with pytest.raises(DomainError, match="appealed already"):
        applications.appeal(denied, actor=people["staff"], values=TYPED)
    application = applications.submit(made, actor=people["staff"])
    assert refused(reviews.approve, application, actor=vp, amount=Decimal("450.00")) == (
        "You took part in the decision that is appealed. Leave the appeal to somebody else."
    )
    other = person_with("benevolence-vp")
    assert reviews.approve(application, actor=other, amount=Decimal("450.00")).status == "approved"
