"""Which encoding a text file is in."""

import codecs
import re
from collections.abc import Iterator
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
NAMES = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "cp1252": "Windows-1252", "mac_roman": "Mac Roman"}
# Not a codec of Python's: UTF-8 in which some rows are Windows-1252, as when two lists were joined.
MIXED = "utf-8-mixed"
CHUNK = 1 << 20
HIGH = re.compile(rb"[\x80-\xff]+")
# Letters of Mac Roman stand where Windows-1252 has signs: é is Ž there, and no sign stands between two letters.
# (\x91 to \x94 are the curly quotation marks of Windows; its … and ™ stand behind a word.)
MAC_LETTER = re.compile(rb"(?<=[A-Za-z])(?:[\x80-\x84\x86-\x90\x95-\x98\x9a-\x9f](?![A-Z])|[\x85\x99](?=[a-z]))")
WINDOWS_LETTER = re.compile(rb"(?<=[A-Za-z])[\xc0-\xff](?![A-Z])")
ESCAPED = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Encoding:
    codec: str
    sentence: str

    @staticmethod
    def opening(codec: str) -> dict[str, str]:
        """The arguments that open a file in this encoding; bytes that fit nothing are kept for `text_of_mixed`."""
        return {"encoding": "utf-8-sig", "errors": "surrogateescape"} if codec == MIXED else {"encoding": codec}


def detect_encoding(file: BinaryIO) -> Encoding:
    """The codec that reads the whole file, with a sentence for the person who uploaded it.

    Raises FileRefused when none does.
    """
    candidates = _candidates(file)
    for codec in candidates:
        if codec == MIXED and "utf-8-sig" not in candidates and not _is_mostly_utf8(file):
            continue
        if codec == "mac_roman" and not _looks_like_mac(file):
            continue
        if codec == MIXED or _decodes(file, codec):
            return Encoding(codec, _sentence(codec))
    raise FileRefused(
        _("The file's letters cannot be read. In Excel, save it as “CSV UTF-8” or as XLSX and upload it again.")
    )


def _sentence(codec: str) -> str:
    if codec == MIXED:
        return _("The file is UTF-8, except for some letters that were read as Windows-1252; their rows say so.")
    name = NAMES.get(codec, codec.upper())
    if codec in ("cp1252", "mac_roman"):
        return _("The file is not Unicode. It was read as %(name)s; check names with accents below.") % {"name": name}
    return _("The file was read as %(name)s.") % {"name": name}


def _candidates(file: BinaryIO) -> tuple[str, ...]:
    file.seek(0)
    head = file.read(4096)
    for mark, codec in MARKS:
        if head.startswith(mark):
            return (codec, MIXED) if codec == "utf-8-sig" else (codec,)
    if len(head) >= 4 and head[1::2].count(0) > len(head) // 5 and not head[0::2].count(0):
        return ("utf-16-le",)
    if len(head) >= 4 and head[0::2].count(0) > len(head) // 5 and not head[1::2].count(0):
        return ("utf-16-be",)
    return ("utf-8", MIXED, "mac_roman", "cp1252")


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk


def _decodes(file: BinaryIO, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)("strict")
    try:
        for chunk in _chunks(file):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _is_mostly_utf8(file: BinaryIO) -> bool:
    """More letters beyond ASCII are UTF-8 than not. A chunk's cut may spoil one letter, which changes nothing."""
    good = bad = 0
    for chunk in _chunks(file):
        for found in HIGH.finditer(chunk):
            text = found[0].decode("utf-8", "surrogateescape")
            wrong = len(ESCAPED.findall(text))
            bad, good = bad + wrong, good + len(text) - wrong
    return good > bad


def _looks_like_mac(file: BinaryIO) -> bool:
    """Old Excel on a Mac ends lines with CR alone; or letters stand where Windows-1252 has signs."""
    mac = windows = 0
    breaks = returns = 0
    for chunk in _chunks(file):
        mac, windows = mac + len(MAC_LETTER.findall(chunk)), windows + len(WINDOWS_LETTER.findall(chunk))
        breaks, returns = breaks + chunk.count(b"\n"), returns + chunk.count(b"\r")
    return mac >= windows if returns and not breaks else mac > 2 * windows


def text_of_mixed(line: str) -> str:
    """The line with its bytes that are not UTF-8 read as Windows-1252."""
    return ESCAPED.sub(lambda found: bytes([ord(found[0]) - 0xDC00]).decode("cp1252", "replace"), line)


def mended(text: str) -> str:
    """The text as it was before UTF-8 was read as Windows-1252 once too often ("JosÃ©"); "" when it was not."""
    if text.isascii():
        return ""
    try:
        mended = b"".join(_byte(char) for char in text).decode("utf-8")
    except (UnicodeError, KeyError):
        return ""
    return mended if mended != text else ""


def _byte(char: str) -> bytes:
    try:
        return char.encode("cp1252")
    except UnicodeEncodeError:
        return char.encode("latin-1")  # five bytes mean nothing in Windows-1252 and are kept as they are
