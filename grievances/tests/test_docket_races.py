"""Two people who record one meeting at once: one wins; beside a naive control that must fail."""

import os
import time

import pytest
from django.db import connection, transaction

from accounts.factories import RoleAssignmentFactory
from core.errors import DomainError
from grievances.factories import DocketFactory, GrievanceFactory
from grievances.models import Docket
from grievances.services import dockets, moves
from grievances.services.dockets import Heard
from members.factories import AS_OF
from unionops.testing.races import run_in_processes

ROUNDS = 20 if os.environ.get("BATTERY") else 2
MEETING = {"meeting_date": AS_OF, "union_attendees": "A", "employer_attendees": "B"}

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time"),
]


def true_record(docket, found, actor):
    dockets.record(docket, MEETING, found, actor=actor, how="hand", version=1)


def naive_record(docket, found, actor):
    """Look, then write, on a docket read without a lock."""
    with transaction.atomic():
        rows = [row for row in docket.cases.select_related("grievance") if row.recorded_at is None]
        if not rows:
            raise DomainError("recorded already")
        time.sleep(0.1)
        for row in rows:
            hold = moves.hold_meeting if row.grievance.status == "open" else moves.record_meeting
            try:
                hold(row.grievance, actor=actor, **MEETING)
            except DomainError:  # somebody else was here: go on as a further meeting
                moves.record_meeting(row.grievance, actor=actor, **MEETING)


def record_at_once(record, officers):
    """Return (what each was told, how many meetings each case has)."""
    cases = GrievanceFactory.create_batch(2)
    docket = DocketFactory(cases=cases)
    found = {row.pk: Heard("nothing", "Talk") for row in docket.cases.all()}

    def act(number):
        try:
            record(Docket.objects.get(pk=docket.pk), found, officers[number])
        except DomainError as refused:
            return refused.sentence
        return ""

    told = run_in_processes(act, processes=len(officers))
    return told, [case.step_records.count() for case in cases]


@pytest.fixture
def officers(db):
    return [RoleAssignmentFactory(role="officer").user for _number in range(2)]


def test_one_of_two_records_the_meeting(officers):
    for _round in range(ROUNDS):
        told, meetings = record_at_once(true_record, officers)
        refused = max(told)
        assert (min(told), refused.split(" in GR-")[0]) == ("", "The meeting is recorded already")
        assert meetings == [1, 1]


def test_control_without_the_lock_both_do(officers):
    for _round in range(ROUNDS):
        told, meetings = record_at_once(naive_record, officers)
        assert told == ["", ""]
        assert meetings == [2, 2]
