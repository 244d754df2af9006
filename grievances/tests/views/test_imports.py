"""The pages by which cases come from an earlier file."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from grievances.models import CaseImport, Grievance
from members.factories import OrganizationFactory

pytestmark = pytest.mark.django_db


def listed(member, employer):
    text = f"Case No,Member No,Company,Date Filed\nG-1,{member.member_number},{employer.name},2025-03-14\n"
    return SimpleUploadedFile("cases.csv", text.encode(), content_type="text/csv")


def move(client, name, **data):
    batch = CaseImport.objects.get()
    return client.post(reverse(f"case_import_{name}", args=[batch.pk]), {"version": batch.version} | data)


def test_a_list_goes_from_upload_to_undo(client_of, people):
    client, member = client_of("grievance-chair"), people["member"].member
    assert reverse("case_import_list") in client.get(reverse("grievance_list")).text
    file = listed(member, OrganizationFactory(name="Crane Yard"))
    answer = client.post(reverse("case_import_upload"), {"file": file})
    batch = CaseImport.objects.get()
    assert answer["Location"] == reverse("case_import_match", args=[batch.pk])

    columns = {f"column-{n}": batch.mapping[header] for n, header in enumerate(batch.layout["headers"])}
    assert client.post(answer["Location"], columns)["Location"] == batch.get_absolute_url()
    page = client.get(batch.get_absolute_url()).text
    assert f"G-1 · {member.member_number} · 2025-03-14" in page
    assert "Import of cases" in page

    move(client, "apply")
    case = Grievance.objects.alive().get()
    assert case.get_absolute_url() in client.get(batch.get_absolute_url()).text
    assert client.get(case.get_absolute_url()).status_code == 200

    move(client, "undo", reason="Wrong year")
    assert client.get(case.get_absolute_url()).status_code == 404
    assert case.get_absolute_url() not in client.get(batch.get_absolute_url()).text


@pytest.mark.parametrize(
    ("name", "status"), [("officer", 200), ("staff", 403), ("representative", 403), ("admin", 403)]
)
def test_who_brings_cases_in(client_of, people, name, status):
    assert client_of(name).get(reverse("case_import_list")).status_code == status
