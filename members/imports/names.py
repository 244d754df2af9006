"""A person's name in one cell, taken apart."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

SUFFIXES = {"jr", "sr", "ii", "iii", "iv", "v", "md", "esq"}
PARTICLES = {"de", "del", "della", "da", "di", "la", "las", "los", "le", "van", "von", "der", "den", "bin", "st", "mac"}


def split_name(text: str) -> tuple[str, str, str]:
    """(first, middle, last) of "Last, First Middle" or "First Middle Last". Raises ValidationError for one word."""
    parts = [" ".join(part.split()) for part in text.split(",")]
    parts = [part for part in parts if part]
    suffix = ""
    while len(parts) > 1 and _is_suffix(parts[-1]):
        suffix = f" {parts.pop()}{suffix}"
    if len(parts) == 2 and parts[1]:
        first, _space, middle = parts[1].partition(" ")
        return first, middle, parts[0] + suffix
    if len(parts) != 1:
        raise ValidationError(_("Write the name as “Last, First” or “First Last”."))
    words = parts[0].split()
    while len(words) > 2 and _is_suffix(words[-1]):
        suffix = f" {words.pop()}{suffix}"
    if len(words) < 2:
        raise ValidationError(_("Give a first and a last name; this cell holds only one word."))
    start = len(words) - 1
    while start > 1 and words[start - 1].lower().strip(".") in PARTICLES:
        start -= 1
    return words[0], " ".join(words[1:start]), " ".join(words[start:]) + suffix


def _is_suffix(word: str) -> bool:
    return word.lower().strip(".") in SUFFIXES
