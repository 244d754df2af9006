"""The name of a file as people see it: what its owner called it, without what could mislead or harm."""

import re
import unicodedata

from django.utils.translation import gettext as _

from core.files.kinds import Kind
from core.validators import INVISIBLE, SECURITY_NUMBER

LONGEST = 120
FORBIDDEN = re.compile(r'[<>:"|?*/\\]')
DEVICES = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")


def shown_name(given: str, kind: Kind) -> str:
    """`given` without its folders, with the ending of what the file is. Never empty."""
    text = unicodedata.normalize("NFC", re.split(r"[/\\]", given)[-1])
    text = "".join(" " if char.isspace() else char for char in text if char.isspace() or not _is_invisible(char))
    text = SECURITY_NUMBER.sub("", FORBIDDEN.sub("", text))
    stem = ENDING.sub("", " ".join(text.split()).strip(". "))
    ending = f".{kind.extension}"
    stem = stem.removesuffix(ending).strip(". ")[: LONGEST - len(ending)].strip(". ") or _("Document")
    if DEVICES.fullmatch(stem.partition(".")[0].strip()):
        stem = f"_{stem}"
    return f"{stem}{ending}"


def _is_invisible(char: str) -> bool:
    return unicodedata.category(char) in INVISIBLE
