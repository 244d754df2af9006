"""How the content of a file leaves: permission, the row, the reading on record, then the bytes.

Whatever a file holds is handed out inert: as a download of its exact kind, which a browser neither guesses at nor runs.
Below stand the pages on which a document is replaced or taken back.
"""

import re
from collections.abc import Callable
from typing import Any

from csp.constants import HEADER
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.audit import trail
from core.enums import ReadKind
from core.errors import DomainError
from core.files.drawing import one_document
from core.files.enums import FileState
from core.files.store import StoreAway
from core.permissions import Actor
from core.web.adding_files import replaced_by
from core.web.errors import error_response
from core.web.forms import ReasonForm
from core.web.upload import ReplaceFileForm
from core.web.views import RecordFormPage, RowMixin

SANDBOX = "sandbox; default-src 'none'"
RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
JPEG, PDF = "image/jpeg", "application/pdf"


def inert(response: HttpResponseBase, *, name: str, shown: bool = False) -> HttpResponseBase:
    """`shown`: a picture that we drew ourselves, which a page has in it."""
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=not shown, filename=name) or ""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers[HEADER] = SANDBOX
    response.headers["Cache-Control"] = "no-store"
    return response


def refused(row: Any) -> str:
    """Why nobody gets the content; "" when it may be handed out."""
    if row.state == FileState.INFECTED:
        return _("The virus scanner found something harmful in this file, so it is not handed out. Send another one.")
    if row.state == FileState.HELD:
        return _("This file is still being checked for viruses. Try again in a minute.")
    return ""


def asked_range(header: str, size: int) -> tuple[int, int] | None:
    """From where up to, not including, where; None for all of it. Raises ValueError where there is no such part.

    A header that asks for several parts at once, or for something else than bytes, is answered with all of it.
    """
    match = RANGE.fullmatch(header.strip())
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
    if start >= size or (first and last and int(last) < start):
        raise ValueError("no such part")
    return start, end


def original(request: HttpRequest, row: Any, *, actor: Actor, name: str = "") -> HttpResponseBase:
    """The content as it was sent, or the part of it that is asked for, called `name`, or as it was called by its owner.

    Raises DomainError while it may not leave.
    """
    name = name or row.name
    if sentence := refused(row):
        raise DomainError(sentence)
    tag = f'"{row.sha256}"'
    asks = request.headers.get("Range", "") if request.headers.get("If-Range", tag) == tag else ""
    try:
        part = asked_range(asks, row.size)
    except ValueError:
        answer = HttpResponse(status=416, headers={"Content-Range": f"bytes */{row.size}"})
        return inert(answer, name=name)
    trail.read(row, ReadKind.DOWNLOADED, actor=actor)
    start, end = part or (0, row.size)
    response = StreamingHttpResponse(
        row.content(start, end) if request.method != "HEAD" else (),
        status=200 if part is None else 206,
        content_type=row.content_type,
    )
    response.headers["Content-Length"], response.headers["Accept-Ranges"] = str(end - start), "bytes"
    response.headers["ETag"] = tag
    if part is not None:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{row.size}"
    return inert(response, name=name)


def preview(row: Any, *, actor: Actor, download: str = "") -> HttpResponseBase:
    """The picture that we drew of it, for a page or as a `download`. Raises DomainError where there is none to show."""
    if sentence := refused(row):
        raise DomainError(sentence)
    if row.shown_key is None:
        raise DomainError(_("There is no picture of this kind of file. Open the file itself."))
    trail.read(row, ReadKind.DOWNLOADED if download else ReadKind.OPENED, actor=actor)
    response = StreamingHttpResponse(row.shown(), content_type=JPEG)
    response.headers["Content-Length"] = str(row.shown_size)
    return inert(response, name=download or f"{row.pk}.jpg", shown=not download)


def pictures_as_pdf(rows: list[Any], *, actor: Actor, name: str) -> HttpResponseBase:
    """The pictures among `rows`, each on a page, as they are shown: upright and without metadata."""
    pictures = [row for row in rows if row.is_picture and row.has_preview]
    if not pictures:
        raise DomainError(_("There is no photo to put into a PDF."))
    for row in pictures:
        trail.read(row, ReadKind.DOWNLOADED, actor=actor)
    return inert(HttpResponse(one_document(row.shown() for row in pictures), content_type=PDF), name=name)


class FileView(RowMixin):
    """What the views of one file share: the store being away is said on a page of its own, and nothing else changes."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return self.answer(self.get_object())
        except StoreAway as away:
            return error_response(request, 503, message=away.sentence, code=away.code)

    def answer(self, row: Any) -> HttpResponseBase:
        raise NotImplementedError


class FileContent(FileView):
    def answer(self, row: Any) -> HttpResponseBase:
        return original(self.request, row, actor=self.request.user)


class FilePreview(FileView):
    def answer(self, row: Any) -> HttpResponseBase:
        return preview(row, actor=self.request.user)


class FileReplacePage(RecordFormPage):
    """Another file takes the place of one. An app names its `service`, and says whose files these are."""

    service: Callable[..., Any]
    form_class = ReplaceFileForm
    page_title = gettext_lazy("Replace a document")
    submit_label = gettext_lazy("Replace the document")
    done = gettext_lazy("Document replaced. The former one is kept.")

    @property
    def lead(self) -> str:
        return _("The newer file takes the place of “%(name)s”, which is kept.") % {"name": self.get_object().name}

    def perform(self, form: Any) -> str:
        replaced_by(self.service, self.get_object(), form, actor=self.request.user)
        return self.cancel_url()


class FileTakeBackPage(RecordFormPage):
    """A file counts no longer, for a reason, and is kept. `no_longer` says who sees that, of a file called `name`."""

    service: Callable[..., Any]
    no_longer: Any
    form_class = ReasonForm
    page_title = gettext_lazy("Take a document back")
    submit_label = gettext_lazy("Take it back")
    danger = True

    @property
    def lead(self) -> str:
        return str(self.no_longer) % {"name": self.get_object().name}

    def perform(self, form: Any) -> str:
        self.service(self.get_object(), actor=self.request.user, reason=form.cleaned_data["reason"])
        return self.cancel_url()
