"""The list of help before the portal, and the pages by which it comes in."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from benevolence.factories import ApplicationFactory, PastHelpFactory
from benevolence.models import HelpImport, PastHelp
from core.web.formats import money_text

pytestmark = pytest.mark.django_db
LIST = reverse("past_help_list")


def register(member, amount="$1,800"):
    text = f'Member,Date paid,Amount,Purpose,Check\n{member.member_number},2026-01-05,"{amount}",Rent,2001\n'
    return SimpleUploadedFile("register.csv", text.encode(), content_type="text/csv")


def move(client, name, **data):
    batch = HelpImport.objects.get()
    return client.post(reverse(f"past_help_import_{name}", args=[batch.pk]), {"version": batch.version} | data)


def test_a_register_goes_from_upload_to_undo(client_of, people):
    client, member = client_of("treasurer"), people["member"].member
    answer = client.post(reverse("past_help_import_upload"), {"file": register(member)})
    batch = HelpImport.objects.get()
    assert answer["Location"] == reverse("past_help_import_match", args=[batch.pk])
    assert "Matched to" not in client.get(answer["Location"]).text

    columns = {f"column-{n}": batch.mapping[header] for n, header in enumerate(batch.layout["headers"])}
    assert client.post(answer["Location"], columns)["Location"] == batch.get_absolute_url()
    page = client.get(batch.get_absolute_url()).text
    assert f"{member.member_number} · 2026-01-05 · 1800.00" in page
    assert "Import of past help" in page

    move(client, "apply")
    assert list(PastHelp.objects.values_list("member", "amount")) == [(member.pk, Decimal("1800.00"))]
    assert money_text(Decimal("1800.00")) in client.get(LIST).text

    move(client, "undo", reason="Wrong year")
    assert not PastHelp.objects.alive().exists()
    assert money_text(Decimal("1800.00")) not in client.get(LIST).text


def test_members_find_their_own_beside_their_applications(client_of, people):
    PastHelpFactory(member=people["member"].member, amount=Decimal("311.00"))
    PastHelpFactory(amount=Decimal("622.00"))
    client = client_of("member")

    assert LIST in client.get(reverse("application_list")).text
    page = client.get(LIST).text
    assert money_text(Decimal("311.00")) in page
    assert money_text(Decimal("622.00")) not in page


@pytest.mark.parametrize(("name", "is_linked"), [("benevolence-vp", True), ("trustee", False)])
def test_an_application_says_what_was_paid_before_the_portal(client_of, people, name, is_linked):
    application = ApplicationFactory(status="denied", level_reached=1)
    PastHelpFactory(member=application.member, amount=Decimal("311.00"))

    page = client_of(name).get(application.get_absolute_url()).text

    assert "1 payment before the portal" in page
    assert (f"{LIST}?member={application.member_id}" in page) == is_linked


def test_the_api_tells_it_to_the_same_people(client_of, people):
    row = PastHelpFactory(member=people["member"].member, reference="2001")
    PastHelpFactory()

    answer = client_of("member").get(reverse("api-past-help-list")).json()

    assert [(found["id"], found["amount"], found["reference"]) for found in answer["results"]] == [
        (row.pk, "300.00", "2001")
    ]
    assert client_of("officer").get(reverse("api-past-help-list")).status_code == 403
