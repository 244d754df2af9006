"""The pages of the documents of a case."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.models import ReadEvent
from core.tests.files.samples import picture
from core.tests.pages import errors, said, values_in
from grievances.factories import CaseDocumentFactory, GrievanceFactory
from grievances.tests.case_setup import story
from grievances.tests.programs import change, refusal

pytestmark = pytest.mark.django_db


def url(name, row):
    return reverse(name, args=[row.pk])


def test_documents_are_added_described_and_shown_by_step(client_of):
    case, browser = GrievanceFactory(current_step="step_2"), client_of("staff")
    add = url("case_document_add", case)
    assert '<option value="2" selected>' in browser.get(add).text
    files = [SimpleUploadedFile("List.txt", b"The list"), SimpleUploadedFile("Yard.jpg", picture())]
    answer = browser.post(add, {"category": "evidence", "step_number": "2", "uploads": files})
    assert (answer.url, said(answer)) == (f"{case.get_absolute_url()}?tab=documents", ["2 documents added."])
    listed, photo = case.documents.in_order()
    described = {"category": "letter", "step_number": "", "exhibit_series": "union", "exhibit_number": ""}
    described |= {"version": "1"}
    assert browser.post(url("case_document_edit", listed), described).status_code == 302
    page = browser.get(answer.url)
    groups = page.context["documents"].groups
    assert [(label, [row.name for row in rows]) for label, rows in groups] == [
        ("The whole case", ["List.txt"]),
        ("Step 2", ["Yard.jpg"]),
    ]
    assert "Exhibit Union 1" in page.text
    assert f'<img src="{url("case_document_preview", photo)}"' in page.text


def test_two_people_describe_one_document_and_what_is_kept_back_stays_so(client_of):
    row = CaseDocumentFactory(is_shared=True, category="evidence")
    page, browser = url("case_document_edit", row), client_of("staff")
    opened = values_in(browser.get(page))
    typed = {name: opened[name] for name in ("version", "seen_values")} | {"category": "evidence", "step_number": ""}
    kept_back = typed | {"exhibit_series": "", "exhibit_number": ""}
    assert client_of("officer").post(page, kept_back).status_code == 302
    answer = browser.post(page, kept_back | {"category": "letter", "is_shared": "on"})
    assert said(answer) == [
        "Saved.",
        "Somebody else changed this meanwhile: Share it with the grievant. Both changes stand.",
    ]
    row.refresh_from_db()
    assert (row.category, row.is_shared, row.version) == ("letter", False, 3)
    clash = client_of("officer").post(page, kept_back | {"category": "photo"})
    assert (clash.status_code, clash.context["conflict"]) == (409, [("What is it?", "Letter or e-mail", "Photo")])
    row.refresh_from_db()
    assert (row.category, story(row.grievance)[0]) == ("letter", "grievance.document_kept_back")
    assert "grievance.document_shared" not in story(row.grievance)


def test_a_form_without_a_file_says_so_and_one_that_is_refused_why(client_of):
    case, browser = GrievanceFactory(), client_of("staff")
    add = url("case_document_add", case)
    assert errors(browser.post(add, {"category": "letter"})) == {"uploads": ["Take a photo, or choose a file."]}
    bad = SimpleUploadedFile("page.html", b"<html><script>")
    assert "page.html: " in errors(browser.post(add, {"category": "letter", "uploads": [bad]}))["uploads"][0]


def test_a_grievant_reads_what_is_shared_and_each_reading_is_on_record(client_of, people):
    case = GrievanceFactory(people=[people["member"].member])
    shared = CaseDocumentFactory(grievance=case, is_shared=True, upload_name="Answer.txt", content=b"No.")
    ours = CaseDocumentFactory(grievance=case, upload_name="Ours.txt")
    browser = client_of("member", raise_request_exception=False)
    page = browser.get(case.get_absolute_url()).text
    assert [word in page for word in ("Answer.txt", "Ours.txt", "Add documents", "Take back")] == [
        True,
        False,
        False,
        False,
    ]
    assert b"".join(browser.get(url("case_document_content", shared)).streaming_content) == b"No."
    assert browser.get(url("case_document_content", ours)).status_code == 404
    assert ReadEvent.objects.filter(kind="downloaded").get().subject_id == str(shared.pk)


def test_whoever_does_not_work_the_case_is_told_whom_to_ask(client_of):
    row = CaseDocumentFactory()
    for page in ("edit", "replace", "take_back"):
        refused = client_of("representative").get(url(f"case_document_{page}", row))
        assert (refused.status_code, "This case is assigned to nobody." in refused.text) == (409, True)


def test_a_document_is_replaced_and_taken_back(client_of):
    row, browser = CaseDocumentFactory(), client_of("staff")
    same = SimpleUploadedFile("Same.txt", b"".join(row.content()))
    refused = browser.post(url("case_document_replace", row), {"uploads": same})
    assert errors(refused) == {"uploads": ["This file is with the case already. Choose the newer one."]}
    newer = SimpleUploadedFile("Newer.txt", b"Newer")
    answer = browser.post(url("case_document_replace", row), {"uploads": newer})
    assert said(answer) == ["Document replaced. The former one is kept."]
    counts = row.grievance.documents.current().get()
    browser.post(url("case_document_take_back", counts), {"reason": "Twice"})
    page = browser.get(f"{row.grievance.get_absolute_url()}?tab=documents")
    assert "2 documents replaced or taken back" in page.text


def test_a_program_sends_a_file_and_reads_it(client_of):
    case, program = GrievanceFactory(), client_of("staff", raise_request_exception=False)
    body = {"grievance": str(case.pk), "category": "letter", "step_number": "1"}
    answer = program.post("/api/v1/grievances/documents/", body | {"file": SimpleUploadedFile("A.txt", b"Hello")})
    assert (answer.status_code, answer.json()["step_number"], answer.json()["name"]) == (201, 1, "A.txt")
    assert b"".join(program.get(answer.json()["content"]).streaming_content) == b"Hello"
    back = program.post(f"{answer.json()['content'][:-8]}moves/take_back/", {"reason": "Twice"}, "application/json")
    assert back.json()["superseded_at"] is not None
    strange = program.post("/api/v1/grievances/documents/", body | {"grievance": "7"})
    assert strange.json()["fields"] == {"grievance": ["Name the grievance to which this belongs, by its id."]}


def test_a_program_says_anew_what_a_document_is_as_it_read_it(client_of):
    row, program = CaseDocumentFactory(is_shared=True, category="evidence"), client_of("staff")
    path = f"grievances/documents/{row.pk}/"
    assert program.get(f"/api/v1/{path}")["ETag"] == '"1"'
    told = change(client_of("officer"), path, {"is_shared": False}, version=1)
    assert (told.status_code, told.json()["is_shared"], told["ETag"]) == (200, False, '"2"')
    assert change(program, path, {"category": "letter"}, version=1).status_code == 412
    told = change(program, path, {"category": "letter", "exhibit_series": "union"}, version=2).json()
    assert [told[name] for name in ("category", "is_shared", "exhibit_number", "version")] == ["letter", False, 1, 3]
    assert refusal(change(program, path, {"category": "x", "name": "y"}, version=3))[0] == 422
    assert change(client_of("trustee", raise_request_exception=False), path, {}, version=3).status_code == 403
