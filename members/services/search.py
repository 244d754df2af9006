"""Finding records by any part of what their `search_text` holds.

Every word must be there, in any order. When nothing is found, `forgive` looks for names one slip away.
"""

import re
from collections.abc import Iterable

from django.db import models
from django.db.models import F, Q

from core.folding import digits, words
from members.models import Member, Organization, SearchWord

MOST_WORDS = 8
MOST_CHARACTERS = 200
SHORT = 2  # a trigram needs three letters; a shorter word is searched as a word's beginning
SHORTEST_CORRECTED = 4
SHORTEST_REMEMBERED = 3
LONGEST_REMEMBERED = 40
MOST_CORRECTIONS = 8
INSERT_BATCH = 2_000
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
    return len(found) == 1 and len(found[0]) <= SHORT


def search(queryset: models.QuerySet, text: str) -> models.QuerySet:
    """Rows that hold every word of `text`; a text without a letter or digit finds nothing."""
    found = search_words(text)
    if not found:
        return queryset.none()
    if is_lone_short_word(text) and queryset.model in (Member, Organization):
        return queryset.filter(_lone_short_word(queryset.model, found[0]))
    for word in found:
        queryset = queryset.filter(_holds(word))
    return queryset


def _holds(word: str) -> Q:
    return Q(search_text__contains=word if len(word) > SHORT else f" {word}")


def _lone_short_word(model: type[models.Model], word: str) -> Q:
    """One or two letters are too common to look for inside words: the list from there on, or that very number."""
    if word.isdigit() and model is Member:
        return Q(member_number=word)
    return Q(sort_name__gte=word, sort_name__lt=word + LAST_CHARACTER)


def forgive(queryset: models.QuerySet, text: str) -> tuple[models.QuerySet, dict[str, list[str]]]:
    """For a search that found nothing: rows that hold the words, or names one slip from them.

    Returns the rows and, for each word that was replaced, what it was taken for. A slip is one letter too many,
    too few or wrong, or two neighbours changed over.
    """
    found = search_words(text)
    missing = found if len(found) == 1 else [word for word in found if not queryset.filter(_holds(word)).exists()]
    doubtful = [word for word in missing or found if _correctable(word)]
    corrections = similar_words(doubtful)
    if not corrections or any(word not in corrections for word in missing):
        return queryset.none(), {}
    for word in found:
        holds = Q() if word in missing else _holds(word)
        near = corrections.get(word, ())
        for other in near:
            if not any(part in other for part in near if part != other):  # "smit" finds "smith" too
                holds |= _holds(other)
        queryset = queryset.filter(holds)
    return queryset, corrections


def _correctable(word: str) -> bool:
    return word.isalpha() and SHORTEST_CORRECTED <= len(word) <= LONGEST_REMEMBERED


def _memorable(word: str) -> bool:
    return word.isalpha() and SHORTEST_REMEMBERED <= len(word) <= LONGEST_REMEMBERED


def similar_words(misspelt: Iterable[str]) -> dict[str, list[str]]:
    """Remembered words one slip from each of `misspelt`; one that resembles nothing is left out."""
    variants = {word: variants_of(word) for word in misspelt}
    wanted = set().union(*variants.values())
    rows = SearchWord.objects.filter(variant__in=wanted).values_list("variant", "word")
    by_variant: dict[str, set[str]] = {}
    for variant, word in rows:
        by_variant.setdefault(variant, set()).add(word)
    result = {}
    for word, forms in variants.items():
        candidates = set().union(*(by_variant.get(form, ()) for form in forms)) - {word}
        if near := sorted(other for other in candidates if is_one_slip(word, other)):
            result[word] = near[:MOST_CORRECTIONS]
    return result


def variants_of(word: str) -> set[str]:
    """The word, and the word without each one of its letters: two words one slip apart share one of them."""
    return {word} | {word[:at] + word[at + 1 :] for at in range(len(word))}


def is_one_slip(first: str, second: str) -> bool:
    """Whether the optimal string alignment distance is exactly 1."""
    if len(first) > len(second):
        first, second = second, first
    if first == second or len(second) - len(first) > 1:
        return False
    at = next((index for index, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]), len(first))
    if len(first) < len(second):
        return first[at:] == second[at + 1 :]
    swapped = first[at + 1 : at + 2] + first[at : at + 1] + first[at + 2 :]
    return first[at + 1 :] == second[at + 1 :] or swapped == second[at:]


def remember_words(texts: Iterable[str]) -> None:
    """Keep the words of names so that slips can be forgiven. Never give it e-mail addresses or numbers."""
    wanted = sorted({word for text in texts for word in words(text) if _memorable(word)})
    for start in range(0, len(wanted), INSERT_BATCH):
        batch = wanted[start : start + INSERT_BATCH]
        known = set(SearchWord.objects.filter(variant__in=batch, word=F("variant")).values_list("word", flat=True))
        SearchWord.objects.bulk_create(
            [
                SearchWord(variant=variant, word=word)
                for word in batch
                if word not in known
                for variant in sorted(variants_of(word))
            ],
            ignore_conflicts=True,
            batch_size=INSERT_BATCH,
        )
