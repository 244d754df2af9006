"""Rows that are found by any part of what their `search_text` holds: every word of a query, in any order."""

import re
from typing import Any

from django.db import models
from django.db.models import Q

from core.folding import digits, words

MOST_WORDS = 8
MOST_CHARACTERS = 200
SHORT = 2  # a trigram needs three letters; a shorter word is searched as a word's beginning
LAST_CHARACTER = "\U0010ffff"

# A telephone number as people write it: spaces, dots, hyphens, brackets, an extension.
PHONE = re.compile(r"(?<![^\W_])\+?\(?\d[\d()\s./-]*\d(?:\s*(?:x|ext\.?)\s*\d+)?(?![^\W_])", re.IGNORECASE)


def search_words(text: str) -> list[str]:
    """The folded words of a query, a written telephone number as one word of digits."""
    written = PHONE.sub(_number_word, text[:MOST_CHARACTERS].replace("\0", " "))
    return list(dict.fromkeys(words(written)))[:MOST_WORDS]


def _number_word(found: re.Match[str]) -> str:
    """Digits with only spaces between may be two numbers, unless they are as many as a telephone number has."""
    written, number = found.group(), digits(found.group())
    is_one = bool(re.search(r"[-+()./a-z]", written, re.IGNORECASE)) or len(number) in (10, 11)
    return f" {number} " if is_one else written


def is_lone_short_word(text: str) -> bool:
    """Such a search is answered in the order of names by their index; every other one through `search_text`."""
    found = search_words(text)
    return len(found) == 1 and _is_common(found[0])


def _is_common(word: str) -> bool:
    """One or two letters stand in many names, except in a script whose letters are whole words: 小明 is a name."""
    return is_short(word) and (word.isascii() or len(word) == 1)


def searchable(*texts: str) -> str:
    """Each different folded word once, with a space before each, so that a word's beginning can be searched."""
    return "".join(f" {word}" for word in dict.fromkeys(word for text in texts for word in words(text)))


def is_short(word: str) -> bool:
    """Such a word is searched at the beginning of words alone."""
    return len(word) <= SHORT


def holds(word: str) -> Q:
    return Q(search_text__contains=f" {word}" if is_short(word) else word)


def holds_whole(word: str) -> Q:
    return Q(search_text__contains=f" {word} ") | Q(search_text__endswith=f" {word}")


def named_from(word: str) -> Q:
    """The list of names from there on: one or two letters are too common to look for inside words."""
    return Q(sort_name__gte=word, sort_name__lt=word + LAST_CHARACTER)


def run_together(*names: str) -> list[str]:
    """Names of several words as people type them in one: delacruz, stjohn, smithjones."""
    return ["".join(found) for name in names if len(found := words(name)) > 1]


class Searchable(models.Model):
    """Has its words in `search_text`, which is written before every save, and by whoever writes in bulk.

    `read_before` names what else `fill_keys` takes from whoever saves and has it at hand already.
    """

    search_text = models.TextField(editable=False)
    read_before: tuple[str, ...] = ()

    class Meta:
        abstract = True

    @staticmethod
    def of_short_word(word: str) -> Q:
        """What one or two letters alone find."""
        return holds(word)

    def fill_keys(self) -> None:
        """Compute the columns that follow from others, `search_text` by `searchable`."""
        raise NotImplementedError

    def save(self, **kwargs: Any) -> None:
        self.fill_keys(**{name: kwargs.pop(name) for name in self.read_before if name in kwargs})
        super().save(**kwargs)


def search(queryset: models.QuerySet, text: str) -> models.QuerySet:
    """Rows that hold every word of `text`; a text without a letter or digit finds nothing."""
    found = search_words(text)
    if not found:
        return queryset.none()
    if is_lone_short_word(text):
        return queryset.filter(queryset.model.of_short_word(found[0]))
    for word in found:
        queryset = queryset.filter(holds(word))
    return queryset
