"""A member sees who looked at their own record, and nothing of anybody else's, nor of the vault."""

import pytest

from benevolence.factories import ApplicationFactory, DocumentFactory
from core.audit import trail
from core.enums import ReadKind
from core.models import ReadEvent
from grievances.factories import CaseDocumentFactory, GrievanceFactory
from members.factories import MemberFactory
from unionops.testing.cast import shown_values

pytestmark = pytest.mark.django_db

PAGE = "/accounts/security/reads/"


def shown(client):
    return [values[1:] for values in shown_values(client.get(PAGE))]


def test_readings_of_the_own_record_by_others(people, client_of):
    own, other = people["member"].member, MemberFactory()
    merged = MemberFactory(merged_into=own)
    case, hidden = GrievanceFactory(people=[merged, other]), GrievanceFactory(people=[own], is_restricted=True)
    asked = ApplicationFactory(status="submitted", member=own)
    document = DocumentFactory(application=asked, upload_name="Notice.txt")
    for record, reader in (
        (own, "staff"),
        (merged, "officer"),
        (other, "staff"),
        (own, "member"),
        (case, "representative"),
        (hidden, "officer"),
        (GrievanceFactory(people=[other]), "officer"),
        (asked, "benevolence-vp"),
        (document, "benevolence-vp"),
        (ApplicationFactory(status="submitted", member=other), "benevolence-vp"),
        (DocumentFactory(), "benevolence-vp"),
        (CaseDocumentFactory(grievance=case, upload_name="Floor.txt"), "representative"),
        (CaseDocumentFactory(grievance=case, upload_name="Shared.txt", is_shared=True), "representative"),
    ):
        trail.read(record, ReadKind.OPENED, actor=people[reader])
    ReadEvent.objects.create(
        actor=people["organizer"], kind="opened", subject_type="organizing.campaign", subject_id=str(own.pk)
    )
    assert shown(client_of("member")) == [
        [people["representative"].full_name, "Opened", "Shared.txt"],
        [people["benevolence-vp"].full_name, "Opened", "Notice.txt"],
        [people["benevolence-vp"].full_name, "Opened", asked.application_number],
        [people["representative"].full_name, "Opened", case.grievance_number],
        ["Officer Person", "Opened", str(merged)],
        ["Staff Person", "Opened", str(own)],
    ]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long(people, client_of, django_assert_num_queries, rows):
    for _turn in range(rows):
        trail.read(people["member"].member, ReadKind.OPENED, actor=people["staff"])
    client = client_of("member")
    client.get(PAGE)
    with django_assert_num_queries(13):
        client.get(PAGE)


@pytest.mark.parametrize("name", ["staff", "admin", "nobody"])
def test_it_is_a_page_for_members(client_of, name):
    assert client_of(name).get(PAGE).status_code == 403
