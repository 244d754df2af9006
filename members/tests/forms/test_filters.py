import pytest
from django.db import connection
from django.http import HttpRequest, QueryDict
from django.test.utils import CaptureQueriesContext

from members.factories import EmploymentFactory, MemberFactory, OrganizationFactory
from members.forms.filters import MemberFilterSet, OrganizationFilterSet
from members.forms.members import label_of
from members.models import Member, Organization
from members.services import members as services

pytestmark = pytest.mark.django_db


def members(query: str, user) -> MemberFilterSet:
    request = HttpRequest()
    request.user = user
    return MemberFilterSet(QueryDict(query), queryset=Member.objects.visible_to(user), request=request)


def found(filterset) -> list[str]:
    return sorted(row.last_name for row in filterset.qs)


@pytest.fixture
def three(people):
    aalto = MemberFactory(last_name="Aalto", status="retired", classification="foreman", standing="arrears")
    berg = MemberFactory(last_name="Berg", classification="foreman")
    services.delete_member(MemberFactory(last_name="Gone"), actor=people["staff"], reason="Twice")
    return aalto, berg


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Aalto", "Berg"]),
        ("records=deleted", ["Gone"]),
        ("records=", ["Aalto", "Berg"]),
        ("records=all", []),
        ("status=retired", ["Aalto"]),
        ("classification=foreman&standing=good", ["Berg"]),
        ("status=retired&status=active", ["Berg"]),
        ("status[]=retired", ["Aalto", "Berg"]),
        ("q=aal", ["Aalto"]),
        ("q=gone", []),
        ("q=gone&records=deleted", ["Gone"]),
        ("search_text__regex=(&first_name__startswith=A&pk__in=1&account__password__startswith=a", ["Aalto", "Berg"]),
        ("employer=1e999999", []),
        ("employer=NaN", []),
        ("employer=0", []),
        ("employer=9223372036854775808", []),
        ("employer=%D9%A1", []),
        ("employer=x", []),
        ("employer=" + "9" * 5_000, []),
        ("q=" + "x" * 201, []),
    ],
)
def test_what_the_office_finds(three, people, query, names):
    assert found(members(query, people["staff"])) == names


def test_the_deleted_filter_is_not_there_for_others(three, people):
    filterset = members("records=deleted", people["steward"])
    assert found(filterset) == ["Aalto", "Berg"]
    assert filterset.is_valid()
    assert "records" not in filterset.form.fields
    assert filterset.chosen() == []


def test_where_somebody_works_now(three, people):
    aalto, berg = three
    job = EmploymentFactory(member=aalto, organization__name="Yard")
    EmploymentFactory(member=berg, organization=job.organization, start_date="2020-01-01", end_date="2021-01-01")
    filterset = members(f"employer={job.organization_id}", people["staff"])
    assert (found(filterset), filterset.chosen()) == (["Aalto"], [("employer", "Employer", "Yard")])
    for typed in ("yard", "YAR", "Yard"):
        assert found(members(f"employer={typed}", people["staff"])) == ["Aalto"]
    labels = [label_of(item) for item in (job.organization, OrganizationFactory(name="Yard North"))]
    unclear = members("employer=yar&status=retired", people["staff"])
    assert (found(unclear), [label for label, _query in unclear.offered()]) == ([], labels)
    (first, _second) = unclear.offered()
    assert found(members(first[1].removeprefix("?"), people["staff"])) == ["Aalto"]
    nobody = members("employer=77777", people["staff"])
    assert (found(nobody), nobody.chosen(), nobody.offered()) == ([], [], [])


def test_a_slip_is_forgiven_only_where_nothing_matches_and_inside_the_other_filters(three, people):
    services.remember_words(["Aalto", "Berg"])
    exact, slip, other = (members(query, people["staff"]) for query in ("q=aalto", "q=aatlo", "q=aatlo&status=active"))
    assert [(found(item), item.corrections) for item in (exact, slip, other)] == [
        (["Aalto"], {}),
        (["Aalto"], {"aatlo": ["aalto"]}),
        ([], {}),
    ]
    assert members("q=gnoe", people["steward"]).qs.count() == 0


def test_rows_are_computed_once(three, people):
    filterset = members("q=aalto", people["staff"])
    assert found(filterset) == ["Aalto"]
    with CaptureQueriesContext(connection) as queries:
        assert filterset.qs is filterset.qs
    assert len(queries) == 0


def test_organizations(people):
    OrganizationFactory(name="Yard", state="IL")
    OrganizationFactory(name="Local 9", org_type="union", state="IN")
    request = HttpRequest()
    request.user = people["staff"]

    def names(query: str) -> list[str]:
        rows = Organization.objects.visible_to(request.user)
        return sorted(row.name for row in OrganizationFilterSet(QueryDict(query), queryset=rows, request=request).qs)

    queries = ["", "org_type=union", "state=IL", "q=yard", "state=il", "org_type=union&org_type=employer"]
    assert {query: names(query) for query in queries} == {
        "": ["Local 9", "Yard"],
        "org_type=union": ["Local 9"],
        "state=IL": ["Yard"],
        "q=yard": ["Yard"],
        "state=il": [],
        "org_type=union&org_type=employer": ["Yard"],
    }
