"""A member's employments, as people add, change and remove them."""

import pytest

from core.tests.pages import REQUIRED, errors, said, values_in
from members.factories import EmploymentFactory, OrganizationFactory
from members.models import Employment
from members.services import employments
from members.services import members as services
from members.tests.histories import events

pytestmark = pytest.mark.django_db
JOB = {"job_title": "Rigger", "hourly_rate": "45.50", "start_date": "2020-01-02", "end_date": ""}


def test_adding_an_employment(staff, client_of, ann):
    yard = OrganizationFactory(name="Crane Yard", city="Peoria", state="IL")
    path = f"/members/{ann.pk}/employments/add/"
    assert "Add employment" in staff.get(path).text
    response = staff.post(path, JOB | {"organization": "Crane Yard — Peoria, IL"})
    job = Employment.objects.get()
    assert (response.url, said(response)) == (f"/members/{ann.pk}/", ["Employment added."])
    assert job.organization == yard
    assert job.job_title == "Rigger"
    assert str(job.hourly_rate) == "45.50"
    assert job.end_date is None
    assert events(ann) == [("employment.started", "")]
    assert client_of("steward").post(path, JOB).status_code == 403
    twice = staff.post(path, JOB | {"organization": "Crane Yard"})
    assert twice.status_code == 422
    assert errors(twice) == {"__all__": ["This member already has a current employment there. Change that one."]}


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"organization": ""}, {"organization": [REQUIRED]}),
        (
            {"organization": "Nowhere"},
            {"organization": ["No organization of this name. Add it under Employers first."]},
        ),
        ({"hourly_rate": "1e999999"}, {"hourly_rate": ["Ensure that there are no more than 12 digits in total."]}),
        ({"hourly_rate": "NaN"}, {"hourly_rate": ["Enter an amount in dollars and cents, such as 1250.00."]}),
        ({"hourly_rate": "٤٥"}, {"hourly_rate": ["Enter an amount in dollars and cents, such as 1250.00."]}),
        ({"hourly_rate": "-1"}, {"hourly_rate": ["An amount cannot be below zero."]}),
        ({"hourly_rate": "1.005"}, {"hourly_rate": ["Ensure that there are no more than 2 decimal places."]}),
        (
            {"start_date": "2020-01-02", "end_date": "2019-01-01"},
            {"end_date": ["The employment cannot end before it starts."]},
        ),
        ({"job_title": "x" * 101}, {"job_title": ["Ensure this value has at most 100 characters (it has 101)."]}),
    ],
)
def test_a_wrong_employment_keeps_what_was_typed(staff, ann, values, found):
    OrganizationFactory(name="Crane Yard", city="Peoria", state="IL")
    typed = JOB | {"organization": "Crane Yard"} | values
    response = staff.post(f"/members/{ann.pk}/employments/add/", typed)
    assert (response.status_code, errors(response)) == (422, found)
    assert {name: values_in(response).get(name, "") for name in typed} == typed
    assert Employment.objects.count() == 0


def test_two_edit_one_employment(staff, people, ann):
    job = EmploymentFactory(
        member=ann, organization__name="Crane Yard", organization__city="Peoria", job_title="Rigger"
    )
    other = OrganizationFactory(name="Dock", city="Pekin", state="IL")
    page = staff.get(f"/employments/{job.pk}/edit/")
    typed = values_in(page)
    assert typed["organization"].startswith("Crane Yard — Peoria")
    employments.change_employment(job, {"organization": other, "job_title": "Hooker"}, actor=people["officer"])
    response = staff.post(f"/employments/{job.pk}/edit/", typed | {"job_title": "Foreman"})
    assert response.status_code == 409
    assert response.context["conflict"] == [("Job title", "Hooker", "Foreman")]
    assert Employment.objects.values_list("organization__name", "job_title").get() == ("Dock", "Hooker")
    again = staff.post(f"/employments/{job.pk}/edit/", values_in(response))
    assert again.status_code == 302
    assert Employment.objects.values_list("organization__name", "job_title", "version").get() == (
        "Dock",
        "Foreman",
        3,
    )


def test_an_employer_with_a_twin_stays_the_employer(staff, ann):
    job = EmploymentFactory(member=ann, organization__name="Yard", organization__city="Pekin", organization__state="IL")
    OrganizationFactory(name="Yard", city="Pekin", state="IL")
    typed = values_in(staff.get(f"/employments/{job.pk}/edit/"))
    assert staff.post(f"/employments/{job.pk}/edit/", typed | {"job_title": "Foreman"}).status_code == 302
    job.refresh_from_db()
    assert (job.organization_id, job.job_title) == (Employment.objects.get().organization_id, "Foreman")


def test_removing_an_employment(staff, client_of, ann):
    job = EmploymentFactory(member=ann)
    path = f"/employments/{job.pk}/remove/"
    assert [client_of(name).get(path).status_code for name in ("steward", "member")] == [403, 403]
    assert staff.post(path, {"reason": ""}).status_code == 422
    response = staff.post(path, {"reason": "Wrong person"})
    assert response.url == f"/members/{ann.pk}/"
    assert said(response) == ["Employment removed."]
    assert events(ann) == [("employment.removed", "Wrong person")]
    assert staff.post(path, {"reason": "Again"}).status_code == 404


def test_employments_of_a_deleted_member_stay_as_they_are(staff, people, ann):
    job = EmploymentFactory(member=ann)
    services.delete_member(ann, actor=people["staff"], reason="Twice")
    typed = values_in(staff.get(f"/employments/{job.pk}/edit/"))
    response = staff.post(f"/employments/{job.pk}/edit/", typed)
    assert response.status_code == 409
    assert errors(response) == {"__all__": ["This record is deleted. Restore it before you change it."]}
