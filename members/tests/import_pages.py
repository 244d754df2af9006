"""Steps of an import on its pages, as a browser takes them."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from members.models import ImportBatch

FILE_NAME = "Jane Roe private.csv"
EMPLOYERS = b"Employer,City,State\nAlder Works,Peoria,IL\nAlder Works,Galesburg,IL\nBirch LLC,Pekin,IL\nBad,Pekin,ZZ\n"


def upload(client, content=EMPLOYERS, *, kind="organizations", name=FILE_NAME):
    file = SimpleUploadedFile(name, content, content_type="text/csv")
    return client.post(reverse("import_upload"), {"kind": kind, "file": file})


def match(client, batch, **changes):
    fields = {f"column-{n}": batch.mapping.get(header, "") for n, header in enumerate(batch.layout["headers"])}
    return client.post(reverse("import_match", args=[batch.pk]), fields | {"org_type": "employer"} | changes)


def move(client, batch, name, **data):
    """Press a button of a page that shows the batch as it is now."""
    version = ImportBatch.objects.get(pk=batch.pk).version
    return client.post(reverse(f"import_{name}", args=[batch.pk]), {"version": version} | data)
