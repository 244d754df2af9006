"""Battery I3 and I4 over cases: two edits, or several endings, at once; each beside a naive control that must fail."""

import multiprocessing
import os
import time
from functools import partial

import pytest
from django.db import connection, transaction

from core.audit import trail
from core.errors import EditConflict, TransitionRefused
from core.models import AuditEvent
from grievances.factories import GrievanceFactory
from grievances.models import Grievance
from grievances.services import cases, moves
from grievances.services.workflow import FLOW
from grievances.tests.case_setup import ENDING, NOT_PURSUED
from members.factories import OrganizationFactory
from unionops.testing.races import run_in_processes

EDITS, ENDINGS = (500, 200) if os.environ.get("BATTERY") else (20, 8)
CONTROLS = 5
FIELDS = ("place", "witnesses")

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time"),
]


def some_cases(count):
    yard = OrganizationFactory()
    return GrievanceFactory.create_batch(count, grievance_type="policy", employer=yard)


def at_once(found, act, processes):
    """Let every process do `act(case, number)` on each case in turn, all at the same moment; return what each said."""
    together = multiprocessing.get_context("fork").Barrier(processes)

    def run(number):
        told = []
        for case in found:
            together.wait(60)
            told.append(act(case, number))
        return told

    return list(zip(*run_in_processes(run, processes=processes), strict=True))


# --- I3: two people edit one case ---------------------------------------------------------------------------


def edit(case, number):
    """Change one field of the version that everybody saw."""
    try:
        cases.change_facts(case, {FIELDS[number]: f"Typed by {number}"}, actor=None, version=1)
    except EditConflict as conflict:
        return conflict.current.version
    return "saved"


def edit_naively(case, number):
    found = Grievance.objects.get(pk=case.pk)
    time.sleep(0.05)
    setattr(found, FIELDS[number], f"Typed by {number}")
    found.save()
    return "saved"


def typed(case):
    return Grievance.objects.values_list(*FIELDS, "version").get(pk=case.pk)


def test_of_two_edits_of_one_version_the_second_is_told_and_nothing_is_overwritten():
    found = some_cases(EDITS)
    for case, told in zip(found, at_once(found, edit, 2), strict=True):
        winner = told.index("saved")
        wanted = ["", "", 2]
        wanted[winner] = f"Typed by {winner}"
        assert told[1 - winner] == 2
        assert typed(case) == tuple(wanted)


def test_control_what_is_read_without_a_lock_overwrites_the_other_edit():
    found = some_cases(CONTROLS)
    assert set(at_once(found, edit_naively, 2)) == {("saved", "saved")}
    assert all("" in typed(case) for case in found)


# --- I4: one case ends once ---------------------------------------------------------------------------------

ACTS = (
    partial(moves.settle, **ENDING),
    partial(moves.withdraw, with_prejudice=False, **ENDING, **NOT_PURSUED),
    partial(moves.close, **ENDING, **NOT_PURSUED),
)
NAMES = ("settle", "withdraw", "close")
WORDS = {"settled": "Settled", "withdrawn": "Withdrawn", "closed": "Closed"}


def end(officer, case, number):
    try:
        ACTS[number](case, actor=officer)
    except TransitionRefused as refused:
        return refused.sentence
    return ""


def end_naively(case, number):
    """Look, then act, on a row that nobody locked; a second live resolution the database itself would refuse."""
    with transaction.atomic():
        found = Grievance.objects.get(pk=case.pk)
        if found.is_resolved:
            return "too late"
        time.sleep(0.05)
        found.status_before, found.resolution_date = found.status, ENDING["day"]
        found.status = FLOW.rows[NAMES[number]].target
        found.save()
        trail.record(found, f"grievance.{NAMES[number]}", actor=None)
    return ""


def events_of(case):
    return AuditEvent.objects.filter(subject_id=str(case.pk)).count()


def test_of_three_endings_at_once_one_counts_and_the_others_are_told_what_it_was(people):
    found, act = some_cases(ENDINGS), partial(end, people["officer"])
    for case, told in zip(found, at_once(found, act, len(ACTS)), strict=True):
        winner = told.index("")
        case.refresh_from_db()
        label = WORDS[case.status]
        assert case.status == FLOW.rows[NAMES[winner]].target
        assert sorted(told)[1:] == sorted(
            f"“{FLOW.rows[name].label}” is not possible while the status is “{label}”."
            for number, name in enumerate(NAMES)
            if number != winner
        )
        assert (case.resolutions.count(), events_of(case)) == (1, 1)


def test_control_without_the_lock_a_case_ends_more_than_once():
    found = some_cases(CONTROLS)
    assert set(at_once(found, end_naively, len(ACTS))) == {("", "", "")}
    assert {events_of(case) for case in found} == {3}
