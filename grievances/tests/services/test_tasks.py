"""What has to be done in a case, by whom and by when."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from core.errors import DomainError
from core.site import local_today
from grievances.factories import GrievanceFactory, StepRecordFactory, TaskFactory
from grievances.models import CaseTask
from grievances.panels import WAITS
from grievances.services import cases, moves, tasks
from grievances.tests.case_setup import ENDING, story, told_of
from members.factories import AS_OF

pytestmark = pytest.mark.django_db
TODAY = {"done_on": AS_OF}


def waiting(user):
    return [(row.what, row.due) for row in WAITS.first(user) if row.model is CaseTask]


def test_a_to_do_waits_for_its_person_until_it_is_checked_off(people):
    case = GrievanceFactory(number=7, assigned_rep=people["representative"])
    values = {"what": "Call the foreman", "person": people["steward"], "due": None}
    with pytest.raises(ValidationError, match="does not see the case"):
        tasks.add(case, "todo", values, actor=people["officer"])
    values["person"] = people["staff"]
    task = tasks.add(case, "todo", values, actor=people["representative"])
    assert waiting(people["staff"]) == [("Do what was noted in GR-2026-0007", None)]
    assert waiting(people["representative"]) == []
    tasks.finish(task, actor=people["staff"], done_on=local_today(), done_words="He saw it")
    assert waiting(people["staff"]) == []
    assert story(case) == ["grievance.task_added", "grievance.task_done"]
    with pytest.raises(DomainError, match="no longer open"):
        tasks.drop(task, actor=people["staff"], reason="Twice")


def test_with_the_case_go_the_to_dos_of_who_had_it_and_of_who_sees_it_no_longer(people):
    rep, steward, staff = (people[name] for name in ("representative", "steward", "staff"))
    case = GrievanceFactory(assigned_rep=rep)
    gone, had, keeps = (TaskFactory(grievance=case, person=person) for person in (steward, rep, staff))
    assert set(CaseTask.objects.waiting_for(rep)) == {gone, had}
    new = people["grievance-chair"]
    cases.assign_representative(case, new, actor=people["officer"])
    assert set(CaseTask.objects.filter(person=new)) == {gone, had}
    assert list(CaseTask.objects.filter(person=staff)) == [keeps]
    assert story(case) == ["grievance.assigned", *["grievance.task_changed"] * 2]


def test_what_the_employer_owes_waits_for_whoever_works_the_case(people):
    rep = people["representative"]
    task = TaskFactory(kind="information", grievance__assigned_rep=rep, grievance__number=7)
    assert waiting(rep) == [("Information is owed in GR-2026-0007", AS_OF)]
    tasks.remind(task, actor=rep, day=AS_OF)
    task.refresh_from_db()
    assert (task.reminded_on, task.done_on) == (AS_OF, None)
    assert tasks.why_not_change(task, people["steward"]).startswith("This case is assigned to Representative Person.")
    with pytest.raises(DomainError, match="no longer there"):
        tasks.finish(task, actor=people["steward"], **TODAY)


def test_money_of_a_settlement_waits_until_it_is_paid_and_goes_with_the_settlement(people):
    rep = people["representative"]
    case = GrievanceFactory(status="hearing", assigned_rep=rep, number=7)
    StepRecordFactory(grievance=case)
    paid_by = ENDING["day"] + datetime.timedelta(30)
    moves.settle(case, actor=rep, told=told_of(case), amount=Decimal("318.50"), paid_by=paid_by, **ENDING)
    assert waiting(rep) == [("The settlement of GR-2026-0007 is not carried out", paid_by)]
    assert list(case.tasks.values_list("kind", "amount", "due")) == [("term", Decimal("318.50"), paid_by)]
    moves.reopen(case, actor=people["officer"], reason="Not paid")
    assert waiting(rep) == []
    assert case.tasks.get().is_dropped is True


def test_a_settlement_without_money_leaves_nothing_to_pay(people):
    case = GrievanceFactory(status="hearing")
    moves.settle(case, actor=people["officer"], told=told_of(case), **ENDING)
    assert case.tasks.count() == 0


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        ("todo", {"person": None}, "person"),
        ("information", {"due": AS_OF - datetime.timedelta(1)}, "due"),
        ("todo", {"amount": Decimal("5.00")}, "__all__"),
    ],
)
def test_what_does_not_fit_is_refused_by_field(people, kind, values, field):
    given = {"what": "The list", "asked_on": AS_OF, "person": people["officer"], **values}
    with pytest.raises(ValidationError) as refused:
        tasks.add(GrievanceFactory(), kind, given, actor=people["staff"])
    assert list(refused.value.message_dict) == [field]


def test_it_is_done_between_the_day_it_was_asked_and_today(people):
    task = TaskFactory(kind="information")
    for day in (task.asked_on - datetime.timedelta(1), local_today() + datetime.timedelta(1)):
        with pytest.raises(ValidationError):
            tasks.finish(task, actor=people["staff"], done_on=day)
    with pytest.raises(PermissionDenied):
        tasks.finish(task, actor=people["member"], **TODAY)
    with pytest.raises(DomainError, match="ours to do"):
        tasks.remind(TaskFactory(), actor=people["staff"], day=AS_OF)
