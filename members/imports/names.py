"""A person's name in one cell, taken apart."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

SUFFIXES = {"jr", "sr", "ii", "iii", "iv", "v", "md", "esq", "phd"}
TITLES = {"dr", "mr", "mrs", "ms", "miss", "rev", "prof", "hon"}
PARTICLES = {"de", "del", "della", "da", "di", "la", "las", "los", "le", "van", "von", "der", "den", "bin", "st", "mac"}


def split_name(text: str) -> tuple[str, str, str]:
    """(first, middle, last) of "Last, First Middle" or "First Middle Last". Raises ValidationError for one word."""
    parts = [" ".join(part.split()) for part in text.split(",")]
    parts = [part for part in parts if part]
    suffix = ""
    # The part behind the last name is the first name, even of somebody called Md or V.
    while len(parts) > 2 and _is_suffix(parts[-1]):
        suffix = f" {parts.pop()}{suffix}"
    if len(parts) == 3 and _is_suffix(parts[1]):
        parts = [f"{parts[0]}, {parts[1]}", parts[2]]
    if len(parts) == 2 and _is_suffix(parts[1]) and " " in parts[0]:
        suffix = f" {parts.pop()}"
    if len(parts) == 2:
        first, _space, middle = parts[1].partition(" ")
        return first, middle, parts[0] + suffix
    if len(parts) != 1:
        raise ValidationError(_("Write the name as “Last, First” or “First Last”."))
    words, aside = _without_extras(parts[0].split())
    while len(words) > 2 and _is_suffix(words[-1]):
        suffix = f" {words.pop()}{suffix}"
    if len(words) < 2:
        raise ValidationError(_("Give a first and a last name; this cell holds only one word."))
    start = len(words) - 1
    while start > 1 and words[start - 1].lower().strip(".") in PARTICLES:
        start -= 1
    return words[0], " ".join([*words[1:start], *aside]), " ".join(words[start:]) + suffix


def _without_extras(words: list[str]) -> tuple[list[str], list[str]]:
    """The words without a title before them, and those in brackets behind them: a nickname or a degree."""
    aside: list[str] = []
    while len(words) > 2 and words[0].lower().strip(".") in TITLES:
        words = words[1:]
    while len(words) > 2 and words[-1].startswith("(") and words[-1].endswith(")"):
        words, aside = words[:-1], [words[-1], *aside]
    return words, aside


def _is_suffix(word: str) -> bool:
    return word.lower().strip(".") in SUFFIXES
