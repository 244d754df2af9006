"""What a file is, by its content. The name that it came with says nothing."""

import codecs
import re
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _

from core.errors import DomainError
from core.files import archives


class FileRefused(DomainError):
    """The file cannot be kept here; the sentence says what to send instead."""

    code = "file_refused"


@dataclass(frozen=True, slots=True)
class Kind:
    """`drawn`: how a picture of it is made: "picture", "pdf" or not at all."""

    content_type: str
    extension: str
    label: str
    drawn: str = ""


PDF = Kind("application/pdf", "pdf", "PDF", "pdf")
JPEG = Kind("image/jpeg", "jpg", "JPEG", "picture")
PNG = Kind("image/png", "png", "PNG", "picture")
HEIC = Kind("image/heic", "heic", "HEIC", "picture")
WEBP = Kind("image/webp", "webp", "WebP", "picture")
TIFF = Kind("image/tiff", "tif", "TIFF", "picture")
DOCX = Kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx", "DOCX")
XLSX = Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", "XLSX")
TXT = Kind("text/plain", "txt", "TXT")
EML = Kind("message/rfc822", "eml", "EML")
KINDS = (PDF, JPEG, PNG, HEIC, WEBP, TIFF, DOCX, XLSX, TXT, EML)
BY_TYPE = {kind.content_type: kind for kind in KINDS}
# What a picker of files offers; the content decides.
ACCEPTED = ",".join(f".{name}" for name in ("pdf", "jpg", "jpeg", "png", "heic", "heif", "webp", "tif", "tiff")) + (
    ",.docx,.xlsx,.txt,.eml"
)

HEAD = 4096
BEGINNINGS: tuple[tuple[bytes, Kind], ...] = (
    (b"%PDF-", PDF),
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
)
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Text that a program would run or a browser would show; RTF and PostScript are programs too.
NOT_PLAIN = re.compile(
    r"\A\s*(?:<|#!|%!|\{\\rtf|MIME-Version:[^\n]*\n(?:.*\n)*?Content-Type: multipart/related)"
    r"|<\s*(?:script|html|svg|iframe|object|embed|body|\?php|\?xml|!doctype|!entity)",
    re.IGNORECASE,
)
HEADER = re.compile(r"(?:From )?[A-Za-z][A-Za-z0-9-]{0,60}:[ \t\r\n]")
MAIL_HEADERS = re.compile(r"^(from|to|date|subject|message-id|received|return-path):", re.IGNORECASE | re.MULTILINE)
LEAST_MAIL_HEADERS = 3
MOST_TEXT = 5 * 1024 * 1024
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


def kind_of(file: BinaryIO) -> Kind:
    """Raises FileRefused with a sentence that says what to send instead."""
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        raise FileRefused(_("This file is empty. Choose the file again."))
    for beginning, kind in BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp":
        return _of_boxes(head)
    if head.startswith(b"PK\x03\x04"):
        return _of_archive(file)
    if head.startswith(OLD_OFFICE):
        raise FileRefused(
            _(
                "This is an Office file of the older kind, or one with a password. "
                "Open it, save it as PDF, DOCX or XLSX without a password, and send that."
            )
        )
    return _of_text(file)


def not_accepted() -> FileRefused:
    return FileRefused(
        _(
            "This kind of file cannot be kept here. Send a PDF, a photo (JPEG, PNG, HEIC, WebP, TIFF), "
            "a Word or Excel file (DOCX, XLSX), a text or a saved e-mail (EML)."
        )
    )


def _of_boxes(head: bytes) -> Kind:
    """HEIC is one of many kinds of film and picture that begin alike."""
    length = int.from_bytes(head[:4], "big")
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, min(length, HEAD), 4))}
    if head[8:12] in HEIF_BRANDS and b"avif" not in brands:
        return HEIC
    raise not_accepted()


def _of_archive(file: BinaryIO) -> Kind:
    try:
        found = archives.office_part(file)
    except archives.ArchiveRefused as error:
        raise FileRefused(error.sentence) from error
    if found == archives.WORD:
        return DOCX
    if found == archives.EXCEL:
        return XLSX
    raise not_accepted()


def _of_text(file: BinaryIO) -> Kind:
    file.seek(0)
    data = file.read(MOST_TEXT + 1)
    text = _decoded(data[:MOST_TEXT])
    if text is None or CONTROLS.search(text):
        raise not_accepted()
    if _is_mail(text):
        return EML
    if len(data) > MOST_TEXT:
        raise FileRefused(_("This text is longer than 5 MB. Send the part that matters, or save it as PDF."))
    if NOT_PLAIN.search(text):
        raise FileRefused(
            _("This is a web page or a program, which is not kept here. Print it to PDF, or send a photo of it.")
        )
    return TXT


def _decoded(data: bytes) -> str | None:
    for mark, codec in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _tried(data, codec)
    found = _tried(data, "utf-8")
    return _tried(data, "cp1252") if found is None else found


def _tried(data: bytes, codec: str) -> str | None:
    """A character that the last byte cuts in two does not count as wrong."""
    try:
        return codecs.getincrementaldecoder(codec)().decode(data)
    except UnicodeDecodeError:
        return None


def _is_mail(text: str) -> bool:
    """Headers first, some of which every mail has."""
    start = text.lstrip("\ufeff")
    if not HEADER.match(start):
        return False
    headers = re.split(r"\r?\n\r?\n", start, maxsplit=1)[0][:64_000]
    return len({found.lower() for found in MAIL_HEADERS.findall(headers)}) >= LEAST_MAIL_HEADERS
