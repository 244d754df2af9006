import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from core.errors import DomainError, EditConflict
from members.factories import EmploymentFactory, MemberFactory, OrganizationFactory
from members.models import Employment
from members.services import employments as services
from members.services.members import delete_member
from members.services.organizations import delete_organization
from members.tests.histories import told

pytestmark = pytest.mark.django_db
MAY = datetime.date(2026, 5, 1)
JUNE = datetime.date(2026, 6, 1)


@pytest.fixture
def anna():
    return MemberFactory(first_name="Anna", last_name="Muñoz", member_number="7", phone="", email="")


def search_text(member):
    member.refresh_from_db()
    return member.search_text


def test_add_employment_is_told_on_the_members_history_and_found_by_employer(people, anna):
    creek = OrganizationFactory(name="Kettle Creek")
    job = services.add_employment(
        anna, {"organization": creek, "start_date": MAY, "hourly_rate": Decimal("41.50")}, actor=people["staff"]
    )
    assert list(Employment.objects.values_list("member", "organization", "start_date", "end_date", "hourly_rate")) == [
        (anna.pk, creek.pk, MAY, None, Decimal("41.50"))
    ]
    assert told(anna) == [
        (
            "employment.started",
            "Staff Person",
            "",
            {"changes": [{"field": "organization"}, {"field": "start_date"}, {"field": "hourly_rate"}]},
        )
    ]
    assert search_text(anna) == " anna munoz 7 kettle creek"
    assert (job.version, anna.version) == (1, 1)


def test_a_member_works_at_one_place_once_at_a_time(people, anna):
    job = EmploymentFactory(member=anna, start_date=MAY)
    again = {"organization": job.organization, "start_date": JUNE}
    with pytest.raises(ValidationError) as refusal:
        services.add_employment(anna, again, actor=people["staff"])
    assert refusal.value.messages == ["This member already has a current employment there. Change that one."]

    services.change_employment(job, {"end_date": JUNE}, actor=people["staff"], version=1)
    services.add_employment(anna, again, actor=people["staff"])
    assert list(anna.employments.order_by("pk").values_list("start_date", "end_date")) == [(MAY, JUNE), (JUNE, None)]


def test_ending_an_employment_takes_the_employer_out_of_the_search(people, anna):
    job = EmploymentFactory(member=anna, organization__name="Kettle Creek", start_date=MAY)
    assert search_text(anna) == " anna munoz 7 kettle creek"
    ended = services.change_employment(job, {"end_date": JUNE}, actor=people["officer"])
    assert ended.end_date == JUNE
    assert ended.version == 2
    assert search_text(anna) == " anna munoz 7"
    assert told(anna) == [("employment.changed", "Officer Person", "", {"changes": [{"field": "end_date"}]})]


def test_an_employment_cannot_end_before_it_starts(people):
    job = EmploymentFactory(start_date=JUNE)
    with pytest.raises(ValidationError) as refusal:
        services.change_employment(job, {"end_date": MAY}, actor=people["staff"])
    assert refusal.value.message_dict["end_date"] == ["The employment cannot end before it starts."]
    assert Employment.objects.get().end_date is None


def test_change_employment_refuses_an_older_version(people):
    job = EmploymentFactory(job_title="Welder")
    services.change_employment(job, {"job_title": "Foreman"}, actor=people["officer"], version=1)
    with pytest.raises(EditConflict) as conflict:
        services.change_employment(job, {"job_title": "Cook"}, actor=people["staff"], version=1)
    assert conflict.value.current.job_title == Employment.objects.get().job_title == "Foreman"


def test_a_deleted_employer_or_member_takes_no_employment(people, anna):
    staff, gone, creek = people["staff"], OrganizationFactory(), OrganizationFactory()
    delete_organization(gone, actor=staff, reason="Closed")
    with pytest.raises(ValidationError) as refusal:
        services.add_employment(anna, {"organization": gone}, actor=staff)
    assert refusal.value.message_dict == {
        "organization": ["This organization is deleted. Restore it or choose another one."]
    }
    delete_member(anna, actor=staff, reason="Entered twice")
    with pytest.raises(DomainError, match="This record is deleted"):
        services.add_employment(anna, {"organization": creek}, actor=staff)
    assert Employment.objects.count() == 0


def test_remove_employment_keeps_the_reason_in_the_history(people, anna):
    job = EmploymentFactory(member=anna, organization__name="Kettle Creek")
    with pytest.raises(ValidationError):
        services.remove_employment(job, actor=people["staff"], reason="")
    services.remove_employment(job, actor=people["staff"], reason="Another Anna Muñoz")
    assert (Employment.objects.count(), search_text(anna)) == (0, " anna munoz 7")
    assert told(anna) == [("employment.removed", "Staff Person", "Another Anna Muñoz", {})]


@pytest.mark.parametrize("role", ["admin", "steward", "member"])
def test_only_the_office_changes_employments(people, anna, role):
    job = EmploymentFactory(member=anna)
    with pytest.raises(PermissionDenied):
        services.add_employment(anna, {"organization": OrganizationFactory()}, actor=people[role])
    with pytest.raises(PermissionDenied):
        services.change_employment(job, {"job_title": "Cook"}, actor=people[role])
    with pytest.raises(PermissionDenied):
        services.remove_employment(job, actor=people[role], reason="Mistake")
    assert list(anna.employments.all()) == [job]
