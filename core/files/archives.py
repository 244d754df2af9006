"""What is inside a DOCX or XLSX: an archive of XML parts, looked at before anybody opens it."""

import io
import re
import struct
import zipfile
import zlib
from typing import BinaryIO
from xml.parsers import expat

from django.utils.translation import gettext as _

WORD, EXCEL = "word", "excel"
MAIN = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": WORD,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": EXCEL,
}
MAIN_PART = {"/word/document.xml": WORD, "/xl/workbook.xml": EXCEL}
TYPES = "[Content_Types].xml"
MOST_PARTS = 2_000
MOST_UNZIPPED = 100 * 1024 * 1024
SUSPICIOUS, RATIO = 10 * 1024 * 1024, 200
MOST_DEPTH = 200
# The end of an archive: mark, disks, parts, length and start of the directory, length of a comment.
END, END_MARK, LARGE_MARK = struct.Struct("<4s4H2LH"), b"PK\x05\x06", b"PK\x06\x07"
LONGEST_END = END.size + 65_535
LONGEST_ENTRY = 1_000
PIECE = 64 * 1024
XML = (".xml", ".rels", ".vml")
# Programs, and boxes that hold one.
ACTIVE = re.compile(
    r"vbaproject|vbadata|/activex/|/macrosheets/|oleobject[^/]*\.bin$|\.(?:exe|dll|js|vbs|bat|cmd|scr|ps1|lnk)$"
)
# Parts that an Office program fetches from elsewhere as soon as the file is opened; a link to click is none of them.
FETCHED = re.compile(r"/(?:attachedTemplate|oleObject|frame|subDocument|image|control)$", re.IGNORECASE)
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    KeyError,
    ValueError,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
)


class ArchiveRefused(Exception):
    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def office_part(file: BinaryIO) -> str:
    """WORD, EXCEL, or "" for any other archive. Raises ArchiveRefused."""
    try:
        _refuse_directory(file)
        with zipfile.ZipFile(file) as archive:
            return _looked_into(archive)
    except BROKEN as error:
        raise ArchiveRefused(
            _("This file is damaged: its parts cannot be read. Open it, save a copy and send the copy.")
        ) from error


def _looked_into(archive: zipfile.ZipFile) -> str:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if TYPES not in names:
        return ""
    _refuse_size(parts)
    if len(names) != len(parts) or any(part.flag_bits & 1 for part in parts):
        raise ArchiveRefused(
            _("This file asks for a password, or holds a part twice. Save a copy without it and send that.")
        )
    if any(ACTIVE.search(name.lower()) for name in names):
        raise _has_macros()
    types = _Types()
    _parse(archive, TYPES, types)
    for part in parts:
        if part.filename.lower().endswith(XML) and part.filename != TYPES:
            _parse(archive, part.filename, _Relations() if part.filename.endswith(".rels") else _Looked())
    if types.has_macros:
        raise _has_macros()
    return types.found


def _refuse_directory(file: BinaryIO) -> None:
    """Look at what the archive says of its directory before the directory is read: a million parts fill the memory.

    As zipfile finds it. A directory of the larger kind, which says its size elsewhere, no document needs.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(max(size - LONGEST_END, 0))
    tail = file.read(LONGEST_END)
    at = len(tail) - END.size
    if tail[at : at + 4] != END_MARK or tail[-2:] != b"\x00\x00":
        at = tail.rfind(END_MARK)
    if at < 0 or at + END.size > len(tail):
        raise zipfile.BadZipFile
    _mark, _disk, _first, _here, count, length, _start, comment = END.unpack_from(tail, at)
    if at + END.size + comment != len(tail):  # something else comes after it
        raise zipfile.BadZipFile
    if count > MOST_PARTS or length > MOST_PARTS * LONGEST_ENTRY or LARGE_MARK in tail[max(at - 20, 0) : at]:
        raise _unpacks_too_far()
    file.seek(0)


def _refuse_size(parts: list[zipfile.ZipInfo]) -> None:
    total = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts) or 1
    if len(parts) > MOST_PARTS or total > MOST_UNZIPPED or (total > SUSPICIOUS and total / packed > RATIO):
        raise _unpacks_too_far()


def _unpacks_too_far() -> ArchiveRefused:
    return ArchiveRefused(_("This file unpacks to far more than a document holds. Save it as PDF and send that."))


def _has_macros() -> ArchiveRefused:
    return ArchiveRefused(
        _(
            "This file holds a program (a macro or an embedded object). "
            "Save it as PDF, or without the program, and send that."
        )
    )


class _Looked:
    """One part; whatever declares entities is refused, for that is how a document reads other files."""

    def __init__(self) -> None:
        self.depth = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise ValueError("too deep")

    def end(self, name: str) -> None:
        self.depth -= 1

    def doctype(self, *args: object) -> None:
        raise ArchiveRefused(
            _("This file declares parts that it would read from elsewhere. Save it as PDF and send that.")
        )


class _Types(_Looked):
    def __init__(self) -> None:
        super().__init__()
        self.found, self.has_macros = "", False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start(name, attributes)
        kind = attributes.get("ContentType", "")
        self.has_macros |= "macroenabled" in kind.lower() or "vbaproject" in kind.lower()
        if kind in MAIN and MAIN_PART.get(attributes.get("PartName", "")) == MAIN[kind]:
            self.found = MAIN[kind]


class _Relations(_Looked):
    def start(self, name: str, attributes: dict[str, str]) -> None:
        super().start(name, attributes)
        if attributes.get("TargetMode") == "External" and FETCHED.search(attributes.get("Type", "")):
            self.doctype()


def _parse(archive: zipfile.ZipFile, name: str, looked: _Looked) -> None:
    """Read as a stream; never more than the directory of the archive said, which `_refuse_size` has seen."""
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = looked.start, looked.end
    parser.StartDoctypeDeclHandler = looked.doctype
    with archive.open(name) as part:
        while piece := part.read(PIECE):
            parser.Parse(piece)
    parser.Parse(b"", True)
