import pytest

from accounts.models import User
from grievances.factories import GrievanceFactory, StepRecordFactory
from grievances.forms.cases import IntakeForm
from grievances.forms.moves import AdvanceForm, SettleForm, WithdrawForm
from grievances.permissions import VIEW_GRIEVANCES, WORK_GRIEVANCES
from grievances.tests.case_setup import ENDING, typed_ending
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db


def test_everything_of_a_draft_may_stay_open(people):
    form = IntakeForm({}, actor=people["steward"])
    assert form.is_valid()
    assert form.errors == {}
    assert form.values()["members"] == []
    assert "notes" not in IntakeForm({}, actor=people["staff"]).fields


def test_the_grievants_of_an_ending(people):
    case = GrievanceFactory(people=[MemberFactory() for _number in range(3)], grievance_type="group")
    form = SettleForm(typed_ending(case, amount="1,250.5"), record=case, actor=people["officer"])
    assert form.is_valid()
    values = form.values()
    assert {grievant for grievant, _day, _how in values["told"]} == set(case.grievants.all())
    assert {(day, how) for _grievant, day, how in values["told"]} == {(ENDING["day"], "phone")}
    assert str(values["amount"]) == "1250.5"


def test_with_or_without_prejudice_is_asked(people):
    case = GrievanceFactory()
    found = {}
    for typed in ("True", "False", ""):
        form = WithdrawForm(typed_ending(case, with_prejudice=typed), record=case, actor=people["officer"])
        found[typed] = form.values()["with_prejudice"] if form.is_valid() else dict(form.errors)
    assert found == {
        "True": True,
        "False": False,
        "": {"with_prejudice": ["Choose whether it is with or without prejudice."]},
    }


def test_nobody_is_told_before_the_filing(people):
    case = GrievanceFactory()
    form = SettleForm(typed_ending(case, told_on_0="2020-01-01"), record=case, actor=people["officer"])
    assert form.errors == {"told_on_0": ["This is before the case was filed. Check the date."]}


def test_what_advance_asks(people):
    case = GrievanceFactory()
    empty = AdvanceForm({}, record=case, actor=people["officer"])
    assert empty.is_valid()
    assert empty.asks_about_meeting is True
    StepRecordFactory(grievance=case)
    assert list(AdvanceForm({}, record=case, actor=people["officer"]).fields) == ["version"]


def test_who_can_be_chosen(people):
    names = ("officer", "steward", "staff", "member", "expired", "suspended", "nobody", "admin")
    cast = {people[name] for name in names}
    for permission in (VIEW_GRIEVANCES, WORK_GRIEVANCES):
        assert set(User.objects.holding(permission)) & cast == {
            people[name] for name in ("officer", "steward", "staff")
        }
