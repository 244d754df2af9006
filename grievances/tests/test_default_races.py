"""The employer's silence runs out while an abeyance is recorded: a date is held or has its default, never both.

And several runs of the clock at once. Each beside a naive control that must fail.
"""

import datetime as dt
import os
import time

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.tests.serving import fails_once
from core.audit import trail
from core.models import AuditEvent
from core.records import one_row
from core.site import local_now, local_today
from grievances.enums import ClockKind, GrievanceAction, Silence
from grievances.factories import AgreementFactory, DeadlineFactory, GrievanceFactory, IntakeFactory
from grievances.models import Deadline, GrievancePolicy
from grievances.services import abeyances, moves, reminders
from grievances.tests.case_setup import story
from unionops.testing.races import run_in_processes

ROUNDS = 20 if os.environ.get("BATTERY") else 2
AGREED = {"why": "The court decides", "for_union": "D. Reyes", "for_employer": "M. Stone", "document": "Letter"}
HELD = (GrievanceAction.ABEYANCE_BEGUN,)
DEFAULTED = (GrievanceAction.DEADLINE_MISSED, GrievanceAction.DEFAULTED, *HELD)
TOLD = [GrievanceAction.DEADLINE_MISSED, GrievanceAction.DEADLINE_NEAR]
WAYS = {(HELD, True), (DEFAULTED, False)}

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time"),
]


def silent_case():
    """A case whose employer owes an answer since three days; the contract then takes it to the next step."""
    agreement = AgreementFactory(silence=Silence.ADVANCES)
    filed = local_today() - dt.timedelta(20)
    case = GrievanceFactory(
        agreement=agreement, employer=agreement.employer, filed_date=filed, stage=1, stage_name="Step 1"
    )
    due = local_today() - dt.timedelta(3)
    DeadlineFactory(
        grievance=case,
        side="employer",
        clock=ClockKind.ANSWER,
        stage=1,
        started_by="meeting",
        started_on=filed,
        contract_date=due,
    )
    return case


def by_the_clock():
    reminders.note_passed(one_row.current(GrievancePolicy), local_now())


def by_a_naive_clock():
    """Let silence follow for what was found, however the case stands by now."""
    for row in list(Deadline.objects.running().not_held().filter(missed_at=None, contract_date__lt=local_today())):
        time.sleep(0.5)
        with transaction.atomic():
            Deadline.objects.filter(pk=row.pk).update(missed_at=timezone.now())
            moves.advance_by_default(row.grievance, local_today())


def at_once(clock, officer):
    """Return what the history tells of the date, oldest first, and whether it is held then."""
    case = silent_case()
    from_day = local_today() - dt.timedelta(5)

    def act(number):
        if number:
            return clock()
        return abeyances.put_in_abeyance(case, actor=officer, from_day=from_day, **AGREED) and None

    run_in_processes(act, processes=2)
    told = tuple(action for action in story(case) if action in DEFAULTED)
    return told, case.deadlines.running().held().filter(clock=ClockKind.ANSWER, stage=1).exists()


def test_a_default_and_an_abeyance_at_once_do_not_both_take_a_date(people):
    found = {at_once(by_the_clock, people["officer"]) for _round in range(ROUNDS)}
    assert found <= WAYS


def test_control_a_clock_that_does_not_look_again_moves_what_is_held(people):
    moved = (GrievanceAction.ABEYANCE_BEGUN, GrievanceAction.DEFAULTED), False
    assert fails_once(lambda: at_once(by_a_naive_clock, people["officer"]) == moved)


def told_by_four_runs(clock):
    """Return the acts that four runs at once put on record, of a case due today and of a draft that is too late."""
    Deadline.objects.update(missed_at=timezone.now(), reminded_for=0)
    before = AuditEvent.objects.count()
    DeadlineFactory(contract_date=local_today())
    late = local_today() - dt.timedelta(2)
    DeadlineFactory(grievance=None, intake=IntakeFactory(), clock=ClockKind.FILE, contract_date=late)
    run_in_processes(lambda _number: clock())
    told = AuditEvent.objects.order_by("pk").values_list("action", flat=True)[before:]
    return sorted(action for action in told if action in TOLD)


def by_reminders():
    """As the clock does at noon, before the cut-off after which the date of today has passed too."""
    reminders.look(local_now().replace(hour=12))


def by_naive_reminders():
    """Tell of what was found, also where another run told of it meanwhile."""
    found = Deadline.objects.running().filter(
        Q(reminded_for=None, due=local_today()) | Q(missed_at=None, due__lt=local_today())
    )
    rows = list(found.select_related("grievance", "intake"))
    time.sleep(0.5)
    with transaction.atomic():
        for row in rows:
            is_late = row.due < local_today()
            told = {"missed_at": timezone.now()} if is_late else {"reminded_for": 0}
            Deadline.objects.filter(pk=row.pk).update(**told)
            action = GrievanceAction.DEADLINE_MISSED if is_late else GrievanceAction.DEADLINE_NEAR
            trail.record(reminders.subject_of(row), action, actor=None)


def test_several_runs_at_once_tell_each_thing_once():
    assert [told_by_four_runs(by_reminders) for _round in range(ROUNDS)] == [TOLD] * ROUNDS


def test_control_runs_that_lock_nothing_tell_it_twice():
    assert fails_once(lambda: len(told_by_four_runs(by_naive_reminders)) > len(TOLD))
