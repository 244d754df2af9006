"""Who decides, under many hands at once: seats, substitutes, rules, two records of one person; each with a control."""

import os
import time

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from benevolence.enums import Decision, Status
from benevolence.factories import ApplicationFactory
from benevolence.models import BenevolenceApplication as Application
from benevolence.models import BenevolencePolicy, BenevolenceReview, CaseSubstitute, Seat
from benevolence.services import applications, policies, relationships, reviews, seats
from benevolence.services.facts import policy_on
from benevolence.services.merging import follow
from core.errors import DomainError
from core.records import records
from core.site import local_today
from members.factories import MemberFactory
from unionops.testing.races import run_in_processes

ROUNDS = 20 if os.environ.get("BATTERY") else 2
VP = "benevolence-vp"

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time"),
]


def at_once(act):
    """Return what each of four was told, "" where it was done."""

    def run(number):
        try:
            act(number)
        except (DomainError, ValidationError) as refused:
            return str(refused)
        return ""

    return run_in_processes(run)


@pytest.fixture
def officers(person_with):
    return [person_with("officer") for _one in range(4)]


# --- seats ----------------------------------------------------------------------------------------------


def seat(user, officer):
    seats.appoint({"level": "vp", "user": user, "reason": "Elected"}, actor=officer)


def naive_seat(user, officer):
    """Look, then write, without a lock on the level."""
    live = Seat.objects.live().filter(level="vp")
    if live.filter(user=user).exists():
        raise DomainError("seated")
    place = (live.aggregate(last=Max("position"))["last"] or 0) + 1
    time.sleep(0.3)
    Seat.objects.create(level="vp", user=user, position=place, reason="Elected", appointed_by=officer)


def test_of_four_who_fill_a_level_at_once_nobody_sits_twice_or_beside_another(officers, person_with):
    for _round in range(ROUNDS):
        Seat.objects.update(ended_at=timezone.now())
        people = [person_with(VP), person_with(VP)]
        told = at_once(lambda number, people=people: seat(people[number % 2], officers[number]))
        assert told.count("") == 2
        live = Seat.objects.live()
        assert {row.user_id for row in live} == {user.pk for user in people}
        assert sorted(row.position for row in live) == [1, 2]


def test_control_without_the_lock_on_the_level_people_sit_twice(officers, person_with):
    for _round in range(ROUNDS):
        Seat.objects.update(ended_at=timezone.now())
        people = [person_with(VP), person_with(VP)]
        told = at_once(lambda number, people=people: naive_seat(people[number % 2], officers[number]))
        assert told.count("") > 2


# --- substitutes ----------------------------------------------------------------------------------------


@pytest.fixture
def proposals(people, officers, person_with):
    """`proposals()`: two people proposed for a case of which the only vice president is a relative of the applicant."""
    others = [people["benevolence-manager"], people["benevolence-president"]]

    def make():
        member = MemberFactory()
        staff = people["staff"]
        draft = ApplicationFactory(member=member, entered_by=staff, amount_requested=400, reason="hardship")
        application = applications.submit(draft, actor=staff)
        relationships.declare_relationship(member, "family", actor=people[VP])
        return [
            seats.propose(application, user, actor=officer, reason="Nobody is left")
            for user, officer in zip(others, officers, strict=False)
        ]

    return make


def naive_confirm(proposed, *, actor):
    row = Application.objects.get(pk=proposed.application_id)
    if row.substitute_id is not None:
        raise DomainError("settled")
    time.sleep(0.3)
    now = timezone.now()
    CaseSubstitute.objects.filter(pk=proposed.pk).update(confirmed_by=actor, confirmed_at=now)
    Application.objects.filter(pk=row.pk).update(substitute=proposed.user)


def confirmed_at_once(confirm, proposed, officers):
    """The third and the fourth officer confirm either proposal; return what they were told, and how many count."""
    told = at_once(lambda number: confirm(proposed[number % 2], actor=officers[2 + number // 2]))
    return told.count(""), CaseSubstitute.objects.filter(application=proposed[0].application).exclude(confirmed_at=None)


def test_of_two_substitutes_confirmed_at_once_one_is_appointed(proposals, officers):
    for _round in range(ROUNDS):
        done, confirmed = confirmed_at_once(seats.confirm, proposals(), officers)
        assert (done, confirmed.count()) == (1, 1)
        assert confirmed.get().user == confirmed.get().application.substitute


def test_control_without_the_lock_on_the_case_two_are_appointed(proposals, officers):
    for _round in range(ROUNDS):
        done, confirmed = confirmed_at_once(naive_confirm, proposals(), officers)
        assert done > 1
        assert confirmed.count() == 2


# --- the rules ------------------------------------------------------------------------------------------

CHANGES = ({"lookback_days": 30}, {"cap_months": 6}, {"times_months": 24}, {"wait_days": 10})


def naive_version(values):
    """Change what was read, and write the row."""
    row = policy_on(local_today())
    time.sleep(0.3)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def kept_changes(change):
    """How many of four changes made at once to the same version hold then."""
    assert at_once(lambda number: change(CHANGES[number])) == [""] * 4
    rules = policy_on(local_today())
    return sum(getattr(rules, name) == value for values in CHANGES for name, value in values.items())


@pytest.mark.usefixtures("staffed")
def test_versions_made_at_once_follow_one_another_and_lose_nothing(people):
    admin = people["admin"]
    made = kept_changes(lambda values: policies.add_version(values, actor=admin, starts_on=local_today()))
    assert made == 4
    assert sorted(BenevolencePolicy.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5]


def test_control_without_the_lock_on_the_rules_changes_are_lost():
    with transaction.atomic():
        policies.locked_policy_on(local_today())
    assert kept_changes(naive_version) < 4


# --- one person in two records --------------------------------------------------------------------------


def merge(kept, duplicate, actor):
    with transaction.atomic():
        kept, duplicate = records.lock_pair(kept, duplicate, actor=actor, versions=None)
        time.sleep(0.1)
        duplicate.merged_into, duplicate.deleted_at = kept, timezone.now()
        duplicate.save()
        follow(kept, duplicate, actor=actor)


def true_approval(application, vp):
    reviews.approve(application, actor=vp, amount=application.amount_requested)


def naive_approval(application, vp):
    """Decide without a lock on the person, on what was read; the database sees no relation yet."""
    with transaction.atomic():
        row = Application.objects.get(pk=application.pk)
        reviews.add_review(row, Decision.DENIED, actor=vp, comments="Mine")
        time.sleep(0.6)


def own_decisions(approve, person_with, clerk):
    """How many decisions of the applicant's own stand after a merge that shows it, played beside the decision."""
    kept, duplicate = MemberFactory(status="active", standing="good"), MemberFactory()
    vp = person_with(VP, member=kept)
    row = ApplicationFactory(member=duplicate, status=Status.SUBMITTED, amount_requested=400)
    acts = {0: lambda: merge(kept, duplicate, clerk), 1: lambda: approve(row, vp)}
    told = at_once(lambda number: acts.get(number, list)())
    assert told[0] == ""
    return BenevolenceReview.objects.filter(application=row, reviewer=vp, voided_at=None).count()


def test_who_turns_out_to_be_the_applicant_decides_nothing_however_close(person_with, people):
    assert [own_decisions(true_approval, person_with, people["staff"]) for _round in range(ROUNDS)] == [0] * ROUNDS


def test_control_without_the_lock_on_the_person_the_own_decision_stands(person_with, people):
    assert all(own_decisions(naive_approval, person_with, people["staff"]) > 0 for _round in range(ROUNDS))
