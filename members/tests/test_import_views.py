import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from members.models import ImportBatch, Organization

pytestmark = pytest.mark.django_db

EMPLOYERS = b"Employer,City,State\nAlder Works,Peoria,IL\nAlder Works,Galesburg,IL\nBirch LLC,Pekin,IL\nBad,Pekin,ZZ\n"


def uploaded(client, content=EMPLOYERS, kind="organizations", name="Jane Roe private.csv"):
    answer = client.post(
        reverse("import_upload"), {"kind": kind, "file": SimpleUploadedFile(name, content, content_type="text/csv")}
    )
    assert answer.status_code == 302, answer.content
    return ImportBatch.objects.get()


def checked(client, **options):
    batch = uploaded(client, **options)
    fields = {f"column-{n}": batch.mapping.get(header, "") for n, header in enumerate(batch.layout["headers"])}
    answer = client.post(reverse("import_match", args=[batch.pk]), fields | {"org_type": "employer"})
    assert answer.status_code == 302, answer.content
    batch.refresh_from_db()
    return batch


def test_a_list_goes_from_upload_to_undo(client_of, people):
    client = client_of("staff")
    batch = checked(client)
    detail = batch.get_absolute_url()

    page = client.get(detail).content.decode()
    assert batch.status == "checked"
    assert batch.counts == {"new": 2, "duplicate": 1, "error": 1}
    assert "Row 2 has the same name in another place" in page
    assert "Jane Roe" not in page[page.index("<title>") : page.index("</title>")]

    answer = client.post(reverse("import_decide", args=[batch.pk]), {"row-3": "create"})
    assert answer["Location"] == detail
    answer = client.post(reverse("import_apply", args=[batch.pk]))
    assert answer["Location"] == detail
    batch.refresh_from_db()
    assert (batch.status, batch.applied_by, batch.counts["applied"]) == (
        "applied",
        people["staff"],
        {"new": 3, "error": 1},
    )
    assert sorted(Organization.objects.alive().values_list("name", "city")) == [
        ("Alder Works", "Galesburg"),
        ("Alder Works", "Peoria"),
        ("Birch LLC", "Pekin"),
    ]
    assert "This is not a state" in client.get(detail).content.decode()

    answer = client.post(reverse("import_undo", args=[batch.pk]), {"reason": "Wrong file"})
    assert answer["Location"] == detail
    batch.refresh_from_db()
    assert (batch.status, batch.counts["undone"], batch.counts["kept"]) == ("undone", 3, 0)
    assert not Organization.objects.alive().exists()
    assert client.get(detail).status_code == 200


def test_every_page_draws(client_of):
    client = client_of("staff")
    assert "No imports yet" in client.get(reverse("import_list")).content.decode()
    assert "What does the list hold?" in client.get(reverse("import_upload")).content.decode()
    batch = uploaded(client)
    match = client.get(reverse("import_match", args=[batch.pk])).content.decode()
    assert "Alder Works" in match
    assert client.get(batch.get_absolute_url())["Location"] == reverse("import_match", args=[batch.pk])
    assert "Jane Roe private.csv" in client.get(reverse("import_list")).content.decode()
    assert "Columns to be matched" in client.get(reverse("import_list")).content.decode()
