"""Several people deciding at once, in processes of their own; each beside a naive control that must fail."""

import multiprocessing
import os
import time
from datetime import date
from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, connection, transaction

from benevolence.enums import Decision, Status
from benevolence.factories import ApplicationFactory, LineFactory
from benevolence.models import BenevolenceApplication
from benevolence.services import applications, fund, payments, relationships, reviews, steps
from benevolence.services.workflow import FLOW, decides
from benevolence.tests import programs
from core.audit import trail
from core.errors import TransitionRefused
from core.models import AuditEvent
from core.site import local_today
from members.factories import MemberFactory
from members.models import Member
from unionops.testing.races import run_in_processes

ROUNDS = 20 if os.environ.get("BATTERY") else 2
PEOPLE = 4

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time"),
]


@pytest.fixture
def vice_presidents(person_with):
    return [person_with("benevolence-vp", email=f"vp{number}@people.example") for number in range(PEOPLE)]


def submitted(amount, member=None):
    draft = ApplicationFactory(amount_requested=Decimal(amount), **({"member": member} if member else {}))
    draft.status, draft.level_due, draft.level_reached = Status.SUBMITTED, "vp", 1
    draft.application_date = draft.list_date
    draft.application_number = f"BN-2026-{BenevolenceApplication.objects.count():04d}"
    draft.save()
    LineFactory(application=draft)
    return draft


def naive_decision(application, name, actor, amount):
    """Check, then act, on a row read without a lock; what it approves the database would refuse, so it denies."""
    with transaction.atomic():
        found = BenevolenceApplication.objects.get(pk=application.pk)
        if refused := FLOW.refusal(found, FLOW.rows[name], actor):
            raise TransitionRefused(refused)
        time.sleep(0.3)
        found.status, found.level_due = Status.DENIED, ""
        found.save()
        trail.record(found, f"benevolence.{name}", actor=actor)


def true_decision(application, name, actor, amount):
    if name == "deny":
        reviews.deny(application, actor=actor, reason="Not a hardship")
    else:
        reviews.approve(application, actor=actor, amount=amount)


def decide_at_once(decide, vice_presidents, amount="400.00"):
    """Return (what each of the four was told, decisions in the trail)."""
    application = submitted(amount)

    def act(number):
        try:
            decide(application, ("approve", "deny")[number % 2], vice_presidents[number], Decimal(amount))
        except TransitionRefused as refused:
            return refused.sentence
        return ""

    told = run_in_processes(act, processes=PEOPLE)
    return told, AuditEvent.objects.filter(subject_id=str(application.pk)).count(), application


@pytest.mark.parametrize("amount", ["400.00", "900.00"])
def test_one_decision_one_event_and_polite_refusals(vice_presidents, amount):
    polite = {
        "“Approve” is not possible while the status is “Approved”.",
        "“Approve” is not possible while the status is “Denied”.",
        "“Deny” is not possible while the status is “Approved”.",
        "“Deny” is not possible while the status is “Denied”.",
        "Somebody was quicker: this is no longer yours to do. Look at it again.",
    }
    for _round in range(ROUNDS):
        told, events, application = decide_at_once(true_decision, vice_presidents, amount)
        final = application.reviews.filter(decision__in=(Decision.APPROVED, Decision.DENIED)).count()
        assert told.count("") == 1
        assert events == 1
        assert final == 1
        assert set(told) - {""} <= polite


def test_control_without_the_lock_several_decide(vice_presidents):
    for _round in range(ROUNDS):
        told, events, _application = decide_at_once(naive_decision, vice_presidents)
        assert told.count("") > 1
        assert events > 1


GONE = "This is no longer open to you. Go back to the list and look again."


def at_every_door(application, browser, move, values):
    """Return how page, admin and API answer to one move, as functions."""
    key, seen = application.pk, {**values, "version": str(application.version)}
    api = f"/api/v1/benevolence-applications/{key}/moves/{move}/"
    return (
        lambda: browser.post(f"/benevolence/applications/{key}/moves/{move}/", seen),
        lambda: browser.post(f"/admin/benevolence/benevolenceapplication/{key}/moves/{move}/", seen),
        lambda: programs.post(browser, api, seen),
    )


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def wait_for(waiting):
    """Wait until as many others as that wait for a lock."""
    deadline = time.monotonic() + 60
    with connection.cursor() as cursor:
        while cursor.execute(WAITING).fetchone()[0] < waiting:
            assert time.monotonic() < deadline, "not all of them wait"
            time.sleep(0.1)
            # A transaction goes on seeing the connections of its first look: one opened since would never count.
            cursor.execute("SELECT pg_stat_clear_snapshot()")


def wait_long():
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '60s'; SET statement_timeout = '60s'")


def ask_while(act, questions):
    """Ask in three processes while a fourth has acted and commits once all of them wait for it; return the answers."""
    acted = multiprocessing.get_context("fork").Event()

    def run(number):
        wait_long()
        if number:
            assert acted.wait(60)
            return questions[number - 1]()
        with transaction.atomic():
            act()
            acted.set()
            wait_for(len(questions))
        return None

    return run_in_processes(run)[1:]


def answered(question):
    answer = question()
    return answer.status_code, GONE in answer.text


def granted(applicant):
    return ApplicationFactory(member=applicant.member, status="approved", amount_requested=Decimal("400.00"))


def test_paying_what_is_being_withdrawn_is_refused_at_every_door(person_with, client_of):
    applicant = person_with("member", member=MemberFactory())
    application = granted(applicant)
    payment = {"payment_date": str(local_today()), "payment_method": "direct_deposit"}
    doors = at_every_door(application, client_of("treasurer", raise_request_exception=False), "pay", payment)
    withdraw = partial(applications.withdraw, application, actor=applicant, reason="Not needed")
    assert ask_while(withdraw, [partial(answered, door) for door in doors]) == [(409, True)] * 3
    application.refresh_from_db()
    assert application.status == Status.WITHDRAWN


def test_approving_for_whom_one_has_just_declared_is_refused_at_every_door(people, client_of):
    application, vp = submitted("400.00"), people["benevolence-vp"]
    doors = at_every_door(
        application, client_of("benevolence-vp", raise_request_exception=False), "approve", {"amount": "400.00"}
    )
    recuse = partial(relationships.declare_relationship, application.member, "family", actor=vp)
    assert ask_while(recuse, [partial(answered, door) for door in doors]) == [(409, True)] * 3
    application.refresh_from_db()
    assert application.status == Status.SUBMITTED


def naive_lock(application, actor):
    """Read the row as one that must be there."""
    with transaction.atomic():
        steps.lock_person(application.member_id)
        try:
            BenevolenceApplication.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=application.pk)
        except BenevolenceApplication.DoesNotExist:
            return "fault"
    return "paid"


def test_control_a_row_that_must_be_there_is_a_fault(person_with, people):
    applicant, treasurer = person_with("member", member=MemberFactory()), people["treasurer"]
    application = granted(applicant)
    withdraw = partial(applications.withdraw, application, actor=applicant, reason="Not needed")
    assert ask_while(withdraw, [partial(naive_lock, application, treasurer)] * 3) == ["fault"] * 3


def naive_split(application, actor, amount):
    """Compute the last level without the lock on the member."""
    with FLOW.step(application, "approve", actor=actor) as found:
        is_final = decides(found)
        time.sleep(0.3)
        reviews.add_review(found, Decision.APPROVED, actor=actor, comments="", amount=amount)
        if is_final:
            found.level_due, found.approved_amount, found.approved_on = "", amount, found.list_date
            fund.set_aside(found, amount, actor=actor)
        else:
            found.level_due, found.level_reached = "admin", 2


def split(approve, vice_presidents):
    """Count how many of four applications of one member for $400 vice presidents alone granted, or would have but for
    the database, which refuses whoever comes when the others' are there already.
    """
    first = submitted("400.00")
    rows = [first, *(submitted("400.00", first.member) for _more in range(PEOPLE - 1))]

    def take(number):
        try:
            approve(rows[number], vice_presidents[number], Decimal("400.00"))
        except IntegrityError:
            return 1
        except ValidationError:  # of the naive one, where another was granted between its two looks
            return 0
        return 0

    refused_below = sum(run_in_processes(take))
    return refused_below + BenevolenceApplication.objects.filter(member=first.member, status=Status.APPROVED).count()


def test_splitting_gains_nothing(vice_presidents):
    def approve(application, actor, amount):
        reviews.approve(application, actor=actor, amount=amount)

    assert [split(approve, vice_presidents) for _round in range(ROUNDS)] == [1] * ROUNDS


def test_control_without_the_lock_on_the_member_splitting_pays(vice_presidents):
    assert all(split(naive_split, vice_presidents) > 1 for _round in range(ROUNDS))


def locked(*people):
    list(Member.objects.select_for_update(of=("self",)).filter(pk__in=[person.pk for person in people]).order_by("pk"))


def run_beside_a_decision(make_run, treasurer):
    """Return what befell a decision on somebody, and a payment run to who may be the same person.

    The decision comes to the second of the two records once the run waits.
    """
    same = {"last_name": "Salo", "date_of_birth": date(1980, 5, 4)}
    earlier, later = MemberFactory(**same), MemberFactory(**same)
    application = ApplicationFactory(member=later, status=Status.APPROVED, amount_requested=Decimal("400.00"))
    begun = multiprocessing.get_context("fork").Event()

    def decide():
        with transaction.atomic():
            locked(earlier)
            begun.set()
            wait_for(1)
            locked(later)

    def run(number):
        wait_long()
        try:
            if number:
                assert begun.wait(60)
                make_run(list(application.lines.all()), treasurer)
            else:
                decide()
        except OperationalError as error:
            return type(error.__cause__).__name__
        return ""

    return run_in_processes(run, processes=2)


def true_run(lines, treasurer):
    payments.make_run(lines, actor=treasurer, payment_date=local_today(), payment_method="direct_deposit")


def naive_run(lines, treasurer):
    """Lock the payees' own records first, and with each payment those that may be the same."""
    with transaction.atomic():
        locked(*(line.application.member for line in lines))
        true_run(lines, treasurer)


def test_a_run_and_a_decision_on_who_may_be_the_same_person_lock_in_one_order(people):
    assert run_beside_a_decision(true_run, people["treasurer"]) == ["", ""]


def test_control_a_run_that_locks_in_two_steps_and_a_decision_wait_for_each_other(people):
    assert "DeadlockDetected" in run_beside_a_decision(naive_run, people["treasurer"])


def test_numbers_of_submissions_at_once_have_no_gap(person_with):
    people = [person_with("member", member=MemberFactory()) for _number in range(PEOPLE)]
    drafts = [ApplicationFactory(member=user.member, entered_by=user) for user in people]
    run_in_processes(lambda number: applications.submit(drafts[number], actor=people[number]) and None)
    numbers = sorted(BenevolenceApplication.objects.values_list("application_number", flat=True))
    assert [number.rpartition("-")[2] for number in numbers] == ["0001", "0002", "0003", "0004"]
