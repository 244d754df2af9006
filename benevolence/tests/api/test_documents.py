"""Documents by program: up once by key, down whole or in parts."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from benevolence.factories import ApplicationFactory, DocumentFactory
from benevolence.models import ApplicationDocument
from benevolence.services import applications, policies
from benevolence.tests.programs import keyed, post
from core.models import ReadEvent
from core.tests.files.noting import noted_in, stored_in, transactions

pytestmark = pytest.mark.django_db
URL = "/api/v1/benevolence-documents/"


@pytest.fixture
def draft(people):
    return ApplicationFactory(member=people["member"].member, entered_by=people["member"])


@pytest.fixture
def program(client_of):
    return client_of("member", raise_request_exception=False)


def sent(program, fields):
    return program.post(URL, fields, headers=keyed())


def body(draft, content=b"The power is shut off.", **fields):
    file = SimpleUploadedFile("Notice.txt", content)
    return {"application": str(draft.pk), "category": "notice", "file": file, **fields}


def test_a_file_goes_up_and_its_answer_tells_where_it_is(program, draft):
    answer = sent(program, body(draft))
    assert answer.status_code == 201, answer.content
    document = ApplicationDocument.objects.get()
    assert answer.json() == {
        "id": str(document.pk),
        "application": str(draft.pk),
        "name": "Notice.txt",
        "category": "notice",
        "content_type": "text/plain",
        "size": 22,
        "sha256": document.sha256,
        "state": "clean",
        "added_at": answer.json()["added_at"],
        "superseded_at": None,
        "superseded_by": None,
        "content": f"{URL}{document.pk}/content/",
    }
    assert answer.headers["Location"] == f"http://testserver{URL}{document.pk}/"


def test_a_file_comes_down_whole_and_in_parts_and_each_reading_is_on_record(program, draft):
    document = DocumentFactory(application=draft, content=b"The power is shut off.")
    whole = program.get(f"{URL}{document.pk}/content/")
    part = program.get(f"{URL}{document.pk}/content/", headers={"Range": "bytes=4-8"})
    assert b"".join(whole.streaming_content) == b"The power is shut off."
    assert whole.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert (part.status_code, b"".join(part.streaming_content)) == (206, b"power")
    assert list(ReadEvent.objects.values_list("kind", "subject_id")) == [("downloaded", str(document.pk))] * 2


def test_a_key_sends_a_file_once_and_another_file_under_it_is_refused(program, draft):
    headers = {"Idempotency-Key": "k1"}
    first, again = (program.post(URL, body(draft), headers=headers) for _time in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.headers["Location"] == again.headers["Location"]
    other = program.post(URL, body(draft, b"Another notice"), headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert ApplicationDocument.objects.count() == 1


def test_a_file_is_stored_before_the_transaction_of_its_key(program, draft, tmp_path, settings):
    noted = noted_in(tmp_path, settings)
    for _time in range(2):
        assert program.post(URL, body(draft), headers={"Idempotency-Key": "k1"}).status_code == 201
    assert noted == [transactions()]
    assert stored_in(tmp_path) == {str(ApplicationDocument.objects.get().storage_key)}


def test_nothing_is_stored_for_who_may_not_add_it(client_of, draft, tmp_path, settings):
    noted = noted_in(tmp_path, settings)
    answers = [sent(client_of(name), body(draft)).status_code for name in ("treasurer", "staff")]
    assert (answers, noted) == ([403, 422], [])


REFUSED = [
    ({"file": ""}, 422, {"file": ["Send one file in this field."]}),
    (
        {"category": "nothing"},
        422,
        {"category": ["Select a valid choice. nothing is not one of the available choices."]},
    ),
    ({"application": "x"}, 422, {"application": ["Name the application to which this belongs, by its id."]}),
    ({"notes": "x"}, 422, {"notes": ["There is no such field here. Leave it out."]}),
]


@pytest.mark.parametrize(("fields", "status", "faults"), REFUSED)
def test_what_is_wrong_is_said_at_its_field(program, draft, fields, status, faults):
    answer = program.post(URL, body(draft, **fields))
    assert (answer.status_code, answer.json()["fields"]) == (status, faults)


def test_a_kind_of_document_that_the_rules_ask_for_at_any_reason_is_taken(program, staffed, draft):
    rules = {"medical": {"documents": ["funeral bill"]}, "hardship": {"documents": ["lease"]}}
    policies.change_policy({"reasons": rules}, actor=staffed["admin"])
    found = [
        sent(program, body(draft, kind.encode(), category=kind)).status_code for kind in ("funeral bill", "lease", "x")
    ]
    assert found == [201, 201, 422]


def test_several_files_at_once_are_refused_and_none_is_kept(program, draft):
    two = [SimpleUploadedFile(f"{number}.txt", b"Notice") for number in range(2)]
    answer = sent(program, body(draft) | {"file": two})
    assert (answer.status_code, answer.json()["fields"]) == (422, {"file": ["Send one file in this field."]})
    assert not ApplicationDocument.objects.exists()


def test_a_file_that_cannot_be_kept_is_refused_with_the_sentence(program, draft):
    answer = sent(program, body(draft, b"<html>"))
    assert answer.status_code == 409
    assert answer.json() == {
        "detail": "This is a web page or a program, which is not kept here. Print it to PDF, or send a photo of it.",
        "code": "file_refused",
    }


def test_json_is_no_file(program, draft):
    assert program.post(URL, {"application": str(draft.pk)}, content_type="application/json").status_code == 415


def test_nobody_adds_to_what_they_do_not_see_or_only_decide(client_of, applied):
    row = applied("400.00")
    found = {
        name: client_of(name, raise_request_exception=False).post(URL, body(row)).status_code
        for name in ("benevolence-vp", "officer", "steward", "organizer")
    }
    assert found == {"benevolence-vp": 403, "officer": 422, "steward": 403, "organizer": 403}


def test_the_list_is_of_one_application_where_it_is_named(program, people, draft):
    other = ApplicationFactory(member=people["member"].member, entered_by=people["member"])
    first, _second = DocumentFactory(application=draft), DocumentFactory(application=other)
    found = program.get(URL, {"application": str(draft.pk)}).json()["results"]
    assert [document["id"] for document in found] == [str(first.pk)]
    assert program.get(URL).json()["count"] == 2


def test_a_document_is_taken_back_with_its_reason(program, draft):
    document = DocumentFactory(application=draft)
    path = f"{URL}{document.pk}/moves/take_back/"
    refused = program.post(path, {}, content_type="application/json")
    assert (refused.status_code, refused.json()["fields"]) == (422, {"reason": ["Say why."]})
    answer = post(program, path, {"reason": "Wrong one"})
    assert answer.status_code == 200
    assert answer.json()["superseded_at"] is not None


def test_a_store_that_is_away_is_said(program, draft, settings):
    document = DocumentFactory(application=draft)
    options = {"BACKEND": "core.files.folder.PrivateFolder", "OPTIONS": {"location": "/proc/nowhere"}}
    settings.STORAGES = {**settings.STORAGES, "attachments": options}
    answer = program.get(f"{URL}{document.pk}/content/")
    assert (answer.status_code, answer.json()["code"]) == (503, "files_unavailable")
    assert sent(program, body(draft)).json()["code"] == "files_unavailable"


def test_what_the_office_adds_without_seeing_it_later_stays_and_is_told_again(client_of, people):
    row = ApplicationFactory(entered_by=people["staff"])
    applications.submit(row, actor=people["staff"])
    office, headers = client_of("staff", raise_request_exception=False), {"Idempotency-Key": "k2"}
    first, again = (office.post(URL, body(row), headers=headers) for _time in range(2))
    sentence = "It was saved, and you no longer see the documents of this application."
    assert (first.status_code, first.json()) == (409, {"detail": sentence, "code": "saved_unseen"})
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert ApplicationDocument.objects.filter(application=row).count() == 1
