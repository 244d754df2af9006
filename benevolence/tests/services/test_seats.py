"""Holders, substitutes and their turn; a substitute for one case; levels that are late."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.factories import RoleAssignmentFactory
from benevolence.models import BenevolenceApplication, Seat
from benevolence.services import applications, relationships, reviews, seats, turns
from benevolence.services.handover import hand_over_intake
from benevolence.tests.steps import events, faults, refused, state
from core.errors import DomainError, TransitionRefused
from core.site import local_today

pytestmark = pytest.mark.django_db
VP, WHY = "benevolence-vp", "The board decided"


@pytest.fixture
def bench(people, person_with):
    """The vice president holds the first level, two others stand in; an officer seated them."""
    found = [people[VP], person_with(VP), person_with(VP)]
    for user in found:
        seats.appoint({"level": "vp", "user": user, "reason": WHY}, actor=people["officer"])
    return found


def days_later(count):
    return time_machine.travel(timezone.now() + timedelta(count), tick=False)


def approve(application, actor):
    return reviews.approve(application, actor=actor, amount=Decimal("400.00"))


def acting(application) -> list[int]:
    fresh = BenevolenceApplication.objects.get(pk=application.pk)
    return list(turns.turn_of(fresh).acts)


def test_without_seats_whoever_holds_the_role_acts(people, person_with, applied):
    assert approve(applied(), person_with(VP)).status == "approved"


def test_the_holder_acts_and_the_others_wait(people, bench, applied):
    application = applied()
    assert refused(approve, application, bench[1]).startswith(f"This is for {bench[0].full_name} now. You act when")
    assert acting(application) == [bench[0].pk]
    assert approve(application, bench[0]).status == "approved"


@pytest.mark.parametrize("why", ["away", "related", "applicant", "role over", "entered it"])
def test_the_next_acts_where_the_holder_stays_away(people, bench, applied, why):
    fields = {}
    if why == "away":
        seats.record_absence(bench[0], local_today(), local_today(), actor=bench[0])
    elif why == "related":
        relationships.declare_relationship(people["member"].member, "household", actor=bench[0])
    elif why == "applicant":
        RoleAssignmentFactory(user=people["member"], role=VP)
        Seat.objects.filter(user=bench[0]).update(user=people["member"])
    elif why == "role over":
        bench[0].assignments.update(ended_at=timezone.now())
    else:
        fields = {"begun_by": bench[0]}
    application = applied(**fields)
    assert acting(application) == [bench[1].pk]
    assert approve(application, bench[1]).status == "approved"


def test_a_holder_who_takes_over_the_intake_leaves_the_turn_to_the_next(people, person_with, applied):
    staff, holder, other = people["staff"], person_with("staff", VP), person_with(VP)
    for user in (holder, other):
        seats.appoint({"level": "vp", "user": user, "reason": WHY}, actor=people["officer"])
    application = applied(entered_by=staff)
    assert application.on_turn == holder
    hand_over_intake(staff, holder, actor=staff, reason="On leave")
    application.refresh_from_db()
    assert (application.entered_by, application.on_turn) == (holder, other)


def test_who_is_late_is_joined_by_the_next_and_everybody_is_told_once(people, bench, applied):
    application = applied()
    with days_later(7):
        assert (seats.escalate(), acting(application)) == (0, [bench[0].pk])
    with days_later(8):
        assert (seats.escalate(), seats.escalate()) == (1, 0)
        assert acting(application) == [bench[0].pk, bench[1].pk]
    with days_later(15):
        assert seats.escalate() == 1
        assert acting(application) == [user.pk for user in bench]
        assert approve(application, bench[2]).status == "approved"
    late = [(name, data) for name, data in events(application) if name == "benevolence.overdue"]
    assert late == [
        ("benevolence.overdue", {"level": "vp", "times": 1}),
        ("benevolence.overdue", {"level": "vp", "times": 2}),
    ]


def asked_by_the_clock(django_assert_num_queries, count):
    with django_assert_num_queries(count) as asked:
        turns.refresh_by_clock()
        seats.escalate()
    return {query["sql"].split(" ", 1)[0] for query in asked.captured_queries}


def test_the_clock_asks_as_much_however_many_wait(bench, applied, django_assert_num_queries):
    for _more in range(2):
        applied("50.00")
        assert asked_by_the_clock(django_assert_num_queries, 7) == {"SELECT"}


def test_the_clock_sees_who_goes_and_who_comes_back(people, bench, applied):
    application, today = applied(), local_today()

    def waits_for():
        turns.refresh_by_clock()
        return BenevolenceApplication.objects.get(pk=application.pk).on_turn

    seats.record_absence(bench[0], today + timedelta(2), today + timedelta(3), actor=people["officer"])
    assert waits_for() == bench[0]
    with days_later(2):
        assert waits_for() == bench[1]
        bench[1].assignments.update(ended_at=timezone.now())
        assert waits_for() == bench[2]
    with days_later(4):
        assert waits_for() == bench[0]
    Seat.objects.update(ended_at=timezone.now())
    assert waits_for() is None


def test_what_is_needed_soon_shortens_the_days(people, applied):
    application = applied(needed_by=local_today() + timedelta(3))
    assert application.level_until == local_today() + timedelta(3)
    assert applied("1000.00", needed_by=local_today() + timedelta(6)).level_until == local_today() + timedelta(3)
    assert applied().level_until == local_today() + timedelta(7)


def test_an_open_question_stops_the_clock(people, applied):
    application = applied()
    reviews.ask(application, actor=people[VP], question="Which bill?")
    with days_later(20):
        assert seats.escalate() == 0
        applications.answer(application, actor=people["member"], text="The power bill")
        application.refresh_from_db()
        assert application.level_until == local_today() + timedelta(7)


# --- a substitute for one case --------------------------------------------------------------------------


@pytest.fixture
def stuck(people, applied, person_with):
    """The only vice president is related to the applicant; the manager is free."""
    relationships.declare_relationship(people["member"].member, "family", actor=people[VP])
    return applied()


def test_two_officers_appoint_a_substitute_for_this_case(people, person_with, stuck):
    manager, first, second = people["benevolence-manager"], people["officer"], person_with("officer")
    assert seats.stuck() == [stuck]
    proposed = seats.propose(stuck, manager, actor=first, reason="Related")
    with pytest.raises(DomainError, match="another officer confirms it"):
        seats.confirm(proposed, actor=first)
    seats.confirm(proposed, actor=second)
    assert seats.stuck() == []
    assert approve(stuck, manager).status == "approved"


def test_the_substitute_is_still_there_when_the_question_is_answered(people, person_with, stuck):
    manager = people["benevolence-manager"]
    seats.confirm(
        seats.propose(stuck, manager, actor=people["officer"], reason="Related"), actor=person_with("officer")
    )
    reviews.ask(stuck, actor=manager, question="Which bill?")
    applications.answer(stuck, actor=people["member"], text="The power bill")
    assert seats.stuck() == []
    assert approve(stuck, manager).status == "approved"


def test_the_substitute_does_not_take_over_its_intake(people, person_with, applied):
    staff, manager = people["staff"], person_with("staff", "benevolence-manager")
    relationships.declare_relationship(people["member"].member, "family", actor=people[VP])
    application = applied(entered_by=staff)
    seats.confirm(
        seats.propose(application, manager, actor=people["officer"], reason="Related"), actor=person_with("officer")
    )
    given = {"actor": staff, "reason": "On leave"}
    [sentence] = faults(hand_over_intake, staff, manager, **given)["person"]
    assert sentence.startswith("This person has a part in deciding one of these applications.")
    assert hand_over_intake(staff, person_with("staff"), **given) == 1
    application.refresh_from_db()
    assert approve(application, manager).status == "approved"


def test_nobody_else_acts_in_that_case(people, person_with, stuck):
    other = people["benevolence-president"]
    seats.confirm(
        seats.propose(stuck, people["benevolence-manager"], actor=people["officer"], reason="Related"),
        actor=person_with("officer"),
    )
    with pytest.raises(TransitionRefused):
        approve(stuck, other)
    assert state(stuck).status == "submitted"


def test_who_cannot_act_is_no_substitute(people, person_with, stuck, applied):
    officer = people["officer"]
    said = {"user": ["This person cannot act in this case. Choose somebody else."]}
    assert faults(seats.propose, stuck, people[VP], actor=officer, reason="x") == said
    assert faults(seats.propose, stuck, people["trustee"], actor=officer, reason="x") == said
    both = person_with("officer", "benevolence-manager")
    assert faults(seats.propose, stuck, both, actor=both, reason="x") == {
        "user": ["Nobody appoints themselves. Choose somebody else."]
    }
    person_with(VP)
    with pytest.raises(DomainError, match="Nobody else is needed"):
        seats.propose(stuck, people["benevolence-manager"], actor=officer, reason="x")


def test_who_may_appoint_whom(people, bench, person_with):
    values = {"level": "admin", "user": people["benevolence-admin"], "reason": WHY}
    with pytest.raises(PermissionDenied):
        seats.appoint(values, actor=people["admin"])
    seats.appoint(values, actor=people["officer"])
    assert faults(seats.appoint, values, actor=people["officer"]) == {
        "user": [f"{people['benevolence-admin']} sits at this level already."]
    }
    assert faults(seats.appoint, {**values, "user": bench[0]}, actor=people["officer"]) == {
        "user": [f"{bench[0]} does not hold the role of this level. Ask the system administrator to give it first."]
    }
    with pytest.raises(PermissionDenied):
        seats.record_absence(bench[0], local_today(), local_today(), actor=bench[1])
