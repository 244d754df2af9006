"""What the office confirms and prepares, by program."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benevolence.factories import ApplicationFactory, DocumentFactory
from benevolence.services import applications, intake, policies
from benevolence.services.intake import brief_of
from benevolence.tests.programs import APPLICATIONS, post, told
from members.factories import MemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(staffed):
    """An application of $400 whose rules ask intake for one condition and a text for blind reviewers."""
    policies.change_policy({"conditions": ["Another fund was asked first."], "is_blind": True}, actor=staffed["admin"])
    person = staffed["member"]
    draft = ApplicationFactory(member=person.member, entered_by=person, amount_requested=Decimal(400))
    return applications.submit(draft, actor=person)


def test_intake_is_finished_with_a_note_for_everything_that_is_asked(client_of, asked):
    document = DocumentFactory(application=asked)
    office, path = client_of("staff", raise_request_exception=False), f"{APPLICATIONS}{asked.pk}/intake/"
    fields = office.get(path).json()["fields"]
    assert {name: (field["label"], field["required"]) for name, field in fields.items()} == {
        "note_0": ("Another fund was asked first", True),
        "note_1": ("What the reviewers read", True),
        "released": ("Documents that the reviewers may open", False),
    }
    typed = {"note_0": "Called them", "note_1": "A member asks for rent", "released": [str(document.pk)]}
    assert told(post(office, path, {"note_0": "x", "name": "y"}, version=asked.version))[0] == 422
    assert list(told(post(office, path, {"note_0": "x"}, version=asked.version))[1]) == ["note_1"]
    assert post(office, path, typed).status_code == 428
    assert post(office, path, typed, version=asked.version + 1).status_code == 412
    answer = post(office, path, typed, version=asked.version)
    assert (answer.status_code, answer.json()) == (200, {"status": "submitted", "version": asked.version + 1})
    document.refresh_from_db()
    assert document.is_released
    told_to_reviewer = client_of("benevolence-vp").get(f"{APPLICATIONS}{asked.pk}/").json()
    assert told_to_reviewer["prepared_text"] == "A member asks for rent"


def test_a_document_is_kept_from_blind_reviewers_when_intake_is_finished(client_of, asked):
    document, other = DocumentFactory(application=asked), DocumentFactory(application=asked)
    office, path = client_of("staff", raise_request_exception=False), f"{APPLICATIONS}{asked.pk}/intake/"
    nothing = (409, "Blind reviewers see no document and no text of this application.")
    assert told(office.get(f"{path}keep-back/")) == nothing
    typed = {"note_0": "Called", "note_1": "Rent", "released": [str(document.pk), str(other.pk)]}
    assert post(office, path, typed, version=asked.version).status_code == 200
    fields = office.get(f"{path}keep-back/").json()["fields"]
    assert (set(fields), set(fields["kept"]["choices"])) == ({"kept", "struck"}, {str(document.pk), str(other.pk)})
    assert list(told(post(office, f"{path}keep-back/", {}, version=asked.version + 1))[1]) == ["kept"]
    kept = {"kept": [str(document.pk)]}
    assert post(office, f"{path}keep-back/", kept, version=asked.version).status_code == 412
    answer = post(office, f"{path}keep-back/", kept, version=asked.version + 1)
    assert (answer.status_code, answer.json()) == (200, {"status": "submitted", "version": asked.version + 2})
    assert list(asked.documents.filter(is_released=True)) == [other]
    struck = post(office, f"{path}keep-back/", {"struck": "Rent"}, version=asked.version + 2)
    assert (struck.status_code, brief_of(asked)) == (200, "…")


def test_a_list_tells_each_text_at_the_same_cost(client_of, staffed):
    """Of every application that a level reviews blindly, with as many queries for three as for one."""
    policies.change_policy({"is_blind": True}, actor=staffed["admin"])
    browser, costs, office = client_of("benevolence-vp"), [], staffed["staff"]
    for number in range(3):
        draft = ApplicationFactory(entered_by=office, member=MemberFactory(), amount_requested=Decimal(400))
        intake.finish(applications.submit(draft, actor=office), {"": f"Text {number}"}, actor=office)
        with CaptureQueriesContext(connection) as queries:
            answer = browser.get(APPLICATIONS)
        costs.append(len(queries))
    assert sorted(row["prepared_text"] for row in answer.json()["results"]) == ["Text 0", "Text 1", "Text 2"]
    assert costs == [8] * 3


def test_who_is_not_at_intake_finds_nothing_to_confirm(client_of, asked, applied):
    path = f"{APPLICATIONS}{asked.pk}/intake/"
    found = {
        name: client_of(name, raise_request_exception=False).get(path).status_code
        for name in ("member", "benevolence-vp", "officer")
    }
    assert found == {"member": 403, "benevolence-vp": 403, "officer": 200}
    mine = ApplicationFactory(entered_by=client_of("staff") and asked.entered_by)
    assert client_of("staff").get(f"{APPLICATIONS}{mine.pk}/intake/").status_code == 404
