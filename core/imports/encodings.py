"""Which encoding a text file is in."""

import codecs
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _

from core.imports.refusals import FileRefused

# UTF-32 first: its little-endian mark begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NAMES = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "cp1252": "Windows-1252"}
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Encoding:
    codec: str
    sentence: str


def detect_encoding(file: BinaryIO) -> Encoding:
    """The codec that reads the whole file, with a sentence for the person who uploaded it.

    Raises FileRefused when none does.
    """
    for codec in _candidates(file):
        if _decodes(file, codec):
            name = NAMES.get(codec, codec.upper())
            if codec == "cp1252":
                return Encoding(
                    codec,
                    _("The file is not Unicode. It was read as %(name)s; check names with accents below.")
                    % {"name": name},
                )
            return Encoding(codec, _("The file was read as %(name)s.") % {"name": name})
    raise FileRefused(
        _("The file's letters cannot be read. In Excel, save it as “CSV UTF-8” or as XLSX and upload it again.")
    )


def _candidates(file: BinaryIO) -> tuple[str, ...]:
    file.seek(0)
    head = file.read(4096)
    for mark, codec in MARKS:
        if head.startswith(mark):
            return (codec,)
    if len(head) >= 4 and head[1::2].count(0) > len(head) // 5 and not head[0::2].count(0):
        return ("utf-16-le",)
    if len(head) >= 4 and head[0::2].count(0) > len(head) // 5 and not head[1::2].count(0):
        return ("utf-16-be",)
    return ("utf-8", "cp1252")


def _decodes(file: BinaryIO, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)("strict")
    file.seek(0)
    try:
        while chunk := file.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True
