from datetime import timedelta

import pytest

from core.site import local_today
from grievances.factories import GrievanceFactory, IntakeFactory
from grievances.forms.filters import GrievanceFilterSet, IntakeFilterSet
from grievances.models import Grievance, GrievanceIntake
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(people, rf):
    def ask(role, model=Grievance, filterset=GrievanceFilterSet, **query):
        request = rf.get("/", query)
        request.user = people[role]
        return filterset(request.GET, queryset=model.objects.visible_to(people[role]), request=request)

    return ask


@pytest.fixture
def cases(people):
    return {
        "new": GrievanceFactory(people=[MemberFactory(last_name="Aalto")], employer__name="Crane Yard"),
        "last": GrievanceFactory(status="hearing", current_step="step_3", assigned_rep=people["officer"]),
        "policy": GrievanceFactory(grievance_type="policy", at_arbitration=True, former_number="G-1999"),
        "over": GrievanceFactory(withdrawn=True),
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, "new last policy over"),
        ({"q": "aalto"}, "new"),
        ({"q": "crane yard"}, "new"),
        ({"q": "1999"}, "policy"),
        ({"q": "nothing like it"}, ""),
        ({"status": "unresolved"}, "new last policy"),
        ({"status": "withdrawn"}, "over"),
        ({"step": "step_3"}, "last"),
        ({"grievance_type": "policy"}, "policy"),
        ({"assigned": "me"}, "last"),
        ({"assigned": "nobody"}, "new policy over"),
        ({"article": "ART. XIV"}, "new last policy over"),
        ({"article": "15"}, ""),
        ({"assigned": "nobody", "status": "unresolved", "q": "aalto"}, "new"),
        ({"status": "famous"}, ""),
        ({"q": "a\u202eb"}, ""),
    ],
)
def test_what_is_found(found, cases, query, names):
    assert set(found("officer", **query).qs) == {cases[name] for name in names.split()}


def test_a_number_finds_its_case(found, cases):
    assert list(found("officer", q=cases["last"].grievance_number).qs) == [cases["last"]]


def test_a_member_filters_by_what_they_see(found, people):
    own = GrievanceFactory(people=[people["member"].member, MemberFactory(last_name="Aalto")], grievance_type="group")
    assert list(found("member").form.fields) == ["status", "step"]
    for query in ({}, {"q": "aalto"}, {"grievance_type": "policy"}, {"status": "open"}, {"article": "9"}):
        assert list(found("member", **query).qs) == [own]
    assert list(found("member", step="step_2").qs) == []


def test_cases_by_age(found, people):
    ages = (0, 30, 31, 90, 91)
    cases = {age: GrievanceFactory(filed_date=local_today() - timedelta(age)) for age in ages}
    filed = {name: set(found("officer", filed=name).qs) for name in ("month", "quarter", "old")}
    assert filed == {
        "month": {cases[0], cases[30]},
        "quarter": {cases[31], cases[90]},
        "old": {cases[91]},
    }


def test_drafts(found, people):
    mine, group = IntakeFactory(drafted_by=people["officer"]), IntakeFactory(grievance_type="group", people=[])
    kinds = {"model": GrievanceIntake, "filterset": IntakeFilterSet}
    assert set(found("officer", **kinds).qs) == {mine, group}
    assert list(found("officer", drafted="me", **kinds).qs) == [mine]
    assert list(found("officer", grievance_type="group", **kinds).qs) == [group]
