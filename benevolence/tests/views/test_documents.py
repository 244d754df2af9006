"""The pages of documents."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benevolence.factories import ApplicationFactory, DocumentFactory
from benevolence.services import applications, policies, reviews
from benevolence.tests.steps import TYPED
from core.files.enums import FileState
from core.models import ReadEvent
from core.tests.files.samples import picture
from core.tests.pages import errors, said

pytestmark = pytest.mark.django_db


def upload(text=b"The power is shut off on Friday.", name="Notice.txt"):
    return SimpleUploadedFile(name, text)


@pytest.fixture
def draft(people):
    return ApplicationFactory(member=people["member"].member, entered_by=people["member"], reason="hardship")


def url(name, row):
    return reverse(name, args=[row.pk])


def names(row):
    return [document.name for document in row.documents.current().in_order()]


def test_several_files_are_sent_at_once_and_the_application_shows_them(client_of, draft):
    browser = client_of("member")
    files = [upload(), upload(picture(), "Meter.jpg")]
    answer = browser.post(url("document_add", draft), {"category": "notice", "uploads": files})
    assert (answer.status_code, answer.url) == (302, draft.get_absolute_url())
    assert said(answer) == ["2 documents added."]
    page = browser.get(answer.url)
    shown = page.context["documents"]
    assert [document.name for document in shown.current] == ["Notice.txt", "Meter.jpg"]
    photo = shown.current[1]
    assert f'<img src="{url("document_preview", photo)}" loading="lazy"' in page.text
    assert f'<a href="{url("document_content", photo)}" hx-boost="false">Meter.jpg</a>' in page.text


def test_a_large_upload_comes_back_as_it_was(client_of, draft):
    """It does not fit into memory as it comes in, and so goes through the sealed temporary file."""
    text = b"The power is shut off on Friday.\n" * 60_000
    client_of("member").post(url("document_add", draft), {"category": "notice", "uploads": upload(text)})
    document = draft.documents.get()
    assert (document.size, b"".join(document.content()) == text) == (len(text), True)


def test_what_is_good_among_several_is_kept_and_the_rest_is_named(client_of, draft):
    files = [upload(), upload(b"<html><script>", "page.html")]
    answer = client_of("member").post(url("document_add", draft), {"category": "bill", "uploads": files})
    assert names(draft) == ["Notice.txt"]
    assert said(answer) == [
        "page.html: This is a web page or a program, which is not kept here. Print it to PDF, or send a photo of it.",
        "1 document added.",
    ]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, {"category": ["Choose what it is."]}),
        ({"category": "notice"}, {"uploads": ["Take a photo, or choose a file."]}),
        (
            {"category": "answer", "uploads": b"x"},
            {"category": ["Select a valid choice. answer is not one of the available choices."]},
        ),
        (
            {"category": "bill", "uploads": b"<html>"},
            {
                "uploads": [
                    "a.txt: This is a web page or a program, which is not kept here. "
                    "Print it to PDF, or send a photo of it."
                ]
            },
        ),
        ({"category": "bill", "uploads": b""}, {"uploads": ["a.txt: This file is empty. Choose the file again."]}),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_choice_stays(client_of, draft, values, found):
    sent = {
        name: SimpleUploadedFile("a.txt", value) if isinstance(value, bytes) else value
        for name, value in values.items()
    }
    answer = client_of("member").post(url("document_add", draft), sent)
    assert (answer.status_code, errors(answer)) == (422, found)
    assert answer.context["form"].data.get("category") == values.get("category")


def test_the_script_sends_one_file_at_a_time_and_reads_a_sentence(client_of, draft):
    browser, headers = client_of("member"), {"X-Upload": "1"}
    program = "This is a web page or a program, which is not kept here. Print it to PDF, or send a photo of it."
    sent = [
        browser.post(url("document_add", draft), {"category": kind, "uploads": file}, headers=headers)
        for kind, file in (("bill", upload()), ("bill", upload(b"<html>")), ("bill", ""), ("", upload()))
    ]
    assert [(answer.status_code, answer.json()) for answer in sent] == [
        (201, {"detail": "Added."}),
        (409, {"detail": program}),
        (422, {"detail": "Take a photo, or choose a file."}),
        (422, {"detail": "Choose what it is.", "field": "category"}),
    ]
    assert names(draft) == ["Notice.txt"]


def test_a_store_that_is_away_loses_nothing_of_the_form(client_of, draft, settings):
    options = {"BACKEND": "core.files.folder.PrivateFolder", "OPTIONS": {"location": "/proc/nowhere"}}
    settings.STORAGES = {**settings.STORAGES, "attachments": options}
    answer = client_of("member").post(url("document_add", draft), {"category": "bill", "uploads": upload()})
    assert answer.status_code == 422
    assert errors(answer)["uploads"][0].startswith("Notice.txt: The place where files are kept does not answer.")
    assert 'value="bill" required id="id_category_1" checked' in answer.text or "checked" in answer.text


def test_the_kinds_that_the_rules_ask_for_come_first(client_of, people, draft, staffed):
    from benevolence.forms.documents import DocumentsForm

    kinds = [kind for kind, _label in DocumentsForm(needed=("funeral bill", "bill")).fields["category"].choices]
    assert kinds == ["funeral bill", "bill", "proof", "notice", "income", "photo", "other"]


def test_a_change_after_a_decision_says_what_it_does(client_of, people, applied):
    row = applied("700.00")
    browser = client_of("member")
    assert "no longer counts" not in browser.get(url("document_add", row)).text
    reviews.approve(row, actor=people["benevolence-vp"], amount=row.amount_requested)
    assert "What was decided so far no longer counts" in browser.get(url("document_add", row)).text


# --- reading --------------------------------------------------------------------------------------------


def reads(row):
    return list(ReadEvent.objects.filter(subject_id=str(row.pk)).values_list("kind", flat=True))


def test_the_content_and_the_picture_leave_recorded(client_of, draft):
    document = DocumentFactory(application=draft, content=picture(), upload_name="Meter.jpg")
    browser = client_of("member")
    content = browser.get(url("document_content", document))
    assert b"".join(content.streaming_content) == picture()
    assert content.headers["Content-Disposition"] == 'attachment; filename="Meter.jpg"'
    assert content.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    part = browser.get(url("document_content", document), headers={"Range": "bytes=0-1"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, picture()[:2])
    shown = browser.get(url("document_preview", document))
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")
    assert reads(document) == ["downloaded", "downloaded", "opened"]


def test_all_photos_are_one_pdf(client_of, draft):
    photos = [
        DocumentFactory(application=draft, content=content, upload_name="Meter.jpg")
        for content in (picture(), picture("PNG"))
    ]
    DocumentFactory(application=draft)
    answer = client_of("member").get(url("application_photos", draft))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert [reads(photo) for photo in photos] == [["downloaded"], ["downloaded"]]


@pytest.mark.parametrize("state", [FileState.HELD, FileState.INFECTED])
def test_a_file_that_is_not_clean_is_shown_as_that_and_not_handed_out(client_of, draft, state):
    document = DocumentFactory(application=draft, state=state)
    browser = client_of("member")
    page = browser.get(draft.get_absolute_url())
    assert url("document_content", document) not in page.text
    assert str(document.badge.text) in page.text
    assert browser.get(url("document_content", document)).status_code == 409
    assert reads(document) == []


def test_a_draft_says_what_to_add_before_it_can_be_submitted(client_of, people, staffed):
    policies.change_policy({"reasons": {"medical": {"documents": ["bill"]}}}, actor=people["admin"])
    draft = applications.create_application(TYPED, actor=people["member"])
    page = client_of("member").get(draft.get_absolute_url()).text
    assert "Add the documents that are still missing, then submit it." in page
    assert "Read it once more" not in page


def test_the_question_stands_above_its_answer(client_of, people, staffed):
    row = applications.submit(
        ApplicationFactory(member=people["member"].member, entered_by=people["member"]), actor=people["member"]
    )
    reviews.ask(row, actor=people["benevolence-vp"], question="Which bill is it?")
    page = client_of("member").get(f"{row.get_absolute_url()}moves/answer/").text
    assert page.count("Which bill is it?") == 1
    assert page.index("Which bill is it?") < page.index("Your answer")


def test_after_submission_the_office_is_told_only_what_is_missing(client_of, people, staffed):
    row = ApplicationFactory(entered_by=people["staff"], reason="hardship")
    document = DocumentFactory(application=row, upload_name="Zq secret.txt")
    browser = client_of("staff")
    assert "Zq secret" in browser.get(row.get_absolute_url()).text
    row = applications.submit(row, actor=people["staff"])
    page = browser.get(row.get_absolute_url())
    assert "Zq secret" not in page.text
    assert page.context["documents"] is None
    assert browser.get(url("document_content", document)).status_code == 404


# --- replacing and taking back --------------------------------------------------------------------------


def test_a_document_is_replaced(client_of, draft):
    document = DocumentFactory(application=draft)
    answer = client_of("member").post(url("document_replace", document), {"uploads": upload(name="Newer.txt")})
    assert said(answer) == ["Document replaced. The former one is kept."]
    assert names(draft) == ["Newer.txt"]


def test_a_replacement_that_is_refused_says_why(client_of, draft):
    document = DocumentFactory(application=draft)
    answer = client_of("member").post(url("document_replace", document), {"uploads": upload(b"<html>")})
    assert errors(answer) == {
        "uploads": ["This is a web page or a program, which is not kept here. Print it to PDF, or send a photo of it."]
    }


def test_a_document_is_taken_back(client_of, draft):
    document = DocumentFactory(application=draft)
    browser = client_of("member")
    assert errors(browser.post(url("document_take_back", document), {})) == {"reason": ["Say why."]}
    answer = browser.post(url("document_take_back", document), {"reason": "Wrong one"})
    assert said(answer) == ["Document taken back. Those who decide see that it was there."]
    assert names(draft) == []


def test_who_decides_sees_the_documents_beside_the_decision_and_changes_none(client_of, people, applied):
    row = applied("400.00")
    document = DocumentFactory(application=row)
    browser = client_of("benevolence-vp")
    page = browser.get(reverse("application_move", args=[row.pk, "approve"]))
    assert url("document_content", document) in page.text
    for name, target in (("document_add", row), ("document_replace", document), ("document_take_back", document)):
        assert browser.get(url(name, target)).status_code == 403
        assert browser.post(url(name, target), {"reason": "x"}).status_code == 403


def test_an_answer_takes_a_photo(client_of, people, applied):
    row = applied("400.00")
    reviews.ask(row, actor=people["benevolence-vp"], question="Which bill?")
    row.refresh_from_db()
    path, browser = reverse("application_move", args=[row.pk, "answer"]), client_of("member")
    assert errors(browser.post(path, {"version": row.version})) == {"text": ["Write your answer, or attach a photo."]}
    answer = browser.post(path, {"version": row.version, "photo": upload(picture(), "Bill.jpg")})
    assert said(answer) == ["Answer sent. The review goes on."]
    assert names(row) == ["Bill.jpg"]


def test_the_admin_shows_the_documents_beside_the_record_and_the_decision(client_of, people, applied):
    row = applied("400.00")
    document = DocumentFactory(application=row)
    browser = client_of("benevolence-vp")
    base = f"/admin/benevolence/benevolenceapplication/{row.pk}"
    for path in (f"{base}/change/", f"{base}/moves/approve/"):
        assert f'<a href="{url("document_content", document)}">Notice.txt</a>' in browser.get(path).text
    own = browser.get(f"/admin/benevolence/applicationdocument/{document.pk}/change/").text
    assert f'<a href="{url("document_content", document)}">Notice.txt</a>' in own


def test_one_document_and_three_cost_the_same_queries(client_of, draft):
    """How many the page sends in all is told by the test of the page."""
    browser, found = client_of("member"), []
    for more in (1, 2):
        for _number in range(more):
            DocumentFactory(application=draft)
        browser.get(draft.get_absolute_url())
        with CaptureQueriesContext(connection) as sent:
            browser.get(draft.get_absolute_url())
        found.append(len(sent))
    assert found[0] == found[1]


def test_what_another_reason_asks_for_can_be_sent_before_the_reason_is_changed(client_of, staffed):
    """The missing kinds come first, those that only other reasons ask for last."""
    member = staffed["member"]
    rules = {"hardship": {"documents": ["lease"]}, "medical": {"documents": ["bill", "funeral bill"]}}
    policies.change_policy({"reasons": rules}, actor=staffed["admin"])
    row = ApplicationFactory(member=member.member, entered_by=member, reason="hardship", status="submitted")
    kinds = client_of("member").get(url("document_add", row)).context["form"].fields["category"].choices
    fixed = ["proof", "bill", "notice", "income", "photo", "other"]
    assert [kind for kind, _label in kinds] == ["lease", *fixed, "funeral bill"]
    for kind in ("lease", "funeral bill", "bill"):
        sent = {"category": kind, "uploads": upload(kind.encode())}
        assert client_of("member").post(url("document_add", row), sent).status_code == 302
    row.refresh_from_db()
    typed = {"reason": "medical", "description": "Off work", "amount_requested": "400", "version": row.version}
    page = client_of("member").post(reverse("application_move", args=[row.pk, "amend"]), typed)
    assert page.status_code == 302
    row.refresh_from_db()
    assert row.reason == "medical"
