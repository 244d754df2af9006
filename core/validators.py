"""What text may hold. Stock Django stores controls and bidirectional overrides; names and numbers here do not."""

import datetime
import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Zero-width joiners stay out of names too: two names must not look alike and differ.
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
EARLIEST = datetime.date(1900, 1, 1)
LATEST = datetime.date(2100, 12, 31)
SECURITY_NUMBER = re.compile(r"(?<!\d)\d{3}([- ])\d{2}\1\d{4}(?!\d)")


def has_invisible(value: str, *, allowed: str = "") -> bool:
    if value.isprintable():  # nearly all text, and quickly told
        return False
    return any(unicodedata.category(char) in INVISIBLE and char not in allowed for char in value)


def validate_single_line(value: str) -> None:
    if has_invisible(value):
        raise ValidationError(_("Remove the invisible characters; type the text instead of pasting it."))


def validate_paragraphs(value: str) -> None:
    if has_invisible(value, allowed="\n\r\t"):
        raise ValidationError(_("Remove the invisible characters; type the text instead of pasting it."))
    if SECURITY_NUMBER.search(value):
        raise ValidationError(_("This looks like a social security number, which is never kept here. Take it out."))


def validate_sensible_date(value: datetime.date) -> None:
    if not EARLIEST <= value <= LATEST:
        raise ValidationError(_("Enter a date between 1900 and 2100."))
