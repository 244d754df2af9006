"""How a file leaves: for whom, with which heads, and never without the reading on record."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.test import RequestFactory

from core.crypto import DecryptionError
from core.errors import DomainError
from core.files.enums import FileState
from core.models import ReadEvent
from core.permissions import SIGNED_IN
from core.tests.files.hostile import HOSTILE
from core.tests.files.samples import ACCEPTED, pdf, picture
from core.tests.sample.models import Paper
from core.web.files import FileContent, FilePreview, asked_range, pictures_as_pdf


class PaperContent(FileContent):
    permission = SIGNED_IN
    model = Paper


class PaperPreview(FilePreview):
    permission = SIGNED_IN
    model = Paper


def asked(view, user, row, **headers):
    request = RequestFactory().get("/paper/", headers=headers)
    request.user = user
    return view.as_view()(request, pk=row.pk)


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "no-store",
}


def safe(response):
    return {name: response.headers[name] for name in SAFE}


@pytest.mark.parametrize("content_type", ACCEPTED)
def test_a_file_leaves_as_a_download_of_its_kind_that_nothing_runs(take_in, actor, content_type):
    response = asked(PaperContent, actor, take_in(ACCEPTED[content_type](), "Bill.x"))
    assert response.headers["Content-Type"] == content_type
    assert response.headers["Content-Disposition"].startswith('attachment; filename="Bill.')
    assert safe(response) == SAFE
    assert body(response) == ACCEPTED[content_type]()


DRAWN = (b"%PDF", b"\xff", b"\x89")
KEPT = [(name, content) for name, content, kept in HOSTILE if kept and not content.startswith(DRAWN)]


@pytest.mark.parametrize(("name", "content"), KEPT)
def test_a_hostile_file_that_is_kept_leaves_inert(take_in, actor, name, content):
    response = asked(PaperContent, actor, take_in(content, name))
    assert response.headers["Content-Type"] in ("text/plain", "message/rfc822")
    assert response.headers["Content-Disposition"].startswith("attachment; ")
    assert safe(response) == SAFE


DISPOSITIONS = [
    ("bill.pdf", 'attachment; filename="bill.pdf"'),
    ('say "hello"\r\nX-Evil: 1.pdf', 'attachment; filename="say hello X-Evil 1.pdf"'),
    ("José.pdf", "attachment; filename*=utf-8''Jos%C3%A9.pdf"),
    ("请款单.pdf", "attachment; filename*=utf-8''%E8%AF%B7%E6%AC%BE%E5%8D%95.pdf"),
]


@pytest.mark.parametrize(("name", "disposition"), DISPOSITIONS)
def test_the_name_is_written_into_the_answer_as_rfc_6266_says(take_in, actor, name, disposition):
    assert asked(PaperContent, actor, take_in(name=name)).headers["Content-Disposition"] == disposition


RANGES = [
    ("", None),
    ("bytes=0-0", (0, 1)),
    ("bytes=5-", (5, 100)),
    ("bytes=-10", (90, 100)),
    ("bytes=-500", (0, 100)),
    ("bytes=90-500", (90, 100)),
    ("bytes=0-1,5-6", None),
    ("items=0-1", None),
    ("bytes=-", None),
    ("bytes=a-b", None),
]


@pytest.mark.parametrize(("header", "part"), RANGES)
def test_what_part_is_asked_for(header, part):
    assert asked_range(header, 100) == part


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=500-600", "bytes=7-3", "bytes=-0"])
def test_a_part_that_is_not_there(header):
    with pytest.raises(ValueError, match="no such part"):
        asked_range(header, 100)


def test_a_part_leaves_with_its_place_in_the_whole(paper, actor):
    response = asked(PaperContent, actor, paper, range="bytes=3-10")
    assert (response.status_code, response.headers["Content-Range"]) == (206, f"bytes 3-10/{paper.size}")
    assert (body(response), response.headers["Content-Length"]) == (pdf()[3:11], "8")


def test_a_part_that_is_not_there_is_refused_with_the_length(paper, actor):
    response = asked(PaperContent, actor, paper, range="bytes=999999-")
    assert (response.status_code, response.headers["Content-Range"]) == (416, f"bytes */{paper.size}")


def test_a_part_of_another_file_than_the_program_began_is_the_whole(paper, actor):
    assert asked(PaperContent, actor, paper, range="bytes=3-10", if_range='"other"').status_code == 200


def readings():
    return list(ReadEvent.objects.values_list("kind", "subject_type", "subject_id"))


def test_each_reading_is_on_record_before_the_bytes_leave(paper, actor):
    asked(PaperContent, actor, paper)
    asked(PaperPreview, actor, paper)
    assert readings() == [("downloaded", "sample.paper", str(paper.pk)), ("opened", "sample.paper", str(paper.pk))]


@pytest.mark.parametrize("view", [PaperContent, PaperPreview])
def test_what_cannot_be_recorded_does_not_leave(paper, actor, view):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {ReadEvent._meta.db_table} RENAME TO away")
    with pytest.raises(Exception, match="core_readevent"):
        asked(view, actor, paper)


@pytest.mark.parametrize("view", [PaperContent, PaperPreview])
def test_a_row_that_is_not_seen_is_not_there(paper, ticket, actor, view):
    ticket.hidden = True
    ticket.save()
    with pytest.raises(Http404):
        asked(view, actor, paper)
    assert readings() == []


def test_nobody_gets_anything_without_the_permission(paper, actor):
    class Elsewhere(PaperContent):
        permission = "core.change_settings"

    with pytest.raises(PermissionDenied):
        asked(Elsewhere, actor, paper)
    assert readings() == []


WAITING = {
    FileState.HELD: "This file is still being checked for viruses. Try again in a minute.",
    FileState.INFECTED: (
        "The virus scanner found something harmful in this file, so it is not handed out. Send another one."
    ),
}


@pytest.mark.parametrize("view", [PaperContent, PaperPreview])
@pytest.mark.parametrize("state", WAITING)
def test_a_file_that_is_not_clean_is_not_handed_out(paper, actor, view, state):
    Paper.objects.filter(pk=paper.pk).update(state=state)
    with pytest.raises(DomainError) as refused:
        asked(view, actor, paper)
    assert refused.value.sentence == WAITING[state]
    assert readings() == []


def test_a_preview_is_a_picture_of_ours_in_the_page(paper, actor):
    response = asked(PaperPreview, actor, paper)
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["Content-Disposition"] == f'inline; filename="{paper.pk}.jpg"'
    assert safe(response) == SAFE


def test_a_text_has_no_preview(take_in, actor):
    with pytest.raises(DomainError) as refused:
        asked(PaperPreview, actor, take_in(b"A notice"))
    assert refused.value.sentence == "There is no picture of this kind of file. Open the file itself."


def test_a_store_that_is_away_is_a_page_with_a_sentence(paper, actor, store_away):
    store_away()
    response = asked(PaperContent, actor, paper)
    assert response.status_code == 503
    assert b"The place where files are kept does not answer." in response.content


def test_a_file_that_was_changed_in_the_store_breaks_off(paper, actor, take_in):
    other = take_in(picture())
    Paper.objects.filter(pk=paper.pk).update(storage_key=other.shown_key)
    with pytest.raises(DecryptionError):
        asked(PaperContent, actor, paper)


def test_photos_leave_as_one_pdf_and_each_reading_is_on_record(take_in, actor):
    rows = [take_in(picture()), take_in(picture("PNG")), take_in()]
    response = pictures_as_pdf(rows, actor=actor, name="photos.pdf")
    assert response.headers["Content-Type"] == "application/pdf"
    assert [subject for _kind, _type, subject in readings()] == [str(row.pk) for row in rows[:2]]


def test_without_a_photo_there_is_no_pdf(paper, actor):
    with pytest.raises(DomainError):
        pictures_as_pdf([paper], actor=actor, name="photos.pdf")


def test_the_head_of_a_file_has_no_body(paper, actor):
    request = RequestFactory().head("/paper/")
    request.user = actor
    response = PaperContent.as_view()(request, pk=paper.pk)
    assert (response.headers["Content-Length"], body(response)) == (str(paper.size), b"")
