"""Guards and the order of moves; who may take which: test_who_may.py."""

import os
import time
from contextlib import contextmanager

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from core.audit import trail
from core.errors import TransitionRefused
from core.models import AuditEvent
from grievances.factories import GrievanceFactory, StepRecordFactory
from grievances.models import Grievance, GrievancePolicy, Resolution
from grievances.services import moves as services
from grievances.services.workflow import FLOW
from grievances.tests.case_setup import ENDING, NOT_PURSUED, told_of
from unionops.testing.races import run_in_processes

ROUNDS = 20 if os.environ.get("BATTERY") else 2


def offered(case, person):
    return {row.name: refusal for row, refusal in FLOW.available(case, person)}


@pytest.mark.django_db
def test_whose_case_it_is_decides_for_those_who_work_only_their_own(people):
    case, rep = GrievanceFactory(), people["representative"]
    nobody = "This case is assigned to nobody. Ask the grievance chair to assign it to you."
    assert set(offered(case, rep).values()) == {nobody}
    case.assigned_rep = people["steward"]
    other = "This case is assigned to Steward Person. Ask the grievance chair to assign it to you."
    assert set(offered(case, rep).values()) == {other}
    case.assigned_rep = rep
    assert set(offered(case, rep).values()) == {""}


@pytest.mark.django_db
def test_the_rules_may_leave_the_end_of_a_case_to_the_chair(people):
    case = GrievanceFactory(assigned_rep=people["representative"])
    GrievancePolicy.objects.create(pk=1, representative_may_resolve=False)
    sentence = "The rules of this local leave this to the grievance chair and the officers. Ask one of them."
    ends = ("settle", "withdraw", "close")
    found = {role: offered(case, people[role]) for role in ("representative", "grievance-chair", "officer")}
    assert {role: {moves[name] for name in ends} for role, moves in found.items()} == {
        "representative": {sentence},
        "grievance-chair": {""},
        "officer": {""},
    }
    with pytest.raises(TransitionRefused, match="leave this to the grievance chair"):
        services.close(case, actor=people["representative"], told=told_of(case), **ENDING, **NOT_PURSUED)
    assert not Resolution.objects.exists()


@pytest.mark.django_db
def test_after_a_denial_at_the_last_step_only_the_heads_end_the_case(people):
    rep = people["representative"]
    case = GrievanceFactory(assigned_rep=rep, status="hearing", current_step="step_3")
    record = StepRecordFactory(grievance=case, step_number=3)
    assert "settle" in offered(case, rep)
    record.outcome = "denied"
    record.save()
    assert "settle" not in offered(case, rep)
    assert "settle" in offered(case, people["grievance-chair"])
    with pytest.raises(PermissionDenied):
        services.settle(case, actor=rep, told=told_of(case), **ENDING)


@pytest.mark.django_db
def test_a_denial_is_said_once_whatever_meeting_follows(people):
    case = GrievanceFactory(status="hearing")
    assert offered(case, people["staff"])["record_answer"] == ""
    StepRecordFactory(grievance=case, outcome="denied")
    StepRecordFactory(grievance=case)
    assert offered(case, people["staff"])["record_answer"] == (
        "It is recorded already that the employer denied it. Move the case on, or resolve it."
    )


@pytest.mark.django_db
def test_steps_end_with_arbitration_which_somebody_demands(people):
    first, last = GrievanceFactory(), GrievanceFactory(current_step="step_3")
    found = {case: offered(case, people["officer"]) for case in (first, last)}
    assert (found[first]["advance"], found[last]["demand_arbitration"]) == ("", "")
    assert found[first]["demand_arbitration"] == (
        "Arbitration is demanded after the last step. Move the case to the next step first."
    )
    assert found[last]["advance"] == "After the last step comes arbitration. Use “Demand arbitration”."


@pytest.mark.django_db
def test_a_representative_hears_who_goes_on_after_the_last_step(people):
    rep = people["representative"]
    case = GrievanceFactory(assigned_rep=rep, status="hearing", current_step="step_3")
    record = StepRecordFactory(grievance=case, step_number=3)
    assert offered(case, rep)["advance"] == (
        "After the last step comes arbitration, which the grievance chair or an officer demands. "
        "Record the employer’s answer; once it is a denial, the case waits for them."
    )
    record.outcome = "denied"
    record.save()
    waits = "The grievance chair or an officer demands arbitration or ends the case. It waits for them."
    moves = {name: offered(case, rep)[name] for name in ("record_answer", "advance", "record_meeting")}
    assert moves == {
        "record_answer": f"It is recorded already that the employer denied it. {waits}",
        "advance": waits,
        "record_meeting": "",
    }


@pytest.mark.django_db
def test_a_decision_on_what_was_not_read_is_refused(people):
    case = GrievanceFactory(version=4)
    with pytest.raises(TransitionRefused, match="Look at it again, then decide"):
        services.investigate(case, actor=people["staff"], version=3)
    assert services.investigate(case, actor=people["staff"], version=4).status == "investigation"


# --- several people end one case at once --------------------------------------------------------------

ENDS = ("settle", "withdraw", "close", "settle")
MORE = {"withdraw": NOT_PURSUED | {"with_prejudice": False}, "close": NOT_PURSUED}


def by_service(case, name, actor):
    getattr(services, name)(case, actor=actor, told=told_of(case), **ENDING, **MORE.get(name, {}))


@contextmanager
def naive_step(case, name, actor):
    """Check, then act, on a row read without a lock: the control."""
    with transaction.atomic():
        found = Grievance.objects.get(pk=case.pk)
        if found.status not in FLOW.rows[name].sources:
            raise TransitionRefused("too late")
        time.sleep(0.1)
        yield
        Grievance.objects.filter(pk=case.pk).update(
            status_before="open", resolution_date=ENDING["day"], status=FLOW.rows[name].target
        )
        trail.record(found, f"grievance.{name}", actor=actor)


def naively(case, name, actor):
    with naive_step(case, name, actor):
        pass


def end_at_once(end, actor):
    case = GrievanceFactory()

    def decide(number):
        try:
            end(case, ENDS[number], actor)
        except TransitionRefused as refused:
            return refused.sentence
        return ""

    sentences = run_in_processes(decide)
    actions = AuditEvent.objects.filter(subject_id=str(case.pk), action__startswith="grievance.")
    return sentences, list(actions.values_list("action", flat=True))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(ROUNDS))
def test_settle_withdraw_and_close_at_once_one_wins(people, turn):
    sentences, actions = end_at_once(by_service, people["officer"])
    won = ENDS[sentences.index("")]
    assert (sentences.count(""), actions) == (1, [f"grievance.{won}"])
    label = {"settle": "Settled", "withdraw": "Withdrawn", "close": "Closed"}[won]
    refused = [sentence for sentence in sentences if sentence]
    assert all(sentence.endswith(f"is not possible while the status is “{label}”.") for sentence in refused)
    assert [str(resolution) for resolution in Resolution.objects.all()] == [label]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time")
@pytest.mark.parametrize("turn", range(ROUNDS))
def test_control_without_the_lock_several_win(people, turn):
    sentences, actions = end_at_once(naively, people["officer"])
    assert sentences.count("") == len(actions) > 1
